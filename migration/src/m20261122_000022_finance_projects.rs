//! The project library, and the households that benefit from its projects.

use entity::finance::codes::{ProjectKind, ProjectNature, ProjectState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

const SOURCES: [&str; 7] = [
    "central_fen",
    "region_fen",
    "city_fen",
    "county_fen",
    "social_fen",
    "loan_fen",
    "self_fen",
];

/// What a project must say before it may be proposed.
const REQUIRED: [&str; 7] = [
    "name",
    "place",
    "responsible_unit",
    "tasks",
    "performance_target",
    "participation",
    "benefit",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        project(dialect).create(manager).await?;
        project_beneficiary(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["project_beneficiary", "project"]).await
    }
}

fn project(dialect: Dialect) -> Table {
    let mut table = Table::of_region(dialect, "project")
        .column("number TEXT NOT NULL")
        .word::<ProjectKind>("kind")
        .word::<ProjectNature>("nature")
        .word::<ProjectState>("state")
        .column("year INTEGER NOT NULL")
        .column("starts_on DATE NOT NULL")
        .column("ends_on DATE NOT NULL")
        .amounts(&["cost_fen"])
        .amounts(&SOURCES)
        .amounts(&["beneficiary_households", "beneficiary_persons"])
        .column("proposed_on DATE NOT NULL");
    for column in REQUIRED {
        table = table
            .column(format!("{column} TEXT NOT NULL"))
            .check(&format!("{column}_said"), &format!("trim({column}) <> ''"));
    }
    let sum = format!("cost_fen = {}", SOURCES.join(" + "));
    steps(table)
        .edited()
        .unique("numbered_once", "number")
        .check("sources_add_up", &sum)
        .check("time", "ends_on >= starts_on")
        .index("county", "county_code, year, id")
}

/// The days of the steps. Only what was published for ten days gets into the library, and money goes to the library only.
fn steps(table: Table) -> Table {
    let days = [
        "village_published_on",
        "township_reviewed_on",
        "county_approved_on",
        "published_on",
        "library_on",
        "funded_on",
        "done_on",
        "accepted_on",
        "removed_on",
    ];
    let table = days
        .iter()
        .fold(table, |table, day| table.column(format!("{day} DATE")));
    table
        .column("publicity_days INTEGER")
        .check(
            "publicity",
            "(published_on IS NULL) = (publicity_days IS NULL) AND publicity_days > 0",
        )
        .check(
            "library",
            "(library_on IS NULL) = \
             (state IN ('PROPOSED', 'VILLAGE_PUBLISHED', 'TOWNSHIP_REVIEWED', 'COUNTY_APPROVED'))",
        )
        .check(
            "published_long_enough",
            "library_on IS NULL OR (published_on IS NOT NULL AND publicity_days >= 10)",
        )
        .check(
            "funded",
            "(funded_on IS NULL) = (state NOT IN ('FUNDED', 'DONE', 'ACCEPTED'))",
        )
        .check("accepted", "(accepted_on IS NULL) = (state <> 'ACCEPTED')")
        .check("removed", "(removed_on IS NULL) = (state <> 'REMOVED')")
}

fn project_beneficiary(dialect: Dialect) -> Table {
    Table::below_household(dialect, "project_beneficiary")
        .column(
            "project_id BIGINT NOT NULL \
             CONSTRAINT project_beneficiary_project REFERENCES project (id)",
        )
        .column("persons INTEGER NOT NULL")
        .column("joined_on DATE NOT NULL")
        .column("benefit_fen BIGINT")
        .edited()
        .unique("once", "household_id, project_id")
        .check("persons_sign", "persons > 0")
        .check("benefit_sign", "benefit_fen >= 0")
        .index("project", "project_id, id")
        .index("county", "county_code, project_id, id")
}
