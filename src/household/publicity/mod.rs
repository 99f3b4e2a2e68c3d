//! What is posted for objections (公示) and the objections to it (异议). The poverty office keeps it, in the village the village.

mod demo;
mod query;
pub(super) mod totals;
mod types;

pub use demo::demonstrate;
pub use query::PublicityQuery;
pub use types::{Objection, Publicity};
