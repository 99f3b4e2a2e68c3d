//! Illness (患病情况): flags of chronic, major and severe disease, and the handbooks for chronic outpatient payment.

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::IllnessMutation;
pub use query::Query;
