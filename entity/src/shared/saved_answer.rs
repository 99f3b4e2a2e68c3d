//! Answers that were saved with their facts (留存的应享计算结果). Never changed.

use sea_orm::entity::prelude::*;
use time::Date;

use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_answer")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The department that asked: the answer is as it may see it (留存部门).
    pub saved_by: Department,
    /// The day asked about, and the day of the saving (计算日期、留存日期).
    pub as_of: Date,
    pub saved_on: Date,
    /// The answers with their facts and steps, as JSON, and its SHA-256 in hexadecimal (内容、摘要).
    pub content: String,
    pub digest: String,
    /// Version, always 1, and the moment of the saving in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
