//! Finance and banks: cards, loans and payments.

use entity::codes::Department;
use entity::finance::codes::{LoanKind, LoanState, PaymentKind, PaymentState};
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{Presence, Table, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        bank_card(dialect).create(manager).await?;
        loan(dialect).create(manager).await?;
        payment(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["payment", "loan", "bank_card"]).await
    }
}

fn bank_card(dialect: Dialect) -> Table {
    Table::below_household(dialect, "bank_card")
        .of_person()
        .column("bank_code TEXT NOT NULL")
        .sensitive("card", Presence::Always)
        .column("receiving BOOLEAN NOT NULL")
        .life()
        .edited()
        .referable()
        .unique_where("open_once", "card_index", "valid_to IS NULL")
        .unique_where(
            "one_receiving",
            "household_id",
            "receiving AND valid_to IS NULL",
        )
        .index("county", "county_code, valid_from, id")
        .index("bank", "bank_code, id")
}

fn loan(dialect: Dialect) -> Table {
    Table::below_household(dialect, "loan")
        .of_person()
        .column("bank_code TEXT NOT NULL")
        .word::<LoanKind>("kind")
        .word::<LoanState>("state")
        .amounts(&["principal_fen", "balance_fen"])
        .column("rate_bp INTEGER NOT NULL")
        .column("granted_on DATE NOT NULL")
        .column("due_on DATE NOT NULL")
        .edited()
        .check("rate_sign", "rate_bp >= 0")
        .check("term", "due_on >= granted_on")
        .index("county", "county_code, due_on, id")
        .index("bank", "bank_code, due_on, id")
}

fn payment(dialect: Dialect) -> Table {
    let once = "programme, period, kind";
    Table::below_household(dialect, "payment")
        .of_person_or_household()
        .column("identity_id BIGINT REFERENCES identity (id)")
        .word::<Department>("department")
        .column("programme TEXT NOT NULL")
        .ordered_text("period", "NOT NULL")
        .word::<PaymentKind>("kind")
        .amounts(&["amount_fen"])
        .word::<PaymentState>("state")
        .column("due_on DATE")
        .column("paid_on DATE")
        .column("bank_card_id BIGINT")
        .column("recorded_at_ms BIGINT NOT NULL")
        .same_household("bank_card_id", "bank_card")
        .check(
            "identity_of_person",
            "identity_id IS NULL OR person_id IS NOT NULL",
        )
        .check("period_form", "length(period) IN (4, 7)")
        // The membership, and the human being where it is known: one who changes the household is paid once too.
        .unique_where(
            "once_identity",
            &format!("identity_id, {once}"),
            "identity_id IS NOT NULL",
        )
        .unique_where(
            "once_person",
            &format!("person_id, {once}"),
            "person_id IS NOT NULL",
        )
        .unique_where(
            "once_household",
            &format!("household_id, {once}"),
            "person_id IS NULL",
        )
        .index("county", "county_code, period, id")
        .index("county_programme", "county_code, programme, period, id")
}
