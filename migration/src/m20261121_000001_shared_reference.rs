//! Tables of no room: regions, institutions, key blocks, users, access log, reports of other agencies.

use entity::codes::{AccessAction, Department, HospitalLevel, InstitutionKind, Role};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.prepare_no_overlap()).await?;
        regions(dialect, manager).await?;
        institution(dialect).create(manager).await?;
        Table::new(dialect, "id_block")
            .column("name TEXT NOT NULL PRIMARY KEY")
            .column("next_id BIGINT NOT NULL")
            .create(manager)
            .await?;
        app_user(dialect).create(manager).await?;
        access_record(dialect).create(manager).await?;
        reported_record(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "reported_record",
            "access_record",
            "app_user",
            "id_block",
            "institution",
            "region_population",
            "region",
        ];
        drop_tables(manager, &tables).await
    }
}

async fn regions(dialect: Dialect, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    Table::new(dialect, "region")
        .column(format!("code {}", dialect.key()))
        .column("parent_code BIGINT")
        .column("level TEXT NOT NULL")
        .column("name TEXT NOT NULL")
        .check(
            "level_word",
            "level IN ('PROVINCE', 'PREFECTURE', 'COUNTY', 'TOWNSHIP', 'VILLAGE')",
        )
        .index("parent", "parent_code, code")
        .create(manager)
        .await?;
    Table::new(dialect, "region_population")
        .column("region_code BIGINT NOT NULL")
        .column("year INTEGER NOT NULL")
        .amounts(&["rural_persons"])
        .constraint("PRIMARY KEY (region_code, year)")
        .create(manager)
        .await
}

fn institution(dialect: Dialect) -> Table {
    Table::new(dialect, "institution")
        .column("code TEXT NOT NULL PRIMARY KEY")
        .word::<InstitutionKind>("kind")
        .column("name TEXT NOT NULL")
        .column("region_code BIGINT NOT NULL")
        .word_or_null::<HospitalLevel>("hospital_level")
        .check(
            "level_of_hospital",
            "hospital_level IS NULL OR kind = 'HOSPITAL'",
        )
        .index("region", "region_code, code")
}

fn app_user(dialect: Dialect) -> Table {
    Table::new(dialect, "app_user")
        .column("id TEXT NOT NULL PRIMARY KEY")
        .word::<Department>("department")
        .column("roles TEXT NOT NULL")
        .column("region_code BIGINT")
        .column("institution_code TEXT")
        .column("disabled BOOLEAN NOT NULL DEFAULT FALSE")
        .column("updated_at_ms BIGINT NOT NULL")
}

/// The household and person are no foreign keys: the log outlives what it speaks of.
fn access_record(dialect: Dialect) -> Table {
    Table::keyed(dialect, "access_record")
        .column("at_ms BIGINT NOT NULL")
        .column("user_id TEXT NOT NULL")
        .column("client TEXT NOT NULL")
        .word::<Department>("department")
        .word::<Role>("role")
        .column("purpose TEXT")
        .word::<AccessAction>("action")
        .column("household_id BIGINT")
        .column("region_code BIGINT")
        .column("person_id BIGINT")
        .blind_index("query_index", "")
        .column("found BOOLEAN NOT NULL")
        .index("household", "household_id, at_ms, id")
        .index("person", "person_id, at_ms, id")
        .index("user", "user_id, at_ms, id")
}

/// Unconstrained on purpose: what another agency says is kept as it came.
fn reported_record(dialect: Dialect) -> Table {
    Table::keyed(dialect, "reported_record")
        .column("source_agency TEXT NOT NULL")
        .column("kind TEXT NOT NULL")
        .column("file_name TEXT NOT NULL")
        .column("file_hash TEXT NOT NULL")
        .column("sheet TEXT")
        .column("row_number INTEGER")
        .column("household_id BIGINT")
        .column("region_code BIGINT")
        .bytes("identity_index", "")
        .column("reported_on DATE")
        .column("values_json TEXT NOT NULL")
        .column("received_at_ms BIGINT NOT NULL")
        .index("household", "household_id, kind, id")
        .index("identity", "identity_index, kind, id")
        .index("file", "file_hash, row_number, id")
}
