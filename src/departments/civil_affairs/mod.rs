//! Civil affairs (民政): who lives on the minimum living allowance (低保), special support (特困供养) or a cash subsidy (现金直补),
//! who was helped in hardship, disabled people and children without their parents. In folders by noun: `dibao`, `support`,
//! `disability`, `children`.
//!
//! Its own department and those who read the whole file see it; finance pays it and sees the payments, not the grants. That
//! a household is on dibao or special support, or has a disabled member, is basics: every department of the region reads it.
//! Of a disability no more is shown to most of them: category and grade are for the disabled persons' federation, which
//! keeps the certificates, for civil affairs and the poverty office. The number of a certificate leaves masked.

mod children;
mod demo;
mod dibao;
mod disability;
mod exports;
mod facts;
mod imports;
mod mutation;
mod query;
mod service;
mod store;
mod support;
mod types;

pub use mutation::Mutation;
pub use query::{HouseholdFilter, Query};
pub use types::{OnHousehold, OnPerson};

use crate::vault::Kind;
use crate::{
    authz::SliceField,
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::node::NodeKind,
    room::{self, Nothing, SensitiveColumn},
    writing::Correctable,
};
use entity::{
    civil_affairs::{
        cash_subsidy, disability_allowance, disability_certificate, left_behind_child,
        medical_assistance, orphan, special_support, temporary_assistance,
    },
    codes::{NamedList, Slice},
};

/// It counts nothing yet.
pub type OnTotals = Nothing;

/// The room of civil affairs.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "civil_affairs";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const IMPORTS: &'static [Import] = imports::IMPORTS;
    const EXPORTS: &'static [Export] = exports::EXPORTS;
    const SLICES: &'static [SliceField] = &[
        SliceField::of(Slice::Civil, "HouseholdCivilAffairs", "dibao"),
        SliceField::of(
            Slice::Children,
            "HouseholdCivilAffairs",
            "leftBehindChildren",
        ),
        SliceField::of(
            Slice::Disability,
            "HouseholdCivilAffairs",
            "disabilityCertificates",
        ),
        SliceField::of(
            Slice::Disability,
            "HouseholdCivilAffairs",
            "disabilityAllowances",
        ),
    ];

    const FACTS: &'static [FactSource] = facts::FACTS;

    fn code_lists() -> Vec<NamedList> {
        entity::civil_affairs::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<dibao::Dibao>(),
            NodeKind::of::<support::SpecialSupport>(),
            NodeKind::of::<support::CashSubsidy>(),
            NodeKind::of::<support::TemporaryAssistance>(),
            NodeKind::of::<support::MedicalAssistance>(),
            NodeKind::of::<disability::DisabilityCertificate>(),
            NodeKind::of::<disability::DisabilityAllowance>(),
            NodeKind::of::<children::LeftBehindChild>(),
            NodeKind::of::<children::Orphan>(),
        ]
    }
    fn sensitive() -> Vec<SensitiveColumn> {
        vec![SensitiveColumn::of::<disability::DisabilityCertificate>(
            Kind::DisabilityCertificate,
            "certificateNumber",
            ("disability_certificate", "certificate_cipher"),
            "SELECT t.id, t.household_id, t.region_code, t.person_id, t.certificate_cipher FROM disability_certificate t",
        )]
    }
    fn corrections() -> Vec<Correctable> {
        vec![
            Correctable::of::<entity::civil_affairs::dibao::Entity>(),
            Correctable::of::<special_support::Entity>(),
            Correctable::of::<cash_subsidy::Entity>(),
            Correctable::of::<temporary_assistance::Entity>(),
            Correctable::of::<medical_assistance::Entity>(),
            Correctable::of::<disability_certificate::Entity>(),
            Correctable::of::<disability_allowance::Entity>(),
            Correctable::of::<left_behind_child::Entity>(),
            Correctable::of::<orphan::Entity>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
