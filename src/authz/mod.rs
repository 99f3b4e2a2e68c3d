//! Who asks, what they may read, and which rows exist for them.

mod viewer;

pub use viewer::{Purpose, Roles, Viewer};
