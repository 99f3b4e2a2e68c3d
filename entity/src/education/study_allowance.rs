//! Study allowances (教育资助), an instalment a term. Owners: education bureau, and for donated grants the poverty office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{SchoolTerm, StudyAllowanceState};
use crate::codes::{Department, StudentStage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "study_allowance")]
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
    /// The human being, where known: what is granted once in a lifetime is found by it.
    pub identity_id: Option<i64>,
    /// Department that grants (发放部门), and the benefit as its pack names it (资助项目).
    pub department: Department,
    pub programme: String,
    /// School (学校代码).
    pub school_code: String,
    /// School year by the autumn it begins in, and term (学年、学期).
    pub school_year: i32,
    pub term: SchoolTerm,
    /// Stage, boarding and county seat as the amount was worked out by them (学段、寄宿、旗县所在地).
    pub stage: StudentStage,
    pub boarding: bool,
    pub county_seat: bool,
    /// Whether it is granted once in a lifetime (一次性).
    pub one_off: bool,
    /// Amount, fen (金额).
    pub amount_fen: i64,
    /// State (资助状态).
    pub state: StudyAllowanceState,
    /// Last day of the payment, where one is set, and the day of it (应发、实发日期).
    pub due_on: Option<Date>,
    pub paid_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
