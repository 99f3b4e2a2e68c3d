//! What a village earned in common in a year (村集体经济收入). Owner: village, confirmed by the township.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "collective_income")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The village of 12 digits, and the county of 6 (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// Calendar year (年度).
    pub year: i32,
    /// What came in, fen (收入金额).
    pub amount_fen: i64,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
