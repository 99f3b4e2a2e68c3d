//! Rain and Dew applications (雨露计划), one a person and school year. Owner: poverty office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::RainDewState;
use crate::codes::StudentStage;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rain_dew_application")]
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
    /// School (学校代码).
    pub school_code: String,
    /// School year by the autumn it begins in (学年).
    pub school_year: i32,
    /// Stage (学段).
    pub stage: StudentStage,
    /// State (雨露计划状态).
    pub state: RainDewState,
    /// Days of application, recognition and payment (申请、认定、发放日期).
    pub applied_on: Date,
    pub recognised_on: Option<Date>,
    pub paid_on: Option<Date>,
    /// Amount, fen; none until decided (补助金额).
    pub amount_fen: Option<i64>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
