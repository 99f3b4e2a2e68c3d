//! What changes (变更), for those who follow: a page from a position on, and events as they come. Never a value: who wants to
//! know reads the object, as far as it may.
//!
//! A change is followed in the order of its transaction's number, which is not the order of commits. So nobody reads beyond
//! the horizon, below which nothing can still commit; a reader by `id > last` would miss what commits late. What a viewer is
//! told of is what it may read: slices and types by the matrix, households by scope. Of a household that leaves the scope it
//! is told that, and nothing else.

mod cursor;
mod feed;
mod query;
mod store;
mod subscription;
mod tail;
mod types;

pub use query::Query;
pub use store::OldChanges;
pub use subscription::Subscription;
pub use tail::{Tail, held_back};

use crate::{
    authz::{Matrix, MatrixError},
    departments,
};

/// Who may follow changes.
pub const MATRIX: &str = include_str!("matrix.txt");

/// Every field by which slices are decided on has readers.
///
/// # Errors
/// The first that is not in the matrix: its slice would be left out for everyone.
pub fn check_slices(matrix: &Matrix) -> Result<(), MatrixError> {
    let unread = departments::slices()
        .into_iter()
        .find(|field| matrix.readers(field.type_name, field.name).is_none());
    unread.map_or(Ok(()), |field| {
        Err(MatrixError::Missing(format!(
            "{}.{}",
            field.type_name, field.name
        )))
    })
}
