//! What banks do with cards, the township with the receiving one, and the finance bureau with payments.

use super::{
    super::service::PERSON_NOT_AVAILABLE,
    service,
    types::{BankCard, Payment},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::person_shown,
    reconciliation::OPEN_FINDINGS,
    writing::{Action, Call, Code, OLDER_RESULT, Payload, SAME_ON_RECORD, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    codes::Department,
    finance::codes::{CardClosing, PaymentKind, PaymentState},
};

/// A card that a bank has opened (开卡登记).
#[derive(InputObject)]
pub struct BankCardRegisterInput {
    /// The citizen number of the holder (持卡人公民身份号码), as on the identity card shown to the bank.
    pub citizen_number: String,
    /// The number of the card (银行卡号) in full, 13 to 19 digits. It is kept sealed.
    pub card_number: String,
    /// The first day (启用日期).
    pub opened_on: Day,
}

/// The closing of a card (销卡).
#[derive(InputObject)]
pub struct BankCardCloseInput {
    /// The day it was closed (停用日期).
    pub closed_on: Day,
    /// Why (销卡原因).
    pub reason: CardClosing,
}

/// A payment to a household or one of its members (补贴发放登记).
#[derive(InputObject)]
pub struct PaymentRecordInput {
    /// The member, for benefits of a person (受益人), by global id. The household's when left out.
    pub person_id: Option<ID>,
    /// The department whose benefit it is (发放部门).
    pub department: Department,
    /// The benefit, as the policy pack names it (项目), at most 60 characters.
    pub programme: String,
    /// What the payment is for (发放期): a year, YYYY, or a month, YYYY-MM.
    pub period: String,
    /// The kind (发放类别).
    pub kind: PaymentKind,
    /// The amount (发放金额), yuan.
    pub amount: Fen,
    /// The day due (应发日期). None set when left out.
    pub due_on: Option<Day>,
    /// The day paid (实发日期). Still to be paid when left out.
    pub paid_on: Option<Day>,
    /// The card it goes to (收款卡), the one that receives the payments of the household, by global id. Not to a card when
    /// left out.
    pub bank_card_id: Option<ID>,
}

/// The failure of a payment (发放失败登记).
#[derive(InputObject)]
pub struct PaymentFailInput {
    /// How it failed (发放状态): FAILED where it could not be made, BOUNCED where the bank sent it back.
    pub state: PaymentState,
    /// The day it came back or failed (退回日期): needed of what is on record as paid, and not before the day paid.
    pub returned_on: Option<Day>,
}

/// What the bank reports of a payment that is on record (发放结果).
#[derive(InputObject)]
pub struct PaymentResultRecordInput {
    /// The payee whom the bank names (收款人), by global id: of a benefit of the household any member.
    pub person_id: ID,
    /// The benefit, as it is on record (项目).
    pub programme: String,
    /// What the payment is for (发放期): a year, YYYY, or a month, YYYY-MM.
    pub period: String,
    /// The kind (发放类别). That of the only payment of programme and period when left out.
    pub kind: Option<PaymentKind>,
    /// The amount (发放金额), yuan: that on record.
    pub amount: Fen,
    /// What came of it (发放状态): PAID, FAILED or BOUNCED.
    pub state: PaymentState,
    /// The day paid (实发日期), where it was.
    pub paid_on: Option<Day>,
    /// The day it came back or failed (退回日期), where it did: needed of what is on record as paid.
    pub returned_on: Option<Day>,
}

pub struct BankCardRegister;
impl Action for BankCardRegister {
    const NAME: &'static str = "bankCardRegister";
    const NEEDS_SEALS: bool = true;
    type Changed = BankCard;
    const CODES: &'static [&'static Code] = &[
        &PERSON_NOT_AVAILABLE,
        &service::CARD_REGISTERED,
        &SAME_ON_RECORD,
    ];
}

pub struct BankCardClose;
impl Action for BankCardClose {
    const NAME: &'static str = "bankCardClose";
    const NEEDS_SEALS: bool = true;
    type Changed = BankCard;
    const CODES: &'static [&'static Code] = &[&service::CARD_CLOSED];
}

pub struct ReceivingCardChoose;
impl Action for ReceivingCardChoose {
    const NAME: &'static str = "receivingCardChoose";
    const NEEDS_SEALS: bool = true;
    type Changed = BankCard;
    const CODES: &'static [&'static Code] = &[
        &service::CARD_CLOSED,
        &service::HOLDER_LEFT,
        &service::OTHER_CARD_CHOSEN,
    ];
}

pub struct PaymentRecord;
impl Action for PaymentRecord {
    const NAME: &'static str = "paymentRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = Payment;
    const CODES: &'static [&'static Code] = &[
        &service::NO_MEMBER,
        &service::DIED_BEFORE,
        &service::NOT_RECEIVING,
        &OPEN_FINDINGS,
        &service::ALREADY_RECORDED,
        &service::OTHER_AMOUNT,
    ];
}

pub struct PaymentFail;
impl Action for PaymentFail {
    const NAME: &'static str = "paymentFail";
    const NEEDS_SEALS: bool = true;
    type Changed = Payment;
    const CODES: &'static [&'static Code] = &[&service::ALREADY_FAILED];
}

pub struct PaymentResultRecord;
impl Action for PaymentResultRecord {
    const NAME: &'static str = "paymentResultRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = Payment;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_ON_RECORD,
        &service::SEVERAL_PAYMENTS,
        &OPEN_FINDINGS,
        &service::ALREADY_RECORDED,
        &service::OTHER_AMOUNT,
        &service::ALREADY_FAILED,
        &OLDER_RESULT,
        &SAME_ON_RECORD,
    ];
}

#[derive(Default)]
pub struct PaymentMutation;

#[Object]
impl PaymentMutation {
    /// Registers a card that your bank has opened (开卡登记) for a member of a household on record, whom the bank knows by the
    /// citizen number. Such look-ups are limited and recorded.
    async fn bank_card_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The card (银行卡).")] input: BankCardRegisterInput,
    ) -> Outcome<Payload<BankCardRegister>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let shown = person_shown(ctx, &call, &input.citizen_number).await;
        let done = match shown {
            Ok(holder) => change(ctx, call, |door| service::register(door, holder, input)).await,
            Err(refusal) => Err(refusal),
        };
        done.into()
    }

    /// Closes a card of your bank (销卡).
    async fn bank_card_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The card (银行卡), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The closing (销卡).")] input: BankCardCloseInput,
    ) -> Outcome<Payload<BankCardClose>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::close(door, id, version, input))
            .await
            .into()
    }

    /// Chooses the card that receives the payments of its household (指定收款卡); the one until then no longer does.
    async fn receiving_card_choose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The card (银行卡), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<ReceivingCardChoose>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| service::choose(door, id, version))
            .await
            .into()
    }

    /// Records a payment (发放登记). A payee has one of a kind for a programme and period, for ever: what was still to be paid or failed is carried on, what was paid is never paid again.
    async fn payment_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The payment (发放).")] input: PaymentRecordInput,
    ) -> Outcome<Payload<PaymentRecord>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| service::record(door, household, input))
            .await
            .into()
    }

    /// Records what the bank reports of a payment on record (发放结果登记): paid, failed, or sent back. Nothing is added: what nobody was to be paid stays unknown here.
    async fn payment_result_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The result (发放结果).")] input: PaymentResultRecordInput,
    ) -> Outcome<Payload<PaymentResultRecord>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| service::result(door, household, input))
            .await
            .into()
    }

    /// Records that a payment failed or was sent back by the bank (发放失败登记).
    async fn payment_fail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The payment (发放), by global id.")] id: ID,
        #[graphql(desc = "The failure (失败).")] input: PaymentFailInput,
    ) -> Outcome<Payload<PaymentFail>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::fail(door, id, input))
            .await
            .into()
    }
}
