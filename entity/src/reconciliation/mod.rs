//! Reconciliation: where the departments contradict each other, and what was compared.

pub mod checked_village;
pub mod codes;
pub mod finding;
