//! By what a run over what changed finds the few findings that were answered: the others are most of a table that it read whole.

use sea_orm_migration::prelude::*;

use crate::table::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE INDEX finding_by_answer ON finding (county_code, household_id) WHERE state IN ('CORRECTED', 'EXPLAINED')";
        run(manager, vec![create.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, vec!["DROP INDEX finding_by_answer".to_owned()]).await
    }
}
