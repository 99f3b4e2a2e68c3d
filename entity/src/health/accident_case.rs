//! Accidents that an insurer pays for (意外伤害伤残案件). Owner: insurer.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::AccidentState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accident_case")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The person, a member of the household.
    pub person_id: i64,
    /// Insurer (保险公司).
    pub insurer_code: String,
    /// State (案件状态).
    pub state: AccidentState,
    /// Days of the accident, of the report and of the certificate of disability (出险、报案、鉴定日期).
    pub occurred_on: Date,
    pub reported_on: Date,
    pub certified_on: Option<Date>,
    /// Day and amount of the payment, fen (赔付日期、金额), and the calendar year of it (generated).
    pub paid_on: Option<Date>,
    pub paid_fen: Option<i64>,
    pub paid_year: Option<i32>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
