//! The rows of left-behind children and orphans.

use super::types::{LeftBehindChild, Orphan};
use crate::writing::{corrected, written};
use ::entity::civil_affairs::{left_behind_child, orphan};

written! {
    Children: left_behind_child => LeftBehindChild;
    Children: orphan => Orphan;
}

corrected! {
    Civil: left_behind_child "absence" "care";
    Civil: orphan "approved_on";
}
