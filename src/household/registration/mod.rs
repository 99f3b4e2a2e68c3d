//! The life of a file (建档立卡): a household is opened as a candidate, confirmed by its township, put on file by the poverty
//! office, and moves from status to status by what is decided of it.

mod mutation;
mod service;
mod store;

pub use mutation::RegistrationMutation;
pub use service::{blank, close_when_empty, open_new};
pub use store::region_exists;
