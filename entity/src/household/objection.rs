//! Objections to a posted list (异议). Domain reference, section 7.6. Anybody raises them, the poverty office decides.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::ObjectionDecision;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "objection")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region of the list, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The list.
    pub publicity_id: i64,
    /// The household on it that is meant, where it is one.
    pub household_id: Option<i64>,
    /// Who raised it and when, and what it says (异议人、提出日期、内容).
    pub raised_by: String,
    pub raised_on: Date,
    pub what: String,
    /// The decision, by whom and when (处理结果、处理人、处理日期).
    pub decision: Option<ObjectionDecision>,
    pub decided_by: Option<String>,
    pub decided_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
