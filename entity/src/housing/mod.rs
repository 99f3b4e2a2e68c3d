//! Housing (住建局): houses and their renovation.

pub mod codes;
pub mod house;
pub mod renovation;
