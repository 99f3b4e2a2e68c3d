//! Made-up people, and lists of them with the slips that lists have: whose rows they are is known.

pub mod dice;
pub mod names;
pub mod people;
pub mod rows;
