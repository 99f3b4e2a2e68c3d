//! Up to which position changes were removed because they were too old: one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_purge")]
pub struct Model {
    /// One.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// The last change that was removed.
    pub transaction_id: i64,
    pub ordinal: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
