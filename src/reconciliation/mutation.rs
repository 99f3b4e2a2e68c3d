//! What can be done about a finding.

use super::{check::Checks, deadline::Deadlines, service, types::Finding};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, RegionId, RequestId},
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::Department;
use std::sync::Arc;

/// A contradiction that somebody has met (提出核查问题).
#[derive(InputObject)]
pub struct FindingRaiseInput {
    /// The household (农户), by global id. Left out: it is about a region.
    pub household_id: Option<ID>,
    /// The member it is about (家庭成员), by global id. Left out: it is about the household.
    pub person_id: Option<ID>,
    /// The region as a whole (行政区划), inside of yours: for a check that finds regions. Left out: it is about a household.
    pub region: Option<RegionId>,
    /// The check it belongs to (核查项), such as "RC-85": it says who is asked and how grave it is.
    pub check: String,
    /// What was met (问题说明), at most 500 characters.
    pub what: String,
}

/// Who is to answer, and by when (交办).
#[derive(InputObject)]
pub struct FindingAssignInput {
    /// The department that is asked (责任部门): one of those it is between, the poverty office or the township. Left out: as it is.
    pub department: Option<Department>,
    /// Who works on it (经办人), as the department calls them, at most 60 characters. Left out: nobody is named.
    pub officer: Option<String>,
    /// The day by which it is to be answered (办理期限). Left out: as it is.
    pub due_on: Option<Day>,
}

/// What is said about a finding (批注).
#[derive(InputObject)]
pub struct FindingCommentInput {
    /// The text (批注内容), at most 500 characters.
    pub text: String,
}

/// Why the values differ (说明).
#[derive(InputObject)]
pub struct FindingExplainInput {
    /// Why (说明), at most 500 characters.
    pub explanation: String,
    /// The last day for which that holds (说明有效期), at most 366 days ahead.
    pub until: Day,
}

/// What was corrected (整改).
#[derive(InputObject)]
pub struct FindingResolveInput {
    /// What was corrected how (整改情况), at most 500 characters.
    pub resolution: String,
    /// The request by which it is corrected (更正申请), by global id.
    pub correction_request_id: Option<ID>,
}

macro_rules! actions {
    ($($action:ident $name:literal $codes:expr;)+) => { $(
        pub struct $action;
        impl Action for $action {
            const NAME: &'static str = $name;
            type Changed = Finding;
            const CODES: &'static [&'static Code] = $codes;
        }
    )+ };
}
actions! {
    FindingRaise "findingRaise" &[&service::HOUSEHOLD_OR_REGION, &service::UNKNOWN_CHECK, &service::SENSITIVE];
    FindingAssign "findingAssign" &[&service::NOT_ASKED, &service::NOT_OPEN, &service::SENSITIVE];
    FindingComment "findingComment" &[&service::SENSITIVE];
    FindingExplain "findingExplain" &[&service::NOT_ASKED, &service::NOT_OPEN, &service::NEEDS_APPROVER, &service::SENSITIVE];
    FindingResolve "findingResolve" &[&service::NOT_ASKED, &service::NOT_OPEN, &service::SENSITIVE];
}

/// What can be done about findings.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "ReconciliationMutation")]
impl Mutation {
    /// Raises a finding that you have met (提出核查问题), about a household or about a region. The department that the check asks
    /// answers it; no run closes it.
    async fn finding_raise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "What was met (核查问题).")] input: FindingRaiseInput,
    ) -> Outcome<Payload<FindingRaise>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let checks = ctx.data_unchecked::<Arc<Checks>>();
        let deadlines = *ctx.data_unchecked::<Deadlines>();
        change(ctx, call, |door| {
            service::raise(door, checks, deadlines, input)
        })
        .await
        .into()
    }

    /// Gives a finding to a department or an officer (交办核查问题): by the department asked, or the poverty office.
    async fn finding_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The finding (核查问题), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "Who, and by when (交办).")] input: FindingAssignInput,
    ) -> Outcome<Payload<FindingAssign>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::assign(door, id, version, input))
            .await
            .into()
    }

    /// Says something about a finding (批注核查问题): by whoever reads it.
    async fn finding_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The finding (核查问题), by global id.")] id: ID,
        #[graphql(desc = "What is said (批注).")] input: FindingCommentInput,
    ) -> Outcome<Payload<FindingComment>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::comment(door, id, input))
            .await
            .into()
    }

    /// Says why the values differ (说明核查问题): by the department asked; of severity BLOCK by its approver. It stays explained
    /// until the values change or the day is over.
    async fn finding_explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The finding (核查问题), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "Why, and until when (说明).")] input: FindingExplainInput,
    ) -> Outcome<Payload<FindingExplain>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::explain(door, id, version, input))
            .await
            .into()
    }

    /// Says that the data were corrected (整改核查问题): by the department asked. The next run looks whether they agree, and opens
    /// it again where they do not. What a check has found of severity BLOCK goes on stopping its steps until a run has closed it.
    async fn finding_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The finding (核查问题), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "What was corrected (整改).")] input: FindingResolveInput,
    ) -> Outcome<Payload<FindingResolve>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::resolve(door, id, version, input))
            .await
            .into()
    }
}
