//! Reconciliation: where the departments contradict each other, and what was compared.

pub mod checked_village;
pub mod codes;
pub mod finding;
pub mod finding_event;
pub mod reconciliation_run;
pub mod roster_decision;
