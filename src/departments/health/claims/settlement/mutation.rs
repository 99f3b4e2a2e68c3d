//! What the medical insurance office does to settle claims.

use super::{
    super::{service::ALREADY_VOIDED, types::Claim},
    service,
};
use crate::{
    entitlement::Rules,
    graphql::{
        plan::Outcome,
        scalars::{Fen, RequestId},
    },
    writing::{Action, Call, Code, WidePayload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use std::sync::Arc;

/// What others said of a claim (结算补充信息). What the place's rule does not ask for is left out.
#[derive(InputObject)]
pub struct ClaimSettleInput {
    /// What a commercial insurer reported that it pays (商业保险赔付), yuan; 0.00 where it pays nothing.
    pub commercial_reported: Option<Fen>,
    /// What was decided as a backstop (兜底补偿), yuan; at most what is left is paid. Null: nothing was decided.
    pub backstop_decision: Option<Fen>,
}

/// What stands in the way of voiding a claim.
pub const VOID_CODES: &[&Code] = &[
    &ALREADY_VOIDED,
    &service::OTHER_CLAIM,
    &service::SETTLED_ELSEWHERE,
];

pub struct ClaimSettle;
impl Action for ClaimSettle {
    const NAME: &'static str = "claimSettle";
    const NEEDS_SEALS: bool = true;
    type Changed = Claim;
    const CODES: &'static [&'static Code] = &[
        &service::ALREADY_SETTLED,
        &ALREADY_VOIDED,
        &service::NO_RULE_IN_FORCE,
        &service::INSTITUTION_LEVEL,
        &service::BASIC_NOT_CONFIGURED,
        &service::NOT_A_STAY,
        &service::LEVEL_NOT_COVERED,
        &service::NOT_ENROLLED,
        &service::COMMERCIAL_NOT_REPORTED,
        &service::RULE_REFUSES,
        &service::OTHER_CLAIM,
        &service::SETTLED_ELSEWHERE,
    ];
}

#[derive(Default)]
pub struct SettlementMutation;

#[Object]
impl SettlementMutation {
    /// Settles a claim (一站式结算) by the rule in force in the patient's village on the day of discharge. The person's claims of the same year that were discharged later are settled again with it, because deductibles and bands run over the year: see `alsoChanged`.
    async fn claim_settle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The claim (报销单), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "What others said of it (结算补充信息).")] input: ClaimSettleInput,
    ) -> Outcome<WidePayload<ClaimSettle>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        let rules: &Rules = ctx.data_unchecked::<Arc<Rules>>();
        let settled = change(ctx, call, |door| {
            service::settle(door, rules, id, version, input)
        });
        settled.await.map(WidePayload).into()
    }
}
