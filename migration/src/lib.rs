//! One line of schema history for both databases: shared tables and the household first, then one migration a room.
//!
//! The word lists of the columns come from the code lists of `entity`. A word that is added later needs a
//! migration that replaces the constraint on databases that exist already.

use sea_orm_migration::prelude::*;

mod dialect;
mod table;

/// Brings a database to the present schema.
#[derive(Debug)]
pub struct Migrator;

/// Names each migration once: its module, and its place in the line.
macro_rules! migrations {
    ($($migration:ident,)+) => {
        $( mod $migration; )+

        impl MigratorTrait for Migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$( Box::new($migration::Migration) ),+]
            }
        }
    };
}

migrations! {
    m20261121_000001_shared_reference,
    m20261121_000002_household_core,
    m20261121_000003_civil_affairs_dibao,
    m20261121_000004_health_claims,
    m20261121_000005_education_enrolments,
    m20261121_000006_housing_houses,
    m20261121_000007_finance_payments,
    m20261122_000010_household_villages,
    m20261122_000011_household_help,
    m20261122_000012_household_living,
    m20261122_000013_civil_affairs_support,
    m20261122_000014_civil_affairs_care,
    m20261122_000015_shared_institutions,
    m20261122_000016_health_care,
    m20261122_000017_education_support,
    m20261122_000019_housing_relocation,
    m20261122_000020_housing_arrangements,
    m20261122_000021_finance_loan_history,
    m20261122_000022_finance_projects,
    m20261122_000023_finance_funds,
    m20261122_000024_finance_batches,
    m20261122_000025_shared_demonstration,
    m20261122_000030_household_publicity,
    m20261122_000031_reconciliation_findings,
    m20261122_000032_shared_writes,
    m20261122_000033_shared_changes,
    m20261122_000034_shared_disclosure,
    m20261122_000035_shared_vault_state,
    m20261122_000036_health_stays,
    m20261122_000037_housing_one_subsidy,
    m20261122_000050_household_changes,
    m20261122_000051_shared_corrections,
    m20261122_000052_health_settlements,
    m20261122_000053_shared_saved_answers,
    m20261122_000054_shared_jobs,
    m20261122_000056_reconciliation_work,
    m20261122_000059_finance_loan_numbers,
    m20261123_000057_reconciliation_roster,
    m20261123_000060_reconciliation_regions,
    m20261123_000063_shared_reported_rows,
    m20261123_000064_civil_affairs_looked_up,
    m20261123_000066_shared_unfinished_elsewhere,
    m20261123_000067_household_by_township,
    m20261123_000068_shared_files_told,
    m20261123_000069_reconciliation_answered,
}
