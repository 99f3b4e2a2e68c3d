//! Help for a household (帮扶): who helps it, what it needs, which measures it gets, and every visit. The poverty office keeps
//! helpers, needs and measures; the village and the helpers write the visits.
//!
//! What a helper may see stands in `household_link`; a helper here is a fact of the file, with or without an account.

mod demo;
mod mutation;
mod query;
mod service;
mod store;
pub(super) mod totals;
mod types;

pub use demo::demonstrate;
pub use mutation::HelpMutation;
pub use query::{HelpFilter, HelpQuery};
pub use store::{end_all, end_link};
pub use types::{HelpMeasure, HelpVisit, Helper, HouseholdHelp, Need};
