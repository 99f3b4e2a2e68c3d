//! What a household is entitled to, and why (应享待遇): the rules of the packs asked with the facts of the rooms.
//!
//! The engine is the crate `policy`; this module reads facts, asks, and shows the answers. Facts are read for the rule, not
//! for the viewer: an amount is right or it is none. What of an answer a viewer may not read is withheld where it is shown.

mod compare;
mod entitled;
mod facts;
mod loader;
mod query;
mod rules;
mod sentences;
mod types;

pub use loader::{Entitlements, entitlements};
pub use rules::{Rules, shipped};
pub use types::{OnHousehold, OnPerson};

/// What can be asked of the rules, and by them.
#[derive(async_graphql::MergedObject, Default)]
#[graphql(name = "EntitlementsQuery")]
pub struct Query(query::Query, entitled::RegionQuery);

/// Who may ask what is due, and browse the rules.
pub const MATRIX: &str = include_str!("matrix.txt");
