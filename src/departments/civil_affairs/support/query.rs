//! The rolls of special support, cash subsidy and assistance.

use super::types::{CashSubsidy, MedicalAssistance, SpecialSupport, TemporaryAssistance};
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
use entity::civil_affairs::codes::{
    CareLevel, MedicalAssistanceKind, SupportMode, TemporaryAssistanceReason,
};

/// Conditions on the roll of special support (特困供养名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct SpecialSupportFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these ways of living (供养方式).
    mode: Option<Vec<SupportMode>>,
    /// One of these levels of care (照料护理等级).
    care_level: Option<Vec<CareLevel>>,
    /// In force on this day (在册日期). Today's roll when left out.
    as_of: Option<Day>,
}

impl Roll for SpecialSupportFilter {
    type Row = SpecialSupport;
    const ORDER: Order = Order {
        name: "specialSupportRoll",
        keys: &[
            ("t.support_number", KeyKind::Text),
            ("t.id", KeyKind::Integer),
        ],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.mode", self.mode.as_deref());
        one_of(reads, query, "t.care_level", self.care_level.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

/// Conditions on the roll of cash subsidies (现金直补名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct CashSubsidyFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The calendar year (年度), from 1949 to 2199.
    year: Option<i32>,
}

impl Roll for CashSubsidyFilter {
    type Row = CashSubsidy;
    const ORDER: Order = Order {
        name: "cashSubsidies",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])
    }
}

/// Conditions on the roll of temporary assistance (临时救助名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct TemporaryAssistanceFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these reasons (救助原因).
    reason: Option<Vec<TemporaryAssistanceReason>>,
    /// Decided on this day or later (批准日期起).
    decided_from: Option<Day>,
    /// Decided on this day or earlier (批准日期止).
    decided_to: Option<Day>,
}

impl Roll for TemporaryAssistanceFilter {
    type Row = TemporaryAssistance;
    const ORDER: Order = Order {
        name: "temporaryAssistance",
        keys: &[("t.decided_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.reason", self.reason.as_deref());
        query.in_days(
            "t.decided_on",
            (self.decided_from, self.decided_to),
            &["filter", "decidedFrom"],
        )
    }
}

/// Conditions on the roll of medical assistance (医疗救助名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct MedicalAssistanceFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these kinds (救助类别).
    kind: Option<Vec<MedicalAssistanceKind>>,
    /// Decided on this day or later (批准日期起).
    decided_from: Option<Day>,
    /// Decided on this day or earlier (批准日期止).
    decided_to: Option<Day>,
}

impl Roll for MedicalAssistanceFilter {
    type Row = MedicalAssistance;
    const ORDER: Order = Order {
        name: "medicalAssistance",
        keys: &[("t.decided_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.kind", self.kind.as_deref());
        query.in_days(
            "t.decided_on",
            (self.decided_from, self.decided_to),
            &["filter", "decidedFrom"],
        )
    }
}

#[derive(Default)]
pub struct SupportQuery;

#[Object]
impl SupportQuery {
    /// The roll of special support (特困供养名册): the grants in force, by number of the certificate.
    async fn special_support_roll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<SpecialSupportFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<SpecialSupport>> {
        roll(ctx, filter, first, after).await
    }

    /// The cash subsidies (现金直补名册), newest year first.
    async fn cash_subsidies(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<CashSubsidyFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<CashSubsidy>> {
        roll(ctx, filter, first, after).await
    }

    /// Temporary assistance (临时救助台账), decided last first.
    async fn temporary_assistance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<TemporaryAssistanceFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<TemporaryAssistance>> {
        roll(ctx, filter, first, after).await
    }

    /// Medical assistance (医疗救助台账), decided last first.
    async fn medical_assistance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<MedicalAssistanceFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<MedicalAssistance>> {
        roll(ctx, filter, first, after).await
    }
}
