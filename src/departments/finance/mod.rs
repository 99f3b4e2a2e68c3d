//! Finance and banks (财政、银行): what the state pays to a household, which card it goes to, and what the household owes.
//!
//! Banks keep loans and cards; the finance bureau pays out. Who sees what differs from slice to slice:
//!
//! - Loans: finance, the readers of the whole file, and the bank that lent.
//! - Cards: the bank of the card, finance, and of the readers of the whole file only the township, which chooses the card
//!   that receives payments, the poverty office, audit and the family itself. The others see whether there is one.
//! - Payments: finance and the readers of the whole file; civil affairs those of its own benefits. Banks see none.
//!
//! A card number leaves this room as its last four digits, never in full.

mod demo;
mod query;
mod totals;
mod types;

pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::OnHousehold;

use crate::{
    authz::InstitutionLink,
    demo::{DemoError, Demonstration},
    graphql::node::NodeKind,
    room::{self, Nothing},
};
use entity::codes::{Department, NamedList};

/// What finance adds to a person: nothing, money is paid to and owed by the household.
pub type OnPerson = Nothing;

/// The room of finance and banks.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "finance";
    const MATRIX: &'static str = include_str!("matrix.txt");
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

    fn code_lists() -> Vec<NamedList> {
        entity::finance::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::BankCard>(),
            NodeKind::of::<types::Loan>(),
            NodeKind::of::<types::Payment>(),
        ]
    }
    async fn pay(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
