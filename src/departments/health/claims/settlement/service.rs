//! The rules of settlements: by which rule, what stands in its way, and what of a year changes with a claim.

use super::{
    super::service::{ALREADY_VOIDED, MOST_FEN},
    mutation::ClaimSettleInput,
    store::{self, Recorded, YearClaim},
};
use crate::{
    db::{BadCell, DbError, Opening, Row},
    entitlement::Rules,
    reconciliation::{Differing, Recomputed},
    writing::{Code, Done, Door, INVALID_VALUE, Mistake, Mistakes, Stop},
};
use ::entity::{
    codes::{CodeList as _, Department},
    health::{
        claim_stage,
        codes::{ClaimStageKind, ClaimState},
        medical_claim,
    },
    region_code::RegionCode,
};
use ::policy::{Bill, Insurer, Pack, Payment, Sheet, Unsettled, settle_year};
use async_graphql::ID;
use std::collections::BTreeMap;

/// The benefit by which claims are settled.
const SETTLEMENT: &str = "one-stop-settlement";

pub const ALREADY_SETTLED: Code = Code::new(
    "ALREADY_SETTLED",
    "该报销单已结算：有误请先作废，重新申报。",
    "This claim is settled: if it is wrong, void it and submit it again.",
);
pub const NO_RULE_IN_FORCE: Code = Code::new(
    "NO_RULE_IN_FORCE",
    "该村出院当日没有生效的一站式结算政策：请核对出院日期，或先由县里配置政策包。",
    "No rule of settlement was in force in the village on the day of discharge: check the day, or have the county set up its pack.",
);
pub const INSTITUTION_LEVEL: Code = Code::new(
    "INSTITUTION_LEVEL",
    "门诊只在苏木乡镇卫生院和村卫生室报销：请核对就诊机构。",
    "Visits are covered at township hospitals and village clinics only: check the institution.",
);
pub const BASIC_NOT_CONFIGURED: Code = Code::new(
    "BASIC_NOT_CONFIGURED",
    "该级别医疗机构的住院起付线和报销比例尚未配置：请先由县里在政策包中设定。",
    "The deductible and rate of stays at this level are not configured: have the county set them in its pack first.",
);
pub const NOT_A_STAY: Code = Code::new(
    "NOT_A_STAY",
    "当地一站式结算只适用于住院：门诊请按门诊政策办理。",
    "The settlement of this place is for hospital stays only: handle visits by their own rules.",
);
pub const LEVEL_NOT_COVERED: Code = Code::new(
    "LEVEL_NOT_COVERED",
    "当地政策未列该级别医疗机构：请核对就诊机构。",
    "The rule of this place does not list hospitals of this level: check the institution.",
);
pub const NOT_ENROLLED: Code = Code::new(
    "NOT_ENROLLED",
    "患者出院当年没有参保记录：请先补录参保。",
    "No enrolment of the patient is recorded for the year of discharge: record it first.",
);
pub const COMMERCIAL_NOT_REPORTED: Code = Code::new(
    "COMMERCIAL_NOT_REPORTED",
    "尚无商业保险公司的赔付数：请填写其报来的金额，没有赔付填 0.00。",
    "What the commercial insurer paid is not known: give what it reported, 0.00 where it pays nothing.",
);
pub const RULE_REFUSES: Code = Code::new(
    "RULE_REFUSES",
    "不符合当地结算政策的条件：请核对报销单。",
    "A condition of the place's rule does not hold: check the claim.",
);
pub const OTHER_CLAIM: Code = Code::new(
    "OTHER_CLAIM",
    "此人同年的另一报销单无法重新结算：请先处理该报销单。",
    "Another claim of the person and year can't be settled again: deal with it first.",
);
pub const SETTLED_ELSEWHERE: Code = Code::new(
    "SETTLED_ELSEWHERE",
    "此人同年稍后出院的报销单已在别处结算，须随之重新结算：请与上级医保部门联系。",
    "A later claim of the person and year was settled elsewhere and would have to be settled again: ask the office above yours.",
);

/// What rules may require, by their codes, and where the answer is given.
const REQUIRED: [(&Code, &[&str]); 6] = [
    (&INSTITUTION_LEVEL, &["id"]),
    (&BASIC_NOT_CONFIGURED, &["id"]),
    (&NOT_A_STAY, &["id"]),
    (&LEVEL_NOT_COVERED, &["id"]),
    (&NOT_ENROLLED, &["id"]),
    (&COMMERCIAL_NOT_REPORTED, &["input", "commercialReported"]),
];

/// Codes and sentences of what a rule requires and does not find.
#[must_use]
pub fn required(code: &str, formula: &str) -> Mistake {
    match REQUIRED.iter().find(|(known, _)| known.word == code) {
        Some((known, path)) => Mistake::new(known, path),
        None => Mistake::saying(
            &RULE_REFUSES,
            &["id"],
            format!("不符合当地结算政策的条件 {code}（{formula}）：请核对报销单。"),
            format!(
                "The condition {code} of the place's rule does not hold ({formula}): check the claim."
            ),
        ),
    }
}

/// Why a year can't be settled: the first claim that stands in the way.
pub struct Hindered {
    pub place: usize,
    pub why: Unsettled,
}

/// A claim with its sheet, and the pack of the rule.
pub type Settlement<'r> = (&'r Pack, Sheet);

/// Settles the claims of a year in their order, each by the rule that was in force in its village on the day of discharge. What
/// was settled elsewhere counts in the year as its rule here has it; where none has it, it is taken out of the year.
///
/// # Errors
/// The first claim that can't be settled.
pub fn settlements<'r>(
    rules: &'r Rules,
    year: &mut Vec<YearClaim>,
) -> Result<Vec<Settlement<'r>>, Hindered> {
    loop {
        match in_order(rules, year) {
            Err(hindered) if year[hindered.place].settled_elsewhere => {
                year.remove(hindered.place);
            }
            done => return done,
        }
    }
}

fn in_order<'r>(rules: &'r Rules, year: &[YearClaim]) -> Result<Vec<Settlement<'r>>, Hindered> {
    let mut packs = Vec::with_capacity(year.len());
    let mut bills = Vec::with_capacity(year.len());
    for (place, claim) in year.iter().enumerate() {
        let (pack, rule) = rule_of(rules, claim).ok_or(Hindered {
            place,
            why: Unsettled::NoRule,
        })?;
        packs.push(pack);
        bills.push((rule, claim.bill()));
    }
    let sheets = settle_year(&bills).map_err(|stuck| Hindered {
        place: stuck.place,
        why: stuck.why,
    })?;
    Ok(packs.into_iter().zip(sheets).collect())
}

/// The rule of a claim, with its pack.
#[must_use]
pub fn rule_of<'r>(
    rules: &'r Rules,
    claim: &YearClaim,
) -> Option<(&'r Pack, &'r ::policy::Benefit)> {
    let village = RegionCode::try_from(claim.region_code).ok()?.to_string();
    let catalogue = &rules.catalogue;
    let found = catalogue.in_force(&village, SETTLEMENT, claim.discharged_on);
    found.filter(|(_, rule)| rule.settled.is_some())
}

/// RC-20: stages that are not what the claims of the year come to, each by what the household was taken for; whether it was that
/// is RC-21. A year that the rules can't settle says nothing.
pub const RECOMPUTED: Recomputed = Recomputed {
    check: "RC-20",
    rows: store::stages_of_year,
    beyond: Opening::YearOfClaims,
    find: differing,
};

fn differing(rules: &Rules, rows: &[Row]) -> Result<Vec<Differing>, BadCell> {
    let mut recorded = Vec::with_capacity(rows.len());
    for row in rows {
        let (of, mut claim) = (Recorded::read(row)?, YearClaim::read(row)?);
        claim.registered = of.settled_as_registered;
        recorded.push((of, claim));
    }
    let mut found = Vec::new();
    for of_human in recorded.chunk_by(|(one, _), (other, _)| one.human == other.human) {
        let claims: Vec<_> =
            (of_human.chunk_by(|(_, one), (_, other)| one.id == other.id)).collect();
        let mut year: Vec<YearClaim> = claims.iter().map(|claim| claim[0].1.clone()).collect();
        let Ok(sheets) = settlements(rules, &mut year) else {
            continue;
        };
        for (of, (_, sheet)) in year.iter().zip(&sheets) {
            let claim = claims.iter().find(|claim| claim[0].1.id == of.id);
            found.extend(claim.map_or_else(Vec::new, |claim| differing_stages(claim, sheet)));
        }
    }
    Ok(found)
}

/// The stages of a claim that differ from its sheet: those that are recorded, and those that should be.
fn differing_stages(claim: &[(Recorded, YearClaim)], sheet: &Sheet) -> Vec<Differing> {
    let (of, bill) = &claim[0];
    // What another office settled it answers for.
    if !of.is_here || bill.settled_elsewhere {
        return vec![];
    }
    let mut due: BTreeMap<&str, i64> = BTreeMap::new();
    for payment in &sheet.stages {
        due.insert(&payment.stage.kind, payment.paid_fen);
    }
    let differing = |subject: i64, kind: &str, paid: i64, due: i64| Differing {
        household: of.household,
        person: of.person,
        subject,
        values: vec![
            (Some(kind.to_owned()), None),
            (Some(paid.to_string()), of.settled_on.clone()),
            (Some(due.to_string()), None),
        ],
    };
    let mut found = Vec::new();
    for (key, kind, paid) in claim.iter().filter_map(|(of, _)| of.stage.as_ref()) {
        let due = due.remove(kind.as_str()).unwrap_or_default();
        if due != *paid {
            found.push(differing(*key, kind, *paid, due));
        }
    }
    // A stage that is not there has no key: the first of them stands for the claim.
    let missing = due.into_iter().find(|(_, due)| *due > 0);
    found.extend(missing.map(|(kind, due)| differing(-bill.id, kind, 0, due)));
    found
}

impl YearClaim {
    fn bill(&self) -> Bill {
        Bill {
            kind: self.kind.to_lowercase(),
            level: self.hospital_level.to_lowercase(),
            eligible_cost_fen: self.eligible_cost_fen,
            ineligible_cost_fen: self.total_cost_fen - self.eligible_cost_fen,
            registered: self.registered,
            enrolled: self.enrolled,
            supplementary_insured: self.insurer_code.is_some(),
            major_disease: self.major_disease,
            chronic_registered: self.chronic_registered,
            doctor_signed: self.doctor_signed,
            commercial_reported_fen: self.commercial_reported_fen,
            backstop_decision_fen: self.backstop_decision_fen,
        }
    }
}

/// Settles a submitted claim, and again what was discharged after it in the year.
pub async fn settle(
    door: Door,
    rules: &Rules,
    id: &ID,
    version: i32,
    input: &ClaimSettleInput,
) -> Result<Done, Stop> {
    let claim = door
        .find_version::<medical_claim::Entity>(id, version, &["id"])
        .await?;
    let refused = match claim.state {
        ClaimState::Submitted => None,
        // Voided and submitted again it would be paid a second time.
        ClaimState::Settled if claim.settled_elsewhere => Some(Mistake::saying(
            &ALREADY_SETTLED,
            &["id"],
            "该报销单已在别处结算并支付，此处不再结算：有误请与原结算单位核实。",
            "Another office settled and paid this claim, and it is not settled here: if it is wrong, ask that office.",
        )),
        ClaimState::Settled => Some(Mistake::new(&ALREADY_SETTLED, &["id"])),
        ClaimState::Voided => Some(Mistake::new(&ALREADY_VOIDED, &["id"])),
    };
    if let Some(mistake) = refused {
        return Err(mistake.into());
    }
    let patient = store::locked(&door, &claim).await?;
    let year = claim.discharged_on.year();
    let mut year = store::year(&door, patient, year, claim.id).await?;
    let place = place_of(&year, claim.id)?;
    year[place].commercial_reported_fen = input.commercial_reported.map(|fen| fen.0);
    year[place].backstop_decision_fen = input.backstop_decision.map(|fen| fen.0);
    said(rules, &year[place])?;
    let sheets = settlements(rules, &mut year);
    let place = place_of(&year, claim.id)?;
    let sheets = sheets.map_err(|hindered| stopped(&hindered, Some(place)))?;
    let work = Work {
        door: &door,
        rules,
        year: &year,
    };
    let others = work.put(&sheets, place, Some(&claim)).await?;
    Ok(Done::with(claim.id, others))
}

/// Where a claim stands in its year.
fn place_of(year: &[YearClaim], claim: i64) -> Result<usize, DbError> {
    let place = year.iter().position(|one| one.id == claim);
    place.ok_or_else(|| DbError::fault("a claim that is not in its year"))
}

/// Voids a claim; where it was settled, what was discharged after it in the year is settled again.
pub async fn void(door: Door, rules: &Rules, id: &ID, version: i32) -> Result<Done, Stop> {
    let before = door
        .find_version::<medical_claim::Entity>(id, version, &["id"])
        .await?;
    if before.state == ClaimState::Voided {
        return Err(Mistake::new(&ALREADY_VOIDED, &["id"]).into());
    }
    let patient = store::locked(&door, &before).await?;
    for stage in store::stages(&door, before.id).await? {
        door.remove::<claim_stage::Entity>(&stage).await?;
    }
    let after = medical_claim::Model {
        state: ClaimState::Voided,
        settled_on: None,
        deductible_fen: None,
        pack: None,
        pack_hash: None,
        marks: None,
        ..before.clone()
    };
    let void = door.update::<medical_claim::Entity>(&before, after).await?;
    let mut others = vec![];
    if before.state == ClaimState::Settled {
        let mut year = store::year(&door, patient, before.discharged_on.year(), 0).await?;
        let own = (before.discharged_on, before.admitted_on, before.id);
        let is_later = |claim: &YearClaim| claim.order() > own;
        if year.iter().any(is_later) {
            let sheets = settlements(rules, &mut year);
            let sheets = sheets.map_err(|hindered| stopped(&hindered, None))?;
            let place = year.iter().position(is_later).unwrap_or(year.len());
            let work = Work {
                door: &door,
                rules,
                year: &year,
            };
            others = work.put(&sheets, place, None).await?;
        }
    }
    Ok(Done::with(void.id, others))
}

/// What was said beside the claim: amounts, and only what the place's rule asks for, so that no amount is lost.
fn said(rules: &Rules, claim: &YearClaim) -> Result<(), Stop> {
    let mut mistakes = Mistakes::default();
    let rule = rule_of(rules, claim).and_then(|(_, rule)| rule.settled.as_ref());
    for (said, fact, path) in [
        (
            claim.commercial_reported_fen,
            "commercial_reported",
            "commercialReported",
        ),
        (
            claim.backstop_decision_fen,
            "backstop_decision",
            "backstopDecision",
        ),
    ] {
        let Some(fen) = said else { continue };
        let path = &["input", path];
        mistakes.unless_saying(
            (0..=MOST_FEN).contains(&fen),
            &INVALID_VALUE,
            path,
            "金额不能为负，也不超过一百亿元：请更正。",
            "The amount is not below zero, and at most ten billion yuan: correct it.",
        );
        mistakes.unless_saying(
            rule.is_none_or(|rule| rule.reads(fact)),
            &INVALID_VALUE,
            path,
            "当地结算政策没有这一环节：请不填。",
            "The rule of this place has no such stage: leave it out.",
        );
    }
    mistakes.none()
}

/// What is answered where a year can't be settled; the claim at hand stands at this place, where it is settled itself.
fn stopped(hindered: &Hindered, own: Option<usize>) -> Stop {
    let mistakes = match &hindered.why {
        Unsettled::NoAnswer(fault) => return DbError::fault(fault.to_string()).into(),
        Unsettled::NoRule => vec![Mistake::new(&NO_RULE_IN_FORCE, &["id"])],
        Unsettled::Refused(refused) => {
            let refused = refused.iter();
            refused
                .map(|(code, formula)| required(code, formula))
                .collect()
        }
    };
    match own == Some(hindered.place) {
        true => Stop::Refused(mistakes),
        false => Mistake::new(&OTHER_CLAIM, &["id"]).into(),
    }
}

/// The claims of a year with what is known of them, while their sheets are written down.
struct Work<'w> {
    door: &'w Door,
    rules: &'w Rules,
    year: &'w [YearClaim],
}

impl Work<'_> {
    /// Writes the sheets from this place on, where they differ from what is there, and tells which other claims changed.
    async fn put(
        &self,
        sheets: &[Settlement<'_>],
        from: usize,
        own: Option<&medical_claim::Model>,
    ) -> Result<Vec<i64>, Stop> {
        let mut others = vec![];
        for (claim, (pack, sheet)) in self.year.iter().zip(sheets).skip(from) {
            if let Some(own) = own.filter(|own| own.id == claim.id) {
                self.settle(claim, own, &[], (*pack, sheet)).await?;
                continue;
            }
            let found = store::claim_with_stages(self.door, claim.id).await?;
            let (row, stages) = found.ok_or_else(|| DbError::fault("a claim that is gone"))?;
            // What another office settled is history: it is never paid here.
            if claim.settled_elsewhere || is_the_same(&row, &stages, claim, sheet) {
                continue;
            }
            let visible = self.door.find_by_key::<medical_claim::Entity>(claim.id);
            if visible.await?.is_none() {
                return Err(Mistake::new(&SETTLED_ELSEWHERE, &["id"]).into());
            }
            self.settle(claim, &row, &stages, (*pack, sheet)).await?;
            others.push(claim.id);
        }
        Ok(others)
    }

    /// Writes one sheet in place of what was there.
    async fn settle(
        &self,
        claim: &YearClaim,
        before: &medical_claim::Model,
        stages: &[claim_stage::Model],
        (pack, sheet): (&Pack, &Sheet),
    ) -> Result<(), Stop> {
        let marks = sheet.marks.join("; ");
        let after = medical_claim::Model {
            state: ClaimState::Settled,
            deductible_fen: sheet.deductible_fen,
            registered_at_discharge: claim.registered,
            settled_on: Some(self.door.today()),
            commercial_reported_fen: claim.commercial_reported_fen,
            backstop_decision_fen: claim.backstop_decision_fen,
            pack: Some(pack.id.clone()),
            pack_hash: Some(self.rules.hash(&pack.id).to_owned()),
            marks: (!marks.is_empty()).then_some(marks),
            ..before.clone()
        };
        self.door
            .renew::<medical_claim::Entity>(before, after)
            .await?;
        for stage in stages {
            self.door.remove::<claim_stage::Entity>(stage).await?;
        }
        for (position, payment) in (1..).zip(&sheet.stages) {
            let kind = kind_of(payment)?;
            let same = stages.iter().find(|stage| stage.stage == kind);
            let row = claim_stage::Model {
                id: self.door.new_key::<claim_stage::Entity>().await?,
                household_id: before.household_id,
                region_code: before.region_code,
                county_code: before.county_code,
                claim_id: before.id,
                position,
                stage: kind,
                payer: payer_of(payment)?,
                insurer_code: insurer(payment, claim, same),
                paid_fen: payment.paid_fen,
            };
            self.door.insert::<claim_stage::Entity>(row).await?;
        }
        Ok(())
    }
}

/// The insurer of a stage that pays: as the pack says, or as it was. One that pays nothing has no insurer, who would else see
/// a claim that it has nothing to do with.
fn insurer(
    payment: &Payment,
    claim: &YearClaim,
    before: Option<&claim_stage::Model>,
) -> Option<String> {
    if payment.paid_fen == 0 {
        return None;
    }
    match &payment.stage.insurer {
        Insurer::OfEnrolment => claim.insurer_code.clone(),
        Insurer::Coded(code) => Some(code.clone()),
        Insurer::Unsaid => before.and_then(|stage| stage.insurer_code.clone()),
    }
}

/// Whether a settled claim comes to what it came to: the same is paid by the same stages.
fn is_the_same(
    row: &medical_claim::Model,
    stages: &[claim_stage::Model],
    claim: &YearClaim,
    sheet: &Sheet,
) -> bool {
    let before = stages.iter().filter(|stage| stage.paid_fen > 0);
    let before = before.map(|stage| (stage.stage.word(), stage.paid_fen));
    let now = sheet.stages.iter().filter(|payment| payment.paid_fen > 0);
    let now = now.map(|payment| (payment.stage.kind.as_str(), payment.paid_fen));
    before.eq(now)
        && row.deductible_fen == sheet.deductible_fen
        && row.registered_at_discharge == claim.registered
}

/// The kind of a stage. Packs name the kinds of the graph, or they are not read.
pub fn kind_of(payment: &Payment) -> Result<ClaimStageKind, DbError> {
    let kind = ClaimStageKind::of_word(&payment.stage.kind);
    kind.ok_or_else(|| DbError::fault("a pack names a stage that the graph does not have"))
}

/// The department that pays a stage.
pub fn payer_of(payment: &Payment) -> Result<Department, DbError> {
    let payer = Department::of_word(&payment.stage.payer);
    payer.ok_or_else(|| DbError::fault("a pack names a payer that the graph does not have"))
}
