//! The minimum living allowance (低保): who lives on it, in which class, for how much a month.

mod demo;
mod mutation;
mod query;
mod service;
mod store;
mod types;

pub use demo::add;
pub use mutation::DibaoMutation;
pub use query::DibaoQuery;
pub use types::Dibao;
