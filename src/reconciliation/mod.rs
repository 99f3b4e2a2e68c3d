//! Where the departments contradict each other (核查): the findings of the checks, and how often there are any.

mod query;
mod store;
mod totals;
mod types;

pub use query::Query;
pub use store::{Raised, raise};
pub use totals::OnTotals;
pub use types::{Finding, OnHousehold};

use crate::graphql::node::NodeKind;
use entity::codes::NamedList;

/// Who may read findings.
pub const MATRIX: &str = include_str!("matrix.txt");

/// What can be asked by id.
#[must_use]
pub fn nodes() -> Vec<NodeKind> {
    vec![NodeKind::of::<Finding>()]
}

/// The code lists of its fields.
#[must_use]
pub fn code_lists() -> Vec<NamedList> {
    entity::reconciliation::codes::code_lists()
}
