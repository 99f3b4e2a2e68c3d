//! The rows of funds.

use super::types::{FundAccount, FundMovement};
use crate::writing::written;
use ::entity::finance::{fund_account, fund_movement};

written! {
    Finance: fund_account => FundAccount;
    Finance: fund_movement => FundMovement;
}
