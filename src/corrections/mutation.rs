//! What can be done about a field that another department owns.

use super::{service, types::CorrectionRequest};
use crate::{
    graphql::{plan::Outcome, scalars::RequestId},
    writing::{Action, CHANGED_SINCE, Call, Code, Fields, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::CorrectionAnswer;
use std::sync::Arc;

/// What is wrong, and what should stand there (更正申请).
#[derive(InputObject)]
pub struct CorrectionRequestRaiseInput {
    /// The record (更正对象), by global id.
    pub subject: ID,
    /// Its field (字段), as the graph calls it.
    pub field: String,
    /// What should stand there (建议值), as the graph writes it, at most 200 characters. Left out: nothing should; of a sensitive
    /// value always, which is told to the owner in another way.
    pub proposed_value: Option<String>,
    /// Why (理由), at most 500 characters.
    pub reason: String,
    /// The document that shows it (佐证材料), at most 60 characters.
    pub document_number: Option<String>,
}

/// What the owner says (更正答复).
#[derive(InputObject)]
pub struct CorrectionRequestAnswerInput {
    /// What came of it (处理结果).
    pub answer: CorrectionAnswer,
    /// What was corrected how, or why the value stands (答复说明), at most 500 characters.
    pub explanation: String,
}

pub struct CorrectionRequestRaise;
impl Action for CorrectionRequestRaise {
    const NAME: &'static str = "correctionRequestRaise";
    type Changed = CorrectionRequest;
    const CODES: &'static [&'static Code] = &[
        &service::NO_FIELD,
        &service::NOT_CORRECTABLE,
        &service::OWN_FIELD,
        &service::SENSITIVE,
        &service::NO_DIFFERENCE,
        &service::ALREADY_RAISED,
    ];
}

pub struct CorrectionRequestAccept;
impl Action for CorrectionRequestAccept {
    const NAME: &'static str = "correctionRequestAccept";
    type Changed = CorrectionRequest;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_YOURS,
        &service::NOT_OPEN,
        &service::BY_ACTION,
        &CHANGED_SINCE,
    ];
}

pub struct CorrectionRequestAnswer;
impl Action for CorrectionRequestAnswer {
    const NAME: &'static str = "correctionRequestAnswer";
    type Changed = CorrectionRequest;
    const CODES: &'static [&'static Code] =
        &[&service::NOT_YOURS, &service::NOT_OPEN, &service::SENSITIVE];
}

pub struct CorrectionRequestWithdraw;
impl Action for CorrectionRequestWithdraw {
    const NAME: &'static str = "correctionRequestWithdraw";
    type Changed = CorrectionRequest;
    const CODES: &'static [&'static Code] = &[&service::NOT_YOURS, &service::NOT_OPEN];
}

/// What can be done about a field that another department owns.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "CorrectionsMutation")]
impl Mutation {
    /// Asks the department that owns a field to correct it (提出更正申请).
    async fn correction_request_raise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "What is wrong (更正申请).")] input: CorrectionRequestRaiseInput,
    ) -> Outcome<Payload<CorrectionRequestRaise>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let fields = ctx.data_unchecked::<Arc<Fields>>();
        change(ctx, call, |door| service::raise(door, fields, input))
            .await
            .into()
    }

    /// Takes the proposed value over (采纳更正): the record is corrected in the same moment. Not of what a decision or money hangs
    /// on: that is corrected by its own action, and the request answered.
    async fn correction_request_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The request (更正申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<CorrectionRequestAccept>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        let fields = ctx.data_unchecked::<Arc<Fields>>();
        change(ctx, call, |door| service::accept(door, fields, id, version))
            .await
            .into()
    }

    /// Answers a request without taking the proposed value over (答复更正申请).
    async fn correction_request_answer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The request (更正申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The answer (答复).")] input: CorrectionRequestAnswerInput,
    ) -> Outcome<Payload<CorrectionRequestAnswer>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::answer(door, id, version, input))
            .await
            .into()
    }

    /// Takes a request back (撤回更正申请).
    async fn correction_request_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The request (更正申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<CorrectionRequestWithdraw>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| service::withdraw(door, id, version))
            .await
            .into()
    }
}
