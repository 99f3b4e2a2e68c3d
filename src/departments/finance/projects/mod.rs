//! The project library (项目库), who benefits from its projects, and the funds (扶贫资金).

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::FundMutation;
pub use query::Query;
