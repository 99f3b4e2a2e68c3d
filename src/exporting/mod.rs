//! Lists as files (导出): what a query of the same viewer would show, page by page through the graph, written as the files that
//! offices read. So a file holds no row and no value that its viewer could not read, masks included. Full values stand in it only
//! for the department that keeps them, and through the recorded read that shows them elsewhere.

mod ask;
mod begin;
mod cell;
mod reading;
mod reveal;
mod work;

pub use begin::{Mutation, Query};
pub use work::ExportWork;

/// Who may have lists as files.
pub const MATRIX: &str = include_str!("matrix.txt");
