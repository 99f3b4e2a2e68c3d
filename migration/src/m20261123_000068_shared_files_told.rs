//! What the sender of a file has to know although the work went on (columns and sheets that were not read), and the day a payment
//! came back: an older result of the bank, told once more, does not undo a later one.

use sea_orm_migration::prelude::*;

use crate::table::AddedColumns;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in columns() {
            columns.add(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in columns() {
            columns.drop(manager).await?;
        }
        Ok(())
    }
}

fn columns() -> [AddedColumns; 2] {
    [
        AddedColumns::of("job").column("notices TEXT"),
        AddedColumns::of("payment").column("returned_on DATE"),
    ]
}
