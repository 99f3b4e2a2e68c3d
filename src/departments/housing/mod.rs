//! Housing (住建): the house of record of each household, how safe it is, and its renovation.
//!
//! The housing bureau keeps it; the relocation office and those who read the whole file see it too. Other departments see
//! nothing of it.
//!
//! A house has no address here: where a family lives is on its card, for those who go there.

mod demo;
mod query;
mod types;

pub use query::{HouseholdFilter, Query};
pub use types::OnHousehold;

use crate::{
    demo::{DemoError, Demonstration},
    graphql::node::NodeKind,
    room::{self, Nothing},
};
use entity::codes::NamedList;

/// What housing adds to a person: nothing, a house is the household's.
pub type OnPerson = Nothing;

/// It counts nothing yet.
pub type OnTotals = Nothing;

/// The room of housing.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "housing";
    const MATRIX: &'static str = include_str!("matrix.txt");

    fn code_lists() -> Vec<NamedList> {
        entity::housing::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::House>(),
            NodeKind::of::<types::Renovation>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
