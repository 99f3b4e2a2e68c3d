//! The number that a bank gives a loan: by it the same loan of another list is known.

use sea_orm_migration::prelude::*;

use crate::table::{AddedColumns, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        of_loan().add(manager).await?;
        let index = "CREATE UNIQUE INDEX loan_number ON loan (bank_code, loan_number)";
        run(manager, vec![index.to_owned()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, vec!["DROP INDEX loan_number".to_owned()]).await?;
        of_loan().drop(manager).await
    }
}

fn of_loan() -> AddedColumns {
    AddedColumns::of("loan").column("loan_number TEXT")
}
