//! Batches of payments (发放批次): the money of a programme and period that is sent to a township. Owner: finance bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::PaymentBatchState;
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_batch")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Number (批次号).
    pub number: String,
    /// Department whose benefit it is (发放部门).
    pub department: Department,
    /// Benefit as its pack names it (项目), and the year or month, YYYY or YYYY-MM (发放期).
    pub programme: String,
    pub period: String,
    /// State (发放批次状态).
    pub state: PaymentBatchState,
    /// How many payments, and their sum, fen (笔数、总金额).
    pub payments: i64,
    pub total_fen: i64,
    /// Days approved and sent to the bank (审批、发送日期).
    pub approved_on: Option<Date>,
    pub sent_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
