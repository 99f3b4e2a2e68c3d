//! Visits to a household (入户走访): lines of the work ledger. Owners: village, helper. Appended, never edited.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::VisitWay;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "help_visit")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The household, its village of 12 digits, and the county of 6 (generated).
    pub household_id: i64,
    pub region_code: i64,
    pub county_code: i64,
    /// Day and way of the visit (走访日期、方式).
    pub visited_on: Date,
    pub way: VisitWay,
    /// The helper, where one came, and the name of whoever came (帮扶责任人、走访人).
    pub helper_id: Option<i64>,
    pub visitor: String,
    /// What was done, what came of it, what comes next (工作内容、结果、下一步).
    pub what: String,
    pub result: Option<String>,
    pub next_step: Option<String>,
    /// Moment of the record in epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
