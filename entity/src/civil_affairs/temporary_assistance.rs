//! Temporary assistance of a household in sudden hardship (临时救助).

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::TemporaryAssistanceReason;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "temporary_assistance")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Reason (救助原因).
    pub reason: TemporaryAssistanceReason,
    /// Amount, fen (救助金额).
    pub amount_fen: i64,
    /// Days of application and decision (申请、批准日期).
    pub applied_on: Date,
    pub decided_on: Date,
    /// Moment of the record in epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
