//! Which index key a database was filled with.

use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Table::new(Dialect::of(manager)?, "vault_state")
            .column("id INTEGER NOT NULL PRIMARY KEY")
            .blind_index("index_check", "NOT NULL")
            .check("one", "id = 1")
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["vault_state"]).await
    }
}
