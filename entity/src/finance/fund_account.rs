//! Funds of a region and year by level and kind (扶贫资金台账). Owner: finance bureau.

use sea_orm::entity::prelude::*;

use super::codes::{FundKind, FundLevel};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fund_account")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Year, level and kind (年度、资金级次、资金类别).
    pub year: i32,
    pub level: FundLevel,
    pub kind: FundKind,
    /// Planned, received and spent, fen; no more is spent than received (计划、到账、支出).
    pub planned_fen: i64,
    pub received_fen: i64,
    pub spent_fen: i64,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
