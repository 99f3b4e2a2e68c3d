//! The members of households (家庭成员): who joins, leaves, moves and dies; and who the poor persons are, as figures of a region.
//!
//! A person is one row a membership. Whoever moves gets a new one; the old one stays with its household as it was, and so does
//! all that departments keep of it. What they granted a household stays with that household at a split and a merge: each
//! department ends and grants what it owns, and the checks tell where that is due.

mod mutation;
mod query;
mod service;
mod store;
pub(super) mod totals;
mod types;

pub use mutation::{NewMemberInput, PeopleMutation};
pub use query::PeopleQuery;
pub use service::{
    ALREADY_MEMBER, INVALID_CITIZEN_NUMBER, MOST_TOLD, NUMBER_DISAGREES, NewMember, NumberGiven,
    PERSON_DIED, PERSON_NOT_AVAILABLE, add, add_all, disclosing, no_number_twice, on_file, read,
    row, told,
};
pub use types::MemberOffer;
