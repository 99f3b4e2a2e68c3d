//! Education (教育局): school enrolments; Rain and Dew of the poverty office.

pub mod codes;
pub mod rain_dew_application;
pub mod school_enrolment;
