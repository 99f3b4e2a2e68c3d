//! House renovations (危房改造). Owner: housing bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{HouseGrade, HouseSolution, RenovationState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renovation")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The house, of the same household.
    pub house_id: i64,
    /// Plan year (计划年度).
    pub year: i32,
    /// Solution and state (改造方式、状态).
    pub solution: HouseSolution,
    pub state: RenovationState,
    /// Grade before (改造前等级).
    pub grade_before: HouseGrade,
    /// Floor area after, square decimetres (改造后面积).
    pub area_after_dm2: Option<i64>,
    /// Subsidy, fen (补助金额).
    pub subsidy_fen: Option<i64>,
    /// Days of approval and acceptance (批准、验收日期).
    pub approved_on: Option<Date>,
    pub accepted_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
