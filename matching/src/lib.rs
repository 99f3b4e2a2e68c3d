//! Whose row another agency's list has: citizen numbers and names, and how two of them relate.
//!
//! Numbers are read as lists write them, and a wrong one knows which valid numbers it may have been ([`Written`]). Names are
//! compared over other writings of a character and over its readings ([`Name`]). The crate knows no database and no clock.

mod citizen_number;
mod glyph;
mod grade;
mod name;
pub mod records;
mod yaml;

pub use citizen_number::{CitizenNumber, NearNumber, NumberFault, NumberFinding, Written};
pub use grade::Grade;
pub use name::{Name, NameFinding};
pub use yaml::ConfigError;
