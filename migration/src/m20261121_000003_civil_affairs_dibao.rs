//! Civil affairs: grants of the minimum living allowance.

use entity::civil_affairs::codes::{DibaoClass, DibaoState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dibao(Dialect::of(manager)?).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["dibao"]).await
    }
}

fn dibao(dialect: Dialect) -> Table {
    Table::below_household(dialect, "dibao")
        .ordered_text("dibao_number", "NOT NULL")
        .word::<DibaoClass>("class")
        .column("persons INTEGER NOT NULL")
        .amounts(&["standard_fen", "monthly_fen"])
        .word::<DibaoState>("state")
        .column("approved_on DATE NOT NULL")
        .life()
        .column("gradual_exit_until DATE")
        .edited()
        .check("persons_sign", "persons > 0")
        .no_overlap("one_grant", &["household_id"])
        .index("county_number", "county_code, dibao_number, id")
}
