//! Payments (发放): the cards they go to and the batches they are sent in.

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::PaymentMutation;
pub use query::Query;
