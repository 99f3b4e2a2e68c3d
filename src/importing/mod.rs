//! Other offices' files taken over (导入): each row becomes the mutation that a clerk would have sent, run as who sent the file. So a
//! file may do what its sender may do, is checked by the same rules, and stands on the same record, with the file's hash, sheet
//! and row in the number of the request; the same row again is the same request, and changes nothing.

mod begin;
mod importer;
mod locate;
mod outcome;
mod reader;
mod report;
mod sent;
mod store;
mod work;

pub use begin::{Mutation, Query};
pub use importer::{Importer, Setting};
pub use reader::{At, Reader, SheetLine, told, unusable};
pub use work::{ImportWork, still_allowed};

/// Who may have files taken over.
pub const MATRIX: &str = include_str!("matrix.txt");
