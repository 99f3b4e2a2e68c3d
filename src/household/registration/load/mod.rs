//! Households that the national register has on file already, taken over as they stand there, many at once: the first load of a
//! county. What they have gone through to be on file was decided before and is not done again.

mod mutation;
mod service;

pub use mutation::LoadMutation;
