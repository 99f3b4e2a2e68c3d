//! Requests to the owner of a field to correct it (更正申请): nobody overwrites another department's field. Whoever reads it says
//! what should stand there and why; the owner takes the value over, corrects it by an action of its own, or says why it
//! stands.
//!
//! A request is read by the two departments and by audit. It repeats a value of the file that others may not read, so nobody
//! else sees it; a sensitive value never stands in one.

mod mutation;
mod query;
mod service;
mod store;
mod types;

pub use mutation::Mutation;
pub use query::Query;
pub use types::{CorrectionRequest, OnHousehold};

use crate::graphql::node::NodeKind;

/// Who may read and raise requests.
pub const MATRIX: &str = include_str!("matrix.txt");

/// What can be asked by id.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![NodeKind::of::<CorrectionRequest>()]
}
