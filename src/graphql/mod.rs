//! The graph: schema, scalars, limits and the read path.

pub mod core;
pub mod document;
pub mod language;
pub mod limits;
pub mod look_up;
pub mod node;
pub mod plan;
pub mod response;
pub mod scalars;
pub mod shape;

mod graph;

pub use core::CoreQuery;
pub use graph::{Graph, GraphError, HouseholdSchema};
