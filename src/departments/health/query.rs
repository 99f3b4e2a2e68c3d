//! The rolls of medical insurance: who is enrolled, what was claimed.

use super::types::{Claim, MedicalEnrolment};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery, year_of},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::health::codes::{ClaimKind, ClaimState, EnrolmentCategory};

/// Conditions on what medical insurance keeps of a household (医保条件).
#[derive(InputObject)]
#[graphql(name = "HealthHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some member is enrolled in basic medical insurance in this calendar year (有成员参保的年度).
    enrolled_in: Option<i32>,
    /// Some member of today is not enrolled in basic medical insurance in this calendar year (有成员未参保的年度).
    not_enrolled_in: Option<i32>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(year) = self.enrolled_in {
            let year = year_of(year, &["filter", "health", "enrolledIn"])?;
            let year = query.bind(Param::I64(year));
            query.and(format!(
                "EXISTS (SELECT 1 FROM medical_enrolment e WHERE e.household_id = t.id AND e.year = {year})"
            ));
        }
        if let Some(year) = self.not_enrolled_in {
            let year = year_of(year, &["filter", "health", "notEnrolledIn"])?;
            let year = query.bind(Param::I64(year));
            query.and(format!(
                "EXISTS (SELECT 1 FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM medical_enrolment e WHERE e.person_id = p.id AND e.year = {year}))"
            ));
        }
        Ok(())
    }
}

/// Conditions on the roll of medical enrolments (参保名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct MedicalEnrolmentFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// This calendar year (参保年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these categories (参保类别).
    category: Option<Vec<EnrolmentCategory>>,
    /// The premium is paid, or not (是否已缴费).
    paid: Option<bool>,
}

impl Roll for MedicalEnrolmentFilter {
    type Row = MedicalEnrolment;
    const ORDER: Order = Order {
        name: "medicalEnrolments",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.category", self.category.as_deref());
        if let Some(paid) = self.paid {
            let not = if paid { "NOT " } else { "" };
            query.and(format!("t.paid_on IS {not}NULL"));
        }
        Ok(())
    }
}

/// Conditions on the roll of claims (报销名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct ClaimFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these states (报销状态).
    state: Option<Vec<ClaimState>>,
    /// One of these kinds (报销类别).
    kind: Option<Vec<ClaimKind>>,
    /// Discharged on this day or later (出院日期起).
    discharged_from: Option<Day>,
    /// Discharged on this day or earlier (出院日期止).
    discharged_to: Option<Day>,
    /// The code of the hospital or clinic (就诊机构代码).
    institution: Option<String>,
}

impl Roll for ClaimFilter {
    type Row = Claim;
    const ORDER: Order = Order {
        name: "claims",
        keys: &[
            ("t.discharged_on", KeyKind::Day),
            ("t.id", KeyKind::Integer),
        ],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.state", self.state.as_deref());
        one_of(reads, query, "t.kind", self.kind.as_deref());
        query.in_days(
            "t.discharged_on",
            (self.discharged_from, self.discharged_to),
            &["filter", "dischargedFrom"],
        )?;
        query.is_text(
            "t.institution_code",
            self.institution.as_deref(),
            &["filter", "institution"],
        )?;
        Ok(())
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "HealthQuery")]
impl Query {
    /// The roll of enrolments in basic medical insurance (参保名册), newest year first.
    async fn medical_enrolments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<MedicalEnrolmentFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<MedicalEnrolment>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of claims (报销名册), newest discharge first.
    async fn claims(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<ClaimFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Claim>> {
        roll(ctx, filter, first, after).await
    }
}
