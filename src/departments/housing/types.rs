//! What housing keeps of a household.

use crate::{
    departments::Household,
    graphql::{
        plan::{Guarded, Many, One, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId, SquareMetres},
    },
};
use async_graphql::SimpleObject;
use entity::housing::codes::{HouseGrade, HouseSolution, RenovationState};

codes!(HouseGrade, HouseSolution, RenovationState);

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
    house: One<House>,
    /// All houses of record, newest first (历次住房). A household has one at a time, so a handful.
    houses: Many<House>,
    /// The renovations of its houses, newest year first (危房改造). A household's, so a handful.
    renovations: Many<Renovation>,
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
