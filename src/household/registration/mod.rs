//! The life of a file (建档立卡): a household is opened as a candidate, confirmed by its township, put on file by the poverty
//! office, and moves from status to status by what is decided of it.

mod load;
mod mutation;
mod service;
mod store;

pub use load::LoadMutation;
pub use mutation::RegistrationMutation;
pub use service::{
    CARD_NUMBER, MOST_MEMBERS, NO_VILLAGE, blank, blank_row, causes_differ, close_when_empty,
    members_fit, open_new, standard_of_its_time,
};
pub use store::region_exists;
