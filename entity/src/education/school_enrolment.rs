//! Enrolment in a school (在校学籍), one a person and term. Owner: education bureau; confirmed by the school.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::SchoolTerm;
use crate::codes::StudentStage;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "school_enrolment")]
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
    /// School year by the autumn it begins in: 2018 is autumn 2018 to summer 2019 (学年).
    pub school_year: i32,
    /// Term (学期).
    pub term: SchoolTerm,
    /// Stage and grade within it (学段、年级).
    pub stage: StudentStage,
    pub grade: Option<i32>,
    /// Whether the pupil boards (寄宿), and goes to school in the county seat (在旗县所在地就读).
    pub boarding: bool,
    pub county_seat: bool,
    /// Day the school confirmed it (确认日期).
    pub confirmed_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
