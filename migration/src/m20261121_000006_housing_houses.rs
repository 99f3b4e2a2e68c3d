//! Housing: houses of record and their renovation.

use entity::housing::codes::{HouseGrade, HouseSolution, RenovationState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        house(dialect).create(manager).await?;
        renovation(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["renovation", "house"]).await
    }
}

fn house(dialect: Dialect) -> Table {
    Table::below_household(dialect, "house")
        .word::<HouseGrade>("grade")
        .column("surveyed_on DATE NOT NULL")
        .amounts(&["area_dm2"])
        .column("built_year INTEGER")
        .word::<HouseSolution>("solution")
        .life()
        .edited()
        .referable()
        .no_overlap("one_of_record", &["household_id"])
        .index("county", "county_code, grade, id")
}

fn renovation(dialect: Dialect) -> Table {
    Table::below_household(dialect, "renovation")
        .column("house_id BIGINT NOT NULL")
        .same_household("house_id", "house")
        .column("year INTEGER NOT NULL")
        .word::<HouseSolution>("solution")
        .word::<RenovationState>("state")
        .word::<HouseGrade>("grade_before")
        .column("area_after_dm2 BIGINT")
        .column("subsidy_fen BIGINT")
        .column("approved_on DATE")
        .column("accepted_on DATE")
        .edited()
        .check("area_sign", "area_after_dm2 >= 0")
        .check("subsidy_sign", "subsidy_fen >= 0")
        .index("house", "house_id")
        .index("county", "county_code, year, id")
}
