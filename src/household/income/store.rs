//! The rows of income forms.

use crate::{
    household::{living::IncomeItem, types::IncomeForm},
    writing::{corrected, written},
};
use ::entity::household::{income_form, income_item};

written! {
    Income: income_form => IncomeForm;
    Income: income_item => IncomeItem;
}

corrected! {
    Township: income_form "surveyor" "surveyed_on";
}
