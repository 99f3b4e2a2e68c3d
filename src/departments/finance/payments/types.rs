//! Cards, payments, and the batches that payments are sent in.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::{
    codes::Department,
    finance::codes::{CardClosing, PaymentBatchState, PaymentKind, PaymentState},
};

codes!(CardClosing, PaymentBatchState, PaymentKind, PaymentState);

/// A bank card of a member (银行卡).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::bank_card",
    order = "t.receiving DESC, t.valid_from DESC, t.id",
    bounds(Bank = "t.bank_code = {institution}")
)]
pub struct BankCard {
    /// The global id (全局编号).
    id: NodeId<BankCard>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The holder (持卡人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The code of the bank (开户行代码).
    bank_code: String,
    /// The card number (银行卡号), all but the last four digits hidden.
    #[record(column = "t.card_mask")]
    card_number: String,
    /// Whether payments of the household go to this card (是否收款卡).
    receiving: bool,
    /// The first day (启用日期).
    valid_from: Day,
    /// The day it was closed (停用日期). Null: open.
    valid_to: Option<Day>,
    /// Why it was closed (销卡原因). Null: open, or not recorded.
    closing: Option<CardClosing>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A payment to a household or a member (补贴发放). One payee has one of a kind for a programme and period, for ever.
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::payment",
    order = "t.period DESC, t.id",
    bounds(Civil = "t.department = {department}")
)]
pub struct Payment {
    /// The global id (全局编号).
    id: NodeId<Payment>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person, for benefits of a person (受益人). Null: the household's.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The department whose benefit it is (发放部门).
    department: Department,
    /// The benefit, as the policy pack names it (项目).
    programme: String,
    /// What the payment is for (发放期): a year, YYYY, or a month, YYYY-MM.
    period: String,
    /// The kind (发放类别).
    kind: PaymentKind,
    /// The amount (发放金额), yuan.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The state (发放状态).
    state: PaymentState,
    /// The day due (应发日期). Null: none set.
    due_on: Option<Day>,
    /// The day paid (实发日期). Null: not paid.
    paid_on: Option<Day>,
    /// The day it came back or failed, as the bank tells it (退回日期). Null: it did not, or the bank tells none.
    returned_on: Option<Day>,
    /// The card it went to (收款卡). Null: not to a card.
    #[record(column = "t.bank_card_id")]
    bank_card: Guarded<Ref<BankCard>>,
    /// The batch it was sent with (发放批次). Null: sent alone.
    #[record(column = "t.batch_id")]
    batch: Guarded<Ref<PaymentBatch>>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    recorded_at_ms: Moment,
}

/// A batch of payments (发放批次): the money of a programme and period, sent to a township that pays it by card.
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::payment_batch",
    from = "payment_batch t JOIN region r ON r.code = t.region_code",
    of_region,
    bounds(Civil = "t.department = {department}")
)]
pub struct PaymentBatch {
    /// The global id (全局编号).
    id: NodeId<PaymentBatch>,
    /// The township or county it was sent to (发放地区).
    #[record(object)]
    region: Region,
    /// The number (批次号).
    number: String,
    /// The department whose benefit it is (发放部门).
    department: Department,
    /// The benefit, as the policy pack names it (项目).
    programme: String,
    /// What the payments are for (发放期): a year, YYYY, or a month, YYYY-MM.
    period: String,
    /// The state (发放批次状态).
    state: PaymentBatchState,
    /// How many payments it holds (笔数).
    payments: i32,
    /// The sum of its payments (总金额), yuan.
    #[graphql(name = "total")]
    total_fen: Fen,
    /// The day of approval (审批日期). Null: a draft.
    approved_on: Option<Day>,
    /// The day it was sent to the bank (发送日期). Null: not sent.
    sent_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
