//! The hinge: households, members, income, status, links, help, and of the regions the villages' posts and earnings
//! and the lists posted for objections. Owners: township and poverty office; posts: organisation department.

pub mod codes;
pub mod collective_income;
pub mod help_measure;
pub mod help_visit;
pub mod helper;
#[expect(
    clippy::module_inception,
    reason = "room and main table share the domain word"
)]
pub mod household;
pub mod household_link;
pub mod household_status_period;
pub mod identity;
pub mod income_form;
pub mod income_item;
pub mod land_holding;
pub mod livestock;
pub mod member_offer;
pub mod need;
pub mod objection;
pub mod person;
pub mod publicity;
pub mod village_post;
pub mod village_post_attendance;
