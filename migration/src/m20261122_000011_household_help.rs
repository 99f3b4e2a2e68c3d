//! Help for a household: helpers, needs, measures, visits, and the year in which it is to exit.

use entity::codes::Department;
use entity::household::codes::{HelperKind, MeasureBatch, MeasureState, VisitWay};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Presence, Table, drop_tables, make_referable, make_unreferable};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        planned_exit().add(manager).await?;
        make_referable(manager, "household_link").await?;
        helper(dialect).create(manager).await?;
        need(dialect).create(manager).await?;
        help_measure(dialect).create(manager).await?;
        help_visit(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["help_visit", "help_measure", "need", "helper"]).await?;
        make_unreferable(manager, "household_link").await?;
        planned_exit().drop(manager).await
    }
}

fn planned_exit() -> AddedColumns {
    AddedColumns::of("household").checked(
        "planned_exit_year INTEGER",
        "planned_exit_year",
        "planned_exit_year BETWEEN 2014 AND 2199",
    )
}

fn helper(dialect: Dialect) -> Table {
    Table::below_household(dialect, "helper")
        .word::<HelperKind>("kind")
        .column("name TEXT NOT NULL")
        .column("unit TEXT NOT NULL")
        .sensitive("phone", Presence::Maybe)
        .column("household_link_id BIGINT")
        .same_household("household_link_id", "household_link")
        .life()
        .edited()
        .referable()
        .unique_where("open_once", "household_id, name, unit", "valid_to IS NULL")
        .index("county", "county_code, id")
}

fn need(dialect: Dialect) -> Table {
    Table::below_household(dialect, "need")
        .column("year INTEGER NOT NULL")
        .column("what TEXT NOT NULL")
        .word::<Department>("sector")
        .column("answer TEXT")
        .column("answered_on DATE")
        .edited()
        .check("answered", "(answer IS NULL) = (answered_on IS NULL)")
        .index("county", "county_code, year, id")
}

fn help_measure(dialect: Dialect) -> Table {
    Table::below_household(dialect, "help_measure")
        .word::<MeasureBatch>("batch")
        .word::<Department>("department")
        .column("what TEXT NOT NULL")
        .column("amount_fen BIGINT")
        .word::<MeasureState>("state")
        .column("starts_on DATE NOT NULL")
        .column("ends_on DATE")
        .column("result TEXT")
        .edited()
        .check("amount_sign", "amount_fen >= 0")
        .check("days", "ends_on >= starts_on")
        .check("ended", "state <> 'DONE' OR ends_on IS NOT NULL")
        .index("county", "county_code, starts_on, id")
        .index("county_batch", "county_code, batch, starts_on, id")
}

fn help_visit(dialect: Dialect) -> Table {
    Table::below_household(dialect, "help_visit")
        .column("visited_on DATE NOT NULL")
        .word::<VisitWay>("way")
        .column("helper_id BIGINT")
        .same_household("helper_id", "helper")
        .ordered_text("visitor", "NOT NULL")
        .column("what TEXT NOT NULL")
        .column("result TEXT")
        .column("next_step TEXT")
        .column("recorded_at_ms BIGINT NOT NULL")
        .index("helper", "helper_id")
        .index("county", "county_code, visited_on, id")
        .index("county_visitor", "county_code, visitor, visited_on, id")
}
