//! A finding.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::{
    codes::Department,
    reconciliation::codes::{FindingSeverity, FindingState},
};

codes!(FindingSeverity, FindingState);

/// What reconciliation adds to a household.
#[derive(SimpleObject, Record)]
#[graphql(name = "ReconciliationOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What checks have found (核查问题), newest first.
    findings: Many<Finding>,
}

/// A contradiction that a check has found (核查问题). Domain reference, section 11.
#[derive(SimpleObject, Record)]
#[record(
    entity = "reconciliation::finding",
    order = "t.opened_on DESC, t.id DESC"
)]
pub struct Finding {
    /// The global id (全局编号).
    id: NodeId<Finding>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The member (家庭成员). Null: it is about the household.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The check (核查项), such as "RC-17".
    #[graphql(name = "check")]
    check_id: String,
    /// How grave it is (问题等级).
    severity: FindingSeverity,
    /// The department that is asked (责任部门).
    department: Department,
    /// The state (问题状态).
    state: FindingState,
    /// The day it was found (发现日期).
    opened_on: Day,
    /// The day by which it is to be answered (办理期限). Null: none is set.
    due_on: Option<Day>,
    /// The day it was closed (办结日期). Null: not closed.
    closed_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
