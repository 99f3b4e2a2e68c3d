//! What was changed on a household's file (变更历史), by whom, and from what to what: the audit records, shown to those who
//! may read the fields.

mod loader;
mod types;

pub use loader::{Histories, histories};
pub use types::OnHousehold;

/// Who may read the history of a file.
pub const MATRIX: &str = include_str!("matrix.txt");
