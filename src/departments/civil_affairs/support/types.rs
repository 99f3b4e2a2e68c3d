//! Grants and decisions besides dibao.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::civil_affairs::codes::{
    CareLevel, MedicalAssistanceKind, SupportMode, TemporaryAssistanceReason,
};

codes!(
    CareLevel,
    MedicalAssistanceKind,
    SupportMode,
    TemporaryAssistanceReason,
);

/// A person covered by dibao or a cash subsidy (保障对象), in whole months.
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::income_benefit_period",
    order = "t.valid_from, t.id"
)]
pub struct CoveredPerson {
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The first day (开始日期), the first of a month.
    valid_from: Day,
    /// The day it ended (结束日期), the first of a month. Null: covered.
    valid_to: Option<Day>,
}

/// The special support of a person (特困供养), who has no income, labour or supporter.
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::special_support",
    order = "t.valid_from DESC, t.id"
)]
pub struct SpecialSupport {
    /// The global id (全局编号).
    id: NodeId<SpecialSupport>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The number of the certificate (特困供养证号).
    support_number: String,
    /// Where the person lives (供养方式).
    mode: SupportMode,
    /// How much care the person needs (照料护理等级).
    care_level: CareLevel,
    /// The standard of basic living (基本生活标准), yuan a year.
    #[graphql(name = "standard")]
    standard_fen: Fen,
    /// The amount for living (月供养金), yuan a month.
    #[graphql(name = "monthlyAmount")]
    monthly_fen: Fen,
    /// The amount for care (月照料护理费), yuan a month.
    #[graphql(name = "monthlyCareAmount")]
    monthly_care_fen: Fen,
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

/// The cash subsidy of a household and year (现金直补), for those at the edge of dibao.
#[derive(SimpleObject, Record)]
#[record(entity = "civil_affairs::cash_subsidy", order = "t.year DESC, t.id")]
pub struct CashSubsidy {
    /// The global id (全局编号).
    id: NodeId<CashSubsidy>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The calendar year (年度).
    year: i32,
    /// The members counted (补贴人数), persons.
    persons: i32,
    /// Who is covered (补贴对象). A family's.
    #[record(parent = "t.cash_subsidy_id", filter = "t.person_id IS NOT NULL")]
    covered_persons: Many<CoveredPerson>,
    /// The amount a head (人均标准), yuan a year.
    #[graphql(name = "perHead")]
    per_head_fen: Fen,
    /// The amount of the household (补贴金额), yuan a year.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The day of approval (批准日期).
    approved_on: Day,
    /// The first day (起始日期), the first of a month.
    valid_from: Day,
    /// The day it ends (终止日期), the first of a month. Null: open.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// Temporary assistance of a household in sudden hardship (临时救助).
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::temporary_assistance",
    order = "t.decided_on DESC, t.id"
)]
pub struct TemporaryAssistance {
    /// The global id (全局编号).
    id: NodeId<TemporaryAssistance>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The reason (救助原因).
    reason: TemporaryAssistanceReason,
    /// The amount (救助金额), yuan.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The day of application (申请日期).
    applied_on: Day,
    /// The day of the decision (批准日期).
    decided_on: Day,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A decision on medical assistance (医疗救助).
#[derive(SimpleObject, Record)]
#[record(
    entity = "civil_affairs::medical_assistance",
    order = "t.decided_on DESC, t.id"
)]
pub struct MedicalAssistance {
    /// The global id (全局编号).
    id: NodeId<MedicalAssistance>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person (人员).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The kind (救助类别).
    kind: MedicalAssistanceKind,
    /// The number of the claim (结算单号). Null: not of a single claim.
    claim_number: Option<String>,
    /// What was left with the patient (救助前个人自付), yuan.
    #[graphql(name = "leftWithPatient")]
    left_fen: Fen,
    /// The amount (救助金额), yuan: never more than what was left.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The day of the decision (批准日期).
    decided_on: Day,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
