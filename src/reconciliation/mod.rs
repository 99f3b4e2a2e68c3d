//! Where the departments contradict each other (核查): the checks, what they find, and what is done about it.
//!
//! A check is data (`checks/`): who is compared, how grave a difference is, and one statement. A run holds what the statements
//! find in a region against the findings that are there. A finding is read by who leads the work on the file, who checks it, and
//! the departments it is between; each value in it only by those who read the field that it stands in.

mod check;
mod deadline;
mod mutation;
mod query;
mod run;
mod service;
mod shipped;
mod store;
mod totals;
mod types;

pub use check::{Check, Checks};
pub use deadline::Deadlines;
pub use mutation::Mutation;
pub use query::Query;
pub use run::{Report, RunError, Runner, Tally, Wanted, server};
pub use shipped::shipped;
pub use store::{OPEN_FINDINGS, Raised, is_blocked, raise};
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
