//! The rows of dibao grants.

use super::types::Dibao;
use crate::writing::{corrected, written};
use ::entity::civil_affairs::dibao;

written! {
    Civil: dibao => Dibao;
}

corrected! {
    Civil: dibao "dibao_number" "approved_on";
}
