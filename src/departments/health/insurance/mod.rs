//! Who is insured (参保): basic and supplementary insurance, what counties ask for them, and accidents that an insurer pays for.

pub(super) mod demo;
pub(super) mod query;
pub(super) mod types;

pub use query::Query;
