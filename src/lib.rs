//! Yihu (一户): one household, one graph.

pub mod authz;
pub mod clock;
pub mod db;
pub mod graphql;
pub mod identifiers;
pub mod vault;
