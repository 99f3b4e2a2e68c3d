//! Education (教育): which pupil goes to which school, term by term; what is granted for it, by the study allowances of a
//! term (教育资助) and by Rain and Dew (雨露计划); and which child has left school too early (控辍保学).
//!
//! The education bureau keeps enrolments, which the school confirms, allowances and dropout cases; the poverty office keeps
//! Rain and Dew, through whose stamps the school passes too. Both and the readers of the whole file see it all; a school
//! sees its own pupils and those who left it, wherever they live, and nothing of their brothers and sisters at other
//! schools. Schools themselves are public.
//!
//! Nothing here tells a pupil's marks or health; a case of dropping out knows a reason in one word.

mod demo;
mod exports;
mod facts;
mod imports;
mod mutation;
mod query;
mod rain_dew;
mod service;
mod store;
mod totals;
mod types;

pub use mutation::Mutation;
pub use query::{HouseholdFilter, Query};
pub use totals::OnTotals;
pub use types::{OnHousehold, OnPerson};

use crate::{
    authz::{InstitutionLink, SliceField},
    demo::{DemoError, Demonstration},
    facts::FactSource,
    files::{Export, Import},
    graphql::node::NodeKind,
    room,
    writing::Correctable,
};
use entity::{
    codes::{Department, NamedList, Slice},
    education::{dropout_case, rain_dew_application, school_enrolment, study_allowance},
};

/// The room of education.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "education";
    const MATRIX: &'static str = include_str!("matrix.txt");
    const IMPORTS: &'static [Import] = imports::IMPORTS;
    const EXPORTS: &'static [Export] = exports::EXPORTS;
    const SLICES: &'static [SliceField] =
        &[SliceField::of(Slice::Education, "Household", "education")];
    const LINKS: &'static [InstitutionLink] = &[
        InstitutionLink {
            department: Department::School,
            table: "school_enrolment",
            condition: "x.school_code = {institution}",
        },
        InstitutionLink {
            department: Department::School,
            table: "rain_dew_application",
            condition: "x.school_code = {institution}",
        },
        InstitutionLink {
            department: Department::School,
            table: "dropout_case",
            condition: "x.school_code = {institution}",
        },
    ];

    const FACTS: &'static [FactSource] = facts::FACTS;

    fn code_lists() -> Vec<NamedList> {
        entity::education::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::SchoolEnrolment>(),
            NodeKind::of::<types::RainDewApplication>(),
            NodeKind::of::<types::StudyAllowance>(),
            NodeKind::of::<types::DropoutCase>(),
        ]
    }
    fn corrections() -> Vec<Correctable> {
        vec![
            Correctable::of::<school_enrolment::Entity>(),
            Correctable::of::<study_allowance::Entity>(),
            Correctable::of::<dropout_case::Entity>(),
            Correctable::of::<rain_dew_application::Entity>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
