//! Regions and what stands on file in them.

mod loader;
mod types;

pub use loader::Totals;
pub use types::Region;
pub use types::level::code_lists;
