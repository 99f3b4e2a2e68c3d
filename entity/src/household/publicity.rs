//! Lists posted for objections (公示). Domain reference, section 7.6. Owners: poverty office, in the village the village.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::{PublicityKind, PublicityResult};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "publicity")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region whose list it is, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Kind, what the list is called and where it hangs (公示类别、公示名单、公示地点).
    pub kind: PublicityKind,
    pub title: String,
    pub place: String,
    /// The day of posting, and the last day: the day after posting is day one (公示起止日期).
    pub starts_on: Date,
    pub ends_on: Date,
    /// How it ended (公示结果).
    pub result: Option<PublicityResult>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
