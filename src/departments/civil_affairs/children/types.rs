//! Cases of left-behind children, and orphans.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::civil_affairs::codes::{GuardianCare, OrphanClass, OrphanPlacement, ParentalAbsence};

codes!(GuardianCare, OrphanClass, OrphanPlacement, ParentalAbsence);

/// The case of a left-behind child (农村留守儿童).
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::left_behind_child",
    order = "t.valid_from DESC, t.id"
)]
pub struct LeftBehindChild {
    /// The global id (全局编号).
    id: NodeId<LeftBehindChild>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// Which parents are away (父母外出情况).
    absence: ParentalAbsence,
    /// Who looks after the child (监护照料情况).
    care: GuardianCare,
    /// The guardian, where it is a member of the household (监护人). Null: somebody else, or nobody.
    #[record(column = "t.guardian_person_id")]
    guardian: Ref<Person>,
    /// The name of the guardian (监护人姓名). Null: no guardian on record.
    #[record(
        column = "COALESCE(t.guardian_name, (SELECT g.name FROM person g WHERE g.id = t.guardian_person_id))"
    )]
    guardian_name: Option<String>,
    /// The day the case was opened (建档日期).
    valid_from: Day,
    /// The day it was closed (结案日期). Null: open.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// An orphan, or a child whom nobody supports in fact (孤儿、事实无人抚养儿童).
#[derive(SimpleObject, Record)]
#[record(entity = "civil_affairs::orphan", order = "t.valid_from DESC, t.id")]
pub struct Orphan {
    /// The global id (全局编号).
    id: NodeId<Orphan>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The class (孤儿类别).
    class: OrphanClass,
    /// Where the child lives (安置方式).
    placement: OrphanPlacement,
    /// The allowance (基本生活费), yuan a month.
    #[graphql(name = "monthlyAmount")]
    monthly_fen: Fen,
    /// The day of approval (批准日期).
    approved_on: Day,
    /// The first day in force (起始日期), the first of a month.
    valid_from: Day,
    /// The day it ended (终止日期), the first of a month. Null: in force.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
