//! Relocations of households (易地扶贫搬迁户), one a household. Owner: relocation office.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{RelocationKind, RelocationMode, RelocationStage};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relocation")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// The project.
    pub relocation_project_id: i64,
    /// As what the household takes part, how it is settled and how far it has come (对象类别、安置方式、阶段).
    pub kind: RelocationKind,
    pub mode: RelocationMode,
    pub stage: RelocationStage,
    /// Members counted for the subsidy, and the day of that decision (核定人口、核定日期).
    pub persons: i32,
    pub decided_on: Option<Date>,
    /// Floor area of the new house, square decimetres (安置住房面积).
    pub area_dm2: Option<i64>,
    /// Subsidy by head, fen; part of the cost (搬迁补助).
    pub subsidy_fen: i64,
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
    /// The house left behind, of the same household.
    pub old_house_id: Option<i64>,
    /// Days: house finished, moved in, old house removed, settled (竣工、入住、拆旧、稳定日期).
    pub finished_on: Option<Date>,
    pub moved_in_on: Option<Date>,
    pub old_house_removed_on: Option<Date>,
    pub settled_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
