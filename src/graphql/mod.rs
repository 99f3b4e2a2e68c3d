//! The building blocks of the graph: documents and their limits, scalars, nodes, and the read path.

pub mod document;
pub mod execute;
pub mod language;
pub mod limits;
pub mod node;
pub mod plan;
pub mod response;
pub mod rewrite;
pub mod scalars;
pub mod shape;
pub mod trusted;
