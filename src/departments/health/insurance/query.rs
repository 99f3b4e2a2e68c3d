//! The rolls of the insured and of accidents, and what counties ask for insurance.

use super::types::{AccidentCase, MedicalEnrolment, PremiumStandard, SupplementaryEnrolment};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::health::codes::{AccidentState, EnrolmentCategory, MedicalInsurance};

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

/// Conditions on the roll of supplementary insurance (补充保险名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct SupplementaryEnrolmentFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// This calendar year (参保年度), from 1949 to 2199.
    year: Option<i32>,
    /// The code of the insurer (承保公司代码).
    insurer: Option<String>,
}

impl Roll for SupplementaryEnrolmentFilter {
    type Row = SupplementaryEnrolment;
    const ORDER: Order = Order {
        name: "supplementaryEnrolments",
        ..MedicalEnrolmentFilter::ORDER
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        query.is_text(
            "t.insurer_code",
            self.insurer.as_deref(),
            &["filter", "insurer"],
        )
    }
}

/// Conditions on the standards of premiums (医保缴费标准条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct PremiumStandardFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// This calendar year (参保年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these insurances (险种).
    insurance: Option<Vec<MedicalInsurance>>,
}

impl Roll for PremiumStandardFilter {
    type Row = PremiumStandard;
    const ORDER: Order = Order {
        name: "premiumStandards",
        ..MedicalEnrolmentFilter::ORDER
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.insurance", self.insurance.as_deref());
        query.in_year("t.year", self.year, &["filter", "year"])
    }
}

/// Conditions on the roll of accident cases (意外案件名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct AccidentCaseFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these states (案件状态).
    state: Option<Vec<AccidentState>>,
    /// On this day or later (出险日期起).
    occurred_from: Option<Day>,
    /// On this day or earlier (出险日期止).
    occurred_to: Option<Day>,
}

impl Roll for AccidentCaseFilter {
    type Row = AccidentCase;
    const ORDER: Order = Order {
        name: "accidentCases",
        keys: &[("t.occurred_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.state", self.state.as_deref());
        query.in_days(
            "t.occurred_on",
            (self.occurred_from, self.occurred_to),
            &["filter", "occurredFrom"],
        )
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "InsuranceQuery")]
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

    /// The roll of supplementary insurance (补充保险名册), newest year first.
    async fn supplementary_enrolments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<SupplementaryEnrolmentFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<SupplementaryEnrolment>> {
        roll(ctx, filter, first, after).await
    }

    /// The standards of premiums (医保缴费标准), newest year first.
    async fn premium_standards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<PremiumStandardFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<PremiumStandard>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of accident cases (意外案件名册), newest first.
    async fn accident_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<AccidentCaseFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<AccidentCase>> {
        roll(ctx, filter, first, after).await
    }
}
