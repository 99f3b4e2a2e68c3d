//! Records of text, linked between two lists or within one, without training data.
//!
//! Pairs that share a block are compared field by field. How often true pairs come to each level of agreement (m) is estimated
//! by expectation maximisation over them, how often strangers do (u) from pairs drawn evenly, and what is rare weighs more.

mod compare;
mod config;
mod estimate;
mod link;
mod table;

pub use compare::Comparator;
pub use config::{Block, Field, Key, LinkConfig};
pub use link::{Agreement, Link, dedupe, link};
