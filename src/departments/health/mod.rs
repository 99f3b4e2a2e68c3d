//! Health (医保、卫健): who is enrolled in basic medical insurance, what was paid for them at hospitals and clinics, and by
//! whom. The medical insurance office keeps enrolments, claims and the stages of their settlement; insurers their own
//! stages.
//!
//! The two offices and those who read the whole file see it all but the diagnosis. Civil affairs, which pays medical
//! assistance, sees the amounts of the claims; not the hospital, whose name may tell the illness, and not the enrolments. An
//! insurer sees the claims it pays, its own stages of them, and the enrolments of the claimants, wherever they live.
//!
//! A diagnosis leaves this room as its chapter only, and only to medical insurance, health and audit.

mod demo;
mod query;
mod totals;
mod types;

pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::{OnHousehold, OnPerson};

use crate::{
    authz::InstitutionLink,
    demo::{DemoError, Demonstration},
    graphql::node::NodeKind,
    room,
};
use entity::codes::{Department, NamedList};

/// The room of medical insurance and health.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "health";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const LINKS: &'static [InstitutionLink] = &[InstitutionLink {
        department: Department::Insurer,
        table: "medical_claim",
        condition: "EXISTS (SELECT 1 FROM claim_stage s WHERE s.claim_id = x.id AND s.insurer_code = {institution})",
    }];

    fn code_lists() -> Vec<NamedList> {
        entity::health::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::MedicalEnrolment>(),
            NodeKind::of::<types::Claim>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
