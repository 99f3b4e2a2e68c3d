//! Education (教育局): school enrolments, study allowances, dropout cases; Rain and Dew of the poverty office.

pub mod codes;
pub mod dropout_case;
pub mod rain_dew_application;
pub mod school_enrolment;
pub mod study_allowance;
