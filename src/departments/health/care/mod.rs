//! Care (健康管理): check-ups, family doctors with their visits and the medicine they bring, health cards.

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::CareMutation;
pub use query::Query;
