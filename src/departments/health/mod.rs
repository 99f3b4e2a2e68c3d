//! Health (医保、卫健): who is insured and what was paid for them at hospitals and clinics; who is ill, and how they are cared for.
//! The medical insurance office keeps enrolments, claims with the stages of their settlement and, with the social security
//! bureau, chronic handbooks; the health bureau check-ups, family doctors with their visits and deliveries, disease flags and
//! health cards; insurers their own stages and accidents. Who sees what differs from slice to slice:
//!
//! - The two offices and the readers of the whole file see it all but what a disease is.
//! - Civil affairs, which pays medical assistance, sees the amounts of the claims; not the hospital, whose name may tell the
//!   illness, and not the enrolments.
//! - The social security bureau sees chronic handbooks.
//! - An insurer sees the claims it pays and its own stages of them, its accidents, and the enrolments of the claimants,
//!   wherever they live.
//! - Hospitals and what a county asks for insurance are public.
//!
//! A disease leaves this room as its chapter only, and only to medical insurance, health and audit.

mod care;
mod claims;
mod demo;
mod exports;
mod facts;
mod hospitals;
mod illness;
mod imports;
mod insurance;
mod mutation;
mod query;
mod service;
mod store;
mod totals;
mod types;

pub use mutation::Mutation;
pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::{OnHousehold, OnPerson};

use crate::vault::Kind;
use crate::{
    authz::{InstitutionLink, SliceField},
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::node::NodeKind,
    reconciliation::Recomputed,
    room::{self, PrintedPage, SensitiveColumn},
    writing::Correctable,
};
use entity::{
    codes::{Department, NamedList, Slice},
    health::{
        check_up, chronic_handbook, disease_flag, doctor_contract, doctor_visit, medical_claim,
        medical_enrolment,
    },
};

/// The room of medical insurance and health.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "health";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const IMPORTS: &'static [Import] = imports::IMPORTS;
    const EXPORTS: &'static [Export] = exports::EXPORTS;
    const SLICES: &'static [SliceField] = &[SliceField::of(Slice::Health, "Household", "health")];
    const LINKS: &'static [InstitutionLink] = &[
        InstitutionLink {
            department: Department::Insurer,
            table: "medical_claim",
            condition: "EXISTS (SELECT 1 FROM claim_stage s WHERE s.claim_id = x.id AND s.insurer_code = {institution})",
        },
        InstitutionLink {
            department: Department::Insurer,
            table: "accident_case",
            condition: "x.insurer_code = {institution}",
        },
    ];

    const FACTS: &'static [FactSource] = facts::FACTS;
    const PAGES: &'static [PrintedPage] = &[claims::PAGE];
    const RECOMPUTED: &'static [Recomputed] = &[claims::RECOMPUTED];

    fn code_lists() -> Vec<NamedList> {
        entity::health::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<insurance::types::MedicalEnrolment>(),
            NodeKind::of::<insurance::types::SupplementaryEnrolment>(),
            NodeKind::of::<insurance::types::AccidentCase>(),
            NodeKind::of::<claims::types::Claim>(),
            NodeKind::of::<care::types::CheckUp>(),
            NodeKind::of::<care::types::DoctorContract>(),
            NodeKind::of::<care::types::DoctorVisit>(),
            NodeKind::of::<care::types::MedicineDelivery>(),
            NodeKind::of::<care::types::HealthCard>(),
            NodeKind::of::<illness::types::DiseaseFlag>(),
            NodeKind::of::<illness::types::ChronicHandbook>(),
        ]
    }
    fn sensitive() -> Vec<SensitiveColumn> {
        vec![
            SensitiveColumn::of::<claims::types::Claim>(
                Kind::Diagnosis,
                "diagnosis",
                ("medical_claim", "diagnosis_cipher"),
                "SELECT t.id, t.household_id, t.region_code, t.person_id, t.diagnosis_cipher FROM medical_claim t",
            ),
            SensitiveColumn::of::<illness::types::DiseaseFlag>(
                Kind::Diagnosis,
                "disease",
                ("disease_flag", "disease_cipher"),
                "SELECT t.id, t.household_id, t.region_code, t.person_id, t.disease_cipher FROM disease_flag t",
            ),
            SensitiveColumn::of::<illness::types::ChronicHandbook>(
                Kind::Diagnosis,
                "disease",
                ("chronic_handbook", "disease_cipher"),
                "SELECT t.id, t.household_id, t.region_code, t.person_id, t.disease_cipher FROM chronic_handbook t",
            ),
        ]
    }
    fn corrections() -> Vec<Correctable> {
        vec![
            Correctable::of::<medical_enrolment::Entity>(),
            Correctable::of::<medical_claim::Entity>(),
            Correctable::of::<check_up::Entity>(),
            Correctable::of::<doctor_contract::Entity>(),
            Correctable::of::<doctor_visit::Entity>(),
            Correctable::of::<disease_flag::Entity>(),
            Correctable::of::<chronic_handbook::Entity>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
