//! Payments (发放): the cards they go to and the batches they are sent in.

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
