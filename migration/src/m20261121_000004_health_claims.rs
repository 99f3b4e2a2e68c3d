//! Medical insurance: enrolments, claims and the stages that paid them.

use entity::codes::{Department, HospitalLevel};
use entity::health::codes::{ClaimKind, ClaimStageKind, ClaimState, EnrolmentCategory};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Presence, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        medical_enrolment(dialect).create(manager).await?;
        medical_claim(dialect).create(manager).await?;
        claim_stage(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["claim_stage", "medical_claim", "medical_enrolment"],
        )
        .await
    }
}

fn medical_enrolment(dialect: Dialect) -> Table {
    Table::below_household(dialect, "medical_enrolment")
        .of_person()
        .column("year INTEGER NOT NULL")
        .word::<EnrolmentCategory>("category")
        .amounts(&["premium_fen", "premium_subsidy_fen"])
        .column("paid_on DATE")
        .edited()
        .unique("once_a_year", "person_id, year")
        .index("county", "county_code, year, id")
}

fn medical_claim(dialect: Dialect) -> Table {
    Table::below_household(dialect, "medical_claim")
        .of_person()
        .ordered_text("claim_number", "NOT NULL")
        .word::<ClaimKind>("kind")
        .word::<ClaimState>("state")
        .column("institution_code TEXT NOT NULL")
        .word::<HospitalLevel>("hospital_level")
        .column("admitted_on DATE NOT NULL")
        .column("discharged_on DATE NOT NULL")
        .amounts(&["total_cost_fen", "eligible_cost_fen"])
        .sensitive("diagnosis", Presence::Maybe)
        .column("registered_at_discharge BOOLEAN NOT NULL")
        .column("settled_on DATE")
        .edited()
        .unique("number", "claim_number")
        .referable()
        .check("stay", "discharged_on >= admitted_on")
        .check("eligible_part", "eligible_cost_fen <= total_cost_fen")
        .index("county", "county_code, discharged_on, id")
        .index("institution", "institution_code, discharged_on, id")
}

fn claim_stage(dialect: Dialect) -> Table {
    Table::below_household(dialect, "claim_stage")
        .column("claim_id BIGINT NOT NULL")
        .same_household("claim_id", "medical_claim")
        .column("position INTEGER NOT NULL")
        .word::<ClaimStageKind>("stage")
        .word::<Department>("payer")
        .column("insurer_code TEXT")
        .amounts(&["paid_fen"])
        .unique("position", "claim_id, position")
        .unique("once", "claim_id, stage")
        .index("insurer", "insurer_code, claim_id")
        .index("county", "county_code, claim_id, id")
}
