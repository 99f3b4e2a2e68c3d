//! The rows of correction requests.

use super::types::CorrectionRequest;
use crate::writing::written;
use ::entity::shared::correction_request;

written! {
    Core: correction_request => CorrectionRequest;
}
