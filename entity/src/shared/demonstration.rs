//! Whether the families of this database are a demonstration's (演示数据), and which: one row, written with them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "demonstration")]
pub struct Model {
    /// Always 1: there is one at the most.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What it was asked for: the seed, households of 乌兰察布, and whether the village of fixed figures is told besides.
    pub seed: i64,
    pub wanted: i64,
    pub village: bool,
    /// What it came to: households and memberships, and rows of all tables together.
    pub households: i64,
    pub persons: i64,
    pub total_rows: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
