//! Repayments of loans (还款). Owner: bank.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan_repayment")]
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
    /// Day (还款日期).
    pub paid_on: Date,
    /// Principal and interest paid, fen (偿还本金、利息).
    pub principal_fen: i64,
    pub interest_fen: i64,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
