//! Housing: a household's house is renovated with a subsidy once.

use sea_orm_migration::prelude::*;

use crate::table::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "CREATE UNIQUE INDEX renovation_one_subsidy ON renovation (household_id) WHERE subsidy_fen > 0";
        run(manager, vec![index.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            vec!["DROP INDEX renovation_one_subsidy".to_owned()],
        )
        .await
    }
}
