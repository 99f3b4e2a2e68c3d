//! Checks that no statement makes alone: what is recorded is held against what the rules come to.
//!
//! A room hands over which rows such a check reads and what of them differs; the file of the check says the rest.

use crate::{
    db::{BadCell, Opening, Row},
    entitlement::Rules,
};

/// A check whose statement gives what a rule is computed of.
#[derive(Clone, Copy, Debug)]
pub struct Recomputed {
    /// Such as "RC-20".
    pub check: &'static str,
    /// The statement, with what checks write in braces.
    pub rows: fn() -> String,
    /// Why it reads beyond the regions of the run.
    pub beyond: Opening,
    /// What differs from the rules among the rows.
    pub find: fn(&Rules, &[Row]) -> Result<Vec<Differing>, BadCell>,
}

/// A record that is not what the rules come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    pub household: i64,
    pub person: i64,
    pub subject: i64,
    /// The values of the evidence with their days, in its order; amounts in fen.
    pub values: Vec<(Option<String>, Option<String>)>,
}
