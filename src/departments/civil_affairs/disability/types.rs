//! Certificates and allowances of disabled people.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::civil_affairs::codes::{DisabilityAllowanceKind, DisabilityCategory, DisabilityGrade};

codes!(DisabilityAllowanceKind, DisabilityCategory, DisabilityGrade);

/// A disability certificate (残疾人证).
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::disability_certificate",
    order = "t.valid_from DESC, t.id"
)]
pub struct DisabilityCertificate {
    /// The global id (全局编号).
    id: NodeId<DisabilityCertificate>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The number (残疾人证号), which holds the citizen number: all but the first character hidden.
    #[record(column = "t.certificate_mask")]
    certificate_number: Guarded<String>,
    /// The category (残疾类别).
    category: DisabilityCategory,
    /// The grade (残疾等级).
    grade: DisabilityGrade,
    /// The first day of validity (发证日期).
    valid_from: Day,
    /// The day it ended (失效日期). Null: valid.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// One of the two allowances of a disabled person (残疾人补贴), in whole months.
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::disability_allowance",
    order = "t.valid_from DESC, t.kind, t.id"
)]
pub struct DisabilityAllowance {
    /// The global id (全局编号).
    id: NodeId<DisabilityAllowance>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// Which of the two (补贴类别).
    kind: DisabilityAllowanceKind,
    /// The amount (月补贴金额), yuan a month.
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
