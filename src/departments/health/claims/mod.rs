//! Claims (医疗费用报销): hospital stays and visits, and who paid for them in which order (一站式结算).

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod settlement;
mod store;
pub(super) mod types;

pub use mutation::ClaimMutation;
pub use query::Query;
pub use settlement::{PAGE, Query as SettlementQuery, RECOMPUTED, SettlementMutation};
