//! By what a row of another agency's file is known again, so that the same row is kept once and a corrected one takes its place.

use sea_orm_migration::prelude::*;

use crate::table::{AddedColumns, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        of_reported_record().add(manager).await?;
        let index = "CREATE UNIQUE INDEX reported_record_row ON reported_record (row_key)";
        run(manager, vec![index.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, vec!["DROP INDEX reported_record_row".to_owned()]).await?;
        of_reported_record().drop(manager).await
    }
}

/// Null: a record that came in another way than by a file.
fn of_reported_record() -> AddedColumns {
    AddedColumns::of("reported_record").column("row_key TEXT")
}
