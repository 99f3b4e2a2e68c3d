//! Hospitals and clinics (医疗机构), which are public.

pub(super) mod query;
pub(super) mod types;

pub use query::Query;
