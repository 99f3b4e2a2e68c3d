//! Finance and banks (财政局、银行): cards, loans, payments and their batches, funds and the projects they go to.

pub mod bank_card;
pub mod codes;
pub mod fund_account;
pub mod fund_movement;
pub mod interest_subsidy;
pub mod loan;
pub mod loan_extension;
pub mod loan_repayment;
pub mod payment;
pub mod payment_batch;
pub mod project;
pub mod project_beneficiary;
