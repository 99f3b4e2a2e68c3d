//! Housing (住建局、搬迁办、国土局): houses and their renovation, relocation, other ways to a safe house, homesteads.

pub mod codes;
pub mod homestead;
pub mod house;
pub mod housing_arrangement;
pub mod relocation;
pub mod relocation_project;
pub mod renovation;
