//! The one-stop settlement (一站式结算): a claim comes to its sheet by the rule of its place.
//!
//! The claims of a human being and a calendar year of discharge are settled together, in the order of discharge, because
//! deductibles and bands run over the year. What is in the tables is what is in force: a claim that is settled again gets new
//! stages, a void one has none, and what stood there is in the audit records.

mod mutation;
mod query;
mod service;
mod sheet;
mod store;
mod types;

pub use mutation::SettlementMutation;
pub(super) use mutation::VOID_CODES;
pub use query::Query;
pub use service::RECOMPUTED;
pub(super) use service::void;
pub use sheet::PAGE;
