//! Enrolment in the supplementary insurance of an insurer (大额医疗商业补充保险), one a person and year. Owner: medical insurance office.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "supplementary_enrolment")]
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
    /// Insurer (承保公司).
    pub insurer_code: String,
    /// Premium and its subsidy, fen (保费、保费补贴).
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
