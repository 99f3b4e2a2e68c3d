//! Civil affairs (民政): who lives on the minimum living allowance (低保), in which class, for how much a month.
//!
//! Its own department and those who read the whole file see it; finance pays it and sees the payments, not the grant. That
//! a household is on dibao at all is basics: every department of the region reads it.

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

/// What civil affairs adds to a person: nothing yet.
pub type OnPerson = Nothing;

/// It counts nothing yet.
pub type OnTotals = Nothing;

/// The room of civil affairs.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "civil_affairs";
    const MATRIX: &'static str = include_str!("matrix.txt");

    fn code_lists() -> Vec<NamedList> {
        entity::civil_affairs::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![NodeKind::of::<types::Dibao>()]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
