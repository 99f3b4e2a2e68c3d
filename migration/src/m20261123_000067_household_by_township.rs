//! By what a page of a township is read. Without it the county's households are walked, in the order of their cards, until
//! those of the township come: half the county for a township in its middle.

use sea_orm_migration::prelude::*;

use crate::table::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE INDEX household_by_township_card ON household ((region_code / 1000), card_order, id)";
        run(manager, vec![create.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            vec!["DROP INDEX household_by_township_card".to_owned()],
        )
        .await
    }
}
