//! Findings of a check: slices that contradict each other (核查问题). Domain reference, section 11.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{FindingSeverity, FindingState};
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member it is about, where it is about one.
    pub person_id: Option<i64>,
    /// The check, such as RC-17 (核查项).
    pub check_id: String,
    /// How grave it is, and the department asked (问题等级、责任部门).
    pub severity: FindingSeverity,
    pub department: Department,
    /// State (问题状态).
    pub state: FindingState,
    /// Days: found, to be answered by, closed (发现、期限、办结日期).
    pub opened_on: Date,
    pub due_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
