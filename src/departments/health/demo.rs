//! Rows of the demonstration: enrolments of two years, hospital stays and visits, and what each stage paid.
//!
//! Stages follow the cascade of 乌兰察布. Who is ill has at most one stay a year, so no stage carries anything over.

use crate::{
    demo::{
        DemoError, Demonstration, Dice, Family, Finding, LAST_DAY, Member, Plant, RECORDED_AT_MS,
        Report,
        family::yuan,
        institutions::{CRITICAL_ILLNESS_INSURER, SUPPLEMENTARY_INSURER},
    },
    vault::{Diagnosis, Place},
};
use ::entity::{
    codes::{Department, HospitalLevel},
    health::{
        claim_stage,
        codes::{ClaimKind, ClaimStageKind, ClaimState, EnrolmentCategory},
        medical_claim, medical_enrolment,
    },
    household::codes::{HealthStatus, HouseholdClass, LeftReason},
};
use sea_orm::Set;
use serde_json::json;
use time::{Date, Duration, macros::date};

const YEARS: [i32; 2] = [2017, 2018];

const MAJOR: [&str; 6] = ["C34.9", "C16.9", "I63.9", "N18.5", "C22.0", "I21.9"];
const CHRONIC: [&str; 6] = ["I10", "E11.9", "J44.9", "M17.9", "I25.1", "K74.6"];
const OTHERS: [&str; 6] = ["J18.9", "K35.8", "S72.0", "K80.2", "A09", "M51.2"];

/// A stay or a visit.
struct Stay<'a> {
    /// The place of the family among those of the part.
    place: usize,
    family: &'a Family,
    member: &'a Member,
    kind: ClaimKind,
    level: HospitalLevel,
    admitted_on: Date,
    discharged_on: Date,
    total_fen: i64,
    eligible_fen: i64,
    diagnosis: &'static str,
    major: bool,
    state: ClaimState,
}

/// Adds enrolments, claims and stages.
pub(super) async fn add(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    add_enrolments(demonstration).await?;
    add_claims(demonstration).await
}

async fn add_enrolments(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let mut rows = Vec::new();
    for family in &demonstration.families {
        for member in &family.members {
            rows.extend(
                YEARS
                    .iter()
                    .filter_map(|year| enrolment(family, member, *year)),
            );
        }
    }
    let ids = demonstration.ids("medical_enrolment", rows.len()).await?;
    for (row, id) in rows.iter_mut().zip(ids) {
        row.id = Set(id);
    }
    demonstration.inserts.add(rows);
    Ok(())
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
    let last = Date::from_calendar_date(year, time::Month::December, 31).ok()?;
    if !family.on_file(last) && !on_file && family.dice("enrolment").chance(12) {
        return None;
    }
    if family.has(Plant::NotEnrolled) && member.is_head && year == LAST_DAY.year() {
        return None;
    }
    let premium_fen = if year == 2017 { yuan(150) } else { yuan(180) };
    let supported = family
        .allowance
        .is_some_and(|allowance| allowance.holds(day));
    let (category, premium_subsidy_fen) = match family.class {
        Some(HouseholdClass::SpecialSupport) if on_file => {
            (EnrolmentCategory::SpecialSupport, premium_fen)
        }
        _ if supported => (EnrolmentCategory::Dibao, yuan(60)),
        _ if on_file => (EnrolmentCategory::RegisteredPoor, yuan(60)),
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

async fn add_claims(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
    let families = demonstration.families.iter().enumerate();
    let stays: Vec<Stay<'_>> = families.flat_map(stays_of).collect();
    let mut paid: Vec<Vec<Paid>> = stays.iter().map(settle).collect();
    let (findings, reports) = contradict(&stays, &mut paid);
    let claim_ids = demonstration.ids("medical_claim", stays.len()).await?;
    let stage_count = paid.iter().map(Vec::len).sum();
    let mut stage_ids = demonstration.ids("claim_stage", stage_count).await?;
    let (mut claims, mut stages) = (Vec::new(), Vec::new());
    for ((stay, paid), claim_id) in stays.iter().zip(&paid).zip(claim_ids) {
        claims.push(claim_row(demonstration, claim_id, stay)?);
        for ((stage, position), id) in paid.iter().zip(1..).zip(&mut stage_ids) {
            stages.push(claim_stage::ActiveModel {
                id: Set(id),
                household_id: Set(stay.family.id),
                region_code: Set(stay.family.village.get()),
                claim_id: Set(claim_id),
                position: Set(position),
                stage: Set(stage.kind),
                payer: Set(stage.payer),
                insurer_code: Set(stage.insurer.map(str::to_owned)),
                paid_fen: Set(stage.fen),
                ..Default::default()
            });
        }
    }
    demonstration.inserts.add(claims);
    demonstration.inserts.add(stages);
    demonstration.find(findings);
    for (place, report) in reports {
        demonstration.families[place].reports.push(report);
    }
    Ok(())
}

type At<T> = Vec<(usize, T)>;

/// What is planted in claims: stages that pay more than there is, claims settled as those of somebody else, and stays of
/// which an insurer reports another one at the same time.
fn contradict(stays: &[Stay<'_>], paid: &mut [Vec<Paid>]) -> (At<Finding>, At<Report>) {
    let (mut findings, mut reports) = (Vec::new(), Vec::new());
    let mut last = None;
    for (stay, paid) in stays.iter().zip(paid) {
        let (place, family) = (stay.place, stay.family);
        if family.plant.is_none() {
            continue;
        }
        let first = last.replace(family.id) != Some(family.id);
        let mut find = |check, values| {
            findings.push((place, Finding::of(check, Some(stay.member.id), values)));
        };
        let discharged_on = stay.discharged_on.to_string();
        if family.has(Plant::StagesAboveCost)
            && let Some(stage) = paid.first_mut()
        {
            stage.fen += stay.eligible_fen;
            let sum: i64 = paid.iter().map(|stage| stage.fen).sum();
            let values = json!({ "dischargedOn": discharged_on, "eligibleFen": stay.eligible_fen, "paidFen": sum });
            find("RC-19", values);
        }
        if family.has(Plant::SettledAsOther) && stay.state == ClaimState::Settled {
            let settled_as = !family.on_file(stay.discharged_on);
            find(
                "RC-21",
                json!({ "dischargedOn": discharged_on, "settledAsRegistered": settled_as }),
            );
        }
        let overlaps = family.has(Plant::OverlappingStay) && stay.kind == ClaimKind::Inpatient;
        if overlaps && first && stay.state != ClaimState::Voided {
            let from = stay.admitted_on + Duration::days(1);
            let values = json!({ "admittedOn": from.to_string(), "dischargedOn": discharged_on });
            find("RC-27", values.clone());
            let member = family
                .members
                .iter()
                .position(|one| one.id == stay.member.id);
            reports.push((
                place,
                Report {
                    agency: "INSURER",
                    kind: "STAY",
                    member,
                    reported_on: stay.discharged_on,
                    values,
                },
            ));
        }
    }
    (findings, reports)
}

fn claim_row(
    demonstration: &Demonstration<'_>,
    id: i64,
    stay: &Stay<'_>,
) -> Result<medical_claim::ActiveModel, DemoError> {
    let family = stay.family;
    let diagnosis = Diagnosis::parse(stay.diagnosis);
    let diagnosis = diagnosis.map_err(|_| DemoError::Invented("diagnosis"))?;
    let sealed = demonstration.seal(
        Place::new("medical_claim", "diagnosis_cipher", id),
        &diagnosis,
    )?;
    let hospital = demonstration
        .institutions
        .hospital(stay.level, family.village);
    let hospital = hospital.ok_or(DemoError::Invented("hospital"))?;
    let county = family.village.county().unwrap_or_default();
    Ok(medical_claim::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(stay.member.id),
        claim_number: Set(format!("YB{}{county}{id:06}", stay.discharged_on.year())),
        kind: Set(stay.kind),
        state: Set(stay.state),
        institution_code: Set(hospital.to_owned()),
        hospital_level: Set(stay.level),
        admitted_on: Set(stay.admitted_on),
        discharged_on: Set(stay.discharged_on),
        total_cost_fen: Set(stay.total_fen),
        eligible_cost_fen: Set(stay.eligible_fen),
        diagnosis_cipher: Set(Some(sealed.cipher)),
        diagnosis_index: Set(Some(sealed.index.0.to_vec())),
        diagnosis_mask: Set(Some(sealed.mask)),
        registered_at_discharge: Set(
            family.on_file(stay.discharged_on) != family.has(Plant::SettledAsOther)
        ),
        settled_on: Set((stay.state == ClaimState::Settled).then_some(stay.discharged_on)),
        version: Set(1),
        recorded_at_ms: Set(RECORDED_AT_MS),
        ..Default::default()
    })
}

fn stays_of((place, family): (usize, &Family)) -> Vec<Stay<'_>> {
    let mut dice = family.dice("hospital");
    let mut stays = Vec::new();
    if family.has(Plant::NotIll) {
        return stays;
    }
    for member in &family.members {
        let arrived = member.from > family.begins_on() && member.from > member.birth_date();
        let transferred = arrived || member.left == Some(LeftReason::Transferred);
        for year in YEARS {
            let percent = match member.health {
                HealthStatus::MajorIllness => 80,
                HealthStatus::Chronic => 35,
                HealthStatus::Disabled => 20,
                HealthStatus::Healthy => 4,
            };
            if dice.chance(percent) || transferred {
                stays.extend(stay((place, family), member, year, &mut dice));
            }
        }
    }
    stays
}

/// A stay in a year, if it falls into the membership.
fn stay<'a>(
    (place, family): (usize, &'a Family),
    member: &'a Member,
    year: i32,
    dice: &mut Dice,
) -> Option<Stay<'a>> {
    let first = Date::from_ordinal_date(year, 5).ok()?.max(member.from);
    let last = Date::from_ordinal_date(year, 350).ok()?;
    let last = member
        .to
        .map_or(last, |end| last.min(end - Duration::days(15)));
    if first > last {
        return None;
    }
    let admitted_on = dice.day(first, last);
    let (kind, level, yuan, diagnoses) = treatment(member.health, dice);
    let days = match kind {
        ClaimKind::Inpatient => dice.between(3, 14),
        _ => 0,
    };
    let eligible_fen = yuan * 100 + dice.between(0, 99);
    let discharged_on = admitted_on + Duration::days(days);
    let state = match dice.between(1, 100) {
        1..=3 => ClaimState::Voided,
        _ if discharged_on > date!(2018 - 12 - 05) => ClaimState::Submitted,
        _ => ClaimState::Settled,
    };
    Some(Stay {
        place,
        family,
        member,
        kind,
        level,
        admitted_on,
        discharged_on,
        total_fen: eligible_fen * 100 / dice.between(86, 98),
        eligible_fen,
        diagnosis: dice.one_of(diagnoses),
        major: member.health == HealthStatus::MajorIllness,
        state,
    })
}

/// Kind, level of the hospital, yuan and possible diagnoses of what somebody of this health needs.
fn treatment(
    health: HealthStatus,
    dice: &mut Dice,
) -> (ClaimKind, HospitalLevel, i64, &'static [&'static str]) {
    use ClaimKind::{ChronicOutpatient, Inpatient, Outpatient};
    use HospitalLevel::{City, County, Province, Township};
    match (health, dice.between(1, 10)) {
        (HealthStatus::MajorIllness, _) => {
            let level = dice.one_of(&[County, City, City, Province]);
            (Inpatient, level, dice.between(14_000, 68_000), &MAJOR)
        }
        (HealthStatus::Chronic, ..=6) => {
            (ChronicOutpatient, Township, dice.between(80, 900), &CHRONIC)
        }
        (HealthStatus::Chronic, _) => {
            let level = dice.one_of(&[Township, County]);
            (Inpatient, level, dice.between(1_400, 9_000), &CHRONIC)
        }
        (_, ..=5) => (Outpatient, Township, dice.between(30, 400), &OTHERS),
        _ => {
            let level = dice.one_of(&[Township, County, County]);
            (Inpatient, level, dice.between(1_200, 11_000), &OTHERS)
        }
    }
}

/// What a stage paid.
struct Paid {
    kind: ClaimStageKind,
    payer: Department,
    insurer: Option<&'static str>,
    fen: i64,
}

/// The stages in their order; each pays of what those before it left, and one that pays nothing is not told.
fn settle(stay: &Stay<'_>) -> Vec<Paid> {
    let mut sheet = Sheet {
        left: stay.eligible_fen,
        paid: Vec::new(),
    };
    if stay.state != ClaimState::Settled {
        return sheet.paid;
    }
    let registered = stay.family.on_file(stay.discharged_on);
    match stay.kind {
        ClaimKind::Inpatient => sheet.inpatient(stay, registered),
        ClaimKind::Outpatient | ClaimKind::ChronicOutpatient => sheet.outpatient(stay, registered),
    }
    sheet.paid
}

struct Sheet {
    left: i64,
    paid: Vec<Paid>,
}

impl Sheet {
    fn inpatient(&mut self, stay: &Stay<'_>, registered: bool) {
        let (deductible, rate) = match stay.level {
            HospitalLevel::Village | HospitalLevel::Township => (yuan(200), 85),
            HospitalLevel::County => (yuan(400), 75),
            HospitalLevel::City => (yuan(800), 65),
            HospitalLevel::Province => (yuan(1_500), 55),
        };
        let (deductible, rate) = match registered {
            true => (deductible / 2, rate + 5),
            false => (deductible, rate),
        };
        let basic = percent((self.left - deductible).max(0), rate);
        self.pay(ClaimStageKind::Basic, Department::Medins, None, basic);
        let rate = if registered && stay.major { 55 } else { 50 };
        let critical = percent((self.left - yuan(10_000)).max(0), rate);
        let insurer = Some(CRITICAL_ILLNESS_INSURER);
        self.pay(
            ClaimStageKind::CriticalIllness,
            Department::Insurer,
            insurer,
            critical,
        );
        if !registered {
            return;
        }
        let supplementary = bands(
            self.left,
            &[
                (yuan(10_000), yuan(30_000), 40),
                (yuan(30_000), yuan(50_000), 50),
            ],
        );
        let insurer = Some(SUPPLEMENTARY_INSURER);
        self.pay(
            ClaimStageKind::Supplementary,
            Department::Insurer,
            insurer,
            supplementary,
        );
        self.civil_affairs_ten_percent();
        let aid = bands(self.left, &[(yuan(30_000), yuan(70_000), 80)]);
        self.pay(
            ClaimStageKind::CivilAffairsMajorIllness,
            Department::Civil,
            None,
            aid,
        );
        if stay.major {
            let fund = bands(
                self.left,
                &[(0, yuan(30_000), 40), (yuan(30_000), yuan(50_000), 50)],
            );
            self.pay(
                ClaimStageKind::MajorDiseaseFund,
                Department::Health,
                None,
                fund,
            );
        }
    }

    fn outpatient(&mut self, stay: &Stay<'_>, registered: bool) {
        let basic = percent(self.left, if registered { 80 } else { 70 });
        self.pay(ClaimStageKind::Basic, Department::Medins, None, basic);
        if !registered {
            return;
        }
        self.civil_affairs_ten_percent();
        if stay.kind == ClaimKind::ChronicOutpatient {
            let paid = stay.eligible_fen - self.left;
            let topup = (percent(stay.eligible_fen, 90) - paid).max(0);
            self.pay(
                ClaimStageKind::ChronicTopup,
                Department::Health,
                None,
                topup,
            );
        }
    }

    fn civil_affairs_ten_percent(&mut self) {
        let aid = percent(self.left, 10);
        self.pay(
            ClaimStageKind::CivilAffairsTenPercent,
            Department::Civil,
            None,
            aid,
        );
    }

    fn pay(
        &mut self,
        kind: ClaimStageKind,
        payer: Department,
        insurer: Option<&'static str>,
        fen: i64,
    ) {
        if fen > 0 {
            self.left -= fen;
            self.paid.push(Paid {
                kind,
                payer,
                insurer,
                fen,
            });
        }
    }
}

/// Percent of an amount in fen, half up.
fn percent(fen: i64, percent: i64) -> i64 {
    (fen * percent + 50) / 100
}

/// The parts of an amount that lie in bands, each at its percentage.
fn bands(fen: i64, bands: &[(i64, i64, i64)]) -> i64 {
    let part = |(low, high, rate): &(i64, i64, i64)| percent((fen.min(*high) - low).max(0), *rate);
    bands.iter().map(part).sum()
}
