//! What a household is entitled to, and why (应享待遇): the rules of the packs asked with the facts of the rooms.
//!
//! The engine is the crate `policy`; this module reads facts, asks, and shows the answers. Facts are read for the rule, not
//! for the viewer: an amount is right or it is none. What of an answer a viewer may not read is withheld where it is shown.

mod facts;
mod loader;
mod query;
mod sentences;
mod types;

pub use facts::{Rules, shipped};
pub use loader::{Entitlements, entitlements};
pub use query::Query;
pub use types::{OnHousehold, OnPerson};

/// Who may ask what is due, and browse the rules.
pub const MATRIX: &str = include_str!("matrix.txt");
