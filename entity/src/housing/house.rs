//! Houses of record (住房); a household has one at a time. Owner: housing bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{HouseGrade, HouseSolution};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "house")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Danger grade and day of its survey (房屋等级、鉴定日期).
    pub grade: HouseGrade,
    pub surveyed_on: Date,
    /// Floor area, square decimetres (建筑面积).
    pub area_dm2: i64,
    /// Year built (建成年份).
    pub built_year: Option<i32>,
    /// How safe housing is reached (住房解决方式).
    pub solution: HouseSolution,
    /// Time as house of record, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
