//! The rules of claims before they are settled.

use super::{
    super::service::{NOT_A_DISEASE, hospital, member},
    mutation::ClaimSubmitInput,
    store,
};
use crate::{
    vault::{Diagnosis, Place},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::health::{
    codes::{ClaimKind, ClaimState},
    medical_claim,
};

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
    let mut mistakes = Mistakes::default();
    let discharged_on = input.discharged_on.0;
    let person = member(&door, &input.person_id, discharged_on, &mut mistakes).await?;
    rules(&door, input, &mut mistakes);
    let hospital = hospital(&door, &input.institution_code, &mut mistakes).await?;
    let level = hospital.as_ref().and_then(|one| one.hospital_level);
    if hospital.is_some() {
        let path = &["input", "institutionCode"];
        mistakes.unless(level.is_some(), &NO_LEVEL, path);
    }
    let diagnosis = input.diagnosis.as_deref().and_then(|text| {
        let path = &["input", "diagnosis"];
        mistakes.readable(text, Diagnosis::parse, path, NOT_A_DISEASE)
    });
    let number = input.claim_number.trim();
    let used = store::has_number(&door, person.county_code, number).await?;
    mistakes.unless(!used, &CLAIM_NUMBER_USED, &["input", "claimNumber"]);
    mistakes.none()?;
    let Some(level) = level else {
        return Err(Mistake::new(&NO_LEVEL, &["input", "institutionCode"]).into());
    };
    let id = door.new_key::<medical_claim::Entity>().await?;
    let place = Place::new("medical_claim", "diagnosis_cipher", id);
    let sealed = diagnosis.map(|diagnosis| door.seal(place, &diagnosis));
    let sealed = sealed.transpose()?;
    let claim = medical_claim::Model {
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
        registered_at_discharge: store::on_file(&door, person.household_id, discharged_on).await?,
        settled_on: None,
        commercial_reported_fen: None,
        backstop_decision_fen: None,
        pack: None,
        pack_hash: None,
        marks: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    add(&door, claim).await
}

async fn add(door: &Door, claim: medical_claim::Model) -> Result<Done, Stop> {
    let added = door.insert::<medical_claim::Entity>(claim).await;
    let added = added.map_err(|stop| {
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
    })?;
    Ok(Done::of(added.id))
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
