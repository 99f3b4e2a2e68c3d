//! How a household lives (生产生活条件): public services at the house, land, animals. Surveyed by the township every year.

mod demo;
mod types;

pub use demo::{demonstrate, items_of};
pub use types::{HouseholdLiving, IncomeItem};
