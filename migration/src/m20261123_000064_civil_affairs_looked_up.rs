//! By what SQLite's triggers against overlaps look a period up. PostgreSQL has the indexes of its exclusion constraints; without
//! these SQLite reads the whole table for every period that is written.

use sea_orm_migration::prelude::*;

use crate::{dialect::Dialect, table::run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 2] = ["whole_household_id", "human_key"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = COLUMNS.map(|column| {
            format!("CREATE INDEX income_benefit_period_{column} ON income_benefit_period ({column}, valid_from)")
        });
        on_sqlite(manager, create.to_vec()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = COLUMNS.map(|column| format!("DROP INDEX income_benefit_period_{column}"));
        on_sqlite(manager, drop.to_vec()).await
    }
}

async fn on_sqlite(manager: &SchemaManager<'_>, statements: Vec<String>) -> Result<(), DbErr> {
    match Dialect::of(manager)? {
        Dialect::Sqlite => run(manager, statements).await,
        Dialect::Postgres => Ok(()),
    }
}
