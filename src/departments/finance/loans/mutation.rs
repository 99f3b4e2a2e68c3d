//! What banks do with loans.

use super::{super::service::PERSON_NOT_AVAILABLE, service, types::Loan};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::person_shown,
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::finance::codes::LoanKind;

/// A loan to a member (贷款发放).
#[derive(InputObject)]
pub struct LoanGrantInput {
    /// The citizen number of the borrower (借款人公民身份号码), as on the identity card shown to the bank.
    pub citizen_number: String,
    /// The bank's own number of the loan (贷款编号), at most 40 characters: no two of a bank have the same.
    pub loan_number: Option<String>,
    /// The kind (贷款类别).
    pub kind: LoanKind,
    /// The principal (贷款本金), yuan.
    pub principal: Fen,
    /// What is still owed (贷款余额), yuan, of a loan older than its record here. The principal when left out.
    pub balance: Option<Fen>,
    /// The interest (年利率), basis points a year: 435 is 4.35 percent.
    pub rate_basis_points: i32,
    /// The day of granting (发放日期).
    pub granted_on: Day,
    /// The day it is due (到期日期).
    pub due_on: Day,
    /// Whether somebody guarantees for it (有无担保人).
    pub guarantor: bool,
    /// Whether anything is given in security (有无抵押物).
    pub collateral: bool,
}

/// A repayment of a loan (还款).
#[derive(InputObject)]
pub struct LoanRepayInput {
    /// The loan (贷款), by global id.
    pub loan_id: ID,
    /// The version you have read (版本).
    pub version: i32,
    /// The day (还款日期).
    pub paid_on: Day,
    /// The principal paid (偿还本金), yuan, at most what is owed.
    pub principal: Fen,
    /// The interest paid (偿还利息), yuan.
    pub interest: Fen,
}

/// A later end of a loan (展期).
#[derive(InputObject)]
pub struct LoanExtendInput {
    /// The day of the decision (审批日期).
    pub decided_on: Day,
    /// The day it is due from now on (新到期日).
    pub due_on: Day,
}

/// A new loan in place of one that is not repaid (无还本续贷).
#[derive(InputObject)]
pub struct LoanRenewInput {
    /// The day of the decision (审批日期).
    pub decided_on: Day,
    /// The day the new loan begins (续贷发放日期).
    pub granted_on: Day,
    /// The bank's own number of the new loan (续贷编号), at most 40 characters.
    pub loan_number: Option<String>,
    /// The day the new loan is due (新到期日).
    pub due_on: Day,
    /// The interest of the new loan (年利率), basis points a year. As before when left out.
    pub rate_basis_points: Option<i32>,
}

pub struct LoanGrant;
impl Action for LoanGrant {
    const NAME: &'static str = "loanGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = Loan;
    const CODES: &'static [&'static Code] = &[&PERSON_NOT_AVAILABLE, &service::LOAN_ON_RECORD];
}

pub struct LoanRepay;
impl Action for LoanRepay {
    const NAME: &'static str = "loanRepay";
    const NEEDS_SEALS: bool = true;
    type Changed = Loan;
    const CODES: &'static [&'static Code] = &[&service::LOAN_ENDED, &service::MORE_THAN_OWED];
}

pub struct LoanExtend;
impl Action for LoanExtend {
    const NAME: &'static str = "loanExtend";
    const NEEDS_SEALS: bool = true;
    type Changed = Loan;
    const CODES: &'static [&'static Code] = &[&service::LOAN_ENDED];
}

pub struct LoanRenew;
impl Action for LoanRenew {
    const NAME: &'static str = "loanRenew";
    const NEEDS_SEALS: bool = true;
    type Changed = Loan;
    const CODES: &'static [&'static Code] = &[&service::LOAN_ENDED, &service::LOAN_ON_RECORD];
}

#[derive(Default)]
pub struct LoanMutation;

#[Object]
impl LoanMutation {
    /// Grants a loan of your bank (贷款发放) to a member of a household on record, whom the bank knows by the citizen number. Such
    /// look-ups are limited and recorded.
    async fn loan_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The loan (贷款).")] input: LoanGrantInput,
    ) -> Outcome<Payload<LoanGrant>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let shown = person_shown(ctx, &call, &input.citizen_number).await;
        let done = match shown {
            Ok(borrower) => change(ctx, call, |door| service::grant(door, borrower, input)).await,
            Err(refusal) => Err(refusal),
        };
        done.into()
    }

    /// Records a repayment of a loan of your bank (还款). A loan of which nothing is owed any more is repaid.
    async fn loan_repay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The repayment (还款).")] input: LoanRepayInput,
    ) -> Outcome<Payload<LoanRepay>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::repay(door, input))
            .await
            .into()
    }

    /// Records up to 200 repayments (批量还款), each for itself: what is wrong with one does not stop the others.
    async fn loan_repay_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The repayments (还款), at most 200.")] inputs: Vec<LoanRepayInput>,
    ) -> Outcome<ListPayload<LoanRepay>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::repay).await.into()
    }

    /// Extends a loan of your bank (展期): it is due later.
    async fn loan_extend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The loan (贷款), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The extension (展期).")] input: LoanExtendInput,
    ) -> Outcome<Payload<LoanExtend>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::extend(door, id, version, input))
            .await
            .into()
    }

    /// Renews a loan of your bank without repayment (无还本续贷). What was changed is the new loan, of what was owed of the old one.
    async fn loan_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The loan (贷款), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The renewal (续贷).")] input: LoanRenewInput,
    ) -> Outcome<Payload<LoanRenew>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::renew(door, id, version, input))
            .await
            .into()
    }
}
