//! What a household lives on (收入): the township files a form a year; and what the poor households live on, as figures of a
//! region.

mod mutation;
mod service;
mod store;
pub(super) mod totals;

pub use mutation::IncomeMutation;
