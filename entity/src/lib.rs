//! Tables, typed ids and code lists; nothing else.

pub mod codes;
pub mod region_code;

pub mod shared;

pub mod household;

pub mod civil_affairs;
pub mod education;
pub mod finance;
pub mod health;
pub mod housing;
