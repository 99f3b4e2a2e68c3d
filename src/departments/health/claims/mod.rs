//! Claims (医疗费用报销): hospital stays and visits, and who paid for them in which order (一站式结算).

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
