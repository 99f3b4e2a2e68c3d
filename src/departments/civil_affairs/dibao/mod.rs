//! The minimum living allowance (低保): who lives on it, in which class, for how much a month.

mod demo;
mod query;
mod types;

pub use demo::add;
pub use query::DibaoQuery;
pub use types::Dibao;
