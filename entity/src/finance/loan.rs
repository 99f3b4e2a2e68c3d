//! Loans of members (贷款). Owner: bank.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{LoanKind, LoanState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loan")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The borrower, a member of the household.
    pub person_id: i64,
    /// Bank (贷款银行代码).
    pub bank_code: String,
    /// The bank's own number of the loan (贷款编号), once a bank.
    pub loan_number: Option<String>,
    /// Kind and state (贷款类别、状态).
    pub kind: LoanKind,
    pub state: LoanState,
    /// Principal and what is still owed, fen (本金、余额).
    pub principal_fen: i64,
    pub balance_fen: i64,
    /// Interest, basis points a year (年利率).
    pub rate_bp: i32,
    /// Days of granting and end (发放、到期日期).
    pub granted_on: Date,
    pub due_on: Date,
    /// Whether somebody guarantees for it, and whether anything is given in security (担保人、抵押物).
    pub guarantor: bool,
    pub collateral: bool,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
