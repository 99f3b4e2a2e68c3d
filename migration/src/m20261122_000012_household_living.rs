//! How a household lives: public services at the house, land, animals, items of income, work of its members.

use entity::household::codes::{AnimalKind, IncomeKind, MaritalStatus, WorkPlace};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Table, drop_tables, make_referable, make_unreferable};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        of_household().add(manager).await?;
        of_person().add(manager).await?;
        make_referable(manager, "income_form").await?;
        income_item(dialect).create(manager).await?;
        land_holding(dialect).create(manager).await?;
        livestock(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["livestock", "land_holding", "income_item"]).await?;
        make_unreferable(manager, "income_form").await?;
        of_person().drop(manager).await?;
        of_household().drop(manager).await
    }
}

fn of_household() -> AddedColumns {
    AddedColumns::of("household")
        .column("power BOOLEAN")
        .column("hardened_road BOOLEAN")
        .column("sanitary_toilet BOOLEAN")
        .column("broadcast BOOLEAN")
        .column("fibre BOOLEAN")
        .column("clean_energy BOOLEAN")
        .checked(
            "road_distance_m INTEGER",
            "road_distance_sign",
            "road_distance_m >= 0",
        )
        .column("registration_place TEXT")
        .column("wishes TEXT")
}

fn of_person() -> AddedColumns {
    AddedColumns::of("person")
        .word_or_null::<MaritalStatus>("marital_status")
        .column("work TEXT")
        .word_or_null::<WorkPlace>("work_place")
        .checked(
            "work_months INTEGER",
            "months_of_a_year",
            "work_months BETWEEN 0 AND 12",
        )
        .column("pension_enrolled BOOLEAN")
}

fn income_item(dialect: Dialect) -> Table {
    Table::below_household(dialect, "income_item")
        .column("income_form_id BIGINT NOT NULL")
        .same_household("income_form_id", "income_form")
        .word::<IncomeKind>("kind")
        .column("source TEXT NOT NULL")
        .amounts(&["amount_fen"])
        .index("form", "income_form_id")
}

fn land_holding(dialect: Dialect) -> Table {
    Table::below_household(dialect, "land_holding")
        .column("year INTEGER NOT NULL")
        .amounts(&[
            "farmland_tenth_mu",
            "forest_land_tenth_mu",
            "grassland_tenth_mu",
        ])
        .edited()
        .unique("once_a_year", "household_id, year")
        .index("county", "county_code, year, id")
}

fn livestock(dialect: Dialect) -> Table {
    Table::below_household(dialect, "livestock")
        .column("year INTEGER NOT NULL")
        .word::<AnimalKind>("kind")
        .column("heads INTEGER NOT NULL")
        .edited()
        .unique("once_a_year", "household_id, year, kind")
        .check("heads_sign", "heads >= 0")
        .index("county", "county_code, year, id")
}
