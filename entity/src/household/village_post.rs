//! Posts in a village (驻村岗位): members of the work team and first secretaries. Owners: organisation department, poverty office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{VillagePostGrade, VillagePostRole, VillagePostState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "village_post")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The village of 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Name and unit of the one posted (姓名、派出单位).
    pub person_name: String,
    pub unit: String,
    /// Post and state (岗位、状态).
    pub role: VillagePostRole,
    pub state: VillagePostState,
    /// The latest grade (考核等次).
    pub grade: Option<VillagePostGrade>,
    /// Time in the village, half-open: the last day is the day before `valid_to`; none is open.
    pub valid_from: Date,
    pub valid_to: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
