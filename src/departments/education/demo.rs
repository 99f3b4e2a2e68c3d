//! Rows of the demonstration: school enrolments of three terms and their allowances, Rain and Dew of two school years, and
//! the children who left school.

use crate::demo::{
    DemoError, Demonstration, Due, Family, Finding, LAST_DAY, Ledger, Member, Plant,
    RECORDED_AT_MS, family::yuan, institutions::School,
};
use ::entity::{
    codes::{CodeList, Department, StudentStage},
    education::{
        codes::{DropoutReason, DropoutState, RainDewState, SchoolTerm, StudyAllowanceState},
        dropout_case, rain_dew_application, school_enrolment, study_allowance,
    },
    region_code::RegionCode,
};
use sea_orm::Set;
use serde_json::{Value, json};
use std::collections::HashSet;
use time::{Date, Duration, Month, macros::date};

/// Rain and Dew of a school year: 1,500 yuan.
const RAIN_DEW_FEN: i64 = yuan(1_500);
/// The donated grant for those who began university in 2017.
const DONATED_FEN: i64 = yuan(5_000);

/// A term of the demonstration.
#[derive(Clone, Copy)]
struct Term {
    school_year: i32,
    term: SchoolTerm,
    /// When schools confirm their pupils.
    confirmed_on: Date,
    /// When allowances are paid at the latest.
    due_on: Date,
}

const TERMS: [Term; 3] = [
    Term {
        school_year: 2017,
        term: SchoolTerm::Autumn,
        confirmed_on: date!(2017 - 09 - 20),
        due_on: date!(2017 - 10 - 31),
    },
    Term {
        school_year: 2017,
        term: SchoolTerm::Spring,
        confirmed_on: date!(2018 - 03 - 15),
        due_on: date!(2018 - 05 - 31),
    },
    Term {
        school_year: 2018,
        term: SchoolTerm::Autumn,
        confirmed_on: date!(2018 - 09 - 20),
        due_on: date!(2018 - 10 - 31),
    },
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

/// Adds enrolments, allowances, applications and dropout cases, and what is due of those.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_enrolments(demonstration).await?;
    add_allowances(demonstration).await?;
    add_rain_dew(demonstration).await?;
    add_dropouts(demonstration).await
}

/// Who is at school in the school year and a member on the day.
fn pupils<'a>(
    demonstration: &'a Demonstration<'_>,
    school_year: i32,
    day: Date,
) -> impl Iterator<Item = Pupil<'a>> {
    let families = demonstration.families.iter().enumerate();
    families.flat_map(move |(place, family)| {
        let members = family.members_on(day);
        let attending = members.filter(move |member| family.attends(member, day));
        attending.filter_map(move |member| {
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

impl Pupil<'_> {
    fn boards(&self) -> bool {
        use StudentStage::{Junior, Preschool, PreschoolFinalYear, Primary};
        match self.stage {
            Preschool | PreschoolFinalYear => false,
            Primary => self.family.dice("boarding").chance(35),
            Junior => self.family.dice("boarding").chance(80),
            _ => true,
        }
    }

    /// Whether the school has confirmed the pupil: of the last term it has yet to do so for a few.
    fn confirmed(&self, term: Term) -> bool {
        let last = term.school_year == LAST_DAY.year() && !self.family.published;
        !(last && self.family.dice("confirmation").chance(4))
    }

    /// What allowances are granted by: a few that do not board are said to.
    fn boards_on_paper(&self) -> bool {
        self.boards() || self.family.has(Plant::BoardsOnPaper)
    }

    /// Living, boarding fee and travel of a term, fen, as the packs of 乌兰察布 have them: half of the year's.
    fn allowance_fen(&self, year: i32) -> i64 {
        use StudentStage::{Junior, Primary, SeniorHigh, Undergraduate};
        let boards = self.boards_on_paper();
        let living = match (self.stage, year) {
            (Primary, 2017) => yuan(1_890),
            (Junior, 2017) => yuan(2_160),
            (Primary, _) if boards => yuan(2_890),
            (Junior, _) if boards => yuan(3_410),
            (SeniorHigh, _) => yuan(4_050),
            (Undergraduate, _) => yuan(10_000),
            _ => 0,
        };
        let boarding_fee = match self.stage {
            SeniorHigh if boards => yuan(500),
            _ => 0,
        };
        let travel = match self.stage {
            Primary | Junior | SeniorHigh if boards && self.school.county_seat => yuan(300),
            _ => 0,
        };
        (living + boarding_fee + travel) / 2
    }
}

async fn add_enrolments(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let (mut rows, mut poor) = (Vec::new(), Vec::new());
    for term in TERMS {
        for pupil in pupils(demonstration, term.school_year, term.confirmed_on) {
            if pupil.is_paid_without_school(term.school_year) {
                continue;
            }
            if term.school_year == LAST_DAY.year() && pupil.family.on_file(LAST_DAY) {
                poor.push((pupil.family.village, pupil.stage));
            }
            rows.push(enrolment(&pupil, term));
        }
    }
    for (village, stage) in poor {
        let values = [("pupils", 1), (stage.word(), 1)];
        demonstration.ledger.add_all("ST-14", village, values);
    }
    let ids = demonstration.ids("school_enrolment", rows.len()).await?;
    for (row, id) in rows.iter_mut().zip(ids) {
        row.id = Set(id);
    }
    let findings = not_at_school(demonstration, &rows);
    demonstration.find(findings);
    demonstration.inserts.add(rows);
    Ok(())
}

/// Children of school age who are not enrolled in the last term.
fn not_at_school(
    demonstration: &Demonstration<'_>,
    rows: &[school_enrolment::ActiveModel],
) -> Vec<(usize, Finding)> {
    let [.., last] = TERMS;
    let term = (Set(last.school_year), Set(last.term));
    let enrolled: HashSet<i64> = rows
        .iter()
        .filter(|row| (&row.school_year, &row.term) == (&term.0, &term.1))
        .map(|row| *row.person_id.as_ref())
        .collect();
    let values = json!({ "schoolYear": last.school_year, "term": last.term.word() });
    let mut findings = Vec::new();
    for (place, family) in demonstration.families.iter().enumerate() {
        for member in family.members_on(LAST_DAY) {
            let of_age = (6..=15).contains(&member.age(date!(2018 - 08 - 31)));
            if of_age && !enrolled.contains(&member.id) {
                let finding = Finding::of("RC-35", Some(member.id), values.clone());
                findings.push((place, finding));
            }
        }
    }
    findings
}

fn enrolment(pupil: &Pupil<'_>, term: Term) -> school_enrolment::ActiveModel {
    school_enrolment::ActiveModel {
        household_id: Set(pupil.family.id),
        region_code: Set(pupil.family.village.get()),
        person_id: Set(pupil.member.id),
        school_code: Set(pupil.school.code.to_owned()),
        school_year: Set(term.school_year),
        term: Set(term.term),
        stage: Set(pupil.stage),
        grade: Set(Some(pupil.grade)),
        boarding: Set(pupil.boards()),
        county_seat: Set(pupil.school.county_seat),
        confirmed_on: Set(pupil.confirmed(term).then_some(term.confirmed_on)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

async fn add_allowances(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    let (mut dues, mut paid, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for term in TERMS {
        for pupil in pupils(demonstration, term.school_year, term.confirmed_on) {
            if !pupil.family.supported(term.confirmed_on) {
                continue;
            }
            let fen = pupil.allowance_fen(term.due_on.year());
            let mut granted = vec![allowance(&pupil, term, fen)];
            let begins = pupil.stage == StudentStage::Undergraduate && pupil.grade == 1;
            if begins && (term.school_year, term.term) == (2017, SchoolTerm::Autumn) {
                granted.push(donation(&pupil, term));
            }
            granted.retain(|row| row.amount_fen != Set(0));
            if pupil.is_not_aided(term) {
                if pupil.family.on_file(term.confirmed_on) && !granted.is_empty() {
                    let values = json!({ "schoolYear": term.school_year, "amountFen": fen });
                    findings.push(pupil.finding("RC-41", values));
                }
                granted.clear();
            }
            for row in granted {
                findings.extend(contradictions(&pupil, &row));
                dues.extend(due_of(&pupil, term, &row));
                paid.push(Paid {
                    village: pupil.family.village,
                    person: pupil.member.id,
                    on: *row.paid_on.as_ref(),
                    fen: *row.amount_fen.as_ref(),
                });
                rows.push(row);
            }
        }
    }
    count_paid(demonstration.ledger, "allowance", paid);
    let key = |row: &mut study_allowance::ActiveModel, id| row.id = Set(id);
    demonstration.add("study_allowance", rows, key).await?;
    demonstration.dues.extend(dues);
    demonstration.find(findings);
    Ok(())
}

/// What is wrong with an allowance: some are late, and some are planted.
fn contradictions(pupil: &Pupil<'_>, row: &study_allowance::ActiveModel) -> Vec<(usize, Finding)> {
    let mut found = Vec::new();
    let (stage, boarding) = (*row.stage.as_ref(), *row.boarding.as_ref());
    if (stage, boarding) != (pupil.stage, pupil.boards()) {
        let said = json!({ "stage": stage.word(), "boarding": boarding });
        let school = json!({ "stage": pupil.stage.word(), "boarding": pupil.boards() });
        found.push(pupil.finding("RC-38", json!({ "allowance": said, "school": school })));
    }
    let late = |day: &Date| *day < LAST_DAY && row.paid_on == Set(None);
    if let Some(due_on) = (*row.due_on.as_ref()).filter(late) {
        found.push(pupil.finding("RC-39", json!({ "dueOn": due_on.to_string() })));
    }
    found
}

/// The allowance of a term; without the school's confirmation it is not paid, nor are a few others of the last term.
fn allowance(pupil: &Pupil<'_>, term: Term, amount_fen: i64) -> study_allowance::ActiveModel {
    let mut dice = pupil.family.dice("allowance");
    let last = term.school_year == LAST_DAY.year() && !pupil.family.published;
    let paid = pupil.confirmed(term) && !(last && dice.chance(4));
    let paid_on = term.due_on - Duration::days(dice.between(6, 25));
    let (state, paid_on) = match paid {
        true => (StudyAllowanceState::Paid, Some(paid_on)),
        false => (StudyAllowanceState::Approved, None),
    };
    study_allowance::ActiveModel {
        household_id: Set(pupil.family.id),
        region_code: Set(pupil.family.village.get()),
        person_id: Set(pupil.member.id),
        identity_id: Set(Some(pupil.member.identity)),
        department: Set(Department::Edu),
        programme: Set("education-support".to_owned()),
        school_code: Set(pupil.school.code.to_owned()),
        school_year: Set(term.school_year),
        term: Set(term.term),
        stage: Set(pupil.stage),
        boarding: Set(pupil.boards_on_paper()),
        county_seat: Set(pupil.school.county_seat),
        one_off: Set(false),
        amount_fen: Set(amount_fen),
        state: Set(state),
        due_on: Set(Some(term.due_on)),
        paid_on: Set(paid_on),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

fn donation(pupil: &Pupil<'_>, term: Term) -> study_allowance::ActiveModel {
    study_allowance::ActiveModel {
        department: Set(Department::Poverty),
        programme: Set("fanhai-student-grant".to_owned()),
        one_off: Set(true),
        due_on: Set(None),
        ..allowance(pupil, term, DONATED_FEN)
    }
}

/// What finance has to pay of an allowance that is paid.
fn due_of(pupil: &Pupil<'_>, term: Term, row: &study_allowance::ActiveModel) -> Option<Due> {
    let donated = row.one_off == Set(true);
    let year = term.due_on.year();
    Some(Due {
        family: pupil.place,
        person: Some((pupil.member.id, pupil.member.identity)),
        department: *row.department.as_ref(),
        programme: match donated {
            true => "fanhai-student-grant",
            false => "education-support",
        },
        period: match donated {
            true => year.to_string(),
            false => format!("{year}-{:02}", u8::from(term.due_on.month())),
        },
        one_off: donated,
        amount_fen: *row.amount_fen.as_ref(),
        due_on: (*row.paid_on.as_ref())?,
    })
}

async fn add_rain_dew(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    let (mut dues, mut paid, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for school_year in [2017, 2018] {
        let day =
            |month, day| Date::from_calendar_date(school_year, month, day).unwrap_or(LAST_DAY);
        let recognised_on = day(Month::September, 21);
        for pupil in pupils(demonstration, school_year, recognised_on) {
            if !is_vocational(pupil.stage) || !pupil.family.on_file(recognised_on) {
                continue;
            }
            let late = !pupil.gets_rain_dew(school_year);
            let paid_on = day(Month::November, 20);
            let member = pupil.member;
            paid.push(Paid {
                village: pupil.family.village,
                person: member.id,
                on: (!late).then_some(paid_on),
                fen: RAIN_DEW_FEN,
            });
            if pupil.is_paid_without_school(school_year) && !late {
                let values = json!({ "schoolYear": school_year, "enrolled": false });
                findings.push(pupil.finding("RC-36", values));
            }
            if pupil.has_second_aid(school_year) && !late {
                let values = json!({ "schoolYear": school_year });
                findings.push(pupil.finding("RC-37", values));
            }
            let recognised_on = match pupil.family.has(Plant::LateRecognition) && !late {
                true => {
                    let recognised_on = day(Month::October, 11);
                    let values = json!({ "recognisedOn": recognised_on.to_string() });
                    findings.push(pupil.finding("RC-40", values));
                    recognised_on
                }
                false => recognised_on,
            };
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
            let paid_on = (!late).then_some(paid_on);
            rows.push(application(&pupil, school_year, recognised_on, paid_on));
        }
    }
    count_paid(demonstration.ledger, "yulu", paid);
    let key = |row: &mut rain_dew_application::ActiveModel, id| row.id = Set(id);
    demonstration.add("rain_dew_application", rows, key).await?;
    demonstration.dues.extend(dues);
    demonstration.find(findings);
    Ok(())
}

/// An application for a year's allowance; one that came too late was neither recognised nor paid.
fn application(
    pupil: &Pupil<'_>,
    school_year: i32,
    recognised_on: Date,
    paid_on: Option<Date>,
) -> rain_dew_application::ActiveModel {
    let (state, applied) = match paid_on {
        Some(_) => (RainDewState::Paid, 5),
        None => (RainDewState::Refused, 28),
    };
    let applied_on = Date::from_calendar_date(school_year, Month::September, applied);
    rain_dew_application::ActiveModel {
        household_id: Set(pupil.family.id),
        region_code: Set(pupil.family.village.get()),
        person_id: Set(pupil.member.id),
        school_code: Set(pupil.school.code.to_owned()),
        school_year: Set(school_year),
        stage: Set(pupil.stage),
        state: Set(state),
        applied_on: Set(applied_on.unwrap_or(LAST_DAY)),
        recognised_on: Set(paid_on.map(|_| recognised_on)),
        paid_on: Set(paid_on),
        amount_fen: Set(paid_on.map(|_| RAIN_DEW_FEN)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// What a person was paid, if it was.
struct Paid {
    village: RegionCode,
    person: i64,
    on: Option<Date>,
    fen: i64,
}

/// Amounts by the year in which they were paid, and each person once a year.
fn count_paid(ledger: &mut Ledger, what: &str, paid: Vec<Paid>) {
    let mut persons = HashSet::new();
    for Paid {
        village,
        person,
        on,
        fen,
    } in paid
    {
        let Some(year) = on.map(Date::year) else {
            continue;
        };
        let first = i64::from(persons.insert((person, year)));
        let statistic = format!("ST-14 {what} in {year}");
        let values = [("persons", first), ("amount", fen)];
        ledger.add_all(&statistic, village, values);
    }
}

impl Pupil<'_> {
    fn finding(&self, check: &'static str, values: Value) -> (usize, Finding) {
        (self.place, Finding::of(check, Some(self.member.id), values))
    }

    /// Who is recognised after September, or is not confirmed by the school, waits for the next round.
    fn gets_rain_dew(&self, school_year: i32) -> bool {
        let autumn =
            |term: &&Term| term.school_year == school_year && term.term == SchoolTerm::Autumn;
        let confirmed = TERMS
            .iter()
            .find(autumn)
            .is_some_and(|term| self.confirmed(*term));
        confirmed && !self.family.dice("rain and dew").chance(10)
    }

    /// Whether an allowance of the last term is forgotten, as is planted.
    fn is_not_aided(&self, term: Term) -> bool {
        self.family.has(Plant::NotAided) && term.school_year == LAST_DAY.year()
    }

    /// Whether a university reports that it supports the student in a school year.
    fn has_second_aid(&self, school_year: i32) -> bool {
        let mut reports = self.family.reports.iter();
        reports.any(|report| {
            let member = report
                .member
                .and_then(|place| self.family.members.get(place));
            report.kind == "STUDENT_SUPPORT"
                && report.values["schoolYear"] == school_year
                && member.is_some_and(|member| member.id == self.member.id)
        })
    }

    /// Whether this is a student of age who gets Rain and Dew of the last year without being at school.
    fn is_paid_without_school(&self, school_year: i32) -> bool {
        let entered = Date::from_calendar_date(school_year, Month::August, 31).unwrap_or(LAST_DAY);
        self.family.has(Plant::PaidWithoutSchool)
            && school_year == LAST_DAY.year()
            && is_vocational(self.stage)
            && self.member.age(entered) >= 16
    }
}

/// The stages of the demonstration that Rain and Dew covers.
fn is_vocational(stage: StudentStage) -> bool {
    matches!(
        stage,
        StudentStage::VocationalHigh | StudentStage::HigherVocational
    )
}

async fn add_dropouts(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = demonstration.families.iter();
    let rows = families.filter_map(|family| dropout(demonstration, family));
    let rows: Vec<_> = rows.collect();
    let key = |row: &mut dropout_case::ActiveModel, id| row.id = Set(id);
    demonstration.add("dropout_case", rows, key).await
}

fn dropout(
    demonstration: &Demonstration<'_>,
    family: &Family,
) -> Option<dropout_case::ActiveModel> {
    let absence = family.absence()?;
    let missed = |term: &&Term| !family.attends(absence.member, term.confirmed_on);
    let term = TERMS.iter().find(missed)?;
    let (stage, _) = absence.member.studies(term.school_year)?;
    let school = demonstration.institutions.school(stage, family.village)?;
    let mut dice = family.dice("dropout");
    let state = match absence.to {
        Some(_) => DropoutState::Returned,
        None => dice.one_of(&[DropoutState::Reported, DropoutState::InWork]),
    };
    let reason = dice.one_of(&[
        DropoutReason::Weary,
        DropoutReason::Weary,
        DropoutReason::Hardship,
        DropoutReason::Work,
        DropoutReason::Moved,
    ]);
    Some(dropout_case::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(absence.member.id),
        school_code: Set(school.code.to_owned()),
        stage: Set(stage),
        school_year: Set(term.school_year),
        term: Set(term.term),
        reported_on: Set(term.confirmed_on + Duration::days(dice.between(0, 20))),
        reason: Set(reason),
        state: Set(state),
        returned_on: Set(absence.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}
