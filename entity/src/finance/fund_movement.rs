//! Receipts and expenditures of funds (资金收支). Owner: finance bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::FundMovementKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fund_movement")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The account, of the same region.
    pub fund_account_id: i64,
    /// Received or spent (收支类别).
    pub kind: FundMovementKind,
    /// Amount, fen, and day (金额、日期).
    pub amount_fen: i64,
    pub moved_on: Date,
    /// Number of the paper (文号).
    pub document_number: Option<String>,
    /// What for (用途).
    pub purpose: String,
    /// The project that the money went to.
    pub project_id: Option<i64>,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
