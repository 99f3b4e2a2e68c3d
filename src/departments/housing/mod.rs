//! Housing (住建、搬迁、国土): the house of record of each household, how safe it is, and how it becomes safe: renovation,
//! relocation, a house swapped or rented. A household gets money for the one or the other, never for both.
//!
//! The housing bureau keeps houses, the relocation office relocation; both see all of it, and so do those who read the whole
//! file. The land bureau keeps homesteads and sees nothing else. Other departments see nothing of it.
//!
//! A relocation project belongs to a place: a county sees its own, a family the one that moves it.
//!
//! A house has no address here: where a family lives is on its card, for those who go there.

mod demo;
mod exports;
mod facts;
mod imports;
mod mutation;
mod query;
mod service;
mod store;
mod totals;
mod types;

pub use mutation::Mutation;
pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::OnHousehold;

use crate::{
    authz::SliceField,
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::node::NodeKind,
    room::{self, Nothing},
    writing::Correctable,
};
use entity::{
    codes::{NamedList, Slice},
    housing::{house, relocation, renovation},
};

/// What housing adds to a person: nothing, a house is the household's.
pub type OnPerson = Nothing;

/// The room of housing.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "housing";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const IMPORTS: &'static [Import] = imports::IMPORTS;
    const EXPORTS: &'static [Export] = exports::EXPORTS;
    const SLICES: &'static [SliceField] = &[SliceField::of(Slice::Housing, "Household", "housing")];

    const FACTS: &'static [FactSource] = facts::FACTS;

    fn code_lists() -> Vec<NamedList> {
        entity::housing::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::House>(),
            NodeKind::of::<types::Renovation>(),
            NodeKind::of::<types::RelocationProject>(),
            NodeKind::of::<types::Relocation>(),
            NodeKind::of::<types::HousingArrangement>(),
            NodeKind::of::<types::Homestead>(),
        ]
    }
    fn corrections() -> Vec<Correctable> {
        vec![
            Correctable::of::<house::Entity>(),
            Correctable::of::<renovation::Entity>(),
            Correctable::of::<relocation::Entity>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
