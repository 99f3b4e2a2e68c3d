//! The rules of Rain and Dew applications. Source: domain reference, section 7.9; policy catalogue, `yulu`.

use super::super::{service::teaches, store};
use super::mutation::{RainDewApplyInput, RainDewDecideInput, RainDewTakeOverInput};
use crate::{
    household::{has_policies, member},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    codes::{Department, StudentStage},
    education::{codes::RainDewState, rain_dew_application},
    household::household,
};
use async_graphql::ID;
use time::{Date, Month};

pub const NOT_REGISTERED: Code = Code::new(
    "NOT_REGISTERED",
    "该户不是在册户，也不在脱贫后享受政策期：雨露计划只补助建档立卡户学生。",
    "The household is not on file and keeps no policies after exit: Rain and Dew is for students of registered households.",
);
pub const STAGE_NOT_COVERED: Code = Code::new(
    "STAGE_NOT_COVERED",
    "雨露计划不补助该学段：请核对学段。",
    "Rain and Dew does not cover this stage: check it.",
);
pub const APPLIED: Code = Code::new(
    "APPLIED",
    "该生此学年已申请雨露计划：每学年一次。",
    "The student has applied in this school year: there is one application a year.",
);
pub const SUPPORTED_AS_UNDERGRADUATE: Code = Code::new(
    "SUPPORTED_AS_UNDERGRADUATE",
    "该生此学年已享受大学生资助：与雨露计划不能同时享受。",
    "The student is supported as an undergraduate in this school year, which excludes Rain and Dew.",
);
pub const WRONG_STATE: Code = Code::new(
    "WRONG_STATE",
    "该申请不在这一步：请核对申请的状态。",
    "The application is not at this step: look at its state.",
);
pub const NOT_ENROLLED: Code = Code::new(
    "NOT_ENROLLED",
    "该生此学年的学籍尚未确认：请先确认学籍。",
    "No enrolment of the student with this school in the school year is confirmed: confirm it first.",
);
pub const RECOGNISED_LATE: Code = Code::new(
    "RECOGNISED_LATE",
    "认定日期晚于九月三十日：本轮不予补助，请等下一轮。",
    "Recognised after 30 September: refuse it in this round, the student waits for the next one.",
);

/// What Rain and Dew is for.
const COVERED: [StudentStage; 7] = [
    StudentStage::SecondaryVocational,
    StudentStage::AdultCollege,
    StudentStage::VocationalHigh,
    StudentStage::TechnicalSchool,
    StudentStage::JuniorCollege,
    StudentStage::HigherVocational,
    StudentStage::TechnicianCollege,
];

/// Takes the form of a student.
pub async fn apply(door: Door, person: &ID, input: &RainDewApplyInput) -> Result<Done, Stop> {
    let application = entered(&door, person, input, Mistakes::default()).await?;
    add(&door, application).await
}

/// Takes an application over as another office kept it: one that was taken, or has come to its end.
pub async fn take_over(
    door: Door,
    person: &ID,
    input: &RainDewTakeOverInput,
) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    history(&door, input, &mut mistakes);
    let form = RainDewApplyInput {
        school_code: input.school_code.clone(),
        school_year: input.school_year,
        stage: input.stage,
        applied_on: input.applied_on,
    };
    let entered = entered(&door, person, &form, mistakes).await?;
    let application = rain_dew_application::Model {
        state: input.state,
        recognised_on: input.recognised_on.map(|day| day.0),
        paid_on: input.paid_on.map(|day| day.0),
        amount_fen: input.amount.map(|fen| fen.0),
        ..entered
    };
    add(&door, application).await
}

/// What is said of an end elsewhere: a payment has its days and amount, and nothing else has.
fn history(door: &Door, input: &RainDewTakeOverInput, mistakes: &mut Mistakes) {
    let paid = input.state == RainDewState::Paid;
    mistakes.unless_saying(
        [RainDewState::FormTaken, RainDewState::Paid, RainDewState::Refused].contains(&input.state),
        &INVALID_VALUE,
        &["input", "state"],
        "只转入已领表、已发放和未通过的申请：办理中的请在系统中逐步办理。",
        "Only forms that were taken and applications that were paid or refused are taken over: do the steps in between here.",
    );
    let recognised_on = input.recognised_on.map(|day| day.0);
    let paid_on = input.paid_on.map(|day| day.0);
    let told = [
        recognised_on.is_some(),
        paid_on.is_some(),
        input.amount.is_some(),
    ];
    mistakes.unless_saying(
        told == [paid; 3],
        &INVALID_VALUE,
        &["input", "state"],
        "已发放的申请须有认定日期、发放日期和金额，其他状态没有：请核对。",
        "An application that was paid has the days of recognition and payment and an amount, and no other has: check it.",
    );
    let path = ["input", "paidOn"];
    let applied_on = input.applied_on.map_or(door.today(), |day| day.0);
    mistakes.in_order(Some(applied_on), recognised_on, &["input", "recognisedOn"]);
    mistakes.in_order(recognised_on, paid_on, &path);
    mistakes.not_in_future(paid_on.unwrap_or(door.today()), door.today(), &path);
    mistakes.positive(input.amount.map_or(1, |fen| fen.0), &["input", "amount"]);
}

/// An application as it is entered: the form is taken.
async fn entered(
    door: &Door,
    person: &ID,
    input: &RainDewApplyInput,
    mut mistakes: Mistakes,
) -> Result<rain_dew_application::Model, Stop> {
    let person = member(door, person, &["personId"]).await?;
    let household = door.find_by_key::<household::Entity>(person.household_id);
    let household = household.await?;
    let applied_on = input.applied_on.map_or(door.today(), |day| day.0);
    let registered = household.as_ref().is_some_and(has_policies);
    mistakes.unless(registered, &NOT_REGISTERED, &["personId"]);
    school(door, input, &mut mistakes).await?;
    mistakes.not_in_future(applied_on, door.today(), &["input", "appliedOn"]);
    mistakes.unless_saying(
        [0, 1].contains(&(applied_on.year() - input.school_year)),
        &INVALID_VALUE,
        &["input", "schoolYear"],
        "申请日期不在该学年内：请核对学年和日期。",
        "The day of the application is not in this school year: check both.",
    );
    mistakes.none()?;
    Ok(rain_dew_application::Model {
        id: door.new_key::<rain_dew_application::Entity>().await?,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        school_code: input.school_code.clone(),
        school_year: input.school_year,
        stage: input.stage,
        state: RainDewState::FormTaken,
        applied_on,
        recognised_on: None,
        paid_on: None,
        amount_fen: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    })
}

async fn add(door: &Door, application: rain_dew_application::Model) -> Result<Done, Stop> {
    let path = ["input", "schoolYear"];
    let application = door
        .insert::<rain_dew_application::Entity>(application)
        .await;
    let application = application.map_err(|stop| {
        let supported = Mistake::new(&SUPPORTED_AS_UNDERGRADUATE, &path);
        stop.meaning(
            "rain_dew_application_once_a_year",
            Mistake::new(&APPLIED, &path),
        )
        .meaning("one_study_support", supported)
    })?;
    Ok(Done::of(application.id))
}

/// There is such a school, which teaches the stage; and the stage is one that is covered.
async fn school(
    door: &Door,
    input: &RainDewApplyInput,
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let (code, stage) = (["input", "schoolCode"], ["input", "stage"]);
    mistakes.text(&input.school_code, 40, &code);
    mistakes.unless(COVERED.contains(&input.stage), &STAGE_NOT_COVERED, &stage);
    mistakes.none()?;
    teaches(door, &input.school_code, input.stage, mistakes).await
}

/// Stamps an application: the village first, then the township.
pub async fn stamp(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let step = match door.access().viewer.department {
        Department::Village => (RainDewState::FormTaken, RainDewState::VillageStamped),
        _ => (RainDewState::VillageStamped, RainDewState::TownshipStamped),
    };
    let before = at(&door, id, version, &[step.0]).await?;
    go(&door, &before, step.1).await
}

/// Stamps an application as the school of the student.
pub async fn confirm_enrolment(door: Door, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = at(&door, id, version, &[RainDewState::TownshipStamped]).await?;
    let (school, year) = (&before.school_code, before.school_year);
    let confirmed = store::is_confirmed(&door, before.person_id, school, year).await?;
    let mut mistakes = Mistakes::default();
    mistakes.unless(confirmed, &NOT_ENROLLED, &["id"]);
    mistakes.none()?;
    go(&door, &before, RainDewState::SchoolStamped).await
}

/// Decides: recognises the student with an amount, or refuses in this round.
pub async fn decide(
    door: Door,
    id: &ID,
    version: i32,
    input: &RainDewDecideInput,
) -> Result<Done, Stop> {
    if !input.recognised {
        let before = at(&door, id, version, &BEFORE_THE_DECISION).await?;
        return go(&door, &before, RainDewState::Refused).await;
    }
    let before = at(&door, id, version, &[RainDewState::SchoolStamped]).await?;
    let (day, path) = (
        input.recognised_on.map_or(door.today(), |day| day.0),
        ["input", "recognisedOn"],
    );
    let mut mistakes = Mistakes::default();
    mistakes.in_order(Some(before.applied_on), Some(day), &path);
    mistakes.not_in_future(day, door.today(), &path);
    let in_time = day <= last_day(before.school_year);
    mistakes.unless(in_time, &RECOGNISED_LATE, &path);
    let amount = input.amount.map_or(0, |fen| fen.0);
    mistakes.positive(amount, &["input", "amount"]);
    mistakes.none()?;
    let mut after = before.clone();
    after.state = RainDewState::CountyReviewed;
    after.recognised_on = Some(day);
    after.amount_fen = Some(amount);
    let after = door.update::<rain_dew_application::Entity>(&before, after);
    Ok(Done::of(after.await?.id))
}

/// Where the county has not decided yet, it may refuse.
const BEFORE_THE_DECISION: [RainDewState; 4] = [
    RainDewState::FormTaken,
    RainDewState::VillageStamped,
    RainDewState::TownshipStamped,
    RainDewState::SchoolStamped,
];

/// The last day on which students of a school year are recognised.
fn last_day(school_year: i32) -> Date {
    Date::from_calendar_date(school_year, Month::September, 30).unwrap_or(Date::MAX)
}

/// The application as the client knows it, at one of these steps.
async fn at(
    door: &Door,
    id: &ID,
    version: i32,
    states: &[RainDewState],
) -> Result<rain_dew_application::Model, Stop> {
    let application = door
        .find_version::<rain_dew_application::Entity>(id, version, &["id"])
        .await?;
    match states.contains(&application.state) {
        true => Ok(application),
        false => Err(Mistake::new(&WRONG_STATE, &["id"]).into()),
    }
}

async fn go(
    door: &Door,
    before: &rain_dew_application::Model,
    state: RainDewState,
) -> Result<Done, Stop> {
    let mut after = before.clone();
    after.state = state;
    let after = door.update::<rain_dew_application::Entity>(before, after);
    Ok(Done::of(after.await?.id))
}
