//! What housing keeps of a household.

use crate::{
    departments::Household,
    graphql::{
        plan::{Guarded, Many, One, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId, SquareMetres},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::housing::codes::{
    HouseGrade, HouseSolution, RelocationKind, RelocationMode, RelocationStage, RenovationState,
};

codes!(
    HouseGrade,
    HouseSolution,
    RelocationKind,
    RelocationMode,
    RelocationStage,
    RenovationState,
);

#[derive(SimpleObject, Record)]
#[graphql(name = "HousingOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What housing keeps (住房).
    #[record(object)]
    housing: Guarded<HouseholdHousing>,
}

/// What housing keeps of a household (农户住房信息).
#[derive(SimpleObject, Record)]
pub struct HouseholdHousing {
    /// The house of record (现住房). Null: none on record.
    #[record(filter = "t.valid_to IS NULL")]
    house: Guarded<One<House>>,
    /// All houses of record, newest first (历次住房). A household has one at a time, so a handful.
    houses: Guarded<Many<House>>,
    /// The renovations of its houses, newest year first (危房改造). A household's, so a handful.
    renovations: Guarded<Many<Renovation>>,
    /// The relocation (易地扶贫搬迁). Null: none. A household is relocated once.
    relocation: Guarded<One<Relocation>>,
    /// Ways to a safe house without building, newest first (其他住房安排). One at a time, so a handful.
    arrangements: Guarded<Many<HousingArrangement>>,
    /// The homesteads, newest first (宅基地). One house, one plot, so a handful.
    homesteads: Guarded<Many<Homestead>>,
}

/// A house of record (住房).
#[derive(SimpleObject, Record)]
#[record(entity = "housing::house", order = "t.valid_from DESC, t.id")]
pub struct House {
    /// The global id (全局编号).
    id: NodeId<House>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The danger grade (房屋等级).
    grade: HouseGrade,
    /// The day of the survey that gave the grade (鉴定日期).
    surveyed_on: Day,
    /// The floor area (建筑面积), square metres.
    #[graphql(name = "area")]
    area_dm2: SquareMetres,
    /// The year built (建成年份). Null: not recorded.
    built_year: Option<i32>,
    /// How safe housing is reached (住房解决方式).
    solution: HouseSolution,
    /// The first day as house of record (起始日期).
    valid_from: Day,
    /// The day it ceased to be (终止日期). Null: the house of record today.
    valid_to: Option<Day>,
    /// The renovations of this house, newest year first (危房改造). A handful.
    #[record(parent = "t.house_id")]
    renovations: Many<Renovation>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// The renovation of a dangerous house (危房改造).
#[derive(SimpleObject, Record)]
#[record(entity = "housing::renovation", order = "t.year DESC, t.id")]
pub struct Renovation {
    /// The global id (全局编号).
    id: NodeId<Renovation>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The house (住房).
    #[record(column = "t.house_id")]
    house: Ref<House>,
    /// The plan year (计划年度).
    year: i32,
    /// What is done (改造方式).
    solution: HouseSolution,
    /// The state (危房改造状态).
    state: RenovationState,
    /// The danger grade before (改造前等级).
    grade_before: HouseGrade,
    /// The floor area after (改造后面积), square metres. Null: not finished.
    #[graphql(name = "areaAfter")]
    area_after_dm2: Option<SquareMetres>,
    /// The subsidy (补助金额), yuan. Null: not decided.
    #[graphql(name = "subsidy")]
    subsidy_fen: Option<Fen>,
    /// The day of approval (批准日期). Null: not approved.
    approved_on: Option<Day>,
    /// The day of acceptance (验收日期). Null: not accepted.
    accepted_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A relocation project (易地扶贫搬迁项目): a site and a plan year.
#[derive(SimpleObject, Record)]
#[record(
    entity = "housing::relocation_project",
    from = "relocation_project t JOIN region r ON r.code = t.region_code",
    of_region
)]
pub struct RelocationProject {
    /// The global id (全局编号).
    id: NodeId<RelocationProject>,
    /// Where the project is (所在地区).
    #[record(object)]
    region: Region,
    /// The name (项目名称).
    name: String,
    /// The place where its houses stand (安置点).
    site: String,
    /// The plan year (计划年度).
    year: i32,
    /// The stage that the project as a whole has reached (进度).
    stage: RelocationStage,
    /// The houses planned (计划套数).
    planned_houses: i32,
    /// The houses finished (竣工套数).
    finished_houses: i32,
    /// Persons on file (建档立卡人口).
    registered_persons: i32,
    /// Persons who accompany them (同步搬迁人口): at most half as many, but where a whole village of a banner in deep
    /// poverty moves.
    accompanying_persons: i32,
    /// Whether a whole village moves (整村搬迁).
    whole_village: bool,
    /// Where the money comes from (投资及资金来源).
    #[record(object)]
    funding: RelocationFunding,
    /// The day of approval (批复日期). Null: not approved.
    approved_on: Option<Day>,
    /// The day of completion (竣工日期). Null: not finished.
    finished_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// The cost of a relocation project or of one household's relocation, and its sources, which add up to it (搬迁资金来源).
#[derive(SimpleObject, Record)]
pub struct RelocationFunding {
    /// The whole cost (总投资), yuan.
    #[graphql(name = "cost")]
    cost_fen: Fen,
    /// From the central budget (中央预算内投资), yuan.
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
    /// From local government bonds (地方政府债券), yuan.
    #[graphql(name = "bond")]
    bond_fen: Fen,
    /// From the special construction fund (专项建设基金), yuan.
    #[graphql(name = "constructionFund")]
    construction_fund_fen: Fen,
    /// From the long-term subsidised loan (长期贴息贷款), yuan.
    #[graphql(name = "loan")]
    loan_fen: Fen,
    /// From the household itself (自筹), yuan.
    #[graphql(name = "self")]
    self_fen: Fen,
}

/// The relocation of a household (易地扶贫搬迁户).
#[derive(SimpleObject, Record)]
#[record(entity = "housing::relocation")]
pub struct Relocation {
    /// The global id (全局编号).
    id: NodeId<Relocation>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The project (搬迁项目).
    #[record(column = "t.relocation_project_id")]
    project: Ref<RelocationProject>,
    /// As what the household takes part (搬迁对象类别).
    kind: RelocationKind,
    /// How it is settled (安置方式).
    mode: RelocationMode,
    /// How far it has come (搬迁阶段).
    stage: RelocationStage,
    /// The members counted for the subsidy (核定人口), persons.
    persons: i32,
    /// The day they were counted and the relocation was decided (核定日期). Null: only planned.
    decided_on: Option<Day>,
    /// The floor area of the new house (安置住房面积), square metres. Null: not settled yet.
    #[graphql(name = "area")]
    area_dm2: Option<SquareMetres>,
    /// The subsidy by head (搬迁补助), yuan; part of the cost.
    #[graphql(name = "subsidy")]
    subsidy_fen: Fen,
    /// Where the money comes from (资金来源).
    #[record(object)]
    funding: RelocationFunding,
    /// The house left behind (旧房). Null: none on record.
    #[record(column = "t.old_house_id")]
    old_house: Ref<House>,
    /// The day the new house was finished (竣工日期). Null: not finished.
    finished_on: Option<Day>,
    /// The day the household moved in (入住日期). Null: not moved.
    moved_in_on: Option<Day>,
    /// The day the old house was removed (旧房拆除日期). Null: it stands.
    old_house_removed_on: Option<Day>,
    /// The day the household was found settled, with an industry (稳定日期). Null: not yet.
    settled_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A way to a safe house without building (其他住房安排): a house swapped or rented, public housing, a mutual home.
#[derive(SimpleObject, Record)]
#[record(
    entity = "housing::housing_arrangement",
    order = "t.valid_from DESC, t.id"
)]
pub struct HousingArrangement {
    /// The global id (全局编号).
    id: NodeId<HousingArrangement>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// Which way it is (方式).
    solution: HouseSolution,
    /// The number of the contract (合同编号). Null: none recorded.
    contract_number: Option<String>,
    /// Who lets or runs the house (出租方). Null: nobody, as with a swap.
    landlord: Option<String>,
    /// The floor area (面积), square metres. Null: not recorded.
    #[graphql(name = "area")]
    area_dm2: Option<SquareMetres>,
    /// The rent (月租金), yuan a month. Null: none.
    #[graphql(name = "monthlyRent")]
    rent_fen: Option<Fen>,
    /// The first day (起始日期).
    valid_from: Day,
    /// The day it ended (终止日期). Null: still so.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A homestead (宅基地): the plot that a household's house stands on.
#[derive(SimpleObject, Record)]
#[record(entity = "housing::homestead", order = "t.valid_from DESC, t.id")]
pub struct Homestead {
    /// The global id (全局编号).
    id: NodeId<Homestead>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The number of the certificate (宅基地证号). Null: none recorded.
    certificate_number: Option<String>,
    /// The area of the plot (面积), square metres.
    #[graphql(name = "area")]
    area_dm2: SquareMetres,
    /// The first day of the right (取得日期).
    valid_from: Day,
    /// The day it was returned (退出日期). Null: held today.
    valid_to: Option<Day>,
    /// The day it was reclaimed as farmland (复垦日期). Null: not reclaimed.
    reclaimed_on: Option<Day>,
    /// How much of it was reclaimed (复垦面积), square metres. Null: not reclaimed.
    #[graphql(name = "reclaimedArea")]
    reclaimed_dm2: Option<SquareMetres>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
