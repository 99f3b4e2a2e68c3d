//! What the poor households live on, as figures of a region.

pub(super) mod totals;
