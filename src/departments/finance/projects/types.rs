//! The project library, who benefits from its projects, and the funds.

use crate::{
    departments::Household,
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::finance::codes::{
    FundKind, FundLevel, FundMovementKind, ProjectKind, ProjectNature, ProjectState,
};

codes!(
    FundKind,
    FundLevel,
    FundMovementKind,
    ProjectKind,
    ProjectNature,
    ProjectState,
);

/// A project of the project library (项目库项目), from its proposal on.
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::project",
    from = "project t JOIN region r ON r.code = t.region_code",
    of_region
)]
pub struct Project {
    /// The global id (全局编号).
    id: NodeId<Project>,
    /// Where the project is (所在地区).
    #[record(object)]
    region: Region,
    /// The number (项目编号).
    number: String,
    /// The name (项目名称).
    name: String,
    /// The kind (项目类别).
    kind: ProjectKind,
    /// The nature (建设性质).
    nature: ProjectNature,
    /// The state (项目状态).
    state: ProjectState,
    /// The plan year (年度).
    year: i32,
    /// The place (建设地点).
    place: String,
    /// The first day planned (开工日期).
    starts_on: Day,
    /// The last day planned (完工期限).
    ends_on: Day,
    /// The responsible unit (责任单位).
    responsible_unit: String,
    /// The tasks (建设任务).
    tasks: String,
    /// The money and where it comes from (资金规模及筹资方式).
    #[record(object)]
    funding: ProjectFunding,
    /// Households that are to benefit (受益户数).
    beneficiary_households: i32,
    /// Persons who are to benefit (受益人数).
    beneficiary_persons: i32,
    /// The performance target (绩效目标).
    performance_target: String,
    /// How the people take part (群众参与).
    participation: String,
    /// How the poor benefit (带贫减贫机制).
    benefit: String,
    /// The day of the proposal (申报日期).
    proposed_on: Day,
    /// The day it was published in the village (村内公示日期). Null: not yet.
    village_published_on: Option<Day>,
    /// The day of the township's review (乡镇审核日期). Null: not yet.
    township_reviewed_on: Option<Day>,
    /// The day of the county's approval (县级审定日期). Null: not yet.
    county_approved_on: Option<Day>,
    /// The first day of the county's publicity (县级公示日期). Null: not published.
    published_on: Option<Day>,
    /// How long it was published (公示天数), days, at least 10 of what is in the library. Null: not published.
    publicity_days: Option<i32>,
    /// The day it entered the library (入库日期). Null: not yet.
    library_on: Option<Day>,
    /// The day it was funded (安排资金日期). Null: not funded.
    funded_on: Option<Day>,
    /// The day it was done (完工日期). Null: not done.
    done_on: Option<Day>,
    /// The day of acceptance (验收日期). Null: not accepted.
    accepted_on: Option<Day>,
    /// The day it left the library (调出日期). Null: it did not.
    removed_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// The money of a project and its sources, which add up to it (项目资金来源).
#[derive(SimpleObject, Record)]
pub struct ProjectFunding {
    /// The whole cost (资金规模), yuan.
    #[graphql(name = "cost")]
    cost_fen: Fen,
    /// From central funds (中央资金), yuan.
    #[graphql(name = "central")]
    central_fen: Fen,
    /// From the province or autonomous region (省、自治区资金), yuan.
    #[graphql(name = "region")]
    region_fen: Fen,
    /// From the prefecture or city (市级资金), yuan.
    #[graphql(name = "city")]
    city_fen: Fen,
    /// From the county (县级资金), yuan.
    #[graphql(name = "county")]
    county_fen: Fen,
    /// From paired help and donors (社会帮扶资金), yuan.
    #[graphql(name = "social")]
    social_fen: Fen,
    /// From loans (贷款), yuan.
    #[graphql(name = "loan")]
    loan_fen: Fen,
    /// From those who benefit (自筹), yuan.
    #[graphql(name = "self")]
    self_fen: Fen,
}

/// A household that benefits from a project (项目受益户).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::project_beneficiary",
    order = "t.joined_on DESC, t.id"
)]
pub struct ProjectBeneficiary {
    /// The global id (全局编号).
    id: NodeId<ProjectBeneficiary>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The project (项目).
    #[record(column = "t.project_id")]
    project: Ref<Project>,
    /// Members who benefit (受益人数), persons.
    persons: i32,
    /// From which day on (受益日期).
    joined_on: Day,
    /// What it brings (年受益金额), yuan a year. Null: not counted.
    #[graphql(name = "yearlyBenefit")]
    benefit_fen: Option<Fen>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// The funds of a region and year, of one level and kind (扶贫资金台账).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::fund_account",
    from = "fund_account t JOIN region r ON r.code = t.region_code",
    of_region
)]
pub struct FundAccount {
    /// The global id (全局编号).
    id: NodeId<FundAccount>,
    /// Whose funds they are (所属地区).
    #[record(object)]
    region: Region,
    /// The year (年度).
    year: i32,
    /// The level of government that they come from (资金级次).
    level: FundLevel,
    /// The kind (资金类别).
    kind: FundKind,
    /// What is planned (计划金额), yuan.
    #[graphql(name = "planned")]
    planned_fen: Fen,
    /// What was received (到账金额), yuan.
    #[graphql(name = "received")]
    received_fen: Fen,
    /// What was spent (支出金额), yuan; at most what was received.
    #[graphql(name = "spent")]
    spent_fen: Fen,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A receipt or an expenditure of funds (资金收支).
#[derive(SimpleObject, Record)]
#[record(
    entity = "finance::fund_movement",
    from = "fund_movement t JOIN region r ON r.code = t.region_code",
    of_region
)]
pub struct FundMovement {
    /// The global id (全局编号).
    id: NodeId<FundMovement>,
    /// Whose funds they are (所属地区).
    #[record(object)]
    region: Region,
    /// The account (资金台账).
    #[record(column = "t.fund_account_id")]
    account: Ref<FundAccount>,
    /// Received or spent (收支类别).
    kind: FundMovementKind,
    /// The amount (金额), yuan.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The day (日期).
    moved_on: Day,
    /// The number of the paper (文号). Null: none recorded.
    document_number: Option<String>,
    /// What for (用途).
    purpose: String,
    /// The project it was spent on (项目). Null: received, or spent on no single project.
    #[record(column = "t.project_id")]
    project: Ref<Project>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    recorded_at_ms: Moment,
}
