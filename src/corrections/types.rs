//! A correction request.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, Record, Ref, codes},
        scalars::{Day, Moment, NamedNode, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::codes::{CorrectionState, Department};

codes!(CorrectionState);

/// What correction requests add to a household.
#[derive(SimpleObject, Record)]
#[graphql(name = "CorrectionsOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// The requests to correct something on the file (更正申请), newest first.
    correction_requests: Guarded<Many<CorrectionRequest>>,
}

/// A request to the owner of a field to correct it (更正申请). Domain reference, section 4.
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::correction_request",
    order = "t.raised_on DESC, t.id DESC",
    bounds(
        Poverty,
        Township,
        Village,
        Helper,
        Household,
        Civil,
        Medins,
        Health,
        Edu,
        Housing,
        Reloc,
        Finance,
        Hrss,
        Forestry,
        Agri,
        Dpf,
        Police,
        Women,
        Land = "(t.raised_by = {department} OR t.owner = {department})",
        School,
        Bank,
        Insurer = "(t.raised_by = {department} AND t.raised_institution = {institution} \
            OR t.owner = {department} AND t.owner_institution = {institution})"
    )
)]
pub struct CorrectionRequest {
    /// The global id (全局编号).
    id: NodeId<CorrectionRequest>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The member (家庭成员). Null: it is about the household.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The record that is to be corrected (更正对象), by global id.
    subject: NamedNode,
    /// Its type (对象类型).
    object_type: String,
    /// Its field (字段).
    field: String,
    /// The department that owns the field (信息主管部门).
    owner: Department,
    /// The department that raised the request (申请部门).
    raised_by: Department,
    /// The value on record that day, as text (记录值). Null: none, or a sensitive value.
    recorded_value: Option<String>,
    /// What should stand there, as text (建议值). Null: nothing, or a sensitive value.
    proposed_value: Option<String>,
    /// Why (理由).
    reason: String,
    /// The document that shows it (佐证材料).
    document_number: Option<String>,
    /// The state (状态).
    state: CorrectionState,
    /// What the owner says (答复).
    answer: Option<String>,
    /// The day of the request (申请日期).
    raised_on: Day,
    /// The day it ended (办结日期). Null: it is open.
    closed_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
