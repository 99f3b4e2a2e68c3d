//! Insurance of the demonstration: of two years, the supplementary one for those who are poor in them; and the accidents
//! that it paid for.

use super::super::demo::YEARS;
use crate::demo::{
    DemoError, Demonstration, Dice, Family, LAST_DAY, Member, Plant, RECORDED_AT_MS, family::yuan,
    institutions::SUPPLEMENTARY_INSURER,
};
use ::entity::{
    health::{
        accident_case,
        codes::{AccidentState, EnrolmentCategory, MedicalInsurance},
        medical_enrolment, premium_standard, supplementary_enrolment,
    },
    household::codes::{HealthStatus, HouseholdClass, HouseholdStatus},
};
use sea_orm::Set;
use time::{Date, Duration, Month, macros::date};

/// Premiums and their subsidies in fen. The subsidies are those of the pack; it does not state what a person pays.
const BASIC_SUBSIDY: i64 = yuan(60);
const SUPPLEMENTARY_PREMIUM: i64 = yuan(100);
/// What an accident with lasting harm brings.
const ACCIDENT: i64 = yuan(20_000);

const fn basic_premium(year: i32) -> i64 {
    if year == 2017 { yuan(150) } else { yuan(180) }
}

/// Adds what counties ask for, who is insured, and accidents.
pub(in super::super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_premium_standards(demonstration).await?;
    add_enrolments(demonstration).await?;
    add_accidents(demonstration).await
}

/// Whether a member is insured in a year.
pub(in super::super) fn insured(family: &Family, member: &Member, year: i32) -> bool {
    enrolment(family, member, year).is_some()
}

async fn add_premium_standards(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for (county, _) in &demonstration.counties {
        for year in YEARS {
            for (insurance, premium_fen, premium_subsidy_fen) in [
                (MedicalInsurance::Basic, basic_premium(year), BASIC_SUBSIDY),
                (
                    MedicalInsurance::Supplementary,
                    SUPPLEMENTARY_PREMIUM,
                    SUPPLEMENTARY_PREMIUM,
                ),
            ] {
                rows.push(premium_standard::ActiveModel {
                    region_code: Set(county.get()),
                    year: Set(year),
                    insurance: Set(insurance),
                    premium_fen: Set(premium_fen),
                    premium_subsidy_fen: Set(premium_subsidy_fen),
                    ..Default::default()
                });
            }
        }
    }
    demonstration
        .add("premium_standard", rows, |row, id| row.id = Set(id))
        .await
}

async fn add_enrolments(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut basic = Vec::new();
    let mut supplementary = Vec::new();
    for family in &demonstration.families {
        for member in &family.members {
            for year in YEARS {
                let Some(row) = enrolment(family, member, year) else {
                    continue;
                };
                if poor_in(family, year) {
                    supplementary.push(supplementary_row(&row));
                }
                basic.push(row);
            }
        }
    }
    demonstration
        .add("medical_enrolment", basic, |row, id| row.id = Set(id))
        .await?;
    let table = "supplementary_enrolment";
    demonstration
        .add(table, supplementary, |row, id| row.id = Set(id))
        .await
}

/// Enrolled is who is a member at the new year, is born in the year, or whose file begins in it. Of those who are not
/// on file a few are not enrolled.
fn enrolment(
    family: &Family,
    member: &Member,
    year: i32,
) -> Option<medical_enrolment::ActiveModel> {
    let new_year = Date::from_ordinal_date(year, 1).ok()?;
    let born = member.from == member.birth_date() && member.from.year() == year;
    let filed = member.from == family.begins_on() && member.from.year() == year;
    if !(member.holds(new_year) || born || filed) {
        return None;
    }
    let day = new_year.max(member.from);
    let on_file = family.on_file(day);
    // Who comes on file in the course of the year is enrolled by its end.
    let last = Date::from_calendar_date(year, Month::December, 31).ok()?;
    if !family.on_file(last) && !on_file && family.dice("enrolment").chance(12) {
        return None;
    }
    if family.has(Plant::NotEnrolled) && member.is_head && year == LAST_DAY.year() {
        return None;
    }
    let premium_fen = basic_premium(year);
    let supported = family
        .allowance
        .is_some_and(|allowance| allowance.holds(day));
    let (category, premium_subsidy_fen) = match family.class {
        Some(HouseholdClass::SpecialSupport) if on_file => {
            (EnrolmentCategory::SpecialSupport, premium_fen)
        }
        _ if supported => (EnrolmentCategory::Dibao, BASIC_SUBSIDY),
        _ if on_file => (EnrolmentCategory::RegisteredPoor, BASIC_SUBSIDY),
        _ => (EnrolmentCategory::Ordinary, 0),
    };
    let paid_on = match born {
        true => member.from + Duration::days(14),
        false => new_year - Duration::days(family.dice("premium").between(6, 60)),
    };
    Some(medical_enrolment::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        year: Set(year),
        category: Set(category),
        premium_fen: Set(premium_fen),
        premium_subsidy_fen: Set(premium_subsidy_fen),
        paid_on: Set(Some(paid_on.min(LAST_DAY))),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

/// Whether the family is on file on some day of the year, and insured besides for it.
pub(in super::super) fn poor_in(family: &Family, year: i32) -> bool {
    let new_year = Date::from_ordinal_date(year, 1).unwrap_or(LAST_DAY);
    let becomes = family.history.iter().any(|span| {
        let poor = [HouseholdStatus::Registered, HouseholdStatus::Returned];
        span.from.year() == year && poor.contains(&span.status)
    });
    family.on_file(new_year) || becomes
}

/// Who is poor is insured besides, and somebody else pays for it.
fn supplementary_row(
    basic: &medical_enrolment::ActiveModel,
) -> supplementary_enrolment::ActiveModel {
    supplementary_enrolment::ActiveModel {
        household_id: basic.household_id.clone(),
        region_code: basic.region_code.clone(),
        person_id: basic.person_id.clone(),
        year: basic.year.clone(),
        insurer_code: Set(SUPPLEMENTARY_INSURER.to_owned()),
        premium_fen: Set(SUPPLEMENTARY_PREMIUM),
        premium_subsidy_fen: Set(SUPPLEMENTARY_PREMIUM),
        paid_on: basic.paid_on.clone(),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// Some of the grown disabled members had an accident in 2018.
async fn add_accidents(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = demonstration.families.iter();
    let rows = families.flat_map(|family| {
        let mut dice = family.dice("accident");
        let disabled = family.members.iter().filter(|member| {
            member.health == HealthStatus::Disabled && (18..60).contains(&member.age(LAST_DAY))
        });
        let cases = disabled.filter_map(|member| accident(family, member, &mut dice));
        cases.collect::<Vec<_>>()
    });
    let rows = rows.collect();
    demonstration
        .add("accident_case", rows, |row, id| row.id = Set(id))
        .await
}

fn accident(
    family: &Family,
    member: &Member,
    dice: &mut Dice,
) -> Option<accident_case::ActiveModel> {
    let occurred_on = dice.day(date!(2018 - 01 - 10), date!(2018 - 08 - 31));
    let reported_on = occurred_on + Duration::days(dice.between(1, 12));
    let certified_on = reported_on + Duration::days(dice.between(30, 60));
    let paid_on = certified_on + Duration::days(dice.between(7, 21));
    let state = match dice.between(1, 100) {
        ..=70 => AccidentState::Paid,
        71..=85 => AccidentState::Certified,
        86..=95 => AccidentState::Reported,
        _ => AccidentState::Refused,
    };
    let insured = enrolment(family, member, 2018).is_some() && family.on_file(occurred_on);
    if !(dice.chance(35) && insured && member.holds(occurred_on)) {
        return None;
    }
    let certified = matches!(state, AccidentState::Paid | AccidentState::Certified);
    let paid = state == AccidentState::Paid;
    Some(accident_case::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        insurer_code: Set(SUPPLEMENTARY_INSURER.to_owned()),
        state: Set(state),
        occurred_on: Set(occurred_on),
        reported_on: Set(reported_on),
        certified_on: Set(certified.then_some(certified_on)),
        paid_on: Set(paid.then_some(paid_on)),
        paid_fen: Set(paid.then_some(ACCIDENT)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}
