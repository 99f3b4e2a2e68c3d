//! Care (健康管理): check-ups, family doctors with their visits and the medicine they bring, health cards.

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
