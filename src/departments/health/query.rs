//! What can be asked of medical insurance and health: the rolls of its parts, and households by what is kept of their
//! members.

use super::{care, claims, hospitals, illness, insurance};
use crate::{
    db::{Param, Reads},
    graphql::plan::{Refusal, RootQuery, year_of},
    household::one_of,
    room::HouseholdConditions,
};
use async_graphql::{InputObject, MergedObject};
use entity::health::codes::{DiseaseClass, HandbookState};

/// The rolls of medical insurance and health, and the hospitals.
#[derive(MergedObject, Default)]
#[graphql(name = "HealthQuery")]
pub struct Query(
    insurance::Query,
    claims::Query,
    claims::SettlementQuery,
    care::Query,
    illness::Query,
    hospitals::Query,
);

/// Conditions on what medical insurance and health keep of a household (医保、健康条件).
#[derive(InputObject)]
#[graphql(name = "HealthHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some member is enrolled in basic medical insurance in this calendar year (有成员参保的年度).
    enrolled_in: Option<i32>,
    /// Some member of today is not enrolled in basic medical insurance in this calendar year (有成员未参保的年度).
    not_enrolled_in: Option<i32>,
    /// Some member of today has a disease of one of these classes today (有成员患病的类别).
    disease_class: Option<Vec<DiseaseClass>>,
    /// Some member of today had no check-up in this calendar year (有成员未体检的年度).
    no_check_up_in: Option<i32>,
    /// Some member of today has no contract with a family doctor today, or all have one (是否有成员未签约家庭医生).
    without_doctor: Option<bool>,
    /// Some member has a chronic handbook of one of these states (有成员的慢性病手册状态).
    handbook_state: Option<Vec<HandbookState>>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(year) = self.enrolled_in {
            let year = year_of(year, &["filter", "health", "enrolledIn"])?;
            query.has(true, "medical_enrolment", |query| {
                query.equals("o.year", Param::I64(year));
                Ok(())
            })?;
        }
        if let Some(year) = self.not_enrolled_in {
            let year = year_of(year, &["filter", "health", "notEnrolledIn"])?;
            let year = query.bind(Param::I64(year));
            some_member_lacks(
                query,
                true,
                &format!("medical_enrolment x WHERE x.year = {year}"),
            );
        }
        if let Some(year) = self.no_check_up_in {
            let year = year_of(year, &["filter", "health", "noCheckUpIn"])?;
            let year = query.bind(Param::I64(year));
            some_member_lacks(query, true, &format!("check_up x WHERE x.year = {year}"));
        }
        if let Some(without) = self.without_doctor {
            let contract = "doctor_contract x WHERE x.valid_to IS NULL";
            some_member_lacks(query, without, contract);
        }
        if self.disease_class.is_some() {
            query.has(true, "disease_flag", |query| {
                one_of(reads, query, "o.class", self.disease_class.as_deref());
                query.and("o.valid_to IS NULL");
                query.and("EXISTS (SELECT 1 FROM person p WHERE p.id = o.person_id AND p.valid_to IS NULL)");
                Ok(())
            })?;
        }
        if self.handbook_state.is_some() {
            query.has(true, "chronic_handbook", |query| {
                one_of(reads, query, "o.state", self.handbook_state.as_deref());
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Some member of today has no such row `x`, a table with its conditions; or all have one, where that is not wanted.
fn some_member_lacks(query: &mut RootQuery, wanted: bool, rows: &str) {
    let not = if wanted { "" } else { "NOT " };
    query.and(format!(
        "{not}EXISTS (SELECT 1 FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL \
         AND NOT EXISTS (SELECT 1 FROM {rows} AND x.person_id = p.id))"
    ));
}
