//! Who is insured (参保): basic and supplementary insurance, what counties ask for them, and accidents that an insurer pays for.

pub(super) mod demo;
mod mutation;
pub(super) mod query;
mod service;
mod store;
pub(super) mod types;

pub use mutation::InsuranceMutation;
pub use query::Query;
