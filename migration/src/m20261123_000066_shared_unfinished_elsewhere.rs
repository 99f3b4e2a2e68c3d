//! Reconciliation: which checks of a run did not come to their end.

use sea_orm_migration::prelude::*;

use crate::table::AddedColumns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns().add(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns().drop(manager).await
    }
}

fn columns() -> AddedColumns {
    AddedColumns::of("reconciliation_run").column("unfinished TEXT")
}
