//! How many households of a village were compared on a day (核查户数): what an error rate is a share of.

use sea_orm::entity::prelude::*;
use time::Date;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checked_village")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The village of 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The day, and the households compared (核查日期、核查户数).
    pub checked_on: Date,
    pub households: i32,
    /// Moment of recording, epoch milliseconds.
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
