//! Civil affairs (民政局): the minimum living allowance.

pub mod codes;
pub mod dibao;
