//! Housing: relocation projects and the households they move.

use entity::housing::codes::{RelocationKind, RelocationMode, RelocationStage};
use sea_orm_migration::prelude::*;

use crate::dialect::{Dialect, Exclusion, Side, Whose};
use crate::table::{Table, drop_tables, run};

/// One housing benefit a household: relocation or renovation.
const ONE_BENEFIT: Exclusion = Exclusion {
    name: "one_housing_benefit",
    whose: Whose::Household,
    same: "TRUE",
    sides: [subsidised("relocation"), subsidised("renovation")],
};

const fn subsidised(table: &'static str) -> Side {
    Side {
        table,
        counts: "{}.subsidy_fen > 0",
    }
}

const SOURCES: [&str; 8] = [
    "central_fen",
    "region_fen",
    "city_fen",
    "county_fen",
    "bond_fen",
    "construction_fund_fen",
    "loan_fen",
    "self_fen",
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        relocation_project(dialect).create(manager).await?;
        relocation(dialect).create(manager).await?;
        run(manager, dialect.either(&ONE_BENEFIT)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.drop_either(&ONE_BENEFIT)).await?;
        drop_tables(manager, &["relocation", "relocation_project"]).await
    }
}

fn relocation_project(dialect: Dialect) -> Table {
    let table = Table::of_region(dialect, "relocation_project")
        .column("name TEXT NOT NULL")
        .column("site TEXT NOT NULL")
        .column("year INTEGER NOT NULL")
        .word::<RelocationStage>("stage")
        .amounts(&["planned_houses", "finished_houses"])
        .amounts(&["registered_persons", "accompanying_persons"])
        .column("whole_village BOOLEAN NOT NULL");
    funded(table)
        .column("approved_on DATE")
        .column("finished_on DATE")
        .edited()
        .check("houses", "finished_houses <= planned_houses")
        .unique("named_once", "region_code, year, name")
        .index("county", "county_code, year, id")
}

fn relocation(dialect: Dialect) -> Table {
    let table = Table::below_household(dialect, "relocation")
        .column(
            "relocation_project_id BIGINT NOT NULL \
             CONSTRAINT relocation_project REFERENCES relocation_project (id)",
        )
        .word::<RelocationKind>("kind")
        .word::<RelocationMode>("mode")
        .word::<RelocationStage>("stage")
        .column("persons INTEGER NOT NULL")
        .column("decided_on DATE")
        .column("area_dm2 BIGINT")
        .amounts(&["subsidy_fen"]);
    funded(table)
        .column("old_house_id BIGINT")
        .column("finished_on DATE")
        .column("moved_in_on DATE")
        .column("old_house_removed_on DATE")
        .column("settled_on DATE")
        .edited()
        .same_household("old_house_id", "house")
        .unique("once", "household_id")
        .check("persons_sign", "persons > 0")
        .check("area_sign", "area_dm2 > 0")
        .check("subsidy_of_cost", "subsidy_fen <= cost_fen")
        .check("decided", "(decided_on IS NULL) = (stage = 'PLANNED')")
        .check(
            "finished",
            "(finished_on IS NULL) = (stage IN ('PLANNED', 'APPROVED', 'BUILDING'))",
        )
        .check(
            "moved_in",
            "(moved_in_on IS NULL) = (stage IN ('PLANNED', 'APPROVED', 'BUILDING', 'FINISHED'))",
        )
        .check(
            "days",
            "finished_on >= decided_on AND moved_in_on >= finished_on \
             AND old_house_removed_on >= decided_on AND settled_on >= moved_in_on",
        )
        .index("project", "relocation_project_id, id")
        .index("county", "county_code, relocation_project_id, id")
}

/// The cost, and the sources that add up to it.
fn funded(table: Table) -> Table {
    let sum = format!("cost_fen = {}", SOURCES.join(" + "));
    let table = table.amounts(&["cost_fen"]).amounts(&SOURCES);
    table.check("sources_add_up", &sum)
}
