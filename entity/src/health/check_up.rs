//! Check-ups (健康体检). Owner: health bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::CheckUpResult;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_up")]
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
    /// Day, and its calendar year (generated) (体检日期、年度).
    pub checked_on: Date,
    pub year: i32,
    /// Hospital or clinic (体检机构).
    pub institution_code: String,
    /// Whether it is the free one of the year (免费体检).
    pub free: bool,
    /// Class of the result, not the findings (体检结果类别).
    pub result: CheckUpResult,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
