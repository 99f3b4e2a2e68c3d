//! The hinge: households, members, income, status and links.

use entity::codes::StudentStage;
use entity::household::codes::{
    CitizenNumberState, EducationLevel, EthnicGroup, HealthStatus, HouseholdClass, HouseholdStatus,
    LabourCapacity, LeftReason, LinkKind, PolicyAfterExit, PovertyCause, RelationToHead, Sex,
};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Presence, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        household(dialect).create(manager).await?;
        household_status_period(dialect).create(manager).await?;
        Table::keyed(dialect, "identity")
            .blind_index("citizen_number_index", "NOT NULL")
            .unique("citizen_number", "citizen_number_index")
            .create(manager)
            .await?;
        person(dialect).create(manager).await?;
        income_form(dialect).create(manager).await?;
        household_link(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "household_link",
            "income_form",
            "person",
            "identity",
            "household_status_period",
            "household",
        ];
        drop_tables(manager, &tables).await
    }
}

fn household(dialect: Dialect) -> Table {
    let ordered = dialect.ordered_text();
    Table::keyed(dialect, "household")
        .region()
        .column("group_name TEXT")
        .ordered_text("card_number", "")
        // The tilde comes after every digit and letter: candidates, who have no card, sort last.
        .column(format!(
            "card_order {ordered} NOT NULL GENERATED ALWAYS AS (COALESCE(card_number, '~')) STORED"
        ))
        .word::<HouseholdStatus>("status")
        .word_or_null::<HouseholdClass>("class")
        .word_or_null::<PolicyAfterExit>("policy_after_exit")
        .word_or_null::<PovertyCause>("main_cause")
        .word_or_null::<PovertyCause>("second_cause")
        .word_or_null::<PovertyCause>("third_cause")
        .column("standard_year INTEGER")
        .column("registered_on DATE")
        .column("exited_on DATE")
        .column("returned_on DATE")
        .column("closed_on DATE")
        .column("address TEXT")
        .sensitive("phone", Presence::Maybe)
        .column("water_safe BOOLEAN")
        .edited()
        .unique("card", "card_number")
        .unique("in_region", "id, region_code")
        // A candidate whose last member dies is closed without ever having had a card.
        .check(
            "card_present",
            "card_number IS NOT NULL OR status IN ('CANDIDATE', 'UNDER_APPRAISAL', 'CLOSED')",
        )
        .check(
            "causes_differ",
            "second_cause <> main_cause AND third_cause <> main_cause",
        )
        .check("other_causes_differ", "third_cause <> second_cause")
        .index("county_card", "county_code, card_order, id")
        .index("region_card", "region_code, card_order, id")
        .index("county_status", "county_code, status, card_order, id")
        // The expression a list by registration is ordered by: candidates, who have no day, come last.
        .index(
            "county_registered",
            "county_code, (COALESCE(registered_on, '9999-12-31')), id",
        )
}

fn household_status_period(dialect: Dialect) -> Table {
    Table::below_household(dialect, "household_status_period")
        .word::<HouseholdStatus>("status")
        .life()
        .column("document_number TEXT")
        .no_overlap("one_at_a_time", &["household_id"])
        .index("county", "county_code, valid_from, id")
}

fn person(dialect: Dialect) -> Table {
    Table::below_household(dialect, "person")
        .column("identity_id BIGINT REFERENCES identity (id)")
        .ordered_text("name", "NOT NULL")
        .column("name_mask TEXT NOT NULL")
        .word::<Sex>("sex")
        .column("birth_date DATE NOT NULL")
        .sensitive("citizen_number", Presence::Maybe)
        .word::<CitizenNumberState>("citizen_number_state")
        .word_or_null::<EthnicGroup>("ethnic_group")
        .word::<RelationToHead>("relation")
        .column("is_head BOOLEAN NOT NULL")
        .word_or_null::<EducationLevel>("education_level")
        .word_or_null::<StudentStage>("student_stage")
        .word_or_null::<HealthStatus>("health")
        .word_or_null::<LabourCapacity>("labour_capacity")
        .sensitive("phone", Presence::Maybe)
        .life()
        .word_or_null::<LeftReason>("left_reason")
        .column("died_on DATE")
        .edited()
        .referable()
        .check(
            "number_missing",
            "(citizen_number_state = 'MISSING') = (citizen_number_index IS NULL)",
        )
        .check(
            "identity_by_number",
            "identity_id IS NULL OR citizen_number_index IS NOT NULL",
        )
        .check("left", "left_reason IS NULL OR valid_to IS NOT NULL")
        .no_overlap("one_membership", &["identity_id"])
        .unique_where("one_head", "household_id", "is_head AND valid_to IS NULL")
        .index("identity", "identity_id, valid_from")
        .index("citizen_number", "citizen_number_index")
        .index("county_name", "county_code, name, id")
}

fn income_form(dialect: Dialect) -> Table {
    Table::below_household(dialect, "income_form")
        .column("year INTEGER NOT NULL")
        .amounts(&[
            "wage_fen",
            "business_fen",
            "property_fen",
            "transfer_fen",
            "business_costs_fen",
        ])
        .column("members INTEGER NOT NULL")
        // The costs of a bad year can exceed the income.
        .column("net_income_fen BIGINT NOT NULL")
        .column("per_capita_fen BIGINT NOT NULL")
        .column("surveyor TEXT")
        .column("surveyed_on DATE")
        .edited()
        .unique("once_a_year", "household_id, year")
        .check("members_sign", "members > 0")
        .check(
            "net_adds_up",
            "net_income_fen = wage_fen + business_fen + property_fen + transfer_fen - business_costs_fen",
        )
        .index("county", "county_code, year, id")
}

fn household_link(dialect: Dialect) -> Table {
    Table::below_household(dialect, "household_link")
        .column("user_id TEXT NOT NULL")
        .word::<LinkKind>("kind")
        .of_person_or_household()
        .life()
        .no_overlap("one_at_a_time", &["household_id", "user_id", "kind"])
        .index("user", "user_id, kind")
        .index("county", "county_code, user_id, id")
}
