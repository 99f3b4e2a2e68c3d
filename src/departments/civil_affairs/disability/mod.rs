//! Disability: the certificates (残疾人证), which the disabled persons' federation keeps, and the two allowances (残疾人两项补贴),
//! which civil affairs grants.
//!
//! Category and grade are for the federation, civil affairs and the poverty office. Who else reads the whole file reads that
//! a person is disabled, and what the allowances pay.

mod demo;
mod mutation;
mod query;
mod service;
mod store;
mod types;

pub use demo::add;
pub use mutation::DisabilityMutation;
pub use query::DisabilityQuery;
pub use types::{DisabilityAllowance, DisabilityCertificate};
