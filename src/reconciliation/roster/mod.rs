//! Another agency's list, held against the register (名单比对): row by row an answer with its reasons and candidates, inline or as a
//! file; what people decide of a row is kept under a keyed hash of it, and used again. `find` says how rows are looked up.

mod find;
mod mutation;
mod query;
mod service;
mod store;
mod types;
mod work;

pub use find::{Asking, Matched, Registers, relation_code, told_sex};
pub use mutation::Mutation;
pub use query::{Query, Rosters};
pub use types::RosterDecision;
pub use work::RosterWork;
