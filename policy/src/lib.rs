//! What a household is entitled to, and why: rules as data, exact to the fen.
//!
//! A [`Pack`] is read from a YAML file: benefits, each with the facts it needs, formulas, codes of refusal and what it gives.
//! Formulas are typed and checked when a pack is read (an error says file, line and column), then computed over plain values.
//! Numbers are exact; nothing is rounded but where a formula says so, and an amount that is no whole fen is an error, not a
//! guess. A [`Batch`] computes benefits for many subjects at once. The crate knows no database and no clock.

mod answer;
mod asked;
mod batch;
mod catalogue;
mod change;
mod examples;
mod formula;
mod number;
mod overlay;
mod pack;
mod parameter;
mod settled;
mod syntax;
mod table;
mod value;

pub use answer::{Answer, Computed, NoAnswer};
pub use asked::{
    Asked, Due, Entitled, Granted, Known, Period, Reason, Subject, Verdict, Vocabulary,
};
pub use batch::{Apart, Batch, Cell, Compiled, Kind, Lines, Output, Status, Totals};
pub use catalogue::Catalogue;
pub use change::Change;
pub use examples::{Outside, Report, run_examples};
pub use formula::Fault;
pub use number::Exact;
pub use overlay::overlay;
pub use pack::{Benefit, Cite, DEPARTMENTS, Fact, Pack, read_pack, read_pack_asking};
pub use parameter::Parameter;
pub use settled::{
    Bill, Insurer, PaidStage, Payment, STAGE_KINDS, Settled, Sheet, Stuck, Unsettled, settle_year,
};
pub use value::{Type, Value, YearMonth};
pub use yaml::{FileError as PackError, text_of};

/// The version of the engine, by which an answer says how it was computed.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");
