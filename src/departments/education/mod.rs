//! Education (教育): which pupil goes to which school, term by term, and who has asked for the Rain and Dew allowance (雨露计划).
//!
//! The education bureau keeps enrolments, which the school confirms; the poverty office keeps Rain and Dew, through whose
//! stamps the school passes too. Both and the readers of the whole file see both; a school sees its own pupils, wherever
//! they live, and nothing of their brothers and sisters at other schools.
//!
//! Nothing here tells a pupil's marks or health.

mod demo;
mod query;
mod types;

pub use query::{HouseholdFilter, Query};
pub use types::{OnHousehold, OnPerson};

use crate::{
    authz::InstitutionLink,
    demo::{DemoError, Demonstration},
    graphql::node::NodeKind,
    room::{self, Nothing},
};
use entity::codes::{Department, NamedList};

/// It counts nothing yet.
pub type OnTotals = Nothing;

/// The room of education.
pub struct Room;

impl room::Room for Room {
    const NAME: &'static str = "education";
    const MATRIX: &'static str = include_str!("matrix.txt");
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
    ];

    fn code_lists() -> Vec<NamedList> {
        entity::education::codes::code_lists()
    }
    fn nodes() -> Vec<NodeKind> {
        vec![
            NodeKind::of::<types::SchoolEnrolment>(),
            NodeKind::of::<types::RainDewApplication>(),
        ]
    }
    async fn demonstrate(demonstration: &mut Demonstration<'_>) -> Result<(), DemoError> {
        demo::add(demonstration).await
    }
}
