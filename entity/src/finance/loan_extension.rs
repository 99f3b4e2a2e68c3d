//! Extensions and renewals of loans (展期、续贷). Owner: bank.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::LoanExtensionKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan_extension")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The loan, of the same household, and its bank (贷款、银行代码).
    pub loan_id: i64,
    pub bank_code: String,
    /// How the loan goes on (续展方式).
    pub kind: LoanExtensionKind,
    /// Day of the decision (审批日期).
    pub decided_on: Date,
    /// The end before and after (原到期日、新到期日).
    pub due_before: Date,
    pub due_after: Date,
    /// The new loan of a renewal, of the same household.
    pub new_loan_id: Option<i64>,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
