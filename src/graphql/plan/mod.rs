//! How the household graph is read.
//!
//! A type is declared once, as a plain struct with `#[derive(SimpleObject, Record)]`. Two readers share the declaration:
//! the *plan* compiles the selection to statements and writes their rows straight to JSON; *stock resolution*
//! (async-graphql with one DataLoader) answers what a plan can't write: arguments below the root, computed fields,
//! abstract types. Both give the same bytes; a property test of random selections holds that.

mod budget;
mod column;
mod faults;
mod loader;
mod page;
mod plain;
mod planner;
mod range;
mod record;
mod regions;
mod root;
mod write;

pub use budget::Budget;
pub(crate) use column::codes;
pub use column::{Column, RowReader, Text, read_word, write_text, write_word};
pub use faults::{Faults, Outcome, Refusal, path_of};
pub use loader::{Slices, in_one_turn, slices};
pub use page::{Connection, KeyKind, Page, PageInfo, PageRequest, Stretch, page_plans};
pub use plain::{Plain, PlainList};
pub use planner::{Planner, Plans, Selected, Write};
pub use range::{key_of, year_of};
pub use record::{
    Belongs, Described, Field, Filter, Guarded, Many, Object, One, Ref, Rows, Spec,
    Value as FilterValue,
};
pub use regions::COUNTY;
pub use root::{
    Found, Order, RootQuery, StockOnly, acquire, failed, session, single_plans, stock_rows,
};

pub use derive::Record;
