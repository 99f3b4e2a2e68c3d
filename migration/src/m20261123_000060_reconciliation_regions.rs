//! Reconciliation: findings that stand on a region and on no household, and reports found by their region.

use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::m20261122_000056_reconciliation_work as before;
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The tables, the ones that refer to others first.
const TABLES: [&str; 2] = ["finding_event", "finding"];
const REPORTS: [(&str, &str); 2] = [
    // What is reported of a region and not of somebody in it.
    (
        "reported_record_by_region",
        "(kind, region_code, id) WHERE household_id IS NULL",
    ),
    // What has come since a run.
    ("reported_record_by_arrival", "(received_at_ms)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.see_all_regions()).await?;
        set_aside(manager).await?;
        finding(dialect).create(manager).await?;
        finding_event(dialect).create(manager).await?;
        put_back(manager, "").await?;
        let indexes = REPORTS
            .map(|(name, columns)| format!("CREATE INDEX {name} ON reported_record {columns}"));
        run(manager, indexes.to_vec()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.see_all_regions()).await?;
        let indexes = REPORTS.map(|(name, _)| format!("DROP INDEX {name}"));
        run(manager, indexes.to_vec()).await?;
        set_aside(manager).await?;
        before::finding(dialect).create(manager).await?;
        before::finding_event(dialect).create(manager).await?;
        // There is no place for what stands on a region.
        put_back(manager, "WHERE household_id IS NOT NULL").await
    }
}

const OF_BOTH: &str = "id, household_id, region_code";
/// What the database does not make itself.
const OF_FINDING: &str = "person_id, subject, check_id, severity, department, parties, stops, raised_by, state, officer, evidence, \
     opened_on, reopened_on, due_on, closed_on, explanation, explained_until, resolution, correction_request_id, version, recorded_at_ms";
const OF_EVENT: &str = "finding_id, kind, happened_on, department, note, evidence, recorded_at_ms";

fn columns(table: &str) -> String {
    let own = match table {
        "finding" => OF_FINDING,
        _ => OF_EVENT,
    };
    format!("{OF_BOTH}, {own}")
}

/// Keeps the rows beside and drops the tables: SQLite takes no constraint off a column.
async fn set_aside(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in TABLES {
        let columns = columns(table);
        let copy = format!("CREATE TABLE {table}_aside AS SELECT {columns} FROM {table}");
        run(manager, vec![copy]).await?;
    }
    drop_tables(manager, &TABLES).await
}

/// Puts the rows into the new tables.
async fn put_back(manager: &SchemaManager<'_>, only: &str) -> Result<(), DbErr> {
    for table in TABLES.iter().rev() {
        let columns = columns(table);
        let copy =
            format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_aside {only}");
        run(manager, vec![copy]).await?;
    }
    drop_tables(manager, &TABLES.map(aside)).await
}

fn aside(table: &'static str) -> &'static str {
    match table {
        "finding" => "finding_aside",
        _ => "finding_event_aside",
    }
}

/// A table of what stands on a household, or else on a region. By `owner_key` both are found: the household's key, or the
/// region's code below zero.
fn of_household_or_region(dialect: Dialect, name: &'static str) -> Table {
    Table::of_region(dialect, name)
        .column("household_id BIGINT")
        .column(
            "owner_key BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(household_id, -region_code)) STORED",
        )
        .constraint(format!(
            "CONSTRAINT {name}_household FOREIGN KEY (household_id, region_code) \
             REFERENCES household (id, region_code) ON UPDATE CASCADE"
        ))
        .index("household", "household_id")
        .index("owner", "owner_key")
}

fn finding(dialect: Dialect) -> Table {
    before::described(of_household_or_region(dialect, "finding"))
        .check(
            "person_of_household",
            "person_id IS NULL OR household_id IS NOT NULL",
        )
        // What a check finds is one finding for ever: found again, it is opened again.
        .unique_where(
            "once",
            "owner_key, check_id, subject, COALESCE(person_id, 0)",
            "raised_by IS NULL",
        )
}

fn finding_event(dialect: Dialect) -> Table {
    let table = of_household_or_region(dialect, "finding_event")
        .column("finding_id BIGINT NOT NULL CONSTRAINT finding_event_of REFERENCES finding (id)");
    before::happened(table)
}
