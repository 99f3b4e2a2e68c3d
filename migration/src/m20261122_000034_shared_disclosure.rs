//! What was shown of whom and in which case, in the access records.

use sea_orm_migration::prelude::*;

use crate::table::{AddedColumns, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        added().add(manager).await?;
        let index = "CREATE INDEX access_record_by_at ON access_record (at_ms, id)";
        run(manager, vec![index.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, vec!["DROP INDEX access_record_by_at".to_owned()]).await?;
        added().drop(manager).await
    }
}

fn added() -> AddedColumns {
    AddedColumns::of("access_record")
        .column("case_number TEXT")
        .column("fields TEXT")
}
