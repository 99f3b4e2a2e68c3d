//! Finance and banks (财政局、银行): cards, loans, payments.

pub mod bank_card;
pub mod codes;
pub mod loan;
pub mod payment;
