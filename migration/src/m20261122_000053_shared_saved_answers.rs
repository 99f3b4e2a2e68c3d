//! Answers that were saved with their facts.

use entity::codes::Department;
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        saved_answer(Dialect::of(manager)?).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["saved_answer"]).await
    }
}

fn saved_answer(dialect: Dialect) -> Table {
    Table::below_household(dialect, "saved_answer")
        .word::<Department>("saved_by")
        .column("as_of DATE NOT NULL")
        .column("saved_on DATE NOT NULL")
        .column("content TEXT NOT NULL")
        .column("digest TEXT NOT NULL")
        .edited()
        .check("once", "version = 1")
        .check("digest", "length(digest) = 64")
        .index("county", "county_code, saved_on, id")
}
