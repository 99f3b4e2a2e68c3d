//! What the finance bureau does with funds.

use super::{service, types::FundAccount};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};

/// Funds that have arrived (资金到账登记).
#[derive(InputObject)]
pub struct FundReceiveInput {
    /// The amount (到账金额), yuan.
    pub amount: Fen,
    /// The day (到账日期).
    pub received_on: Day,
    /// The number of the paper (文号), at most 60 characters. None when left out.
    pub document_number: Option<String>,
    /// What for (用途), at most 200 characters.
    pub purpose: String,
}

pub struct FundReceive;
impl Action for FundReceive {
    const NAME: &'static str = "fundReceive";
    const NEEDS_SEALS: bool = true;
    type Changed = FundAccount;
    const CODES: &'static [&'static Code] = &[];
    const BELOW_HOUSEHOLD: bool = false;
}

#[derive(Default)]
pub struct FundMutation;

#[Object]
impl FundMutation {
    /// Records that funds have arrived on an account of your own region (资金到账登记), at whatever level.
    async fn fund_receive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The account (资金台账), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The receipt (到账).")] input: FundReceiveInput,
    ) -> Outcome<Payload<FundReceive>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::receive(door, id, version, input))
            .await
            .into()
    }
}
