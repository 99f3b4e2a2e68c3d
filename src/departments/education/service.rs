//! The rules of enrolments, study allowances and dropout cases.

use super::{
    mutation::{
        DropoutReportInput, DropoutReturnInput, SchoolEnrolmentConfirmInput,
        SchoolEnrolmentRecordInput, StudyAllowanceRecordInput,
    },
    store,
};
use crate::writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop};
use ::entity::{
    codes::{CodeList as _, Department, StudentStage},
    education::{
        codes::{DropoutState, SchoolTerm, StudyAllowanceState},
        dropout_case, school_enrolment, study_allowance,
    },
    household::person,
};
use async_graphql::ID;
use time::{Date, Month};

pub const NO_SCHOOL: Code = Code::new(
    "NO_SCHOOL",
    "没有此代码的学校：请在学校目录中查询。",
    "No school has this code: look it up in the list of schools.",
);
pub const STAGE_NOT_TAUGHT: Code = Code::new(
    "STAGE_NOT_TAUGHT",
    "该校没有此学段：请核对学校和学段。",
    "The school does not teach this stage: check school and stage.",
);
pub const ENROLLED: Code = Code::new(
    "ENROLLED",
    "该生此学期已有学籍：需更正的请办理更正申请。",
    "The pupil is enrolled in this term already: ask for a correction of what is wrong.",
);
pub const CONFIRMED: Code = Code::new(
    "CONFIRMED",
    "学校已确认该学籍：无需再确认。",
    "This enrolment is confirmed already: there is nothing to do.",
);
pub const NOT_BEGUN: Code = Code::new(
    "NOT_BEGUN",
    "确认日期早于该学期所在年度：请核对学期和日期。",
    "The day comes before the year of the term: check the term and the day.",
);
pub const NOT_CONFIRMED: Code = Code::new(
    "NOT_CONFIRMED",
    "学校尚未确认该学期的学籍：请先由学校确认。",
    "The school has not confirmed this enrolment: it has to do so first.",
);
pub const GRANTED: Code = Code::new(
    "GRANTED",
    "该生此学期已有此项资助：每学期一次。",
    "The pupil has this allowance in this term already: there is one a term.",
);
pub const ONCE_IN_LIFE: Code = Code::new(
    "ONCE_IN_LIFE",
    "此项资助每人只享受一次，该生已享受过。",
    "This allowance is granted once in a lifetime, and was.",
);
pub const ON_RAIN_DEW: Code = Code::new(
    "ON_RAIN_DEW",
    "该生此学年已申请雨露计划：与大学生资助不能同时享受。",
    "The student has applied for Rain and Dew in this school year, which excludes the support of undergraduates.",
);
pub const NOT_COMPULSORY: Code = Code::new(
    "NOT_COMPULSORY",
    "该学籍不是小学或初中：控辍保学只登记义务教育阶段学生。",
    "The enrolment is not in primary or junior school: cases are of the nine years that everybody goes to school.",
);
pub const CASE_OPEN: Code = Code::new(
    "CASE_OPEN",
    "该生已有未结的辍学个案：请在该个案中办理复学。",
    "The child has an open case: record the return in that case.",
);
pub const CASE_ENDED: Code = Code::new(
    "CASE_ENDED",
    "该辍学个案已复学或已结案：不能再变更。",
    "This case has ended: it can't be changed any more.",
);

/// The first school year that is recorded.
const FIRST_YEAR: i32 = 2013;

/// The year in which a term is: the spring is in the second year of its school year.
fn year_of(school_year: i32, term: SchoolTerm) -> i32 {
    match term {
        SchoolTerm::Autumn => school_year,
        SchoolTerm::Spring => school_year + 1,
    }
}

/// There is such a school, and it teaches the stage.
///
/// # Errors
/// The database.
pub async fn teaches(
    door: &Door,
    code: &str,
    stage: StudentStage,
    mistakes: &mut Mistakes,
) -> Result<(), Stop> {
    let Some(school) = store::school(door, code).await? else {
        mistakes.unless(false, &NO_SCHOOL, &["input", "schoolCode"]);
        return Ok(());
    };
    let stages = school.stages.unwrap_or_default();
    let teaches = stages.split(',').any(|word| word == stage.word());
    mistakes.unless(teaches, &STAGE_NOT_TAUGHT, &["input", "stage"]);
    Ok(())
}

/// Records the enrolment of a pupil in a term, which the school has yet to confirm.
pub async fn record(
    door: Door,
    pupil: &ID,
    input: &SchoolEnrolmentRecordInput,
) -> Result<Done, Stop> {
    let pupil = door.find::<person::Entity>(pupil, &["personId"]).await?;
    let mut mistakes = Mistakes::default();
    let (year, today) = (input.school_year, door.today());
    let has_begun = year_of(year, input.term) <= today.year();
    mistakes.unless_saying(
        year >= FIRST_YEAR && has_begun,
        &INVALID_VALUE,
        &["input", "schoolYear"],
        "学年须不早于 2013 年，且该学期所在年度已开始。",
        "The school year is 2013 or later, and the year of the term has begun.",
    );
    mistakes.unless_saying(
        input.grade.is_none_or(|grade| (1..=9).contains(&grade)),
        &INVALID_VALUE,
        &["input", "grade"],
        "年级须为 1 至 9。",
        "The grade is 1 to 9.",
    );
    mistakes.text(&input.school_code, 40, &["input", "schoolCode"]);
    mistakes.none()?;
    teaches(&door, &input.school_code, input.stage, &mut mistakes).await?;
    mistakes.none()?;
    let enrolment = school_enrolment::Model {
        id: door.new_key::<school_enrolment::Entity>().await?,
        household_id: pupil.household_id,
        region_code: pupil.region_code,
        county_code: pupil.county_code,
        person_id: pupil.id,
        school_code: input.school_code.clone(),
        school_year: year,
        term: input.term,
        stage: input.stage,
        grade: input.grade,
        boarding: input.boarding,
        county_seat: input.county_seat,
        confirmed_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let recorded = door.insert::<school_enrolment::Entity>(enrolment).await;
    let twice = Mistake::new(&ENROLLED, &["input", "term"]);
    let recorded = recorded.map_err(|stop| stop.meaning("school_enrolment_once_a_term", twice))?;
    Ok(Done::of(recorded.id))
}

/// Confirms the enrolment of a pupil in a term.
pub async fn confirm(door: Door, input: &SchoolEnrolmentConfirmInput) -> Result<Done, Stop> {
    let before = door
        .find_version::<school_enrolment::Entity>(&input.id, input.version, &["input", "id"])
        .await?;
    let day = input.confirmed_on.map_or(door.today(), |day| day.0);
    let path = ["input", "confirmedOn"];
    let mut mistakes = Mistakes::default();
    let is_open = before.confirmed_on.is_none();
    mistakes.unless(is_open, &CONFIRMED, &["input", "id"]);
    let has_begun = day.year() >= year_of(before.school_year, before.term);
    mistakes.unless(has_begun, &NOT_BEGUN, &path);
    mistakes.not_in_future(day, door.today(), &path);
    mistakes.none()?;
    let mut after = before.clone();
    after.confirmed_on = Some(day);
    let after = door
        .update::<school_enrolment::Entity>(&before, after)
        .await?;
    Ok(Done::of(after.id))
}

/// Records a study allowance for the term of a confirmed enrolment.
pub async fn record_allowance(
    door: Door,
    enrolment: &ID,
    input: &StudyAllowanceRecordInput,
) -> Result<Done, Stop> {
    let path = ["enrolmentId"];
    let enrolment = door
        .find::<school_enrolment::Entity>(enrolment, &path)
        .await?;
    let pupil = door
        .find_by_key::<person::Entity>(enrolment.person_id)
        .await?;
    let one_off = input.one_off.unwrap_or_default();
    let mut mistakes = Mistakes::default();
    let is_confirmed = enrolment.confirmed_on.is_some();
    mistakes.unless(is_confirmed, &NOT_CONFIRMED, &path);
    mistakes.text(&input.programme, 40, &["input", "programme"]);
    mistakes.positive(input.amount.0, &["input", "amount"]);
    mistakes.none()?;
    let allowance = study_allowance::Model {
        id: door.new_key::<study_allowance::Entity>().await?,
        household_id: enrolment.household_id,
        region_code: enrolment.region_code,
        county_code: enrolment.county_code,
        person_id: enrolment.person_id,
        identity_id: pupil.and_then(|pupil| pupil.identity_id),
        department: Department::Edu,
        programme: input.programme.trim().to_owned(),
        due_on: due_on(enrolment.school_year, enrolment.term).filter(|_| !one_off),
        school_code: enrolment.school_code,
        school_year: enrolment.school_year,
        term: enrolment.term,
        stage: enrolment.stage,
        boarding: enrolment.boarding,
        county_seat: enrolment.county_seat,
        one_off,
        amount_fen: input.amount.0,
        state: StudyAllowanceState::Approved,
        paid_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let allowance = door.insert::<study_allowance::Entity>(allowance).await;
    let allowance = allowance.map_err(|stop| {
        let of = |code| Mistake::new(code, &["input", "programme"]);
        stop.meaning("study_allowance_once_a_term", of(&GRANTED))
            .meaning("study_allowance_once_person", of(&ONCE_IN_LIFE))
            .meaning("study_allowance_once_identity", of(&ONCE_IN_LIFE))
            .meaning("one_study_support", Mistake::new(&ON_RAIN_DEW, &path))
    })?;
    Ok(Done::of(allowance.id))
}

/// When the instalment of a term is paid at the latest. Source: domain reference, section 9.1.
fn due_on(school_year: i32, term: SchoolTerm) -> Option<Date> {
    let month = match term {
        SchoolTerm::Spring => Month::May,
        SchoolTerm::Autumn => Month::October,
    };
    Date::from_calendar_date(year_of(school_year, term), month, 31).ok()
}

/// Reports that a child has left school.
pub async fn report_dropout(
    door: Door,
    enrolment: &ID,
    input: &DropoutReportInput,
) -> Result<Done, Stop> {
    let path = ["enrolmentId"];
    let enrolment = door
        .find::<school_enrolment::Entity>(enrolment, &path)
        .await?;
    let mut mistakes = Mistakes::default();
    let is_compulsory = matches!(
        enrolment.stage,
        StudentStage::Primary | StudentStage::Junior
    );
    mistakes.unless(is_compulsory, &NOT_COMPULSORY, &path);
    let is_later = (input.school_year, input.term == SchoolTerm::Spring)
        >= (enrolment.school_year, enrolment.term == SchoolTerm::Spring);
    mistakes.unless_saying(
        is_later,
        &INVALID_VALUE,
        &["input", "schoolYear"],
        "失学学期早于最后的在校学期：请核对。",
        "The first term without the child comes before the enrolment: check it.",
    );
    let reported_on = input.reported_on.map_or(door.today(), |day| day.0);
    mistakes.not_in_future(reported_on, door.today(), &["input", "reportedOn"]);
    mistakes.none()?;
    let case = dropout_case::Model {
        id: door.new_key::<dropout_case::Entity>().await?,
        household_id: enrolment.household_id,
        region_code: enrolment.region_code,
        county_code: enrolment.county_code,
        person_id: enrolment.person_id,
        school_code: enrolment.school_code,
        stage: enrolment.stage,
        school_year: input.school_year,
        term: input.term,
        reported_on,
        reason: input.reason,
        state: DropoutState::Reported,
        returned_on: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let case = door.insert::<dropout_case::Entity>(case).await;
    let case = case
        .map_err(|stop| stop.meaning("dropout_case_one_open", Mistake::new(&CASE_OPEN, &path)))?;
    Ok(Done::of(case.id))
}

/// Records that a child is back at school.
pub async fn record_return(
    door: Door,
    id: &ID,
    version: i32,
    input: &DropoutReturnInput,
) -> Result<Done, Stop> {
    let before = door
        .find_version::<dropout_case::Entity>(id, version, &["id"])
        .await?;
    let (day, path) = (input.returned_on.0, ["input", "returnedOn"]);
    let mut mistakes = Mistakes::default();
    let is_open = matches!(before.state, DropoutState::Reported | DropoutState::InWork);
    mistakes.unless(is_open, &CASE_ENDED, &["id"]);
    mistakes.in_order(Some(before.reported_on), Some(day), &path);
    mistakes.not_in_future(day, door.today(), &path);
    mistakes.none()?;
    let mut after = before.clone();
    after.state = DropoutState::Returned;
    after.returned_on = Some(day);
    let after = door.update::<dropout_case::Entity>(&before, after).await?;
    Ok(Done::of(after.id))
}
