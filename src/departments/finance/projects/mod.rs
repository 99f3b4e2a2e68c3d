//! The project library (项目库), who benefits from its projects, and the funds (扶贫资金).

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
