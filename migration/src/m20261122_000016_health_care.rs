//! Health beside the claims: premiums, check-ups, family doctors, chronic and major disease, accidents.

use entity::health::codes::{
    AccidentState, CheckUpResult, DiseaseClass, DoctorVisitWay, HandbookState, MedicalInsurance,
};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Presence, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        claim_columns().add(manager).await?;
        premium_standard(dialect).create(manager).await?;
        supplementary_enrolment(dialect).create(manager).await?;
        check_up(dialect).create(manager).await?;
        doctor_contract(dialect).create(manager).await?;
        doctor_visit(dialect).create(manager).await?;
        medicine_delivery(dialect).create(manager).await?;
        chronic_handbook(dialect).create(manager).await?;
        disease_flag(dialect).create(manager).await?;
        health_card(dialect).create(manager).await?;
        accident_case(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "accident_case",
            "health_card",
            "disease_flag",
            "chronic_handbook",
            "medicine_delivery",
            "doctor_visit",
            "doctor_contract",
            "check_up",
            "supplementary_enrolment",
            "premium_standard",
        ];
        drop_tables(manager, &tables).await?;
        claim_columns().drop(manager).await
    }
}

fn claim_columns() -> AddedColumns {
    AddedColumns::of("medical_claim").checked(
        "deductible_fen BIGINT",
        "deductible_sign",
        "deductible_fen >= 0",
    )
}

fn premium_standard(dialect: Dialect) -> Table {
    Table::keyed(dialect, "premium_standard")
        .column("region_code BIGINT NOT NULL")
        .column("year INTEGER NOT NULL")
        .word::<MedicalInsurance>("insurance")
        .amounts(&["premium_fen", "premium_subsidy_fen"])
        .check("subsidy_part", "premium_subsidy_fen <= premium_fen")
        .unique("once", "region_code, year, insurance")
}

fn supplementary_enrolment(dialect: Dialect) -> Table {
    Table::below_household(dialect, "supplementary_enrolment")
        .of_person()
        .column("year INTEGER NOT NULL")
        .of_institution("insurer_code")
        .amounts(&["premium_fen", "premium_subsidy_fen"])
        .column("paid_on DATE")
        .edited()
        .unique("once_a_year", "person_id, year")
        .check("subsidy_part", "premium_subsidy_fen <= premium_fen")
        .index("county", "county_code, year, id")
        .index("insurer", "insurer_code, year, id")
}

fn check_up(dialect: Dialect) -> Table {
    Table::below_household(dialect, "check_up")
        .of_person()
        .column("checked_on DATE NOT NULL")
        .year_of("checked_on", "year", "NOT NULL")
        .of_institution("institution_code")
        .column("free BOOLEAN NOT NULL")
        .word::<CheckUpResult>("result")
        .edited()
        // Whoever pays may be checked again.
        .unique_where("one_free_a_year", "person_id, year", "free")
        .index("county", "county_code, checked_on, id")
        .index("institution", "institution_code, checked_on, id")
}

fn doctor_contract(dialect: Dialect) -> Table {
    Table::below_household(dialect, "doctor_contract")
        .of_person()
        .of_institution("institution_code")
        .column("doctor_name TEXT NOT NULL")
        .column("focus BOOLEAN NOT NULL")
        .life()
        .edited()
        .referable()
        .no_overlap("one_at_a_time", &["person_id"])
        .index("county", "county_code, valid_from, id")
        .index("institution", "institution_code, valid_from, id")
}

fn doctor_visit(dialect: Dialect) -> Table {
    Table::below_household(dialect, "doctor_visit")
        .of_person()
        .column("contract_id BIGINT NOT NULL")
        .same_household("contract_id", "doctor_contract")
        .column("visited_on DATE NOT NULL")
        .word::<DoctorVisitWay>("way")
        .column("medicine_adjusted BOOLEAN NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .index("contract", "contract_id")
        .index("county", "county_code, visited_on, id")
}

fn medicine_delivery(dialect: Dialect) -> Table {
    Table::below_household(dialect, "medicine_delivery")
        .of_person()
        .column("contract_id BIGINT NOT NULL")
        .same_household("contract_id", "doctor_contract")
        .column("delivered_on DATE NOT NULL")
        .column("recorded_at_ms BIGINT NOT NULL")
        .index("contract", "contract_id")
        .index("county", "county_code, delivered_on, id")
}

fn chronic_handbook(dialect: Dialect) -> Table {
    Table::below_household(dialect, "chronic_handbook")
        .of_person()
        .ordered_text("handbook_number", "")
        .word::<HandbookState>("state")
        .sensitive("disease", Presence::Always)
        .column("applied_on DATE NOT NULL")
        .column("issued_on DATE")
        .life()
        .edited()
        .unique("number", "handbook_number")
        .check(
            "issued",
            "(state = 'APPLIED') = (issued_on IS NULL) AND (state = 'APPLIED') = (handbook_number IS NULL)",
        )
        .no_overlap("one_of_disease", &["person_id", "disease_index"])
        .index("county", "county_code, valid_from, id")
}

fn disease_flag(dialect: Dialect) -> Table {
    Table::below_household(dialect, "disease_flag")
        .of_person()
        .word::<DiseaseClass>("class")
        .sensitive("disease", Presence::Maybe)
        .life()
        .edited()
        .no_overlap("one_of_disease", &["person_id", "class", "disease_index"])
        .index("county", "county_code, valid_from, id")
}

fn health_card(dialect: Dialect) -> Table {
    Table::below_household(dialect, "health_card")
        .of_person()
        .life()
        .edited()
        .no_overlap("one_at_a_time", &["person_id"])
        .index("county", "county_code, valid_from, id")
}

fn accident_case(dialect: Dialect) -> Table {
    Table::below_household(dialect, "accident_case")
        .of_person()
        .of_institution("insurer_code")
        .word::<AccidentState>("state")
        .column("occurred_on DATE NOT NULL")
        .column("reported_on DATE NOT NULL")
        .column("certified_on DATE")
        .column("paid_on DATE")
        .column("paid_fen BIGINT")
        .year_of("paid_on", "paid_year", "")
        .edited()
        .check("reported", "reported_on >= occurred_on")
        .check("paid_sign", "paid_fen > 0")
        .check(
            "paid",
            "(state = 'PAID') = (paid_on IS NOT NULL) AND (state = 'PAID') = (paid_fen IS NOT NULL) \
             AND (state <> 'PAID' OR certified_on IS NOT NULL)",
        )
        .unique("paid_once_a_year", "person_id, paid_year")
        .index("county", "county_code, occurred_on, id")
        .index("insurer", "insurer_code, person_id")
}
