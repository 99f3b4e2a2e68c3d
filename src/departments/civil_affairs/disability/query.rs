//! The rolls of disabled people: certificates and allowances.

use super::types::{DisabilityAllowance, DisabilityCertificate};
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
use entity::civil_affairs::codes::{DisabilityAllowanceKind, DisabilityCategory, DisabilityGrade};

/// Conditions on the roll of disability certificates (残疾人证名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DisabilityCertificateFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these categories (残疾类别).
    category: Option<Vec<DisabilityCategory>>,
    /// One of these grades (残疾等级).
    grade: Option<Vec<DisabilityGrade>>,
    /// Valid on this day (在册日期). Today's roll when left out.
    as_of: Option<Day>,
}

impl Roll for DisabilityCertificateFilter {
    type Row = DisabilityCertificate;
    const ORDER: Order = Order {
        name: "disabilityCertificates",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.category", self.category.as_deref());
        one_of(reads, query, "t.grade", self.grade.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

/// Conditions on the roll of disability allowances (残疾人两项补贴名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DisabilityAllowanceFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of the two (补贴类别).
    kind: Option<Vec<DisabilityAllowanceKind>>,
    /// In force on this day (在册日期). Today's roll when left out.
    as_of: Option<Day>,
}

impl Roll for DisabilityAllowanceFilter {
    type Row = DisabilityAllowance;
    const ORDER: Order = Order {
        name: "disabilityAllowances",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.kind", self.kind.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

#[derive(Default)]
pub struct DisabilityQuery;

#[Object]
impl DisabilityQuery {
    /// The roll of disability certificates (残疾人证名册): those valid, issued last first.
    async fn disability_certificates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DisabilityCertificateFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DisabilityCertificate>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of disability allowances (残疾人两项补贴名册): those in force, begun last first.
    async fn disability_allowances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DisabilityAllowanceFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DisabilityAllowance>> {
        roll(ctx, filter, first, after).await
    }
}
