//! One line of schema history for both databases: shared tables and the household first, then one migration a room.
//!
//! The word lists of the columns come from the code lists of `entity`. A word that is added later needs a
//! migration that replaces the constraint on databases that exist already.

use sea_orm_migration::prelude::*;

mod dialect;
mod table;

mod m20261121_000001_shared_reference;
mod m20261121_000002_household_core;
mod m20261121_000003_civil_affairs_dibao;
mod m20261121_000004_health_claims;
mod m20261121_000005_education_enrolments;
mod m20261121_000006_housing_houses;
mod m20261121_000007_finance_payments;

/// Brings a database to the present schema.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_shared_reference::Migration),
            Box::new(m20261121_000002_household_core::Migration),
            Box::new(m20261121_000003_civil_affairs_dibao::Migration),
            Box::new(m20261121_000004_health_claims::Migration),
            Box::new(m20261121_000005_education_enrolments::Migration),
            Box::new(m20261121_000006_housing_houses::Migration),
            Box::new(m20261121_000007_finance_payments::Migration),
        ]
    }
}
