//! Housing: safe housing without building, and homesteads.

use entity::housing::codes::HouseSolution;
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        housing_arrangement(dialect).create(manager).await?;
        homestead(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["homestead", "housing_arrangement"]).await
    }
}

fn housing_arrangement(dialect: Dialect) -> Table {
    Table::below_household(dialect, "housing_arrangement")
        .word::<HouseSolution>("solution")
        .column("contract_number TEXT")
        .column("landlord TEXT")
        .column("area_dm2 BIGINT")
        .column("rent_fen BIGINT")
        .life()
        .edited()
        .check(
            "without_building",
            "solution IN ('SWAP', 'RENT', 'PUBLIC_HOUSING', 'MUTUAL_HOME')",
        )
        .check("area_sign", "area_dm2 > 0")
        .check("rent_sign", "rent_fen >= 0")
        .no_overlap("one_at_a_time", &["household_id"])
        .index("county", "county_code, valid_from, id")
}

fn homestead(dialect: Dialect) -> Table {
    Table::below_household(dialect, "homestead")
        .column("certificate_number TEXT")
        .amounts(&["area_dm2"])
        .life()
        .column("reclaimed_on DATE")
        .column("reclaimed_dm2 BIGINT")
        .edited()
        .check(
            "reclaimed_whole",
            "(reclaimed_on IS NULL) = (reclaimed_dm2 IS NULL)",
        )
        .check("reclaimed_area", "reclaimed_dm2 BETWEEN 0 AND area_dm2")
        .check(
            "reclaimed_after",
            "reclaimed_on IS NULL OR (valid_to IS NOT NULL AND reclaimed_on >= valid_to)",
        )
        .index("county", "county_code, valid_from, id")
}
