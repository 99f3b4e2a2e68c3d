//! Reconciliation: what findings rest on, what is done about them, and the runs of the checks.

use entity::codes::Department;
use entity::reconciliation::codes::{FindingEventKind, FindingSeverity, FindingState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::m20261122_000031_reconciliation_findings as first;
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        let states = "CASE t.state WHEN 'RESOLVED' THEN 'CORRECTED' WHEN 'AGREED' THEN 'CLOSED' ELSE t.state END";
        // What there is was raised by departments: no check closes it.
        let more = [
            ("parties", "' ' || t.department || ' '"),
            (
                "stops",
                "CASE t.severity WHEN 'BLOCK' THEN ' PAYMENT EXIT CONFIRMATION ' ELSE ' ' END",
            ),
            ("raised_by", "t.department"),
            ("evidence", "'[]'"),
        ];
        reshape(manager, finding(dialect), states, &more).await?;
        finding_event(dialect).create(manager).await?;
        reconciliation_run(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        drop_tables(manager, &["reconciliation_run", "finding_event"]).await?;
        let states = "CASE t.state WHEN 'CORRECTED' THEN 'RESOLVED' WHEN 'CLOSED' THEN 'AGREED' \
                      WHEN 'IN_WORK' THEN 'OPEN' ELSE t.state END";
        reshape(manager, first::finding(dialect), states, &[]).await
    }
}

/// Gives the table of findings another shape, with what it holds: its constraints differ, which SQLite changes in no other
/// way.
async fn reshape(
    manager: &SchemaManager<'_>,
    table: Table,
    states: &str,
    more: &[(&str, &str)],
) -> Result<(), DbErr> {
    let kept = "id, household_id, region_code, person_id, check_id, severity, department, opened_on, due_on, closed_on, version, \
                recorded_at_ms";
    let [columns, values]: [String; 2] = [
        more.iter()
            .map(|(column, _)| format!(", {column}"))
            .collect(),
        more.iter().map(|(_, value)| format!(", {value}")).collect(),
    ];
    let aside = ["household", "person", "county"]
        .map(|index| format!("DROP INDEX finding_by_{index}"))
        .into_iter()
        .chain(["ALTER TABLE finding RENAME TO finding_before".to_owned()]);
    run(manager, aside.collect()).await?;
    table.create(manager).await?;
    let copy = format!(
        "INSERT INTO finding ({kept}, state{columns}) SELECT {kept}, {states}{values} FROM finding_before t"
    );
    run(manager, vec![copy, "DROP TABLE finding_before".to_owned()]).await
}

pub(crate) fn finding(dialect: Dialect) -> Table {
    described(Table::below_household(dialect, "finding"))
        // What a check finds is one finding for ever: found again, it is opened again.
        .unique_where(
            "once",
            "household_id, check_id, subject, COALESCE(person_id, 0)",
            "raised_by IS NULL",
        )
}

/// What a finding says, wherever it stands.
pub(crate) fn described(table: Table) -> Table {
    table
        .of_person_or_household()
        .column("subject BIGINT NOT NULL DEFAULT 0")
        .column("check_id TEXT NOT NULL")
        .word::<FindingSeverity>("severity")
        .word::<Department>("department")
        .column("parties TEXT NOT NULL")
        .column("stops TEXT NOT NULL")
        .word_or_null::<Department>("raised_by")
        .word::<FindingState>("state")
        .column("officer TEXT")
        .column("evidence TEXT NOT NULL")
        .column("opened_on DATE NOT NULL")
        .column("reopened_on DATE")
        .column("due_on DATE")
        .column("closed_on DATE")
        .column("explanation TEXT")
        .column("explained_until DATE")
        .column("resolution TEXT")
        .column("correction_request_id BIGINT REFERENCES correction_request (id)")
        .edited()
        .check("check_name", "check_id LIKE 'RC-__'")
        .check(
            "order",
            "(due_on IS NULL OR due_on >= opened_on) AND (closed_on IS NULL OR closed_on >= opened_on) \
             AND (reopened_on IS NULL OR reopened_on >= opened_on)",
        )
        .check(
            "over",
            "(state IN ('CORRECTED', 'CLOSED')) = (closed_on IS NOT NULL)",
        )
        .referable()
        .index("county", "county_code, opened_on, id")
}

pub(crate) fn finding_event(dialect: Dialect) -> Table {
    let table =
        Table::below_household(dialect, "finding_event").column("finding_id BIGINT NOT NULL");
    happened(table)
}

/// What happened to a finding, wherever it stands.
pub(crate) fn happened(table: Table) -> Table {
    table
        .same_household("finding_id", "finding")
        .word::<FindingEventKind>("kind")
        .column("happened_on DATE NOT NULL")
        .word_or_null::<Department>("department")
        .column("note TEXT")
        .column("evidence TEXT")
        .column("recorded_at_ms BIGINT NOT NULL")
        .index("finding", "finding_id, id")
}

fn reconciliation_run(dialect: Dialect) -> Table {
    Table::of_region(dialect, "reconciliation_run")
        .column("as_of DATE NOT NULL")
        .column("check_id TEXT")
        .column("incremental BOOLEAN NOT NULL")
        .amounts(&[
            "households",
            "found",
            "changed",
            "still_open",
            "closed",
            "reopened",
        ])
        .column("followed_transaction BIGINT NOT NULL")
        .column("started_at_ms BIGINT NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .index("county", "county_code, region_code, started_at_ms")
}
