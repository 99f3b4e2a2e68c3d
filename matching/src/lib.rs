//! Whose row another agency's list has.
//!
//! A row is matched by citizen number first: numbers are read as lists write them, and a wrong one knows which valid numbers it may
//! have been ([`Written`]). Then by the odds (Fellegi and Sunter) that name, birth date, sex, place and relation give: names are
//! compared over other writings of a character and over its readings ([`Name`]), and what is common in the register weighs
//! less. A [`Match`] is exact, probable, possible or none, with its reasons and candidates; a person decides the possible ones.
//!
//! [`Matcher`] holds a register in memory. Who has the register elsewhere asks it for the [`Lookups`] of a [`Row`] and gives what
//! comes back to a [`Scorer`]; both come to the same answer. [`records`] links lists of any columns by a configuration.
//! The crate knows no database, no GraphQL and no clock.

mod citizen_number;
mod config;
mod finding;
mod frequencies;
mod glyph;
mod grade;
mod name;
mod reason;
pub mod records;
mod register;
mod row;
mod score;
mod tree;

pub use citizen_number::{CitizenNumber, NearNumber, NumberFault, NumberFinding, Written};
pub use config::{BirthOdds, NameOdds, NumberOdds, Odds, PlaceOdds, RosterConfig, SameOdds};
pub use finding::{BirthFinding, PlaceFinding, RelationFinding, Sex, SexFinding};
pub use frequencies::Frequencies;
pub use grade::Grade;
pub use name::{Name, NameFinding};
pub use reason::{Decision, Ground, Language, Reason};
pub use register::{Matcher, Person};
pub use row::{Lookups, Row, RowText};
pub use score::{Candidate, KnownNumber, Match, Scored, Scorer};
pub use tree::ConfigError;
