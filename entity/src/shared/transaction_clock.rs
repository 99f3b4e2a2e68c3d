//! What is added to the number of a transaction, or counts the transactions where the database does not: one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transaction_clock")]
pub struct Model {
    /// One.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// Added to PostgreSQL's own number; on SQLite the number of the newest transaction.
    pub added: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
