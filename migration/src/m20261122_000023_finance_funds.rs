//! Finance: funds by region, year, level and kind, and what comes in and goes out.

use entity::finance::codes::{FundKind, FundLevel, FundMovementKind};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        fund_account(dialect).create(manager).await?;
        fund_movement(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["fund_movement", "fund_account"]).await
    }
}

fn fund_account(dialect: Dialect) -> Table {
    Table::of_region(dialect, "fund_account")
        .column("year INTEGER NOT NULL")
        .word::<FundLevel>("level")
        .word::<FundKind>("kind")
        .amounts(&["planned_fen", "received_fen", "spent_fen"])
        .edited()
        .check("not_overspent", "spent_fen <= received_fen")
        .unique("one_each", "region_code, year, level, kind")
        .unique("in_region", "id, region_code")
        .index("county", "county_code, year, id")
}

fn fund_movement(dialect: Dialect) -> Table {
    Table::of_region(dialect, "fund_movement")
        .column("fund_account_id BIGINT NOT NULL")
        .word::<FundMovementKind>("kind")
        .amounts(&["amount_fen"])
        .column("moved_on DATE NOT NULL")
        .column("document_number TEXT")
        .column("purpose TEXT NOT NULL")
        .column("project_id BIGINT CONSTRAINT fund_movement_project REFERENCES project (id)")
        .column("recorded_at_ms BIGINT NOT NULL")
        .constraint(
            "CONSTRAINT fund_movement_account FOREIGN KEY (fund_account_id, region_code) \
             REFERENCES fund_account (id, region_code)",
        )
        .check("something", "amount_fen > 0")
        .check(
            "project_spent",
            "project_id IS NULL OR kind = 'EXPENDITURE'",
        )
        .index("account", "fund_account_id, moved_on, id")
        .index("project", "project_id, moved_on, id")
        .index("county", "county_code, moved_on, id")
}
