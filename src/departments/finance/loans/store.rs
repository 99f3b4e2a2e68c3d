//! The rows of loans.

use super::types::{Loan, LoanExtension, LoanRepayment};
use crate::writing::{corrected, written};
use ::entity::finance::{loan, loan_extension, loan_repayment};

written! {
    Finance: loan => Loan;
    Finance: loan_repayment => LoanRepayment;
    Finance: loan_extension => LoanExtension;
}

corrected! {
    Bank by "bank_code": loan "guarantor" "collateral";
    Bank by "bank_code": loan_repayment;
    Bank by "bank_code": loan_extension;
}
