//! Grants of the minimum living allowance (农村低保). No two grants of a household overlap. Owner: civil affairs.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{DibaoClass, DibaoState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dibao")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Number of the certificate (低保证号).
    pub dibao_number: String,
    /// Class (低保类别).
    pub class: DibaoClass,
    /// Persons covered (保障人数).
    pub persons: i32,
    /// Yearly standard of a person and monthly amount of the household, fen (保障标准、月保障金).
    pub standard_fen: i64,
    pub monthly_fen: i64,
    /// State (低保状态).
    pub state: DibaoState,
    /// Day of the approval (批准日期).
    pub approved_on: Date,
    /// Grant, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Last day of the gradual exit (渐退截止).
    pub gradual_exit_until: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
