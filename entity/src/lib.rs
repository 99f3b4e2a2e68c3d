//! Tables, typed ids and code lists; nothing else.

pub mod codes;
