//! Who the poor persons are, as figures of a region.

pub(super) mod totals;
