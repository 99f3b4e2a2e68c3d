//! Next free key of each table: the application takes keys in blocks, so that they are known before the insert.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "id_block")]
pub struct Model {
    /// Name of the sequence, usually the table.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// First key not handed out yet.
    pub next_id: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
