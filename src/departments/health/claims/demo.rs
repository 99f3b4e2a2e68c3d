//! Hospital stays and visits of the demonstration, and what each stage paid of them.
//!
//! Stages follow the cascade of 乌兰察布. Who is ill has at most one stay a year on a file, so no stage carries anything over; who
//! comes from another file goes to another hospital there, because the deductible of a second stay at one level is waived.

use super::super::{
    demo::{YEARS, hospital, illness, seal},
    insurance::demo::{insured, poor_in},
};
use crate::{
    demo::{
        DemoError, Demonstration, Dice, Family, Finding, LAST_DAY, Ledger, Member, Plant,
        RECORDED_AT_MS, Report,
        family::yuan,
        institutions::{CRITICAL_ILLNESS_INSURER, SUPPLEMENTARY_INSURER},
    },
    vault::Place,
};
use ::entity::{
    codes::{CodeList as _, Department, HospitalLevel},
    health::{
        claim_stage,
        codes::{ClaimKind, ClaimStageKind, ClaimState},
        medical_claim,
    },
    household::codes::{HealthStatus, HouseholdStatus, LeftReason},
};
use sea_orm::Set;
use serde_json::json;
use std::collections::HashSet;
use time::{Date, Duration, macros::date};

const OTHERS: [&str; 6] = ["J18.9", "K35.8", "S72.0", "K80.2", "A09", "M51.2"];

/// A stay or a visit.
struct Stay<'a> {
    /// The place of the family among those of the part.
    place: usize,
    family: &'a Family,
    member: &'a Member,
    admitted_on: Date,
    discharged_on: Date,
    total_fen: i64,
    diagnosis: &'static str,
    state: ClaimState,
    case: Case,
}

/// The members who had a chronic outpatient visit.
pub(in super::super) type ChronicPatients = HashSet<i64>;

/// Adds claims and stages, and tells who had a chronic outpatient visit.
pub(in super::super) async fn add(
    demonstration: &mut Demonstration<'_>,
) -> Result<ChronicPatients, DemoError> {
    let families = demonstration.families.iter().enumerate();
    let stays: Vec<Stay<'_>> = families.flat_map(stays_of).collect();
    let mut settled: Vec<Option<Sheet>> = stays.iter().map(settlement).collect();
    let (findings, reports) = contradict(&stays, &mut settled);
    let claim_ids = demonstration.ids("medical_claim", stays.len()).await?;
    let stage_count = settled.iter().flatten().map(|sheet| sheet.paid.len()).sum();
    let mut stage_ids = demonstration.ids("claim_stage", stage_count).await?;
    for (stay, sheet) in stays.iter().zip(&settled) {
        stay.count(demonstration.ledger, sheet.as_ref());
    }
    let (mut claims, mut stages) = (Vec::new(), Vec::new());
    for ((stay, sheet), claim_id) in stays.iter().zip(&settled).zip(claim_ids) {
        claims.push(claim_row(demonstration, claim_id, stay, sheet.as_ref())?);
        let paid = sheet.iter().flat_map(|sheet| &sheet.paid);
        for ((stage, position), id) in paid.zip(1..).zip(&mut stage_ids) {
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
    let chronic = stays
        .iter()
        .filter(|stay| stay.case.kind == ClaimKind::ChronicOutpatient);
    let chronic = chronic.map(|stay| stay.member.id).collect();
    demonstration.inserts.add(claims);
    demonstration.inserts.add(stages);
    demonstration.find(findings);
    for (place, report) in reports {
        demonstration.families[place].reports.push(report);
    }
    Ok(chronic)
}

impl Stay<'_> {
    /// Whether the sheet says that the family was on file.
    fn is_settled_as_registered(&self) -> bool {
        self.case.registered != self.family.has(Plant::SettledAsOther)
    }

    /// What was settled of families on file, by the year of the discharge.
    fn count(&self, ledger: &mut Ledger, sheet: Option<&Sheet>) {
        let Some(sheet) = sheet.filter(|_| self.is_settled_as_registered()) else {
            return;
        };
        let paid = sheet.paid.iter().map(|stage| stage.fen).sum();
        let values = [
            ("claims", 1),
            ("eligible", self.case.eligible_fen),
            ("reimbursed", paid),
        ];
        let statistic = format!("ST-13 in {}", self.discharged_on.year());
        ledger.add_all(&statistic, self.family.village, values);
    }
}

type At<T> = Vec<(usize, T)>;

/// What is planted in claims: stages that pay more than there is, claims settled as those of somebody else, and stays of
/// which an insurer reports another one at the same time.
fn contradict(stays: &[Stay<'_>], settled: &mut [Option<Sheet>]) -> (At<Finding>, At<Report>) {
    let (mut findings, mut reports) = (Vec::new(), Vec::new());
    let mut last = None;
    for (stay, sheet) in stays.iter().zip(settled) {
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
            && let Some(sheet) = sheet
            && let Some(stage) = sheet.paid.first_mut()
        {
            let (kind, due) = (stage.kind.word(), stage.fen);
            stage.fen += stay.case.eligible_fen;
            let paid = stage.fen;
            if stay.discharged_on.year() == LAST_DAY.year() {
                let values = json!({ "dischargedOn": discharged_on, "stage": kind, "paidFen": paid, "dueFen": due });
                find("RC-20", values);
            }
            let sum: i64 = sheet.paid.iter().map(|stage| stage.fen).sum();
            let values = json!({ "dischargedOn": discharged_on, "eligibleFen": stay.case.eligible_fen, "paidFen": sum });
            find("RC-19", values);
        }
        if family.has(Plant::SettledAsOther) && stay.state == ClaimState::Settled {
            let settled_as = !stay.case.registered;
            find(
                "RC-21",
                json!({ "dischargedOn": discharged_on, "settledAsRegistered": settled_as }),
            );
        }
        let overlaps = family.has(Plant::OverlappingStay) && stay.case.kind == ClaimKind::Inpatient;
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

fn settlement(stay: &Stay<'_>) -> Option<Sheet> {
    let case = Case {
        registered: stay.is_settled_as_registered(),
        ..stay.case
    };
    (stay.state == ClaimState::Settled).then(|| settle(case))
}

fn claim_row(
    demonstration: &Demonstration<'_>,
    id: i64,
    stay: &Stay<'_>,
    sheet: Option<&Sheet>,
) -> Result<medical_claim::ActiveModel, DemoError> {
    let family = stay.family;
    let place = Place::new("medical_claim", "diagnosis_cipher", id);
    let sealed = seal(demonstration, place, stay.diagnosis)?;
    let hospital = hospital(demonstration, family, stay.case.level)?;
    let county = family.village.county().unwrap_or_default();
    Ok(medical_claim::ActiveModel {
        id: Set(id),
        household_id: Set(family.id),
        region_code: Set(family.village.get()),
        person_id: Set(stay.member.id),
        claim_number: Set(format!("YB{}{county}{id:06}", stay.discharged_on.year())),
        kind: Set(stay.case.kind),
        state: Set(stay.state),
        institution_code: Set(hospital.to_owned()),
        hospital_level: Set(stay.case.level),
        admitted_on: Set(stay.admitted_on),
        discharged_on: Set(stay.discharged_on),
        total_cost_fen: Set(stay.total_fen),
        eligible_cost_fen: Set(stay.case.eligible_fen),
        deductible_fen: Set(sheet.and_then(|sheet| sheet.deductible_fen)),
        diagnosis_cipher: Set(Some(sealed.cipher)),
        diagnosis_index: Set(Some(sealed.index.0.to_vec())),
        diagnosis_mask: Set(Some(sealed.mask)),
        registered_at_discharge: Set(stay.is_settled_as_registered()),
        settled_on: Set(sheet.map(|_| stay.discharged_on)),
        settled_elsewhere: Set(false),
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
            let ill = dice.chance(percent) && insured(family, member, year);
            if ill || transferred {
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
    let (kind, level, yuan) = treatment(member.health, dice);
    let level = match kind {
        ClaimKind::Inpatient if !member.first => HospitalLevel::County,
        _ => level,
    };
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
    let other = dice.one_of(&OTHERS);
    Some(Stay {
        place,
        family,
        member,
        admitted_on,
        discharged_on,
        total_fen: eligible_fen * 100 / dice.between(86, 98),
        diagnosis: illness(family, member).map_or(other, |illness| illness.disease),
        state,
        case: Case {
            kind,
            level,
            eligible_fen,
            registered: is_registered(family, discharged_on),
            supplemented: poor_in(family, year),
            major: member.health == HealthStatus::MajorIllness,
        },
    })
}

/// Whether a settlement takes the family for registered on a day, by what the register says today: of a family that came back it
/// does not tell whether the policies were kept.
fn is_registered(family: &Family, day: Date) -> bool {
    family.on_file(day) || family.status() == HouseholdStatus::Exited && family.supported(day)
}

/// Kind, level of the hospital and yuan of what somebody of this health needs.
fn treatment(health: HealthStatus, dice: &mut Dice) -> (ClaimKind, HospitalLevel, i64) {
    use ClaimKind::{ChronicOutpatient, Inpatient, Outpatient};
    use HospitalLevel::{City, County, Province, Township};
    match (health, dice.between(1, 10)) {
        (HealthStatus::MajorIllness, _) => {
            let level = dice.one_of(&[County, City, City, Province]);
            (Inpatient, level, dice.between(14_000, 68_000))
        }
        (HealthStatus::Chronic, ..=6) => (ChronicOutpatient, Township, dice.between(80, 900)),
        (HealthStatus::Chronic, _) => {
            let level = dice.one_of(&[Township, County]);
            (Inpatient, level, dice.between(1_400, 9_000))
        }
        (_, ..=5) => (Outpatient, Township, dice.between(30, 400)),
        _ => {
            let level = dice.one_of(&[Township, County, County]);
            (Inpatient, level, dice.between(1_200, 11_000))
        }
    }
}

/// What a settlement depends on.
#[derive(Clone, Copy)]
struct Case {
    kind: ClaimKind,
    level: HospitalLevel,
    eligible_fen: i64,
    registered: bool,
    /// Whether there is a supplementary insurance in the year.
    supplemented: bool,
    major: bool,
}

/// What a stage paid.
struct Paid {
    kind: ClaimStageKind,
    payer: Department,
    insurer: Option<&'static str>,
    fen: i64,
}

/// The stages in their order; each pays of what those before it left, and one that pays nothing is not told.
struct Sheet {
    left: i64,
    deductible_fen: Option<i64>,
    paid: Vec<Paid>,
}

/// The parts of an amount in fen that lie in bands, each up to its end at its percentage, rounded once.
type Bands = [(i64, i64)];

const CRITICAL_ILLNESS_DEDUCTIBLE: i64 = yuan(10_000);

const CRITICAL_ILLNESS: [(i64, i64); 3] = [(yuan(50_000), 50), (yuan(100_000), 60), (i64::MAX, 70)];

const SUPPLEMENTARY: [(i64, i64); 5] = [
    (yuan(10_000), 0),
    (yuan(30_000), 40),
    (yuan(50_000), 50),
    (yuan(70_000), 60),
    (i64::MAX, 70),
];
const SUPPLEMENTARY_CEILING: i64 = yuan(80_000);

const MAJOR_ILLNESS_AID: [(i64, i64); 4] = [
    (yuan(30_000), 0),
    (yuan(70_000), 80),
    (yuan(200_000), 85),
    (i64::MAX, 90),
];
const MAJOR_DISEASE_FUND: [(i64, i64); 3] =
    [(yuan(30_000), 40), (yuan(50_000), 50), (i64::MAX, 60)];

fn settle(case: Case) -> Sheet {
    let mut sheet = Sheet {
        left: case.eligible_fen,
        deductible_fen: None,
        paid: Vec::new(),
    };
    match case.kind {
        ClaimKind::Inpatient => sheet.inpatient(case),
        ClaimKind::Outpatient | ClaimKind::ChronicOutpatient => sheet.outpatient(case),
    }
    sheet
}

impl Sheet {
    fn inpatient(&mut self, case: Case) {
        let (deductible, rate) = match case.level {
            HospitalLevel::Village | HospitalLevel::Township => (yuan(200), 80),
            HospitalLevel::County => (yuan(500), 70),
            HospitalLevel::City => (yuan(1_000), 60),
            HospitalLevel::Province => (yuan(1_500), 50),
        };
        let (deductible, rate) = match case.registered {
            true => (deductible / 2, rate + 5),
            false => (deductible, rate),
        };
        self.deductible_fen = Some(deductible);
        let basic = percent((self.left - deductible).max(0), rate);
        self.pay(ClaimStageKind::Basic, Department::Medins, basic);
        let uplift = if case.registered && case.major { 5 } else { 0 };
        let critical = CRITICAL_ILLNESS.map(|(end, rate)| (end, rate + uplift));
        let critical = banded((self.left - CRITICAL_ILLNESS_DEDUCTIBLE).max(0), &critical);
        self.pay(
            ClaimStageKind::CriticalIllness,
            Department::Insurer,
            critical,
        );
        if !case.registered {
            return;
        }
        if case.supplemented {
            let supplementary = banded(self.left, &SUPPLEMENTARY).min(SUPPLEMENTARY_CEILING);
            self.pay(
                ClaimStageKind::Supplementary,
                Department::Insurer,
                supplementary,
            );
        }
        self.civil_affairs_ten_percent();
        let aid = banded(self.left, &MAJOR_ILLNESS_AID);
        self.pay(
            ClaimStageKind::CivilAffairsMajorIllness,
            Department::Civil,
            aid,
        );
        if case.major {
            let fund = banded(self.left, &MAJOR_DISEASE_FUND);
            self.pay(ClaimStageKind::MajorDiseaseFund, Department::Health, fund);
        }
    }

    fn outpatient(&mut self, case: Case) {
        let basic = percent(self.left, if case.registered { 80 } else { 70 });
        self.pay(ClaimStageKind::Basic, Department::Medins, basic);
        if !case.registered {
            return;
        }
        self.civil_affairs_ten_percent();
        if case.kind == ClaimKind::ChronicOutpatient {
            let paid = case.eligible_fen - self.left;
            let topup = (percent(case.eligible_fen, 90) - paid).max(0);
            self.pay(ClaimStageKind::ChronicTopup, Department::Health, topup);
        }
    }

    fn civil_affairs_ten_percent(&mut self) {
        let aid = percent(self.left, 10);
        self.pay(
            ClaimStageKind::CivilAffairsTenPercent,
            Department::Civil,
            aid,
        );
    }

    fn pay(&mut self, kind: ClaimStageKind, payer: Department, fen: i64) {
        let insurer = match kind {
            ClaimStageKind::CriticalIllness => Some(CRITICAL_ILLNESS_INSURER),
            ClaimStageKind::Supplementary => Some(SUPPLEMENTARY_INSURER),
            _ => None,
        };
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

fn banded(fen: i64, bands: &Bands) -> i64 {
    let mut begin = 0;
    let mut hundredths = 0;
    for (end, rate) in bands {
        hundredths += (fen.min(*end) - begin).max(0) * rate;
        begin = *end;
    }
    (hundredths + 50) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the stages paid and what they left, fen.
    fn settled(
        kind: ClaimKind,
        level: HospitalLevel,
        yuan: i64,
        poor: (bool, bool),
    ) -> (Vec<i64>, i64) {
        let (registered, major) = poor;
        let sheet = settle(Case {
            kind,
            level,
            eligible_fen: yuan * 100,
            registered,
            supplemented: registered,
            major,
        });
        (sheet.paid.iter().map(|paid| paid.fen).collect(), sheet.left)
    }

    /// The worked examples of the pack, `ul-stop-01` to `ul-stop-06`.
    #[test]
    fn a_settlement_is_that_of_the_pack() {
        use ClaimKind::{ChronicOutpatient, Inpatient, Outpatient};
        use HospitalLevel::{City, County, Province, Township};
        let stay = |level, yuan, poor| settled(Inpatient, level, yuan, poor);
        assert_eq!(
            stay(County, 10_000, (true, false)),
            (vec![731_250, 26_875], 241_875)
        );
        let paid = vec![6_467_500, 1_392_875, 455_850, 168_378, 606_159];
        assert_eq!(stay(City, 100_000, (true, true)), (paid, 909_238));
        let paid = vec![16_458_750, 7_905_938, 2_181_187, 345_413, 86_970, 1_210_871];
        assert_eq!(stay(Province, 300_000, (true, true)), (paid, 1_810_871));
        assert_eq!(
            stay(City, 100_000, (false, true)),
            (vec![5_940_000, 1_530_000], 2_530_000)
        );
        let visit = |kind, yuan| settled(kind, Township, yuan, (true, false));
        assert_eq!(visit(Outpatient, 100), (vec![8_000, 200], 1_800));
        assert_eq!(
            visit(ChronicOutpatient, 600),
            (vec![48_000, 1_200, 4_800], 6_000)
        );
    }
}
