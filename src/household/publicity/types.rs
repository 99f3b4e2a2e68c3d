//! A posted list and the objections to it.

use crate::{
    departments::Household,
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::household::codes::{ObjectionDecision, PublicityKind, PublicityResult};

codes!(ObjectionDecision, PublicityKind, PublicityResult);

/// A list posted for objections (公示). The next step may be taken from the day after the last day, if no objection is open.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::publicity",
    from = "publicity t JOIN region r ON r.code = t.region_code",
    of_region,
    household = "t.region_code"
)]
pub struct Publicity {
    /// The global id (全局编号).
    id: NodeId<Publicity>,
    /// Whose list it is (公示地区).
    #[record(object)]
    region: Region,
    /// The kind (公示类别).
    kind: PublicityKind,
    /// What the list is called (公示名单).
    title: String,
    /// Where it hangs (公示地点).
    place: String,
    /// The day it was posted (公示日期).
    starts_on: Day,
    /// The last day (公示截止日期); the day after posting is day one.
    ends_on: Day,
    /// How it ended (公示结果). Null: not yet.
    result: Option<PublicityResult>,
    /// The objections to it (异议), newest first.
    #[record(parent = "t.publicity_id")]
    objections: Many<Objection>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// An objection to a posted list (异议). While it is open, the next step waits.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::objection",
    of_region,
    household = "t.region_code",
    order = "t.raised_on DESC, t.id"
)]
pub struct Objection {
    /// The global id (全局编号).
    id: NodeId<Objection>,
    /// The list (公示).
    #[record(column = "t.publicity_id")]
    publicity: Ref<Publicity>,
    /// The household on it that is meant (涉及农户). Null: the list as such, or a household that has moved away since.
    #[record(
        column = "(SELECT h.id FROM household h WHERE h.id = t.household_id AND h.region_code BETWEEN t.region_code \
                  AND t.region_code + CASE WHEN t.region_code % 1000000 = 0 THEN 999999 WHEN t.region_code % 1000 = 0 THEN 999 ELSE 0 END)"
    )]
    household: Ref<Household>,
    /// Who raised it (异议人).
    raised_by: String,
    /// When it was raised (提出日期).
    raised_on: Day,
    /// What it says (异议内容).
    what: String,
    /// The decision (处理结果). Null: open.
    decision: Option<ObjectionDecision>,
    /// Who decided (处理人). Null: open.
    decided_by: Option<String>,
    /// When it was decided (处理日期). Null: open.
    decided_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
