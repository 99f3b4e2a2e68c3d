//! Medical insurance and health (医保、卫健): enrolments, claims and their stages.

pub mod claim_stage;
pub mod codes;
pub mod medical_claim;
pub mod medical_enrolment;
