//! Which checks of a run did not come to their end, and what was decided elsewhere before it was taken over.

use sea_orm_migration::prelude::*;

use crate::table::AddedColumns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in columns() {
            columns.add(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in columns() {
            columns.drop(manager).await?;
        }
        Ok(())
    }
}

fn columns() -> [AddedColumns; 2] {
    [
        AddedColumns::of("reconciliation_run").column("unfinished TEXT"),
        AddedColumns::of("medical_claim")
            .column("settled_elsewhere BOOLEAN NOT NULL DEFAULT FALSE"),
    ]
}
