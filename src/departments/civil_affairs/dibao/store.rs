//! The rows of dibao grants.

use super::types::Dibao;
use crate::writing::written;
use ::entity::civil_affairs::dibao;

written! {
    Civil: dibao => Dibao;
}
