//! Civil affairs (民政局): dibao, special support, cash subsidy, assistance, allowances, children. And the disability
//! certificates (残联).

pub mod cash_subsidy;
pub mod codes;
pub mod dibao;
pub mod disability_allowance;
pub mod disability_certificate;
pub mod income_benefit_period;
pub mod left_behind_child;
pub mod medical_assistance;
pub mod orphan;
pub mod special_support;
pub mod temporary_assistance;
