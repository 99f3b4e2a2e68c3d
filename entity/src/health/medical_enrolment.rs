//! Enrolment in basic medical insurance (基本医保参保), one a person and year. Owner: medical insurance office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::EnrolmentCategory;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_enrolment")]
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
    /// Calendar year (参保年度).
    pub year: i32,
    /// Category (参保类别).
    pub category: EnrolmentCategory,
    /// Premium and its subsidy, fen (个人缴费、财政补贴).
    pub premium_fen: i64,
    pub premium_subsidy_fen: i64,
    /// Day of the payment (缴费日期).
    pub paid_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
