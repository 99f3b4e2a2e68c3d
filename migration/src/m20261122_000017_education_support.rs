//! Education beside the enrolments: study allowances, dropout cases, and that one support excludes the other.

use entity::codes::{Department, StudentStage};
use entity::education::codes::{DropoutReason, DropoutState, SchoolTerm, StudyAllowanceState};
use sea_orm_migration::prelude::*;

use crate::dialect::{Dialect, Exclusion, Side, Whose};
use crate::table::{Table, drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Who is supported as an undergraduate has no Rain and Dew in the same school year.
const ONE_SUPPORT: Exclusion = Exclusion {
    name: "one_study_support",
    whose: Whose::Human,
    same: "other.school_year = NEW.school_year",
    sides: [
        Side {
            table: "study_allowance",
            counts: "{}.stage = 'UNDERGRADUATE' AND {}.state NOT IN ('REFUSED', 'RECOVERED')",
        },
        Side {
            table: "rain_dew_application",
            counts: "{}.state <> 'REFUSED'",
        },
    ],
};
/// An allowance that stands.
const GRANTED: &str = "state NOT IN ('REFUSED', 'RECOVERED')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        study_allowance(dialect).create(manager).await?;
        dropout_case(dialect).create(manager).await?;
        run(manager, dialect.either(&ONE_SUPPORT)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        run(manager, dialect.drop_either(&ONE_SUPPORT)).await?;
        drop_tables(manager, &["dropout_case", "study_allowance"]).await
    }
}

fn study_allowance(dialect: Dialect) -> Table {
    Table::below_household(dialect, "study_allowance")
        .of_person()
        .column("identity_id BIGINT REFERENCES identity (id)")
        .word::<Department>("department")
        .column("programme TEXT NOT NULL")
        .of_institution("school_code")
        .column("school_year INTEGER NOT NULL")
        .word::<SchoolTerm>("term")
        .word::<StudentStage>("stage")
        .column("boarding BOOLEAN NOT NULL")
        .column("county_seat BOOLEAN NOT NULL")
        .column("one_off BOOLEAN NOT NULL")
        .amounts(&["amount_fen"])
        .word::<StudyAllowanceState>("state")
        .column("due_on DATE")
        .column("paid_on DATE")
        .edited()
        .unique("once_a_term", "person_id, programme, school_year, term")
        // The membership, and the human being where it is known, as for payments.
        .unique_where(
            "once_person",
            "person_id, programme",
            &format!("one_off AND {GRANTED}"),
        )
        .unique_where(
            "once_identity",
            "identity_id, programme",
            &format!("one_off AND {GRANTED} AND identity_id IS NOT NULL"),
        )
        .check(
            "paid",
            "(state IN ('PAID', 'RECOVERED')) = (paid_on IS NOT NULL)",
        )
        .index("county", "county_code, school_year, id")
        .index("school", "school_code, school_year, id")
}

fn dropout_case(dialect: Dialect) -> Table {
    Table::below_household(dialect, "dropout_case")
        .of_person()
        .of_institution("school_code")
        .word::<StudentStage>("stage")
        .column("school_year INTEGER NOT NULL")
        .word::<SchoolTerm>("term")
        .column("reported_on DATE NOT NULL")
        .word::<DropoutReason>("reason")
        .word::<DropoutState>("state")
        .column("returned_on DATE")
        .edited()
        .check(
            "returned",
            "(state = 'RETURNED') = (returned_on IS NOT NULL)",
        )
        .check("return_later", "returned_on >= reported_on")
        .unique_where("one_open", "person_id", "state IN ('REPORTED', 'IN_WORK')")
        .index("county", "county_code, reported_on, id")
        .index("school", "school_code, reported_on, id")
}
