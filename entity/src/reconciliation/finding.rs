//! Findings of a check: slices that contradict each other (核查问题). Domain reference, section 11.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{FindingSeverity, FindingState};
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household and its village, or none and the region that it stands on, 12 digits; and the county of 6 (generated).
    pub household_id: Option<i64>,
    pub region_code: i64,
    pub county_code: i64,
    /// On what it stands (generated): the household's key, or the region's code below zero.
    pub owner_key: i64,
    /// The member it is about, where it is about one.
    pub person_id: Option<i64>,
    /// The key of the record it is about, such as a loan; 0 where it is about the household, the member or the region as a whole.
    pub subject: i64,
    /// The check, such as RC-17 (核查项).
    pub check_id: String,
    /// How grave it is, and the department asked (问题等级、责任部门).
    pub severity: FindingSeverity,
    pub department: Department,
    /// The departments whose data differ, as words with a space before and after each (涉及部门).
    pub parties: String,
    /// The steps that it stops while it is open, as words with a space before and after each (阻断环节).
    pub stops: String,
    /// Who raised it; none where a check found it, which then closes it as well (提出部门).
    pub raised_by: Option<Department>,
    /// State, and who works on it (问题状态、经办人).
    pub state: FindingState,
    pub officer: Option<String>,
    /// The values that differ, with their sources and days, as JSON (核查依据).
    pub evidence: String,
    /// Days: found first, found again, to be answered by, closed (发现、重新发现、期限、办结日期).
    pub opened_on: Date,
    pub reopened_on: Option<Date>,
    pub due_on: Option<Date>,
    pub closed_on: Option<Date>,
    /// Why the values differ, and the last day for which that holds (说明、说明有效期).
    pub explanation: Option<String>,
    pub explained_until: Option<Date>,
    /// What was corrected, and the request by which (整改情况、更正申请).
    pub resolution: Option<String>,
    pub correction_request_id: Option<i64>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
