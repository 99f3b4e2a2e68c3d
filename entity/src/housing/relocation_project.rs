//! Relocation projects (易地扶贫搬迁项目), a site and a plan year each. Owner: relocation office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::RelocationStage;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relocation_project")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Where the project is, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Name of the project and of the place where its houses stand (项目名称、安置点).
    pub name: String,
    pub site: String,
    /// Plan year (计划年度), and the stage that the project as a whole has reached (进度).
    pub year: i32,
    pub stage: RelocationStage,
    /// Houses planned and finished (计划、竣工套数).
    pub planned_houses: i64,
    pub finished_houses: i64,
    /// Persons on file and persons who accompany them (建档立卡、同步搬迁人口).
    pub registered_persons: i64,
    pub accompanying_persons: i64,
    /// Whether a whole village moves (整村搬迁).
    pub whole_village: bool,
    /// The cost, fen, and where the money comes from; the sources add up to it (投资及资金来源).
    pub cost_fen: i64,
    pub central_fen: i64,
    pub region_fen: i64,
    pub city_fen: i64,
    pub county_fen: i64,
    pub bond_fen: i64,
    pub construction_fund_fen: i64,
    pub loan_fen: i64,
    pub self_fen: i64,
    /// Days of approval and of completion (批复、竣工日期).
    pub approved_on: Option<Date>,
    pub finished_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
