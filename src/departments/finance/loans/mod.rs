//! Loans of members (贷款), and what happens to them: repayments, extensions and renewals, interest subsidies.

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::LoanMutation;
pub use query::Query;
