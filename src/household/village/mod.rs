//! What a village earns in common, and who is posted in it: work teams (驻村工作队) and first secretaries (第一书记), kept by the organisation department and
//! the poverty office. No household is named here.

mod demo;
mod query;
pub(super) mod totals;
mod types;

pub use demo::demonstrate;
pub use query::VillageQuery;
pub use types::{CollectiveIncome, VillagePost};
