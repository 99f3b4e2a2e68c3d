//! The rules of claims before they are settled.

use super::{
    super::service::{NOT_A_DISEASE, hospital, member},
    mutation::{ClaimSubmitInput, ClaimTakeOverInput},
    store,
};
use crate::{
    vault::{Diagnosis, Place},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    codes::{Department, HospitalLevel},
    health::{
        claim_stage,
        codes::{ClaimKind, ClaimStageKind, ClaimState},
        medical_claim,
    },
};
use std::collections::HashSet;

pub const NO_LEVEL: Code = Code::new(
    "NO_LEVEL",
    "该医疗机构没有登记级别，无法报销：请先登记级别。",
    "The insurance level of this hospital is not recorded, so it can't be reimbursed: have it recorded first.",
);
pub const CLAIM_NUMBER_USED: Code = Code::new(
    "CLAIM_NUMBER_USED",
    "报销单号已使用：请核对是否重复申报。",
    "This number is that of another claim: check whether it was submitted before.",
);
pub const STAYS_OVERLAP: Code = Code::new(
    "STAYS_OVERLAP",
    "此人在此期间已有另一次住院：请核对日期，有误的报销单请先作废。",
    "The person was in hospital in this time by another claim: check the days, and void the wrong claim first.",
);
pub const ALREADY_VOIDED: Code =
    Code::new("ALREADY_VOIDED", "该报销单已作废。", "This claim is void.");

/// The most that a bill can come to, fen: ten billion yuan. What is computed of it stays within whole numbers.
pub const MOST_FEN: i64 = 1_000_000_000_000;

/// Submits a claim.
pub async fn submit(door: Door, input: &ClaimSubmitInput) -> Result<Done, Stop> {
    let claim = entered(&door, input, None, Mistakes::default()).await?;
    Ok(Done::of(add(&door, claim).await?.id))
}

/// Takes a claim over as another office kept it. One that was settled there is history, with what each stage paid.
pub async fn take_over(door: Door, input: &ClaimTakeOverInput) -> Result<Done, Stop> {
    let mut mistakes = Mistakes::default();
    history(&door, input, &mut mistakes);
    let submitted = entered(&door, &input.submitted(), input.hospital_level, mistakes).await?;
    let claim = medical_claim::Model {
        state: input.state,
        settled_on: input.settled_on.map(|day| day.0),
        settled_elsewhere: input.state == ClaimState::Settled,
        deductible_fen: input.deductible.map(|fen| fen.0),
        ..submitted
    };
    let claim = add(&door, claim).await?;
    let keys = door.new_keys::<claim_stage::Entity>(input.stages.len());
    let places = keys.await?.zip(1..).zip(&input.stages);
    let stages = places.map(|((id, position), stage)| claim_stage::Model {
        id,
        household_id: claim.household_id,
        region_code: claim.region_code,
        county_code: claim.county_code,
        claim_id: claim.id,
        position,
        stage: stage.stage,
        payer: payer(stage.stage),
        insurer_code: None,
        paid_fen: stage.paid.0,
    });
    door.insert_all::<claim_stage::Entity>(stages.collect())
        .await?;
    Ok(Done::of(claim.id))
}

/// Who pays a stage, in all packs that have it; history may tell one that the place's pack has no more.
fn payer(stage: ClaimStageKind) -> Department {
    use ClaimStageKind as S;
    match stage {
        S::Basic | S::Ncms => Department::Medins,
        S::CriticalIllness
        | S::CriticalIllnessFirst
        | S::CriticalIllnessSecond
        | S::Supplementary
        | S::Commercial => Department::Insurer,
        S::CivilAffairsTenPercent
        | S::CivilAffairsMajorIllness
        | S::MedicalAssistance
        | S::CatastrophicBackstop => Department::Civil,
        S::MajorDiseaseFund | S::ChronicTopup => Department::Health,
    }
}

/// What is said of a settlement elsewhere: its day, and amounts that add up. What was not settled has neither.
fn history(door: &Door, input: &ClaimTakeOverInput, mistakes: &mut Mistakes) {
    let settled = input.state == ClaimState::Settled;
    let (day, path) = (input.settled_on.map(|day| day.0), ["input", "settledOn"]);
    mistakes.unless_saying(
        settled == day.is_some(),
        &INVALID_VALUE,
        &path,
        "已结算的报销单须有结算日期，未结算的没有：请核对状态和结算日期。",
        "A settled claim has a day of settlement, and no other has: check state and day.",
    );
    mistakes.in_order(Some(input.discharged_on.0), day, &path);
    mistakes.not_in_future(day.unwrap_or(door.today()), door.today(), &path);
    mistakes.unless_saying(
        settled || input.stages.is_empty() && input.deductible.is_none(),
        &INVALID_VALUE,
        &["input", "state"],
        "只有已结算的报销单才有起付线和各环节支付金额：请核对状态。",
        "Only a settled claim has a deductible and amounts that were paid: check the state.",
    );
    let eligible = input.eligible_cost.0;
    let paid = input.stages.iter().map(|stage| stage.paid.0);
    let deductible = input.deductible.map_or(0, |fen| fen.0);
    let amounts_hold = paid
        .clone()
        .chain([deductible])
        .all(|fen| (0..=MOST_FEN).contains(&fen));
    mistakes.unless_saying(
        amounts_hold && paid.map(i128::from).sum::<i128>() <= i128::from(eligible),
        &INVALID_VALUE,
        &["input", "stages"],
        "各环节支付金额不能为负，合计不能超过合规费用：请核对。",
        "What the stages paid is not below zero, and together at most the eligible cost: check it.",
    );
    let kinds: HashSet<_> = input.stages.iter().map(|stage| stage.stage).collect();
    mistakes.unless_saying(
        kinds.len() == input.stages.len(),
        &INVALID_VALUE,
        &["input", "stages"],
        "同一结算环节只能出现一次：请合并。",
        "Each stage is told once: put them together.",
    );
}

/// A claim as it is entered, with this level of its hospital or the present one: nothing is paid of it yet.
async fn entered(
    door: &Door,
    input: &ClaimSubmitInput,
    level: Option<HospitalLevel>,
    mut mistakes: Mistakes,
) -> Result<medical_claim::Model, Stop> {
    let discharged_on = input.discharged_on.0;
    let person = member(door, &input.person_id, discharged_on, &mut mistakes).await?;
    rules(door, input, &mut mistakes);
    let hospital = hospital(door, &input.institution_code, &mut mistakes).await?;
    let present = hospital.as_ref().and_then(|one| one.hospital_level);
    let level = level.or(present);
    if hospital.is_some() {
        let path = &["input", "institutionCode"];
        mistakes.unless(level.is_some(), &NO_LEVEL, path);
    }
    let diagnosis = input.diagnosis.as_deref().and_then(|text| {
        let path = &["input", "diagnosis"];
        mistakes.readable(text, Diagnosis::parse, path, NOT_A_DISEASE)
    });
    let number = input.claim_number.trim();
    let used = store::has_number(door, person.county_code, number).await?;
    mistakes.unless(!used, &CLAIM_NUMBER_USED, &["input", "claimNumber"]);
    mistakes.none()?;
    let Some(level) = level else {
        return Err(Mistake::new(&NO_LEVEL, &["input", "institutionCode"]).into());
    };
    let id = door.new_key::<medical_claim::Entity>().await?;
    let place = Place::new("medical_claim", "diagnosis_cipher", id);
    let sealed = diagnosis.map(|diagnosis| door.seal(place, &diagnosis));
    let sealed = sealed.transpose()?;
    Ok(medical_claim::Model {
        id,
        household_id: person.household_id,
        region_code: person.region_code,
        county_code: person.county_code,
        person_id: person.id,
        claim_number: number.to_owned(),
        kind: input.kind,
        state: ClaimState::Submitted,
        institution_code: input.institution_code.clone(),
        hospital_level: level,
        admitted_on: input.admitted_on.0,
        discharged_on,
        total_cost_fen: input.total_cost.0,
        eligible_cost_fen: input.eligible_cost.0,
        deductible_fen: None,
        diagnosis_cipher: sealed.as_ref().map(|sealed| sealed.cipher.clone()),
        diagnosis_index: sealed.as_ref().map(|sealed| sealed.index.0.to_vec()),
        diagnosis_mask: sealed.map(|sealed| sealed.mask),
        registered_at_discharge: store::was_registered(door, person.household_id, discharged_on)
            .await?,
        settled_on: None,
        commercial_reported_fen: None,
        backstop_decision_fen: None,
        pack: None,
        pack_hash: None,
        marks: None,
        settled_elsewhere: false,
        version: 1,
        recorded_at_ms: door.now_ms(),
    })
}

async fn add(door: &Door, claim: medical_claim::Model) -> Result<medical_claim::Model, Stop> {
    let added = door.insert::<medical_claim::Entity>(claim).await;
    added.map_err(|stop| {
        let overlap = Mistake::new(&STAYS_OVERLAP, &["input", "admittedOn"]);
        // Of another county: nothing is said of it.
        let number = Mistake::saying(
            &INVALID_VALUE,
            &["input", "claimNumber"],
            "报销单号有误：请核对。",
            "This can't be the number of the claim: check it.",
        );
        stop.meaning("medical_claim_stays_apart", overlap)
            .meaning("medical_claim_number", number)
    })
}

fn rules(door: &Door, input: &ClaimSubmitInput, mistakes: &mut Mistakes) {
    let (admitted_on, discharged_on) = (input.admitted_on.0, input.discharged_on.0);
    mistakes.text(&input.claim_number, 40, &["input", "claimNumber"]);
    let path = &["input", "dischargedOn"];
    mistakes.not_in_future(discharged_on, door.today(), path);
    mistakes.in_order(Some(admitted_on), Some(discharged_on), path);
    mistakes.unless_saying(
        input.kind == ClaimKind::Inpatient || admitted_on >= discharged_on,
        &INVALID_VALUE,
        path,
        "门诊只有一天：入院、出院日期须相同。",
        "A visit has one day: give the same day as the first and the last.",
    );
    mistakes.positive(input.total_cost.0, &["input", "totalCost"]);
    mistakes.unless_saying(
        input.total_cost.0 <= MOST_FEN,
        &INVALID_VALUE,
        &["input", "totalCost"],
        "金额过大：请核对单位，按元填写。",
        "No bill is that high: check the unit, and give yuan.",
    );
    mistakes.unless_saying(
        (0..=input.total_cost.0).contains(&input.eligible_cost.0),
        &INVALID_VALUE,
        &["input", "eligibleCost"],
        "合规费用须在零和总费用之间：请更正。",
        "The eligible cost lies between zero and the whole cost: correct it.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{departments, entitlement};
    use ::entity::codes::CodeList;

    #[test]
    fn stages_are_paid_by_whom_the_packs_name() {
        let rules = entitlement::shipped(departments::facts).expect("packs");
        let benefits = rules.catalogue.packs().iter();
        let settled = benefits.flat_map(|pack| &pack.benefits);
        let stages = settled.filter_map(|benefit| benefit.settled.as_ref());
        let mut seen = HashSet::new();
        for stage in stages.flat_map(|settled| settled.stages()) {
            let kind = ClaimStageKind::of_word(&stage.kind).expect("a stage of the graph");
            assert_eq!(payer(kind).word(), stage.payer, "{kind:?}");
            seen.insert(kind);
        }
        assert!(!seen.is_empty());
    }
}
