//! Institutions as objects of the graph: what a hospital or a school is, and that whoever names one names a known one.

use entity::codes::SchoolKind;
use sea_orm_migration::prelude::*;

use crate::dialect::{Dialect, Key};
use crate::table::{AddedColumns, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INSTITUTION: Key<'_> = ("institution", "code");

/// The columns that name an institution, each with the name of what holds it to that.
const NAMING: [(&str, Key<'_>); 3] = [
    (
        "medical_claim_institution",
        ("medical_claim", "institution_code"),
    ),
    (
        "school_enrolment_school",
        ("school_enrolment", "school_code"),
    ),
    (
        "rain_dew_application_school",
        ("rain_dew_application", "school_code"),
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(
            manager,
            dialect.order_by_bytes(INSTITUTION.0, INSTITUTION.1),
        )
        .await?;
        columns().add(manager).await?;
        for (name, column) in NAMING {
            run(manager, dialect.refer(name, column, INSTITUTION)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        for (name, column) in NAMING {
            run(manager, dialect.stop_referring(name, column)).await?;
        }
        columns().drop(manager).await
    }
}

fn columns() -> AddedColumns {
    AddedColumns::of("institution")
        .checked(
            "designated BOOLEAN NOT NULL DEFAULT FALSE",
            "designated_hospital",
            "NOT designated OR kind = 'HOSPITAL'",
        )
        .word_or_null::<SchoolKind>("school_kind")
        .checked(
            "stages TEXT",
            "stages_of_school",
            "stages IS NULL OR kind = 'SCHOOL'",
        )
}
