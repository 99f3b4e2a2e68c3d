//! Regions and what stands on file in them.

mod loader;
mod public;
mod service;
mod store;
mod types;

pub(super) use loader::on_file;
pub use loader::{Counted, CountedIn, Counter, TotalsOf, number, word};
pub use service::{KnownRegions, in_region, known};
pub use store::{ListedRegion, LoadedRegions, listed_regions, load_regions};
pub use types::level::code_lists;
pub use types::{Region, TotalsCore, by_code};
