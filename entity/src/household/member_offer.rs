//! Members who move to a place that those they leave may not write in (转移待接收): offered there, taken into a household there.

use sea_orm::entity::prelude::*;
use time::Date;

use super::codes::MemberOfferState;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_offer")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The township or village it is offered to, 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// The member, and the village left.
    pub person_id: i64,
    pub from_region: i64,
    /// The first day no longer there (迁出日期).
    pub leaves_on: Date,
    /// State (转移状态), and the days of offer and acceptance.
    pub state: MemberOfferState,
    pub offered_on: Date,
    pub accepted_on: Option<Date>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
