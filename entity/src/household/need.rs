//! Needs of a household (需求清单) by year. Owner: poverty office; the sector department answers.

use sea_orm::entity::prelude::*;
use time::Date;

use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "need")]
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
    /// What is needed (需求).
    pub what: String,
    /// The department it falls to (行业部门).
    pub sector: Department,
    /// The answer and its day (答复、答复日期).
    pub answer: Option<String>,
    pub answered_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
