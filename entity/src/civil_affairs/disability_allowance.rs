//! The two allowances for disabled people (残疾人两项补贴).

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::DisabilityAllowanceKind;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disability_allowance")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The member (家庭成员).
    pub person_id: i64,
    /// Which of the two (补贴类别), and its monthly amount, fen.
    pub kind: DisabilityAllowanceKind,
    pub monthly_fen: i64,
    /// Day of the approval (批准日期).
    pub approved_on: Date,
    /// Allowance, in whole months, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
