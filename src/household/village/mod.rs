//! Who is posted in the villages: work teams (驻村工作队) and first secretaries (第一书记), kept by the organisation department and
//! the poverty office. No household is named here.

mod demo;
mod query;
mod types;

pub use demo::demonstrate;
pub use query::VillageQuery;
pub use types::VillagePost;
