//! What the medical insurance office does with claims beside settling them.

use super::{
    super::service::{NO_HOSPITAL, NOT_A_MEMBER},
    service, settlement,
    types::Claim,
};
use crate::{
    entitlement::Rules,
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    writing::{Action, Call, Code, Payload, WidePayload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    codes::HospitalLevel,
    health::codes::{ClaimKind, ClaimStageKind, ClaimState},
};
use std::sync::Arc;

/// A claim (报销申报): one hospital stay or visit.
#[derive(InputObject)]
pub struct ClaimSubmitInput {
    /// The patient (患者), by global id.
    pub person_id: ID,
    /// The number of the claim (报销单号), at most 40 characters.
    pub claim_number: String,
    /// The kind (报销类别).
    pub kind: ClaimKind,
    /// The code of the hospital or clinic (就诊机构代码).
    pub institution_code: String,
    /// The first day (入院日期); of a visit, its day.
    pub admitted_on: Day,
    /// The last day (出院日期); of a visit, its day.
    pub discharged_on: Day,
    /// The whole cost (总费用), yuan.
    pub total_cost: Fen,
    /// The part of the cost that insurance covers (合规费用), yuan.
    pub eligible_cost: Fen,
    /// The diagnosis (诊断), as an ICD-10 code in full, such as "C34.9". It is kept sealed.
    pub diagnosis: Option<String>,
}

/// A claim as another office kept it (报销历史数据): submitted, settled or void.
#[derive(InputObject)]
pub struct ClaimTakeOverInput {
    /// The patient (患者), by global id.
    pub person_id: ID,
    /// The number of the claim (报销单号), at most 40 characters.
    pub claim_number: String,
    /// The kind (报销类别).
    pub kind: ClaimKind,
    /// The state (报销状态): what is SETTLED was paid elsewhere and is never paid here.
    pub state: ClaimState,
    /// The code of the hospital or clinic (就诊机构代码).
    pub institution_code: String,
    /// The insurance level of the hospital at the time (医疗机构级别). The present one when left out.
    pub hospital_level: Option<HospitalLevel>,
    /// The first day (入院日期); of a visit, its day.
    pub admitted_on: Day,
    /// The last day (出院日期); of a visit, its day.
    pub discharged_on: Day,
    /// The whole cost (总费用), yuan.
    pub total_cost: Fen,
    /// The part of the cost that insurance covers (合规费用), yuan.
    pub eligible_cost: Fen,
    /// The diagnosis (诊断), as an ICD-10 code in full, such as "C34.9". It is kept sealed.
    pub diagnosis: Option<String>,
    /// The day of the settlement (结算日期), where it is settled.
    pub settled_on: Option<Day>,
    /// The deductible that basic insurance applied (起付线), yuan, where it is settled.
    pub deductible: Option<Fen>,
    /// What each stage paid (结算环节), where it is settled, in their order: each once, together at most the eligible cost.
    #[graphql(default)]
    pub stages: Vec<ClaimTakeOverStageInput>,
}

/// What a stage paid elsewhere (结算环节).
#[derive(InputObject)]
pub struct ClaimTakeOverStageInput {
    /// The stage (结算环节).
    pub stage: ClaimStageKind,
    /// The amount paid (支付金额), yuan.
    pub paid: Fen,
}

impl ClaimTakeOverInput {
    /// What would be submitted of it.
    pub fn submitted(&self) -> ClaimSubmitInput {
        ClaimSubmitInput {
            person_id: self.person_id.clone(),
            claim_number: self.claim_number.clone(),
            kind: self.kind,
            institution_code: self.institution_code.clone(),
            admitted_on: self.admitted_on,
            discharged_on: self.discharged_on,
            total_cost: self.total_cost,
            eligible_cost: self.eligible_cost,
            diagnosis: self.diagnosis.clone(),
        }
    }
}

pub struct ClaimTakeOver;
impl Action for ClaimTakeOver {
    const NAME: &'static str = "claimTakeOver";
    const NEEDS_SEALS: bool = true;
    type Changed = Claim;
    const CODES: &'static [&'static Code] = ClaimSubmit::CODES;
}

pub struct ClaimSubmit;
impl Action for ClaimSubmit {
    const NAME: &'static str = "claimSubmit";
    const NEEDS_SEALS: bool = true;
    type Changed = Claim;
    const CODES: &'static [&'static Code] = &[
        &NOT_A_MEMBER,
        &NO_HOSPITAL,
        &service::NO_LEVEL,
        &service::CLAIM_NUMBER_USED,
        &service::STAYS_OVERLAP,
    ];
}

pub struct ClaimVoid;
impl Action for ClaimVoid {
    const NAME: &'static str = "claimVoid";
    const NEEDS_SEALS: bool = true;
    type Changed = Claim;
    const CODES: &'static [&'static Code] = settlement::VOID_CODES;
}

#[derive(Default)]
pub struct ClaimMutation;

#[Object]
impl ClaimMutation {
    /// Submits a claim (报销申报). Nothing is paid before it is settled; two stays of one person share no day but that on which the one ends and the other begins.
    async fn claim_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The claim (报销单).")] input: ClaimSubmitInput,
    ) -> Outcome<Payload<ClaimSubmit>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::submit(door, input))
            .await
            .into()
    }

    /// Takes a claim over as another office kept it (历史报销数据转入). One that was settled there keeps its state and amounts as history: it is marked `settledElsewhere`, and neither `claimSettle` nor another claim of the year settles it again.
    async fn claim_take_over(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The claim (报销单).")] input: ClaimTakeOverInput,
    ) -> Outcome<Payload<ClaimTakeOver>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::take_over(door, input))
            .await
            .into()
    }

    /// Voids a claim (报销单作废). A settled one loses its stages, and the person's later claims of the year are settled again without it: see `alsoChanged`. What was paid by mistake is recovered outside of this system.
    async fn claim_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The claim (报销单), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<WidePayload<ClaimVoid>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        let rules: &Rules = ctx.data_unchecked::<Arc<Rules>>();
        let void = change(ctx, call, |door| settlement::void(door, rules, id, version));
        void.await.map(WidePayload).into()
    }
}
