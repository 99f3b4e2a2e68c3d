//! What tells the families of a demonstration from real ones.

use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        Table::keyed(dialect, "demonstration")
            .column("seed BIGINT NOT NULL")
            .column("wanted BIGINT NOT NULL")
            .column("village BOOLEAN NOT NULL")
            .amounts(&["households", "persons", "total_rows"])
            .check("one", "id = 1")
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["demonstration"]).await
    }
}
