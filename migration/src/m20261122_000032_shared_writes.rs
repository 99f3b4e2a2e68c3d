//! What every write leaves beside its rows: the request it answered, the audit record, the change for those who follow;
//! and the seals over the audit records.
//!
//! Records are ordered by `transaction_id`, which grows with the transactions: on PostgreSQL the database's own number of
//! the transaction, on SQLite a count, kept in `transaction_clock`. A reader that stays below the oldest running
//! transaction misses none. The number of the database begins anew where a dump is restored into another cluster;
//! `transaction_clock` is added to it then.

use entity::codes::{ChangeAction, Department, Slice};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        Table::new(dialect, "transaction_clock")
            .column("id INTEGER NOT NULL PRIMARY KEY")
            .column("added BIGINT NOT NULL")
            .check("one", "id = 1")
            .create(manager)
            .await?;
        let first = "INSERT INTO transaction_clock (id, added) VALUES (1, 0)";
        run(manager, vec![first.to_owned()]).await?;
        request_record(dialect).create(manager).await?;
        audit_record(dialect).create(manager).await?;
        audit_seal(dialect).create(manager).await?;
        change_record(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "change_record",
            "audit_seal",
            "audit_record",
            "request_record",
            "transaction_clock",
        ];
        drop_tables(manager, &tables).await
    }
}

fn request_record(dialect: Dialect) -> Table {
    Table::new(dialect, "request_record")
        .column("user_id TEXT NOT NULL")
        .column("client TEXT NOT NULL")
        .column("request_id TEXT NOT NULL")
        .column("operation TEXT NOT NULL")
        .bytes("digest", "NOT NULL")
        .column("answer TEXT NOT NULL")
        .column("at_ms BIGINT NOT NULL")
        .constraint("PRIMARY KEY (user_id, client, request_id)")
        .check("digest_length", "length(digest) = 32")
        .index("at", "at_ms")
}

/// The objects and households are no foreign keys: the log outlives what it speaks of.
fn audit_record(dialect: Dialect) -> Table {
    Table::new(dialect, "audit_record")
        .column("transaction_id BIGINT NOT NULL")
        .column("ordinal INTEGER NOT NULL")
        .column("at_ms BIGINT NOT NULL")
        .column("user_id TEXT NOT NULL")
        .column("client TEXT NOT NULL")
        .word::<Department>("department")
        .column("roles TEXT NOT NULL")
        .column("institution_code TEXT")
        .column("purpose TEXT")
        .column("operation TEXT NOT NULL")
        .column("request_id TEXT")
        .word::<ChangeAction>("action")
        .column("object_type TEXT NOT NULL")
        .column("object_id BIGINT NOT NULL")
        .column("household_id BIGINT")
        .column("region_code BIGINT")
        .column("before_json TEXT")
        .column("after_json TEXT")
        .constraint("PRIMARY KEY (transaction_id, ordinal)")
        .index("object", "object_type, object_id, transaction_id, ordinal")
        .index("household", "household_id, transaction_id, ordinal")
}

fn audit_seal(dialect: Dialect) -> Table {
    Table::new(dialect, "audit_seal")
        .column(format!("number {}", dialect.key()))
        .column("from_transaction BIGINT NOT NULL")
        .column("to_transaction BIGINT NOT NULL")
        .column("records BIGINT NOT NULL")
        .bytes("root", "NOT NULL")
        .bytes("previous", "NOT NULL")
        .column("sealed_at_ms BIGINT NOT NULL")
        .column("algorithm TEXT NOT NULL")
        .column("key_id TEXT NOT NULL")
        .bytes("signature", "NOT NULL")
        .check("order", "to_transaction > from_transaction")
        .unique("from", "from_transaction")
}

fn change_record(dialect: Dialect) -> Table {
    Table::new(dialect, "change_record")
        .column("transaction_id BIGINT NOT NULL")
        .column("ordinal INTEGER NOT NULL")
        .column("at_ms BIGINT NOT NULL")
        .word::<Slice>("slice")
        .word::<ChangeAction>("action")
        .column("object_type TEXT NOT NULL")
        .column("object_id BIGINT NOT NULL")
        .column("household_id BIGINT")
        .column("region_before BIGINT")
        .column("region_code BIGINT")
        .constraint("PRIMARY KEY (transaction_id, ordinal)")
}
