//! Finance: payments are sent in batches; banks say why a card was closed.

use entity::codes::Department;
use entity::finance::codes::{CardClosing, PaymentBatchState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Table, drop_tables, is_word, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        payment_batch(dialect).create(manager).await?;
        batch_of_payment().add(manager).await?;
        let index = "CREATE INDEX payment_by_batch ON payment (batch_id, period, id)";
        run(manager, vec![index.to_owned()]).await?;
        closing_of_card().add(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        closing_of_card().drop(manager).await?;
        run(manager, vec!["DROP INDEX payment_by_batch".to_owned()]).await?;
        batch_of_payment().drop(manager).await?;
        drop_tables(manager, &["payment_batch"]).await
    }
}

fn batch_of_payment() -> AddedColumns {
    AddedColumns::of("payment")
        .column("batch_id BIGINT CONSTRAINT payment_batch REFERENCES payment_batch (id)")
}

/// Only a closed card has a reason why.
fn closing_of_card() -> AddedColumns {
    let word = is_word::<CardClosing>("closing");
    AddedColumns::of("bank_card").checked(
        "closing TEXT",
        "closing",
        &format!("{word} AND (closing IS NULL OR valid_to IS NOT NULL)"),
    )
}

fn payment_batch(dialect: Dialect) -> Table {
    Table::of_region(dialect, "payment_batch")
        .column("number TEXT NOT NULL")
        .word::<Department>("department")
        .column("programme TEXT NOT NULL")
        .ordered_text("period", "NOT NULL")
        .word::<PaymentBatchState>("state")
        .amounts(&["payments", "total_fen"])
        .column("approved_on DATE")
        .column("sent_on DATE")
        .edited()
        .check("period_form", "length(period) IN (4, 7)")
        .check("approved", "(approved_on IS NULL) = (state = 'DRAFT')")
        .check(
            "sent",
            "(sent_on IS NULL) = (state IN ('DRAFT', 'APPROVED'))",
        )
        .check("days", "sent_on >= approved_on")
        .unique("numbered_once", "number")
        .index("county", "county_code, period, id")
}
