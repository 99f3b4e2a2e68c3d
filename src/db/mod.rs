//! The doors to the database: one for reading, one for writing.

pub mod error;
pub mod read;

pub use error::{DbError, Violation, ViolationKind};
pub use read::{BadCell, Cell, Dialect, Param, ReadSettings, Reads, Row, Session, Statement};
