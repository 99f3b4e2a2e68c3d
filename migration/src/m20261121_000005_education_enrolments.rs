//! Education: school enrolments by term, Rain and Dew by school year.

use entity::codes::StudentStage;
use entity::education::codes::{RainDewState, SchoolTerm};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        school_enrolment(dialect).create(manager).await?;
        rain_dew_application(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["rain_dew_application", "school_enrolment"]).await
    }
}

fn school_enrolment(dialect: Dialect) -> Table {
    Table::below_household(dialect, "school_enrolment")
        .of_person()
        .column("school_code TEXT NOT NULL")
        .column("school_year INTEGER NOT NULL")
        .word::<SchoolTerm>("term")
        .word::<StudentStage>("stage")
        .column("grade INTEGER")
        .column("boarding BOOLEAN NOT NULL")
        .column("county_seat BOOLEAN NOT NULL")
        .column("confirmed_on DATE")
        .edited()
        .unique("once_a_term", "person_id, school_year, term")
        .index("county", "county_code, school_year, id")
        .index("school", "school_code, school_year, id")
}

fn rain_dew_application(dialect: Dialect) -> Table {
    Table::below_household(dialect, "rain_dew_application")
        .of_person()
        .column("school_code TEXT NOT NULL")
        .column("school_year INTEGER NOT NULL")
        .word::<StudentStage>("stage")
        .word::<RainDewState>("state")
        .column("applied_on DATE NOT NULL")
        .column("recognised_on DATE")
        .column("paid_on DATE")
        .column("amount_fen BIGINT")
        .edited()
        .unique("once_a_year", "person_id, school_year")
        .check("amount_sign", "amount_fen >= 0")
        .index("county", "county_code, school_year, id")
        .index("school", "school_code, school_year, id")
}
