//! Who has seen whose data (查阅): the full values behind the masks, each read of which is recorded before the value leaves,
//! and the records themselves, for the family and for the auditors.

mod mutation;
mod query;
mod store;
mod types;

pub use mutation::Mutation;
pub use query::Query;

/// Who may see full values, and who may read the records of it.
pub const MATRIX: &str = include_str!("matrix.txt");
