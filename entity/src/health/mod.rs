//! Medical insurance and health (医保、卫健): enrolments, claims and their stages; check-ups, family doctors, chronic disease.

pub mod accident_case;
pub mod check_up;
pub mod chronic_handbook;
pub mod claim_stage;
pub mod codes;
pub mod disease_flag;
pub mod doctor_contract;
pub mod doctor_visit;
pub mod health_card;
pub mod medical_claim;
pub mod medical_enrolment;
pub mod medicine_delivery;
pub mod premium_standard;
pub mod supplementary_enrolment;
