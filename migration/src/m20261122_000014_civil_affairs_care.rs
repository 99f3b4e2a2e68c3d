//! Civil affairs: disability certificates and allowances, left-behind children and orphans.

use entity::civil_affairs::codes::{
    DisabilityAllowanceKind, DisabilityCategory, DisabilityGrade, GuardianCare, OrphanClass,
    OrphanPlacement, ParentalAbsence,
};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Presence, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        disability_certificate(dialect).create(manager).await?;
        disability_allowance(dialect).create(manager).await?;
        left_behind_child(dialect).create(manager).await?;
        orphan(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "orphan",
            "left_behind_child",
            "disability_allowance",
            "disability_certificate",
        ];
        drop_tables(manager, &tables).await
    }
}

fn disability_certificate(dialect: Dialect) -> Table {
    Table::below_household(dialect, "disability_certificate")
        .of_person()
        .sensitive("certificate", Presence::Always)
        .word::<DisabilityCategory>("category")
        .word::<DisabilityGrade>("grade")
        .life()
        .edited()
        .unique_where("open_once", "certificate_index", "valid_to IS NULL")
        .no_overlap("one_at_a_time", &["person_id"])
        .index("county", "county_code, valid_from, id")
}

fn disability_allowance(dialect: Dialect) -> Table {
    Table::below_household(dialect, "disability_allowance")
        .of_person()
        .word::<DisabilityAllowanceKind>("kind")
        .amounts(&["monthly_fen"])
        .column("approved_on DATE NOT NULL")
        .months()
        .edited()
        .no_overlap("one_at_a_time", &["person_id", "kind"])
        .index("county", "county_code, valid_from, id")
}

fn left_behind_child(dialect: Dialect) -> Table {
    Table::below_household(dialect, "left_behind_child")
        .of_person()
        .word::<ParentalAbsence>("absence")
        .word::<GuardianCare>("care")
        .column("guardian_person_id BIGINT")
        .column("guardian_name TEXT")
        .constraint(
            "CONSTRAINT left_behind_child_guardian FOREIGN KEY (guardian_person_id, household_id) \
             REFERENCES person (id, household_id)",
        )
        .life()
        .edited()
        .check(
            "one_guardian",
            "guardian_person_id IS NULL OR guardian_name IS NULL",
        )
        .check("another_guards", "guardian_person_id <> person_id")
        .check(
            "nobody_cares",
            "care <> 'NOBODY' OR (guardian_person_id IS NULL AND guardian_name IS NULL)",
        )
        .no_overlap("one_case", &["person_id"])
        .index("guardian", "guardian_person_id")
        .index("county", "county_code, valid_from, id")
}

fn orphan(dialect: Dialect) -> Table {
    Table::below_household(dialect, "orphan")
        .of_person()
        .word::<OrphanClass>("class")
        .word::<OrphanPlacement>("placement")
        .amounts(&["monthly_fen"])
        .column("approved_on DATE NOT NULL")
        .months()
        .edited()
        .no_overlap("one_at_a_time", &["person_id"])
        .index("county", "county_code, valid_from, id")
}
