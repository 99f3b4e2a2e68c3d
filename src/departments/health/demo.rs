//! Rows of the demonstration: insurance of two years, hospital stays and visits and what each stage paid, disease, check-ups
//! and family doctors; and what of it the services reached.

use super::{care, claims, illness, insurance};
use crate::{
    demo::{DemoError, Demonstration, Family, LAST_DAY, Member},
    vault::{Diagnosis, Place, Sealed},
};
use ::entity::{
    codes::HospitalLevel,
    health::codes::DiseaseClass,
    household::codes::{HealthStatus, HouseholdStatus},
};
use time::Date;

/// The years that are told.
pub(super) const YEARS: [i32; 2] = [2017, 2018];

const MAJOR: [&str; 6] = ["C34.9", "C16.9", "I63.9", "N18.5", "C22.0", "I21.9"];
const CHRONIC: [&str; 6] = ["I10", "E11.9", "J44.9", "M17.9", "I25.1", "K74.6"];

/// Adds everything that the room keeps.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    insurance::demo::add(demonstration).await?;
    let patients = claims::demo::add(demonstration).await?;
    illness::demo::add(demonstration, &patients).await?;
    care::demo::add(demonstration).await?;
    count(demonstration);
    Ok(())
}

/// Whom the services should reach of those on file today, and whom they reached in the last year.
fn count(demonstration: &mut Demonstration<'_>) {
    let year = LAST_DAY.year();
    for family in demonstration
        .families
        .iter()
        .filter(|family| family.on_file(LAST_DAY))
    {
        let check_ups = care::demo::check_ups(family);
        for member in family.members_on(LAST_DAY) {
            let contract = care::demo::contract(family, member);
            let patient = contract.is_some_and(|contract| contract.focus);
            let checked = check_ups
                .iter()
                .any(|one| one.member.id == member.id && one.day.year() == year);
            for (what, holds) in [
                ("persons", true),
                ("enrolled", insurance::demo::insured(family, member, year)),
                ("checked up", checked),
                ("contracted", contract.is_some()),
                ("patients", patient),
                ("supplied", patient && care::demo::brings(family, member)),
            ] {
                let statistic = format!("ST-12 {what}");
                demonstration
                    .ledger
                    .add(&statistic, family.village, i64::from(holds));
            }
        }
    }
}

/// What somebody has for long.
#[derive(Clone, Copy)]
pub(super) struct Illness {
    pub(super) class: DiseaseClass,
    pub(super) disease: &'static str,
}

pub(super) fn illness(family: &Family, member: &Member) -> Option<Illness> {
    let mut dice = family.dice(&format!("disease {}", member.birth_date()));
    let (class, diseases) = match member.health {
        HealthStatus::Chronic => (DiseaseClass::Chronic, &CHRONIC),
        HealthStatus::MajorIllness if dice.chance(30) => (DiseaseClass::Severe, &MAJOR),
        HealthStatus::MajorIllness => (DiseaseClass::Major, &MAJOR),
        HealthStatus::Disabled | HealthStatus::Healthy => return None,
    };
    Some(Illness {
        class,
        disease: dice.one_of(diseases),
    })
}

/// The first day on which the poverty office kept a file of a member, and the first one on which it no longer did.
pub(super) fn filed(family: &Family, member: &Member) -> Option<(Date, Option<Date>)> {
    let mut history = family.history.iter();
    let registered = history.find(|span| span.status == HouseholdStatus::Registered)?;
    let from = registered.from.max(member.from);
    member
        .to
        .is_none_or(|to| from < to)
        .then_some((from, member.to))
}

pub(super) fn seal(
    demonstration: &Demonstration<'_>,
    place: Place<'_>,
    disease: &str,
) -> Result<Sealed, DemoError> {
    let disease = Diagnosis::parse(disease).map_err(|_| DemoError::Invented("diagnosis"))?;
    demonstration.seal(place, &disease)
}

/// The hospital of a level that stands nearest to a family.
pub(super) fn hospital<'a>(
    demonstration: &'a Demonstration<'_>,
    family: &Family,
    level: HospitalLevel,
) -> Result<&'a str, DemoError> {
    let hospital = demonstration.institutions.hospital(level, family.village);
    hospital.ok_or(DemoError::Invented("hospital"))
}
