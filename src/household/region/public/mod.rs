//! The figures of a region that everybody may know.

mod types;

pub(super) use types::PublicTotals;
