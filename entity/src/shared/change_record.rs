//! What changed (变更), for those who follow: no values.

use sea_orm::entity::prelude::*;

use crate::codes::{ChangeAction, Slice};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_record")]
pub struct Model {
    /// The number of the transaction, and the place of the change in it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub transaction_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// The part of the file (信息板块).
    pub slice: Slice,
    /// What was done to which row: its table and key.
    pub action: ChangeAction,
    pub object_type: String,
    pub object_id: i64,
    /// The household, and the region before and after; none where there is none.
    pub household_id: Option<i64>,
    pub region_before: Option<i64>,
    pub region_code: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
