//! Tables, typed ids and code lists; nothing else.
//!
//! Invariant: no table names a relation. Rooms meet in ids and statements, and `sea_orm::model` would bring nested
//! saves that open transactions beside `Database::write`.

pub mod codes;
pub mod region_code;

pub mod shared;

pub mod household;
pub mod reconciliation;

pub mod civil_affairs;
pub mod education;
pub mod finance;
pub mod health;
pub mod housing;
