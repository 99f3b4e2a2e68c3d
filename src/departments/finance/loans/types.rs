//! Loans, and what happens to them.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::finance::codes::{LoanExtensionKind, LoanKind, LoanState};

codes!(LoanExtensionKind, LoanKind, LoanState);

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
    /// The bank's own number of the loan (贷款编号). Null: not told.
    loan_number: Option<String>,
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
    /// The day it is due (到期日期), after extensions.
    due_on: Day,
    /// Whether somebody guarantees for it (有无担保人).
    guarantor: bool,
    /// Whether anything is given in security (有无抵押物).
    collateral: bool,
    /// The repayments, newest first (还款). A loan's, so a handful.
    #[record(parent = "t.loan_id")]
    repayments: Many<LoanRepayment>,
    /// Its extensions and renewals, newest first (展期、续贷). A loan's, so a handful.
    #[record(parent = "t.loan_id")]
    extensions: Many<LoanExtension>,
    /// The interest subsidies, newest first (贴息). At most a few a year.
    #[record(parent = "t.loan_id")]
    subsidies: Many<InterestSubsidy>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A repayment of a loan (还款).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::loan_repayment",
    order = "t.paid_on DESC, t.id",
    bounds(Bank = "t.bank_code = {institution}")
)]
pub struct LoanRepayment {
    /// The global id (全局编号).
    id: NodeId<LoanRepayment>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The loan (贷款).
    #[record(column = "t.loan_id")]
    loan: Ref<Loan>,
    /// The code of the bank (贷款银行代码).
    bank_code: String,
    /// The day (还款日期).
    paid_on: Day,
    /// The principal paid (偿还本金), yuan.
    #[graphql(name = "principal")]
    principal_fen: Fen,
    /// The interest paid (偿还利息), yuan.
    #[graphql(name = "interest")]
    interest_fen: Fen,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    recorded_at_ms: Moment,
}

/// An extension or renewal of a loan that could not be repaid (展期、无还本续贷).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::loan_extension",
    order = "t.decided_on DESC, t.id",
    bounds(Bank = "t.bank_code = {institution}")
)]
pub struct LoanExtension {
    /// The global id (全局编号).
    id: NodeId<LoanExtension>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The loan (贷款).
    #[record(column = "t.loan_id")]
    loan: Ref<Loan>,
    /// The code of the bank (贷款银行代码).
    bank_code: String,
    /// How the loan goes on (续展方式).
    kind: LoanExtensionKind,
    /// The day of the decision (审批日期).
    decided_on: Day,
    /// The day it was due before (原到期日).
    due_before: Day,
    /// The day it is due now, or the loan that renews it (新到期日).
    due_after: Day,
    /// The loan that renews it (续贷的新贷款). Null: an extension.
    #[record(column = "t.new_loan_id")]
    new_loan: Ref<Loan>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    recorded_at_ms: Moment,
}

/// The subsidy of a loan's interest for a time (贷款贴息).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::interest_subsidy",
    order = "t.decided_on DESC, t.id",
    bounds(Bank = "t.bank_code = {institution}")
)]
pub struct InterestSubsidy {
    /// The global id (全局编号).
    id: NodeId<InterestSubsidy>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The loan (贷款).
    #[record(column = "t.loan_id")]
    loan: Ref<Loan>,
    /// The code of the bank (贷款银行代码).
    bank_code: String,
    /// The first day of the interest period (计息起始日).
    #[record(column = "t.valid_from")]
    period_from: Day,
    /// The day the interest period ended (计息终止日), which is not part of it.
    #[record(column = "t.valid_to")]
    period_to: Day,
    /// The first day on which the policy pays (政策起始日).
    window_from: Day,
    /// The last day on which the policy pays (政策截止日).
    window_to: Day,
    /// Whole months of the period inside the policy's time (贴息月数).
    months: i32,
    /// Days besides the months (贴息天数).
    days: i32,
    /// The principal it is counted on (贴息本金), yuan.
    #[graphql(name = "principal")]
    principal_fen: Fen,
    /// The subsidised interest (贴息利率), basis points a year: 435 is 4.35 percent.
    #[graphql(name = "rateBasisPoints")]
    rate_bp: i32,
    /// The subsidy (贴息金额), yuan: months plus days over 360 of a year's interest.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The day of the decision (核定日期).
    decided_on: Day,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
