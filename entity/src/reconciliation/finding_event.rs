//! What happened to a finding (核查问题办理记录): appended, never changed.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::FindingEventKind;
use crate::codes::Department;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "finding_event")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household and its village, or none and the region, 12 digits; and the county of 6 (generated).
    pub household_id: Option<i64>,
    pub region_code: i64,
    pub county_code: i64,
    /// On what the finding stands (generated): the household's key, or the region's code below zero.
    pub owner_key: i64,
    /// The finding.
    pub finding_id: i64,
    /// What happened and when (环节、日期).
    pub kind: FindingEventKind,
    pub happened_on: Date,
    /// Who did it; none where a run of the checks did (办理部门).
    pub department: Option<Department>,
    /// What was said (内容).
    pub note: Option<String>,
    /// The values as they were until then, as JSON, where they have changed (此前依据).
    pub evidence: Option<String>,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
