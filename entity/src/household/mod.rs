//! The hinge: households, members, income, status, links. Owners: township and poverty office.

pub mod codes;
#[expect(
    clippy::module_inception,
    reason = "room and main table share the domain word"
)]
pub mod household;
pub mod household_link;
pub mod household_status_period;
pub mod identity;
pub mod income_form;
pub mod person;
