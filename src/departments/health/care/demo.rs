//! Care in the demonstration: check-ups of two years, family doctors with their visits and deliveries of the last two
//! months, and health cards.

use super::super::demo::{YEARS, filed, hospital, illness};
use crate::demo::{DemoError, Demonstration, Dice, Family, LAST_DAY, Member, RECORDED_AT_MS};
use ::entity::{
    codes::HospitalLevel,
    health::{
        check_up,
        codes::{CheckUpResult, DoctorVisitWay},
        doctor_contract, doctor_visit, health_card, medicine_delivery,
    },
    household::codes::HealthStatus,
};
use sea_orm::Set;
use time::{Date, Duration, Month, macros::date};

/// The family doctors' names, one a village.
const DOCTORS: [&str; 8] = [
    "郭秀兰",
    "苏日娜",
    "贺建国",
    "白玉梅",
    "乌云",
    "段志强",
    "侯文斌",
    "孟和",
];

/// The months whose visits and deliveries are told.
const LAST_MONTHS: [Date; 2] = [date!(2018 - 11 - 01), date!(2018 - 12 - 01)];

/// A check-up.
pub(in super::super) struct CheckUp<'a> {
    pub(in super::super) member: &'a Member,
    pub(in super::super) day: Date,
    free: bool,
    result: CheckUpResult,
}

/// A contract with a family doctor.
#[derive(Clone, Copy)]
pub(in super::super) struct Contract {
    from: Date,
    to: Option<Date>,
    pub(in super::super) focus: bool,
}

/// Adds check-ups, contracts with what follows from them, and health cards.
pub(in super::super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_check_ups(demonstration).await?;
    add_contracts(demonstration).await?;
    add_health_cards(demonstration).await
}

/// Who of a family was checked: of those for whom it is free 87.5 percent, as in 2017; of the others a few, who pay.
pub(in super::super) fn check_ups(family: &Family) -> Vec<CheckUp<'_>> {
    let mut dice = family.dice("check-up");
    let mut found = Vec::new();
    for member in &family.members {
        for year in YEARS {
            let first = Date::from_calendar_date(year, Month::March, 5).unwrap_or(LAST_DAY);
            let day = first + Duration::days(dice.between(0, 240));
            let free = family.supported(day);
            let comes = dice.between(1, 1_000) <= if free { 875 } else { 30 };
            let result = check_up_result(member, &mut dice);
            if comes && member.holds(day) {
                found.push(CheckUp {
                    member,
                    day,
                    free,
                    result,
                });
            }
        }
    }
    found
}

/// The contract of a member: everybody has one from the day on which the poverty office opened the file.
pub(in super::super) fn contract(family: &Family, member: &Member) -> Option<Contract> {
    let (from, to) = filed(family, member)?;
    let from = from.max(date!(2016 - 11 - 15));
    let focus = family.on_file(LAST_DAY) && illness(family, member).is_some();
    to.is_none_or(|to| from < to)
        .then_some(Contract { from, to, focus })
}

/// Whether the doctor brings medicine to a focus patient, as to 89.7 percent of them in 2017.
pub(in super::super) fn brings(family: &Family, member: &Member) -> bool {
    patient_dice("deliveries", family, member).between(1, 1_000) <= 897
}

fn patient_dice(word: &str, family: &Family, member: &Member) -> Dice {
    family.dice(&format!("{word} {}", member.identity))
}

async fn add_check_ups(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let hospital = hospital(demonstration, family, HospitalLevel::Township)?;
        rows.extend(
            check_ups(family)
                .into_iter()
                .map(|one| check_up::ActiveModel {
                    household_id: Set(family.id),
                    region_code: Set(family.village.get()),
                    person_id: Set(one.member.id),
                    checked_on: Set(one.day),
                    institution_code: Set(hospital.to_owned()),
                    free: Set(one.free),
                    result: Set(one.result),
                    version: Set(1),
                    recorded_at_ms: Set(RECORDED_AT_MS),
                    ..Default::default()
                }),
        );
    }
    demonstration
        .add("check_up", rows, |row, id| row.id = Set(id))
        .await
}

fn check_up_result(member: &Member, dice: &mut Dice) -> CheckUpResult {
    let (unremarkable, observed) = match member.health {
        HealthStatus::Healthy | HealthStatus::Disabled => (78, 96),
        HealthStatus::Chronic => (10, 80),
        HealthStatus::MajorIllness => (0, 40),
    };
    match dice.between(1, 100) {
        thrown if thrown <= unremarkable => CheckUpResult::Unremarkable,
        thrown if thrown <= observed => CheckUpResult::Observe,
        _ => CheckUpResult::Refer,
    }
}

async fn add_contracts(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut signed = Vec::new();
    for family in &demonstration.families {
        for member in &family.members {
            signed.extend(contract(family, member).map(|contract| (family, member, contract)));
        }
    }
    let ids = demonstration.ids("doctor_contract", signed.len()).await?;
    let (mut contracts, mut visits, mut deliveries) = (Vec::new(), Vec::new(), Vec::new());
    for ((family, member, contract), id) in signed.into_iter().zip(ids) {
        let hospital = hospital(demonstration, family, HospitalLevel::Township)?;
        contracts.push(contract_row(id, family, member, contract, hospital));
        if contract.focus && member.holds(LAST_DAY) {
            visits.extend(visits_of(id, family, member, contract));
            deliveries.extend(deliveries_of(id, family, member, contract));
        }
    }
    demonstration.inserts.add(contracts);
    demonstration
        .add("doctor_visit", visits, |row, id| row.id = Set(id))
        .await?;
    demonstration
        .add("medicine_delivery", deliveries, |row, id| row.id = Set(id))
        .await
}

fn contract_row(
    id: i64,
    family: &Family,
    member: &Member,
    contract: Contract,
    hospital: &str,
) -> doctor_contract::ActiveModel {
    let mut doctor = Dice::of(family.village.get().unsigned_abs(), "doctor");
    doctor_contract::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        institution_code: Set(hospital.to_owned()),
        doctor_name: Set(doctor.one_of(&DOCTORS).to_owned()),
        focus: Set(contract.focus),
        valid_from: Set(contract.from),
        valid_to: Set(contract.to),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    }
}

/// Two visits a month.
fn visits_of(
    contract_id: i64,
    family: &Family,
    member: &Member,
    contract: Contract,
) -> Vec<doctor_visit::ActiveModel> {
    let mut dice = patient_dice("visits", family, member);
    let halves = LAST_MONTHS.map(|month| [month, month + Duration::days(15)]);
    let visits = halves.into_iter().flatten().map(|first| {
        let way = match dice.between(1, 100) {
            ..=85 => DoctorVisitWay::OnSpot,
            86..=97 => DoctorVisitWay::Phone,
            _ => DoctorVisitWay::Other,
        };
        let day = first + Duration::days(dice.between(1, 12));
        (day, way, dice.chance(10))
    });
    let visits = visits.filter(|(day, ..)| contract.from <= *day && member.from <= *day);
    let row = |(day, way, adjusted)| doctor_visit::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        contract_id: Set(contract_id),
        visited_on: Set(day),
        way: Set(way),
        medicine_adjusted: Set(adjusted),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    visits.map(row).collect()
}

/// Medicine once a month.
fn deliveries_of(
    contract_id: i64,
    family: &Family,
    member: &Member,
    contract: Contract,
) -> Vec<medicine_delivery::ActiveModel> {
    if !brings(family, member) {
        return Vec::new();
    }
    let mut dice = patient_dice("medicine", family, member);
    let mut days = LAST_MONTHS.map(|month| month + Duration::days(dice.between(4, 27)));
    // Who is signed for after that is brought it on the same day.
    if let Some(last) = days.last_mut() {
        *last = contract.from.max(*last);
    }
    let days = days.into_iter().filter(|day| contract.from <= *day);
    let row = |day| medicine_delivery::ActiveModel {
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(member.id),
        contract_id: Set(contract_id),
        delivered_on: Set(day),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    };
    days.map(row).collect()
}

async fn add_health_cards(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        let mut dice = family.dice("health card");
        let handed_out = dice.day(date!(2017 - 03 - 01), date!(2017 - 06 - 30));
        for member in &family.members {
            let Some((from, to)) = filed(family, member) else {
                continue;
            };
            let from = from.max(handed_out);
            if to.is_none_or(|to| from < to) {
                rows.push(health_card::ActiveModel {
                    household_id: Set(family.id),
                    region_code: Set(family.village.get()),
                    person_id: Set(member.id),
                    valid_from: Set(from),
                    valid_to: Set(to),
                    version: Set(1),
                    recorded_at_ms: Set(RECORDED_AT_MS),
                    ..Default::default()
                });
            }
        }
    }
    demonstration
        .add("health_card", rows, |row, id| row.id = Set(id))
        .await
}
