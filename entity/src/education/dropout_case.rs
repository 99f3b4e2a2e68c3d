//! Children who left school before nine years of it (控辍保学). Owner: education bureau.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{DropoutReason, DropoutState, SchoolTerm};
use crate::codes::StudentStage;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dropout_case")]
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
    /// School that the child left (原就读学校), and stage (学段).
    pub school_code: String,
    pub stage: StudentStage,
    /// First term without the child: school year by the autumn it begins in (失学学年、学期).
    pub school_year: i32,
    pub term: SchoolTerm,
    /// Day of the report (上报日期).
    pub reported_on: Date,
    /// Reason (辍学原因).
    pub reason: DropoutReason,
    /// State (劝返状态).
    pub state: DropoutState,
    /// Day the child was back at school (复学日期).
    pub returned_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
