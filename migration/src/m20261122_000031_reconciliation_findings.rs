//! Reconciliation: findings, and how many households were compared.

use entity::codes::Department;
use entity::reconciliation::codes::FindingSeverity;
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        finding(dialect).create(manager).await?;
        checked_village(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["checked_village", "finding"]).await
    }
}

pub(crate) fn finding(dialect: Dialect) -> Table {
    Table::below_household(dialect, "finding")
        .of_person_or_household()
        .column("check_id TEXT NOT NULL")
        .word::<FindingSeverity>("severity")
        .word::<Department>("department")
        .column("state TEXT NOT NULL")
        .check("state_word", "state IN ('OPEN', 'EXPLAINED', 'RESOLVED', 'AGREED')")
        .column("opened_on DATE NOT NULL")
        .column("due_on DATE")
        .column("closed_on DATE")
        .edited()
        .check("check_name", "check_id LIKE 'RC-__'")
        .check(
            "order",
            "(due_on IS NULL OR due_on >= opened_on) AND (closed_on IS NULL OR closed_on >= opened_on)",
        )
        .check(
            "over",
            "(state IN ('RESOLVED', 'AGREED')) = (closed_on IS NOT NULL)",
        )
        .index("county", "county_code, opened_on, id")
}

fn checked_village(dialect: Dialect) -> Table {
    Table::of_region(dialect, "checked_village")
        .column("checked_on DATE NOT NULL")
        .column("households INTEGER NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .check("households_sign", "households >= 0")
        .unique("once_a_day", "region_code, checked_on")
        .index("county", "county_code, region_code, checked_on")
}
