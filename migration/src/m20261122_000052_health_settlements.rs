//! What a settlement of a claim rests on: what others reported, the rules by name and hash, and what they had not set.

use sea_orm_migration::prelude::*;

use crate::table::AddedColumns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        claim_columns().add(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        claim_columns().drop(manager).await
    }
}

fn claim_columns() -> AddedColumns {
    AddedColumns::of("medical_claim")
        .checked(
            "commercial_reported_fen BIGINT",
            "commercial_reported_sign",
            "commercial_reported_fen >= 0",
        )
        .checked(
            "backstop_decision_fen BIGINT",
            "backstop_decision_sign",
            "backstop_decision_fen >= 0",
        )
        .column("pack TEXT")
        .column("pack_hash TEXT")
        .column("marks TEXT")
}
