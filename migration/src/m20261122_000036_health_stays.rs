//! Claims: a person is in one hospital at a time.

use sea_orm_migration::prelude::*;

use crate::dialect::{Apart, Dialect};
use crate::table::run;

/// The day on which one stay ends and another begins belongs to both. A visit has no night and excludes nothing.
const STAYS: Apart<'_> = Apart {
    table: "medical_claim",
    name: "medical_claim_stays_apart",
    keys: &["person_id"],
    days: ("admitted_on", "discharged_on"),
    counts: Some("{}.kind = 'INPATIENT' AND {}.state <> 'VOIDED'"),
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.apart(&STAYS)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.drop_apart(STAYS.table, STAYS.name)).await
    }
}
