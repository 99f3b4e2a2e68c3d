//! Banks and finance: what happens to a loan after it is granted.

use entity::finance::codes::LoanExtensionKind;
use sea_orm_migration::prelude::*;

use crate::dialect::Dialect;
use crate::table::{AddedColumns, Table, drop_tables, make_referable, make_unreferable, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dialect = Dialect::of(manager)?;
        security().add(manager).await?;
        make_referable(manager, "loan").await?;
        // What follows from a loan refers to it together with its bank too.
        let of_bank = "CREATE UNIQUE INDEX loan_of_bank ON loan (id, household_id, bank_code)";
        run(manager, vec![of_bank.to_owned()]).await?;
        loan_repayment(dialect).create(manager).await?;
        loan_extension(dialect).create(manager).await?;
        interest_subsidy(dialect).create(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["interest_subsidy", "loan_extension", "loan_repayment"];
        drop_tables(manager, &tables).await?;
        run(manager, vec!["DROP INDEX loan_of_bank".to_owned()]).await?;
        make_unreferable(manager, "loan").await?;
        security().drop(manager).await
    }
}

fn security() -> AddedColumns {
    AddedColumns::of("loan")
        .column("guarantor BOOLEAN NOT NULL DEFAULT FALSE")
        .column("collateral BOOLEAN NOT NULL DEFAULT FALSE")
}

/// A table of what happens to loans. It knows the bank, because a bank reads by it.
fn of_loan(dialect: Dialect, name: &'static str) -> Table {
    Table::below_household(dialect, name)
        .column("loan_id BIGINT NOT NULL")
        .column("bank_code TEXT NOT NULL")
        .constraint(format!(
            "CONSTRAINT {name}_loan FOREIGN KEY (loan_id, household_id, bank_code) \
             REFERENCES loan (id, household_id, bank_code) ON UPDATE CASCADE"
        ))
        .index("loan", "loan_id")
}

fn loan_repayment(dialect: Dialect) -> Table {
    of_loan(dialect, "loan_repayment")
        .column("paid_on DATE NOT NULL")
        .amounts(&["principal_fen", "interest_fen"])
        .column("recorded_at_ms BIGINT NOT NULL")
        .check("something", "principal_fen + interest_fen > 0")
        .index("county", "county_code, paid_on, id")
        .index("bank", "bank_code, paid_on, id")
}

fn loan_extension(dialect: Dialect) -> Table {
    of_loan(dialect, "loan_extension")
        .word::<LoanExtensionKind>("kind")
        .column("decided_on DATE NOT NULL")
        .column("due_before DATE NOT NULL")
        .column("due_after DATE NOT NULL")
        .column("new_loan_id BIGINT")
        .column("recorded_at_ms BIGINT NOT NULL")
        .constraint(
            "CONSTRAINT loan_extension_renewed_by FOREIGN KEY (new_loan_id, household_id) \
             REFERENCES loan (id, household_id)",
        )
        .check("later", "due_after > due_before")
        .check("new_loan", "(new_loan_id IS NOT NULL) = (kind = 'RENEWAL')")
}

fn interest_subsidy(dialect: Dialect) -> Table {
    of_loan(dialect, "interest_subsidy")
        .life()
        .column("window_from DATE NOT NULL")
        .column("window_to DATE NOT NULL")
        .column("months INTEGER NOT NULL")
        .column("days INTEGER NOT NULL")
        .amounts(&["principal_fen"])
        .column("rate_bp INTEGER NOT NULL")
        .amounts(&["amount_fen"])
        .column("decided_on DATE NOT NULL")
        .edited()
        .check("ended", "valid_to IS NOT NULL")
        .check("window", "window_to >= window_from")
        .check("time", "months >= 0 AND days BETWEEN 0 AND 30")
        .check("rate_sign", "rate_bp >= 0")
        .no_overlap("one_a_period", &["loan_id"])
        .index("county", "county_code, decided_on, id")
        .index("bank", "bank_code, decided_on, id")
}
