//! Loans of members (贷款), and what happens to them: repayments, extensions and renewals, interest subsidies.

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
