//! What villages earn in common, and what is posted for objections.

use entity::household::codes::{ObjectionDecision, PublicityKind, PublicityResult};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        collective_income(dialect).create(manager).await?;
        publicity(dialect).create(manager).await?;
        objection(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["objection", "publicity", "collective_income"]).await
    }
}

fn collective_income(dialect: Dialect) -> Table {
    Table::of_region(dialect, "collective_income")
        .column("year INTEGER NOT NULL")
        .amounts(&["amount_fen"])
        .edited()
        .check("village", "region_code % 1000 <> 0")
        .unique("once_a_year", "region_code, year")
        .index("county", "county_code, year, region_code, id")
}

fn publicity(dialect: Dialect) -> Table {
    Table::of_region(dialect, "publicity")
        .word::<PublicityKind>("kind")
        .column("title TEXT NOT NULL")
        .column("place TEXT NOT NULL")
        .column("starts_on DATE NOT NULL")
        .column("ends_on DATE NOT NULL")
        .word_or_null::<PublicityResult>("result")
        .edited()
        .check("order", "ends_on > starts_on")
        .unique("in_region", "id, region_code")
        .index("county", "county_code, starts_on, id")
}

fn objection(dialect: Dialect) -> Table {
    Table::of_region(dialect, "objection")
        .column("publicity_id BIGINT NOT NULL")
        .constraint(
            "CONSTRAINT objection_publicity FOREIGN KEY (publicity_id, region_code) \
             REFERENCES publicity (id, region_code) ON UPDATE CASCADE",
        )
        .column("household_id BIGINT CONSTRAINT objection_household REFERENCES household (id)")
        .column("raised_by TEXT NOT NULL")
        .column("raised_on DATE NOT NULL")
        .column("what TEXT NOT NULL")
        .word_or_null::<ObjectionDecision>("decision")
        .column("decided_by TEXT")
        .column("decided_on DATE")
        .edited()
        .check(
            "decided",
            "(decision IS NULL) = (decided_on IS NULL) AND (decision IS NULL) = (decided_by IS NULL)",
        )
        .check("order", "decided_on >= raised_on")
        .index("publicity", "publicity_id, raised_on, id")
        .index("household", "household_id")
        .index("county", "county_code, raised_on, id")
}
