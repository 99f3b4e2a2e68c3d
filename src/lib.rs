//! Yihu (一户): one household, one graph.

pub mod audit;
pub mod authz;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod corrections;
pub mod db;
pub mod demo;
pub mod departments;
pub mod disclosure;
pub mod graphql;
pub mod history;
pub mod household;
pub mod http;
pub mod identifiers;
pub mod options;
pub mod policy;
pub mod reconciliation;
pub mod resealing;
pub mod room;
pub mod schema;
pub mod telemetry;
pub mod text;
pub mod vault;
pub mod writing;
