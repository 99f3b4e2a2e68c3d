//! Which index key the blind indexes of this database were made with: one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vault_state")]
pub struct Model {
    /// One.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// A keyed hash of a fixed text, 32 bytes: it tells whether a key is the one, and nothing of the key.
    pub index_check: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
