//! Illness (患病情况): flags of chronic, major and severe disease, and the handbooks for chronic outpatient payment.

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
