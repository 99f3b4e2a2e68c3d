//! Measures for a household (帮扶措施) by the five batches. Owner: poverty office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{MeasureBatch, MeasureState};
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "help_measure")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Batch (五个一批).
    pub batch: MeasureBatch,
    /// The department that does it (责任部门).
    pub department: Department,
    /// What is done (措施内容).
    pub what: String,
    /// Amount, fen (金额).
    pub amount_fen: Option<i64>,
    /// State (措施状态).
    pub state: MeasureState,
    /// First and last day (开始、结束日期).
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    /// What came of it (成效).
    pub result: Option<String>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
