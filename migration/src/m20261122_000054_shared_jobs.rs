//! Work that takes longer than a request, and the files that come of it.

use entity::codes::{Department, FileFormat, JobKind, JobProblem, JobState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        job(dialect).create(manager).await?;
        job_part(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["job_part", "job"]).await
    }
}

fn job(dialect: Dialect) -> Table {
    Table::of_region(dialect, "job")
        .word::<JobKind>("kind")
        .word::<Department>("department")
        .column("user_id TEXT NOT NULL")
        .column("sender TEXT NOT NULL")
        .column("institution_code TEXT NOT NULL")
        .column("input TEXT NOT NULL")
        .word::<FileFormat>("format")
        .column("file_name TEXT NOT NULL")
        .column("file_hash TEXT")
        .word::<JobState>("state")
        .word_or_null::<JobProblem>("problem")
        .column("problem_detail TEXT")
        .column("total BIGINT")
        .amounts(&["done", "lines", "bytes"])
        .column("changed INTEGER")
        .column("unchanged INTEGER")
        .column("refused INTEGER")
        .column("position TEXT")
        .column("holder TEXT")
        .column("lease_until_ms BIGINT")
        .column("attempts INTEGER NOT NULL")
        .column("file_path TEXT")
        .column("requested_at_ms BIGINT NOT NULL")
        .column("started_at_ms BIGINT")
        .column("ended_at_ms BIGINT")
        .edited()
        .check("problem", "(state = 'FAILED') = (problem IS NOT NULL)")
        .check("file", "(state = 'DONE') = (file_path IS NOT NULL)")
        .check(
            "held",
            "(state = 'RUNNING') = (holder IS NOT NULL) AND (holder IS NULL) = (lease_until_ms IS NULL)",
        )
        .check(
            "ended",
            "(state IN ('AWAITING_FILE', 'QUEUED', 'RUNNING')) = (ended_at_ms IS NULL)",
        )
        .index("state", "state, id")
        .index("county", "county_code, requested_at_ms, id")
}

fn job_part(dialect: Dialect) -> Table {
    Table::new(dialect, "job_part")
        .column("job_id BIGINT NOT NULL REFERENCES job (id)")
        .column("stage TEXT NOT NULL")
        .check("stage", "stage IN ('INPUT', 'LINES', 'FILE')")
        .column("number INTEGER NOT NULL")
        .region()
        .bytes("content", "NOT NULL")
        .constraint("CONSTRAINT job_part_key PRIMARY KEY (job_id, stage, number)")
}
