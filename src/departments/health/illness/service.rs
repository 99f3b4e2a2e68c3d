//! The rules of disease flags and chronic handbooks.

use super::{
    super::service::{NOT_A_DISEASE, member},
    mutation::{ChronicHandbookIssueInput, DiseaseFlagEndInput, DiseaseFlagSetInput},
    store,
};
use crate::{
    vault::{Diagnosis, Place},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    health::{chronic_handbook, codes::HandbookState, disease_flag},
    household::person,
};
use async_graphql::ID;
use time::Date;

pub const FLAGGED: Code = Code::new(
    "FLAGGED",
    "此人在此期间已有该类别、该病种的标识：请核对，治愈的请先登记治愈。",
    "The person has a flag of this class and disease for this time: check it; if it was cured, end it first.",
);
pub const CURED: Code = Code::new(
    "CURED",
    "该标识已登记治愈：不能再变更。",
    "This flag has ended: it can't be changed any more.",
);
pub const HAS_HANDBOOK: Code = Code::new(
    "HAS_HANDBOOK",
    "此人该病种在此有效期内已有手册：请核对有效期。",
    "The person has a handbook for this disease in this time: check the time.",
);
pub const HANDBOOK_NUMBER_USED: Code = Code::new(
    "HANDBOOK_NUMBER_USED",
    "手册编号已使用：请核对。",
    "This number is that of another handbook: check it.",
);

/// Flags a disease.
pub async fn flag(door: Door, input: &DiseaseFlagSetInput) -> Result<Done, Stop> {
    let (mut mistakes, from) = (Mistakes::default(), input.diagnosed_on.0);
    let person = door
        .find::<person::Entity>(&input.person_id, &["input", "personId"])
        .await?;
    let cured_on = input.cured_on.map(|day| day.0);
    mistakes.not_in_future(from, door.today(), &["input", "diagnosedOn"]);
    cured(&door, from, cured_on, &mut mistakes);
    let disease = input
        .disease
        .as_deref()
        .and_then(|text| disease(text, &mut mistakes));
    mistakes.none()?;
    let id = door.new_key::<disease_flag::Entity>().await?;
    let place = Place::new("disease_flag", "disease_cipher", id);
    let sealed = disease.map(|disease| door.seal(place, &disease));
    let sealed = sealed.transpose()?;
    let index = sealed.as_ref().map(|sealed| sealed.index.0.to_vec());
    let flagged = || Mistake::new(&FLAGGED, &["input", "diagnosedOn"]);
    // The constraint compares diseases: of flags that name none it refuses nothing.
    if index.is_none() && store::flagged(&door, person.id, input.class, (from, cured_on)).await? {
        return Err(flagged().into());
    }
    let flag = disease_flag::Model {
        id,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        class: input.class,
        disease_cipher: sealed.as_ref().map(|sealed| sealed.cipher.clone()),
        disease_index: index,
        disease_mask: sealed.map(|sealed| sealed.mask),
        valid_from: from,
        valid_to: cured_on,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let added = door.insert::<disease_flag::Entity>(flag).await;
    let added = added.map_err(|stop| stop.meaning("disease_flag_one_of_disease", flagged()))?;
    Ok(Done::of(added.id))
}

/// Ends a flag.
pub async fn end(
    door: Door,
    id: &ID,
    version: i32,
    input: &DiseaseFlagEndInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<disease_flag::Entity>(id, version, &["id"])
        .await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(before.valid_to.is_none(), &CURED, &["id"]);
    let cured_on = Some(input.cured_on.0);
    cured(&door, before.valid_from, cured_on, &mut mistakes);
    mistakes.none()?;
    let mut after = before.clone();
    after.valid_to = cured_on;
    let after = door.update::<disease_flag::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}

fn cured(door: &Door, from: Date, cured_on: Option<Date>, mistakes: &mut Mistakes) {
    let path = &["input", "curedOn"];
    mistakes.in_order(Some(from), cured_on, path);
    if let Some(cured_on) = cured_on {
        mistakes.not_in_future(cured_on, door.today(), path);
    }
}

/// Issues a handbook: the one that was applied for, or a new one.
pub async fn issue(door: Door, input: &ChronicHandbookIssueInput) -> Result<Done, Stop> {
    let (mut mistakes, from) = (Mistakes::default(), input.valid_from.0);
    let person = member(&door, &input.person_id, door.today(), &mut mistakes).await?;
    mistakes.text(&input.handbook_number, 40, &["input", "handbookNumber"]);
    let until = input.valid_to.map(|day| day.0);
    mistakes.in_order(Some(from), until, &["input", "validTo"]);
    let disease = disease(&input.disease, &mut mistakes);
    let application = match &disease {
        Some(disease) => {
            let index = door.vault().index(disease);
            store::application(&door, person.id, index.as_ref()).await?
        }
        None => None,
    };
    let recorded = application.as_ref().map(|row| row.applied_on);
    let applied_on = recorded.or(input.applied_on.map(|day| day.0));
    mistakes.unless_saying(
        applied_on.is_some(),
        &INVALID_VALUE,
        &["input", "appliedOn"],
        "没有申请记录：请填写申请日期。",
        "There is no application on record: give its day.",
    );
    let applied_on = applied_on.unwrap_or(door.today());
    mistakes.not_in_future(applied_on, door.today(), &["input", "appliedOn"]);
    let number = input.handbook_number.trim();
    let used = store::has_number(&door, person.county_code, number).await?;
    mistakes.unless(!used, &HANDBOOK_NUMBER_USED, &["input", "handbookNumber"]);
    mistakes.none()?;
    // Read above, or there is a mistake.
    let Some(disease) = disease else {
        return Err(Mistake::new(&INVALID_VALUE, &["input", "disease"]).into());
    };
    let handbook = match &application {
        Some(before) => before.clone(),
        None => new_handbook(&door, &person, &disease, applied_on).await?,
    };
    let issued = chronic_handbook::Model {
        handbook_number: Some(number.to_owned()),
        state: HandbookState::Issued,
        issued_on: Some(door.today()),
        valid_from: from,
        valid_to: until,
        ..handbook
    };
    let written = match &application {
        Some(before) => {
            door.update::<chronic_handbook::Entity>(before, issued)
                .await
        }
        None => door.insert::<chronic_handbook::Entity>(issued).await,
    };
    let written = written.map_err(|stop| {
        let has = Mistake::new(&HAS_HANDBOOK, &["input", "validFrom"]);
        stop.meaning("chronic_handbook_one_of_disease", has)
            .meaning("chronic_handbook_number", wrong_number())
    })?;
    Ok(Done::of(written.id))
}

/// What is said of the number of a handbook that the office does not see.
fn wrong_number() -> Mistake {
    Mistake::saying(
        &INVALID_VALUE,
        &["input", "handbookNumber"],
        "手册编号有误：请核对。",
        "This can't be the number of the handbook: check it.",
    )
}

async fn new_handbook(
    door: &Door,
    person: &person::Model,
    disease: &Diagnosis,
    applied_on: Date,
) -> Result<chronic_handbook::Model, Stop> {
    let id = door.new_key::<chronic_handbook::Entity>().await?;
    let place = Place::new("chronic_handbook", "disease_cipher", id);
    let sealed = door.seal(place, disease)?;
    Ok(chronic_handbook::Model {
        id,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        handbook_number: None,
        state: HandbookState::Applied,
        disease_cipher: sealed.cipher,
        disease_index: sealed.index.0.to_vec(),
        disease_mask: sealed.mask,
        applied_on,
        issued_on: None,
        valid_from: applied_on,
        valid_to: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    })
}

fn disease(text: &str, mistakes: &mut Mistakes) -> Option<Diagnosis> {
    let path = &["input", "disease"];
    mistakes.readable(text, Diagnosis::parse, path, NOT_A_DISEASE)
}
