//! Rain and Dew (雨露计划), from the form to the county's decision: village and township stamp it, the school confirms the
//! student, the poverty office decides. What follows (finance, publication, filing, payment) is not decided here.

mod mutation;
mod service;

pub use mutation::RainDewMutation;
