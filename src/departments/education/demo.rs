//! Rows of the demonstration: school enrolments of three terms, Rain and Dew of two school years.

use crate::demo::{
    DemoError, Demonstration, Due, Family, LAST_DAY, Member, RECORDED_AT_MS, family::yuan,
    institutions::School,
};
use ::entity::{
    codes::{Department, StudentStage},
    education::{
        codes::{RainDewState, SchoolTerm},
        rain_dew_application, school_enrolment,
    },
};
use sea_orm::Set;
use time::{Date, Month};

/// Rain and Dew of a school year: 1,500 yuan.
const RAIN_DEW_FEN: i64 = yuan(1_500);

/// The terms that the demonstration knows, with the day of their confirmation: month and day of the calendar year.
const TERMS: [(i32, SchoolTerm, i32, Month, u8); 3] = [
    (2017, SchoolTerm::Autumn, 2017, Month::September, 20),
    (2017, SchoolTerm::Spring, 2018, Month::March, 15),
    (2018, SchoolTerm::Autumn, 2018, Month::September, 20),
];

/// Somebody at school.
struct Pupil<'a> {
    place: usize,
    family: &'a Family,
    member: &'a Member,
    school: School<'a>,
    stage: StudentStage,
    grade: i32,
}

/// Adds enrolments and applications, and what is due of those.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_enrolments(demonstration).await?;
    add_rain_dew(demonstration).await
}

/// Who is at school in the school year and a member on the day.
fn pupils<'a>(
    demonstration: &'a Demonstration<'_>,
    school_year: i32,
    day: Date,
) -> impl Iterator<Item = Pupil<'a>> {
    let families = demonstration.families.iter().enumerate();
    families.flat_map(move |(place, family)| {
        family.members_on(day).filter_map(move |member| {
            let (stage, grade) = member.studies(school_year)?;
            Some(Pupil {
                place,
                family,
                member,
                school: demonstration.institutions.school(stage, family.village)?,
                stage,
                grade,
            })
        })
    })
}

async fn add_enrolments(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for (school_year, term, year, month, day) in TERMS {
        let confirmed_on = Date::from_calendar_date(year, month, day).unwrap_or(LAST_DAY);
        for pupil in pupils(demonstration, school_year, confirmed_on) {
            rows.push(enrolment(&pupil, school_year, term, confirmed_on));
        }
    }
    let ids = demonstration.ids("school_enrolment", rows.len()).await?;
    for (row, id) in rows.iter_mut().zip(ids) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    Ok(())
}

fn enrolment(
    pupil: &Pupil<'_>,
    school_year: i32,
    term: SchoolTerm,
    confirmed_on: Date,
) -> school_enrolment::ActiveModel {
    use StudentStage::{Junior, Preschool, PreschoolFinalYear, Primary};
    let boards = match pupil.stage {
        Preschool | PreschoolFinalYear => false,
        Primary => pupil.family.dice("boarding").chance(35),
        Junior => pupil.family.dice("boarding").chance(80),
        _ => true,
    };
    school_enrolment::ActiveModel {
        household_id: Set(pupil.family.id),
        region_code: Set(pupil.family.village.get()),
        person_id: Set(pupil.member.id),
        school_code: Set(pupil.school.code.to_owned()),
        school_year: Set(school_year),
        term: Set(term),
        stage: Set(pupil.stage),
        grade: Set(Some(pupil.grade)),
        boarding: Set(boards),
        county_seat: Set(pupil.school.county_seat),
        confirmed_on: Set(Some(confirmed_on)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_rain_dew(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    let mut dues = Vec::new();
    for school_year in [2017, 2018] {
        let day =
            |month, day| Date::from_calendar_date(school_year, month, day).unwrap_or(LAST_DAY);
        let recognised_on = day(Month::September, 21);
        for pupil in pupils(demonstration, school_year, recognised_on) {
            if !is_vocational(pupil.stage) || !pupil.family.on_file(recognised_on) {
                continue;
            }
            // Who is recognised after September waits for the next round.
            let late = pupil.family.dice("rain and dew").chance(10);
            let paid_on = day(Month::November, 20);
            let member = pupil.member;
            if !late {
                dues.push(Due {
                    family: pupil.place,
                    person: Some((member.id, member.identity)),
                    department: Department::Poverty,
                    programme: "yulu",
                    period: school_year.to_string(),
                    one_off: false,
                    amount_fen: RAIN_DEW_FEN,
                    due_on: paid_on,
                });
            }
            rows.push(rain_dew_application::ActiveModel {
                household_id: Set(pupil.family.id),
                region_code: Set(pupil.family.village.get()),
                person_id: Set(member.id),
                school_code: Set(pupil.school.code.to_owned()),
                school_year: Set(school_year),
                stage: Set(pupil.stage),
                state: Set(if late {
                    RainDewState::Refused
                } else {
                    RainDewState::Paid
                }),
                applied_on: Set(day(Month::September, if late { 28 } else { 5 })),
                recognised_on: Set((!late).then_some(recognised_on)),
                paid_on: Set((!late).then_some(paid_on)),
                amount_fen: Set((!late).then_some(RAIN_DEW_FEN)),
                version: Set(1),
                recorded_at_ms: Set(RECORDED_AT_MS),
                ..Default::default()
            });
        }
    }
    let ids = demonstration
        .ids("rain_dew_application", rows.len())
        .await?;
    for (row, id) in rows.iter_mut().zip(ids) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    demonstration.dues.extend(dues);
    Ok(())
}

/// The stages of the demonstration that Rain and Dew covers.
fn is_vocational(stage: StudentStage) -> bool {
    matches!(
        stage,
        StudentStage::VocationalHigh | StudentStage::HigherVocational
    )
}
