//! A post in a village and its days, and what the village earns in common.

use crate::{
    graphql::{
        plan::{Many, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::household::codes::{VillagePostGrade, VillagePostRole, VillagePostState};

codes!(VillagePostGrade, VillagePostRole, VillagePostState);

/// Somebody posted in a village (驻村岗位): first secretary, leader or member of the work team.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::village_post",
    of_region,
    household = "t.region_code",
    order = "t.valid_from DESC, t.id"
)]
pub struct VillagePost {
    /// The global id (全局编号).
    id: NodeId<VillagePost>,
    /// The village (所在村).
    #[record(column = "t.region_code")]
    village: Ref<Region>,
    /// The name (姓名).
    person_name: String,
    /// The unit that sent the person (派出单位).
    unit: String,
    /// The post (岗位).
    role: VillagePostRole,
    /// The state (状态).
    state: VillagePostState,
    /// The latest grade (考核等次). Null: not graded yet.
    grade: Option<VillagePostGrade>,
    /// The first day in the village (到岗日期).
    valid_from: Day,
    /// The day the post ended (离岗日期). Null: posted.
    valid_to: Option<Day>,
    /// Days in the village (驻村天数) by calendar year, newest first.
    #[record(parent = "t.village_post_id")]
    attendance: Many<VillageAttendance>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// Days that somebody posted in a village was there in a calendar year (驻村考勤).
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::village_post_attendance",
    of_region,
    household = "t.region_code",
    order = "t.year DESC"
)]
pub struct VillageAttendance {
    /// The calendar year (年度).
    year: i32,
    /// Days in the village (驻村天数).
    days: i32,
}

/// What a village earned in common in a calendar year (村集体经济收入).
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::collective_income",
    of_region,
    household = "t.region_code",
    order = "t.year DESC"
)]
pub struct CollectiveIncome {
    /// The global id (全局编号).
    id: NodeId<CollectiveIncome>,
    /// The village (所在村).
    #[record(column = "t.region_code")]
    village: Ref<Region>,
    /// The calendar year (年度).
    year: i32,
    /// What came in (收入金额), yuan.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
