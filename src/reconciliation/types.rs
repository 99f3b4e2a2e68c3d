//! A finding, what it rests on, and what was done about it.

use super::run::Value;
use crate::{
    authz::Access,
    corrections::CorrectionRequest,
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, Record, Ref, codes},
        scalars::{Day, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::{ComplexObject, Context, SimpleObject};
use entity::{
    codes::{CodeList as _, Department},
    reconciliation::codes::{BlockedStep, FindingEventKind, FindingSeverity, FindingState},
};

codes!(BlockedStep, FindingEventKind, FindingSeverity, FindingState);

/// What reconciliation adds to a household.
#[derive(SimpleObject, Record)]
#[graphql(name = "ReconciliationOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What checks have found (核查问题), newest first.
    findings: Guarded<Many<Finding>>,
}

/// A contradiction that a check has found (核查问题), as far as it concerns your department. Domain reference, section 11.
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(
    entity = "reconciliation::finding",
    from = "finding t JOIN region r ON r.code = t.region_code",
    household = "t.owner_key",
    order = "t.opened_on DESC, t.id DESC",
    bounds(
        Org,
        Stats = "(t.household_id IS NULL AND (t.department = {department} OR t.parties LIKE '% ' || {department} || ' %'))",
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
        Land = "(t.department = {department} OR t.parties LIKE '% ' || {department} || ' %')"
    )
)]
pub struct Finding {
    /// The global id (全局编号).
    id: NodeId<Finding>,
    /// The household (农户). Null: it is about the region as a whole, and no family.
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The village of the household, or the region that it is about (行政区划).
    #[record(object)]
    region: Region,
    /// The member (家庭成员). Null: it is about the household or the region.
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The check (核查项), such as "RC-17". What it says stands in `checks`.
    #[graphql(name = "check")]
    check_id: String,
    /// How grave it is (问题等级).
    severity: FindingSeverity,
    /// The department that is asked (责任部门).
    department: Department,
    #[graphql(skip)]
    #[record(column = "t.parties")]
    parties: String,
    /// The department that raised it (提出部门). Null: a check found it, and closes it when the values agree.
    raised_by: Option<Department>,
    /// The state (问题状态).
    state: FindingState,
    /// Who works on it (经办人), as the department calls them. Null: nobody was named.
    officer: Option<String>,
    #[graphql(skip)]
    #[record(column = "t.evidence")]
    kept: String,
    /// The day it was found (发现日期).
    opened_on: Day,
    /// The day it was found again (重新发现日期). Null: it was not.
    reopened_on: Option<Day>,
    /// The day by which it is to be answered (办理期限). Null: none is set.
    due_on: Option<Day>,
    /// The day it was closed (办结日期). Null: not closed.
    closed_on: Option<Day>,
    /// Why the values differ (说明).
    explanation: Option<String>,
    /// The last day for which the explanation holds (说明有效期). After it, and when the values change, the finding is open again.
    explained_until: Option<Day>,
    /// What was corrected (整改情况).
    resolution: Option<String>,
    /// The request by which it is corrected (更正申请). Null: none is linked, or it is not yours to read.
    #[record(column = "t.correction_request_id")]
    correction_request: Guarded<Ref<CorrectionRequest>>,
    /// What happened to it (办理记录), oldest first. A handful.
    #[record(parent = "t.finding_id")]
    history: Many<FindingEvent>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

#[ComplexObject]
impl Finding {
    /// The departments whose data differ (涉及部门).
    async fn between(&self) -> Vec<Department> {
        let words = self.parties.split_whitespace();
        words.filter_map(Department::of_word).collect()
    }

    /// The values that differ (核查依据), as they were when they were last compared. A few.
    async fn evidence(&self, ctx: &Context<'_>) -> Vec<FindingEvidence> {
        FindingEvidence::all(ctx.data_unchecked(), &self.kept)
    }
}

/// A value that a finding rests on (核查依据).
#[derive(SimpleObject, Clone)]
pub struct FindingEvidence {
    /// What it is (名称), by the name that `checks` explains.
    name: String,
    /// The department in whose data it stands (信息主管部门).
    department: Option<Department>,
    /// The field whose readers see it (字段), such as "Household.class".
    field: String,
    /// The value (数值), amounts in yuan. Null: nothing is recorded, or it is withheld.
    value: Option<String>,
    /// The day it is of (日期), where one is known.
    on: Option<String>,
    /// Whether the value is not yours to read (是否隐去).
    withheld: bool,
}

impl FindingEvidence {
    /// What was kept, as far as the viewer may see it.
    fn all(access: &Access, kept: &str) -> Vec<Self> {
        let values: Vec<Value> = serde_json::from_str(kept).unwrap_or_default();
        let shown = values.into_iter().map(|kept| {
            let (type_name, field) = kept.field.split_once('.').unwrap_or_default();
            let may_read = access.may_read(type_name, field);
            FindingEvidence {
                department: Department::of_word(&kept.of),
                value: kept.value.filter(|_| may_read),
                on: kept.on.filter(|_| may_read),
                withheld: !may_read,
                name: kept.name,
                field: kept.field,
            }
        });
        shown.collect()
    }
}

/// What happened to a finding (核查问题办理记录).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
#[record(
    entity = "reconciliation::finding_event",
    household = "t.owner_key",
    parent = "t.finding_id",
    order = "t.recorded_at_ms, t.id"
)]
pub struct FindingEvent {
    /// What happened (办理环节).
    kind: FindingEventKind,
    /// When (日期).
    happened_on: Day,
    /// The department that did it (办理部门). Null: a run of the checks.
    department: Option<Department>,
    /// What was said (内容).
    note: Option<String>,
    #[graphql(skip)]
    #[record(column = "t.evidence")]
    kept: Option<String>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

#[ComplexObject]
impl FindingEvent {
    /// The values until then (此前依据). Empty where they have not changed.
    async fn evidence_before(&self, ctx: &Context<'_>) -> Vec<FindingEvidence> {
        let kept = self.kept.as_deref().unwrap_or("[]");
        FindingEvidence::all(ctx.data_unchecked(), kept)
    }
}
