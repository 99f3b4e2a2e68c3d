//! Cash subsidy of a household and year (现金直补): for those at the edge of dibao.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cash_subsidy")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Calendar year.
    pub year: i32,
    /// Persons, yearly amount a head and of the household, fen (人数、人均标准、补贴金额).
    pub persons: i32,
    pub per_head_fen: i64,
    pub amount_fen: i64,
    /// Day of the approval (批准日期).
    pub approved_on: Date,
    /// Subsidy, in whole months of the year, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
