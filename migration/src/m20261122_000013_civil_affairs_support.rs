//! Civil affairs: special support, cash subsidy, and who draws one of the three income benefits in a month; temporary and
//! medical assistance.

use entity::civil_affairs::codes::{
    CareLevel, MedicalAssistanceKind, SupportMode, TemporaryAssistanceReason,
};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Table, drop_tables, make_referable, make_unreferable};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        make_referable(manager, "dibao").await?;
        special_support(dialect).create(manager).await?;
        cash_subsidy(dialect).create(manager).await?;
        income_benefit_period(dialect).create(manager).await?;
        temporary_assistance(dialect).create(manager).await?;
        medical_assistance(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "medical_assistance",
            "temporary_assistance",
            "income_benefit_period",
            "cash_subsidy",
            "special_support",
        ];
        drop_tables(manager, &tables).await?;
        make_unreferable(manager, "dibao").await
    }
}

fn special_support(dialect: Dialect) -> Table {
    Table::below_household(dialect, "special_support")
        .of_person()
        .ordered_text("support_number", "NOT NULL")
        .word::<SupportMode>("mode")
        .word::<CareLevel>("care_level")
        .amounts(&["standard_fen", "monthly_fen", "monthly_care_fen"])
        .column("approved_on DATE NOT NULL")
        .months()
        .edited()
        .referable()
        .no_overlap("one_at_a_time", &["person_id"])
        .index("county_number", "county_code, support_number, id")
}

fn cash_subsidy(dialect: Dialect) -> Table {
    Table::below_household(dialect, "cash_subsidy")
        .column("year INTEGER NOT NULL")
        .column("persons INTEGER NOT NULL")
        .amounts(&["per_head_fen", "amount_fen"])
        .column("approved_on DATE NOT NULL")
        .months()
        .edited()
        .referable()
        .unique("once_a_year", "household_id, year")
        .check("persons_sign", "persons > 0")
        .check("amount_by_head", "amount_fen = persons * per_head_fen")
        .index("county", "county_code, year, id")
}

/// The one place where a month can be taken once only, whichever grant takes it: for the household as such and for every
/// human being that the grant covers.
fn income_benefit_period(dialect: Dialect) -> Table {
    let grants = ["dibao_id", "special_support_id", "cash_subsidy_id"];
    let counted = grants.map(|grant| format!("CASE WHEN {grant} IS NULL THEN 0 ELSE 1 END"));
    Table::below_household(dialect, "income_benefit_period")
        .of_person_or_household()
        .column("identity_id BIGINT REFERENCES identity (id)")
        .column("dibao_id BIGINT")
        .column("special_support_id BIGINT")
        .column("cash_subsidy_id BIGINT")
        .column(
            "whole_household_id BIGINT GENERATED ALWAYS AS \
             (CASE WHEN person_id IS NULL THEN household_id END) STORED",
        )
        .column("human_key BIGINT GENERATED ALWAYS AS (COALESCE(identity_id, -person_id)) STORED")
        .same_household("dibao_id", "dibao")
        .same_household("special_support_id", "special_support")
        .same_household("cash_subsidy_id", "cash_subsidy")
        .months()
        .check("one_grant", &format!("{} = 1", counted.join(" + ")))
        .check(
            "identity_of_person",
            "identity_id IS NULL OR person_id IS NOT NULL",
        )
        .check(
            "special_support_of_person",
            "special_support_id IS NULL OR person_id IS NOT NULL",
        )
        .no_overlap("one_for_household", &["whole_household_id"])
        .no_overlap("one_for_human", &["human_key"])
        .index("dibao", "dibao_id")
        .index("special_support", "special_support_id")
        .index("cash_subsidy", "cash_subsidy_id")
}

fn temporary_assistance(dialect: Dialect) -> Table {
    Table::below_household(dialect, "temporary_assistance")
        .word::<TemporaryAssistanceReason>("reason")
        .amounts(&["amount_fen"])
        .column("applied_on DATE NOT NULL")
        .column("decided_on DATE NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .check("days", "decided_on >= applied_on")
        .index("county", "county_code, decided_on, id")
}

fn medical_assistance(dialect: Dialect) -> Table {
    Table::below_household(dialect, "medical_assistance")
        .of_person()
        .word::<MedicalAssistanceKind>("kind")
        .column("claim_number TEXT")
        .amounts(&["left_fen", "amount_fen"])
        .column("decided_on DATE NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .check("no_more_than_left", "amount_fen <= left_fen")
        .unique_where(
            "once_a_claim",
            "claim_number, kind",
            "claim_number IS NOT NULL",
        )
        .index("county", "county_code, decided_on, id")
}
