//! What a household is entitled to, and why (应享待遇): the rules of the packs asked with the facts of the rooms.
//!
//! The engine is the crate `policy`; this module reads facts, asks, and shows the answers. Facts are read for the rule, not
//! for the viewer: an amount is right or it is none. What of an answer a viewer may not read is withheld where it is shown.

mod ask;
mod compare;
mod due;
mod entitled;
mod facts;
mod loader;
mod policies;
mod requested;
mod rules;
mod run;
mod saved;
mod sentences;
mod simulated;
mod simulation;
mod types;

pub use ask::{OnHousehold, OnPerson};
pub use due::{COLUMNS, Listing, Told};
pub use loader::{Entitlements, entitlements};
pub use requested::EntitlementWork;
pub use rules::{InForce, Rules, shipped};
pub use run::{Position, Run, RunError};
pub use saved::{SavedAnswer, SavedOnHousehold};
pub use simulation::{Changed, Compared, DraftError, Figure, Simulation, Total};

use crate::graphql::node::NodeKind;

/// What can be asked by id.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![NodeKind::of::<SavedAnswer>()]
}

/// What can be asked of the rules, and by them.
#[derive(async_graphql::MergedObject, Default)]
#[graphql(name = "EntitlementsQuery")]
pub struct Query(
    policies::Query,
    entitled::RegionQuery,
    simulated::SimulationQuery,
);

/// What can be done with answers.
#[derive(async_graphql::MergedObject, Default)]
#[graphql(name = "EntitlementsMutation")]
pub struct Mutation(saved::Mutation, requested::RegionMutation);

/// Who may ask what is due, and browse the rules.
pub const MATRIX: &str = include_str!("matrix.txt");
