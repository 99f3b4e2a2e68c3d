//! What can be done with lists: one is sent as a file, a row is decided.

use super::{service, types::RosterDecision};
use crate::{
    graphql::{
        plan::{Outcome, Refusal},
        scalars::{RegionId, RequestId},
    },
    household::{NO_MEMBER, known as known_region},
    jobs::{self, Job, TOO_MANY_JOBS},
    reconciliation::service::SENSITIVE,
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::FileFormat;

pub struct RosterMatchBegin;
impl Action for RosterMatchBegin {
    const NAME: &'static str = "rosterMatchBegin";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[&service::BAD_NAME, &TOO_MANY_JOBS];
    const BELOW_HOUSEHOLD: bool = false;
}

pub struct RosterDecide;
impl Action for RosterDecide {
    const NAME: &'static str = "rosterDecide";
    const NEEDS_SEALS: bool = true;
    type Changed = RosterDecision;
    const CODES: &'static [&'static Code] = &[&service::ALREADY_DECIDED, &NO_MEMBER, &SENSITIVE];
}

pub struct RosterDecisionWithdraw;
impl Action for RosterDecisionWithdraw {
    const NAME: &'static str = "rosterDecisionWithdraw";
    type Changed = RosterDecision;
    const CODES: &'static [&'static Code] = &[&service::WITHDRAWN];
}

/// A list that will be sent (名单文件).
#[derive(InputObject)]
pub struct RosterMatchBeginInput {
    /// The region that it is about (行政区划): its own words for columns are known, and the job is listed there. Candidates are those of
    /// your region.
    pub region: RegionId,
    /// The name of the file (文件名), at most 100 characters.
    pub file_name: String,
    /// The format of the copy with results (结果文件格式).
    #[graphql(default_with = "FileFormat::Xlsx")]
    pub format: FileFormat,
}

/// Whose row it is, as somebody knows (人工认定).
#[derive(InputObject)]
pub struct RosterDecideInput {
    /// The row (行标识), as `rosterMatch` or the file with results tells it.
    pub row_key: String,
    /// The person whose row it is (人员), by global id. Left out: it is nobody's in your region.
    pub person_id: Option<ID>,
    /// Why (认定理由), at most 500 characters.
    pub reason: String,
}

/// What can be done with lists. Boxed, because the future of the root has room for the largest of its fields.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "RosterMutation")]
impl Mutation {
    /// Begins to match a list that is sent as a file (名单比对): send it by PUT to `/jobs/{id}/input`, with the same token. The copy that
    /// comes of it has for each row the result, the person found, the reasons and the candidates. See `job`.
    async fn roster_match_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The list (名单文件).")] input: RosterMatchBeginInput,
    ) -> Outcome<Payload<RosterMatchBegin>> {
        let call = Call::new(request_id, dry_run);
        Box::pin(begin(ctx, call, &input)).await.into()
    }

    /// Decides whose row it is (人工认定): used again for every later list with the same row in your region.
    async fn roster_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "Whose row it is (人工认定).")] input: RosterDecideInput,
    ) -> Outcome<Payload<RosterDecide>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let decided = change(ctx, call, |door| service::decide(door, input));
        Box::pin(decided).await.into()
    }

    /// Takes a decision on a row back (撤销认定): the row is matched again as if nobody had decided.
    async fn roster_decision_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The decision (人工认定), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<RosterDecisionWithdraw>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        let withdrawn = change(ctx, call, |door| service::withdraw(door, id, version));
        Box::pin(withdrawn).await.into()
    }
}

async fn begin(
    ctx: &Context<'_>,
    call: Call,
    input: &RosterMatchBeginInput,
) -> Result<Payload<RosterMatchBegin>, Refusal> {
    known_region(ctx, input.region, &["input", "region"]).await?;
    jobs::in_scope(ctx, input.region.0, &["input", "region"])?;
    change(ctx, call, |door| service::announce(door, input)).await
}
