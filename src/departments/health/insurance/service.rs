//! The rules of enrolments.

use super::{super::service::NOT_A_MEMBER, mutation::MedicalEnrolmentRecordInput, store};
use crate::writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop};
use ::entity::{health::medical_enrolment, household::person};

pub const ALREADY_ENROLLED: Code = Code::new(
    "ALREADY_ENROLLED",
    "此人该年度已参保：更正时请填写已有记录的版本。",
    "The person is enrolled for this year already: to correct it, say the version you have read.",
);
pub const NOT_ENROLLED: Code = Code::new(
    "NOT_ENROLLED",
    "此人该年度没有参保记录可更正：新登记时请不要填写版本。",
    "There is no enrolment of this year to correct: for a new one leave the version out.",
);

/// The first year of the cooperative medical scheme that a record may be of.
const FIRST_YEAR: i32 = 2000;

/// Records an enrolment, or corrects the one of the year.
pub async fn record(door: Door, input: &MedicalEnrolmentRecordInput) -> Result<Done, Stop> {
    let path = &["input", "personId"];
    let person = door.find::<person::Entity>(&input.person_id, path).await?;
    let mut mistakes = Mistakes::default();
    rules(&door, &person, input, &mut mistakes);
    mistakes.none()?;
    let before = store::of_year(&door, person.id, input.year).await?;
    let Some(version) = input.corrects_version else {
        return add(&door, person, input).await;
    };
    let before = before.ok_or_else(|| Mistake::new(&NOT_ENROLLED, &["input", "year"]))?;
    Door::same_version::<medical_enrolment::Entity>(&before, version)?;
    let after = medical_enrolment::Model {
        category: input.category,
        premium_fen: input.premium.0,
        premium_subsidy_fen: input.premium_subsidy.0,
        paid_on: input.paid_on.map(|day| day.0),
        ..before.clone()
    };
    let after = door
        .update::<medical_enrolment::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}

fn rules(
    door: &Door,
    person: &person::Model,
    input: &MedicalEnrolmentRecordInput,
    mistakes: &mut Mistakes,
) {
    let today = door.today();
    let year = input.year;
    mistakes.unless_saying(
        (FIRST_YEAR..=today.year() + 1).contains(&year),
        &INVALID_VALUE,
        &["input", "year"],
        "参保年度有误：最早为 2000 年，最晚为明年。",
        "This year is wrong: from 2000 to the next one.",
    );
    let member =
        person.valid_from.year() <= year && person.valid_to.is_none_or(|left| left.year() >= year);
    mistakes.unless(member, &NOT_A_MEMBER, &["input", "personId"]);
    mistakes.not_negative(input.premium.0, &["input", "premium"]);
    mistakes.unless_saying(
        (0..=input.premium.0).contains(&input.premium_subsidy.0),
        &INVALID_VALUE,
        &["input", "premiumSubsidy"],
        "财政补贴须在零和个人缴费标准之间：请更正。",
        "The subsidy lies between zero and the premium: correct it.",
    );
    if let Some(paid_on) = input.paid_on {
        mistakes.not_in_future(paid_on.0, today, &["input", "paidOn"]);
    }
}

async fn add(
    door: &Door,
    person: person::Model,
    input: &MedicalEnrolmentRecordInput,
) -> Result<Done, Stop> {
    let enrolment = medical_enrolment::Model {
        id: door.new_key::<medical_enrolment::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        year: input.year,
        category: input.category,
        premium_fen: input.premium.0,
        premium_subsidy_fen: input.premium_subsidy.0,
        paid_on: input.paid_on.map(|day| day.0),
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let twice = || Mistake::new(&ALREADY_ENROLLED, &["input", "year"]);
    let added = door.insert::<medical_enrolment::Entity>(enrolment).await;
    let added = added.map_err(|stop| stop.meaning("medical_enrolment_once_a_year", twice()))?;
    Ok(Done::of(added.id))
}
