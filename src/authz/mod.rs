//! Who asks, what they may read, and which rows exist for them.
//!
//! Reading passes three walls. The *matrix* says which department may read which field; the whole document is checked
//! against it before anything is looked up. The *scope* says which rows exist for the viewer; every root statement starts
//! from it. *Bounds* narrow single slices for viewers who see only a part of their rows.

mod access;
mod document;
mod matrix;

pub mod directory;
pub mod keys;
pub mod token;
pub mod users;
mod viewer;

pub use access::{Access, InstitutionLink, Policy, Rights, SliceField};
pub use document::{Forbidden, check_document, depends_on_variables};
pub use matrix::{Matrix, MatrixError};
pub use viewer::{Purpose, Roles, Viewer};
