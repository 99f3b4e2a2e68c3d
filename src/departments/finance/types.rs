//! What finance and banks keep of a household.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{FilterValue, Guarded, Many, Outcome, Record, Ref, Refusal, codes, year_of},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::{
    codes::Department,
    finance::codes::{LoanKind, LoanState, PaymentKind, PaymentState},
};

codes!(LoanKind, LoanState, PaymentKind, PaymentState);

#[derive(SimpleObject, Record)]
#[graphql(name = "FinanceOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What finance and banks keep (财政、银行).
    #[record(object)]
    finance: Guarded<HouseholdFinance>,
}

/// What finance and banks keep of a household (农户财政金融信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdFinance {
    /// Whether an open card of the household receives its payments (是否有收款卡).
    #[record(
        column = "EXISTS (SELECT 1 FROM bank_card c WHERE c.household_id = t.id AND c.receiving AND c.valid_to IS NULL)"
    )]
    has_receiving_card: Guarded<bool>,
    /// The members' bank cards, the receiving one first (银行卡). A family's, so a handful.
    bank_cards: Guarded<Many<BankCard>>,
    /// The members' loans, newest first (贷款). A family's, so a handful.
    loans: Guarded<Many<Loan>>,
    #[graphql(skip)]
    #[record(method)]
    payments: Guarded<Many<Payment>>,
}

#[ComplexObject]
impl HouseholdFinance {
    /// The payments to the household and its members (补贴发放), newest period first.
    async fn payments(
        &self,
        #[graphql(
            desc = "The calendar year (发放年度): its yearly payments and those of its months. All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Payment>>> {
        of_year(&self.payments, year).into()
    }
}

fn of_year(
    payments: &Guarded<Many<Payment>>,
    year: Option<i32>,
) -> Result<Guarded<Many<Payment>>, Refusal> {
    let Some(year) = year else {
        return Ok(payments.whole());
    };
    let year = year_of(year, &["year"])?.to_string();
    Ok(payments.filtered("substr(t.period, 1, 4) = {}", [FilterValue::Text(year)]))
}

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
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A loan of a member (贷款).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::loan",
    order = "t.granted_on DESC, t.id",
    bounds(Bank = "t.bank_code = {institution}")
)]
pub struct Loan {
    /// The global id (全局编号).
    id: NodeId<Loan>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The borrower (借款人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The code of the bank (贷款银行代码).
    bank_code: String,
    /// The kind (贷款类别).
    kind: LoanKind,
    /// The state (贷款状态).
    state: LoanState,
    /// The principal (贷款本金), yuan.
    #[graphql(name = "principal")]
    principal_fen: Fen,
    /// What is still owed (贷款余额), yuan.
    #[graphql(name = "balance")]
    balance_fen: Fen,
    /// The interest (年利率), basis points a year: 435 is 4.35 percent.
    #[graphql(name = "rateBasisPoints")]
    rate_bp: i32,
    /// The day of granting (发放日期).
    granted_on: Day,
    /// The day it is due (到期日期).
    due_on: Day,
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
    /// The card it went to (收款卡). Null: not to a card.
    #[record(column = "t.bank_card_id")]
    bank_card: Guarded<Ref<BankCard>>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    recorded_at_ms: Moment,
}
