//! What else helps a family through: special support (特困供养) of a person, cash subsidy (现金直补) of a household, temporary
//! (临时救助) and medical assistance (医疗救助).
//!
//! Dibao, special support and cash subsidy exclude each other month by month: whom a grant covers stands in one table for
//! all three, which takes a month of a human being, and of a household, once only.

mod demo;
mod mutation;
mod query;
mod service;
mod store;
mod types;

pub use demo::add;
pub use mutation::SupportMutation;
pub use query::SupportQuery;
pub use types::{
    CashSubsidy, CoveredPerson, MedicalAssistance, SpecialSupport, TemporaryAssistance,
};
