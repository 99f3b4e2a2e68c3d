//! Requests to the owner of a field to correct it.

use entity::codes::{CorrectionState, Department};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        correction_request(Dialect::of(manager)?)
            .create(manager)
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["correction_request"]).await
    }
}

fn correction_request(dialect: Dialect) -> Table {
    Table::below_household(dialect, "correction_request")
        .of_person_or_household()
        .column("subject TEXT NOT NULL")
        .column("object_type TEXT NOT NULL")
        .column("field TEXT NOT NULL")
        .word::<Department>("owner")
        .column("owner_institution TEXT NOT NULL")
        .word::<Department>("raised_by")
        .column("raised_institution TEXT NOT NULL")
        .column("recorded_value TEXT")
        .column("proposed_value TEXT")
        .column("reason TEXT NOT NULL")
        .column("document_number TEXT")
        .word::<CorrectionState>("state")
        .column("answer TEXT")
        .column("raised_on DATE NOT NULL")
        .column("closed_on DATE")
        .edited()
        .check("over", "(state = 'OPEN') = (closed_on IS NULL)")
        .check("order", "closed_on IS NULL OR closed_on >= raised_on")
        .check(
            "answered",
            "state NOT IN ('CORRECTED', 'DECLINED') OR answer IS NOT NULL",
        )
        // An institution and everybody else has one open request about a value.
        .unique_where(
            "open_once",
            "subject, field, raised_by, raised_institution",
            "state = 'OPEN'",
        )
        .index("county", "county_code, raised_on, id")
}
