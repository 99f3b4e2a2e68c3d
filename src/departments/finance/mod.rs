//! Finance and banks (财政、银行): what the state pays to a household, which card it goes to, and what the household owes.
//!
//! Banks keep loans and cards; the finance bureau pays out and keeps the funds; the poverty office keeps the library of the
//! projects that special funds may go to. Who sees what differs from slice to slice:
//!
//! - Loans, with repayments, extensions and interest subsidies: finance, the readers of the whole file, and the bank that lent.
//! - Cards: the bank of the card, finance, and of the readers of the whole file only the township, which chooses the card
//!   that receives payments, the poverty office, audit and the family itself. The others see whether there is one.
//! - Payments: finance and the readers of the whole file; civil affairs those of its own benefits. Banks see none.
//! - Batches of payments: who pays and whose benefit it is, not the village, the helper and the family.
//! - Projects: finance and the readers of the whole file. Funds: finance, the poverty office and audit.
//!
//! A card number leaves this room as its last four digits, never in full.

mod demo;
mod exports;
mod facts;
mod imports;
mod loans;
mod mutation;
mod payments;
mod projects;
mod query;
mod service;
mod store;
mod totals;
mod types;

pub use mutation::Mutation;
pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::OnHousehold;

use crate::vault::Kind;
use crate::{
    authz::{InstitutionLink, SliceField},
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::node::NodeKind,
    room::{self, Nothing, SensitiveColumn},
    writing::Correctable,
};
use entity::{
    codes::{Department, NamedList, Slice},
    finance::{bank_card, loan, loan_extension, loan_repayment, payment},
};

/// What finance adds to a person: nothing, money is paid to and owed by the household.
pub type OnPerson = Nothing;

/// The room of finance and banks.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "finance";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const IMPORTS: &'static [Import] = imports::IMPORTS;
    const EXPORTS: &'static [Export] = exports::EXPORTS;
    const SLICES: &'static [SliceField] = &[SliceField::of(Slice::Finance, "Household", "finance")];
    const LINKS: &'static [InstitutionLink] = &[
        InstitutionLink {
            department: Department::Bank,
            table: "loan",
            condition: "x.bank_code = {institution}",
        },
        InstitutionLink {
            department: Department::Bank,
            table: "bank_card",
            condition: "x.bank_code = {institution}",
        },
    ];

    const FACTS: &'static [FactSource] = facts::FACTS;

    fn code_lists() -> Vec<NamedList> {
        entity::finance::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<loans::types::Loan>(),
            NodeKind::of::<loans::types::LoanRepayment>(),
            NodeKind::of::<loans::types::LoanExtension>(),
            NodeKind::of::<loans::types::InterestSubsidy>(),
            NodeKind::of::<payments::types::BankCard>(),
            NodeKind::of::<payments::types::Payment>(),
            NodeKind::of::<payments::types::PaymentBatch>(),
            NodeKind::of::<projects::types::Project>(),
            NodeKind::of::<projects::types::ProjectBeneficiary>(),
            NodeKind::of::<projects::types::FundAccount>(),
            NodeKind::of::<projects::types::FundMovement>(),
        ]
    }
    fn sensitive() -> Vec<SensitiveColumn> {
        vec![SensitiveColumn::of::<payments::types::BankCard>(
            Kind::BankCard,
            "cardNumber",
            ("bank_card", "card_cipher"),
            "SELECT t.id, t.household_id, t.region_code, t.person_id, t.card_cipher FROM bank_card t",
        )]
    }
    fn corrections() -> Vec<Correctable> {
        vec![
            Correctable::of::<loan::Entity>(),
            Correctable::of::<loan_repayment::Entity>(),
            Correctable::of::<loan_extension::Entity>(),
            Correctable::of::<bank_card::Entity>(),
            Correctable::of::<payment::Entity>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::grant(demonstration).await
    }
    async fn pay(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::pay(demonstration).await
    }
}
