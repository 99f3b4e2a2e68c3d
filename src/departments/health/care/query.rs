//! The rolls of check-ups, contracts, visits and deliveries.

use super::{
    super::hospitals::query::at_institution,
    types::{CheckUp, DoctorContract, DoctorVisit, MedicineDelivery},
};
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
use entity::health::codes::CheckUpResult;

/// Conditions on the roll of check-ups (体检名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct CheckUpFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// This calendar year (体检年度), from 1949 to 2199.
    year: Option<i32>,
    /// The code of the hospital or clinic (体检机构代码).
    institution: Option<String>,
    /// One of these classes of the result (体检结果类别).
    result: Option<Vec<CheckUpResult>>,
    /// The free one of the year, or not (是否免费体检).
    free: Option<bool>,
}

impl Roll for CheckUpFilter {
    type Row = CheckUp;
    const ORDER: Order = Order {
        name: "checkUps",
        keys: &[("t.checked_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.result", self.result.as_deref());
        if let Some(free) = self.free {
            query.and(if free { "t.free" } else { "NOT t.free" });
        }
        at_institution(query, self.institution.as_deref())
    }
}

/// Conditions on the roll of family doctor contracts (家庭医生签约名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DoctorContractFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// In force on this day; today when left out (签约日).
    as_of: Option<Day>,
    /// The code of the hospital or clinic (签约机构代码).
    institution: Option<String>,
    /// Of focus patients, or of others (是否重点随访对象).
    focus: Option<bool>,
}

impl Roll for DoctorContractFilter {
    type Row = DoctorContract;
    const ORDER: Order = Order {
        name: "doctorContracts",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_force("t", self.as_of);
        if let Some(focus) = self.focus {
            query.and(if focus { "t.focus" } else { "NOT t.focus" });
        }
        at_institution(query, self.institution.as_deref())
    }
}

/// Conditions on the roll of visits (随访名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DoctorVisitFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// On this day or later (随访日期起).
    visited_from: Option<Day>,
    /// On this day or earlier (随访日期止).
    visited_to: Option<Day>,
}

impl Roll for DoctorVisitFilter {
    type Row = DoctorVisit;
    const ORDER: Order = Order {
        name: "doctorVisits",
        keys: &[("t.visited_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_days(
            "t.visited_on",
            (self.visited_from, self.visited_to),
            &["filter", "visitedFrom"],
        )
    }
}

/// Conditions on the roll of deliveries (送药名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct MedicineDeliveryFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// On this day or later (送药日期起).
    delivered_from: Option<Day>,
    /// On this day or earlier (送药日期止).
    delivered_to: Option<Day>,
}

impl Roll for MedicineDeliveryFilter {
    type Row = MedicineDelivery;
    const ORDER: Order = Order {
        name: "medicineDeliveries",
        keys: &[("t.delivered_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_days(
            "t.delivered_on",
            (self.delivered_from, self.delivered_to),
            &["filter", "deliveredFrom"],
        )
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "CareQuery")]
impl Query {
    /// The roll of check-ups (体检名册), newest first.
    async fn check_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<CheckUpFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<CheckUp>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of family doctor contracts (家庭医生签约名册), newest first.
    async fn doctor_contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DoctorContractFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DoctorContract>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of visits (随访名册), newest first.
    async fn doctor_visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DoctorVisitFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DoctorVisit>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of medicine deliveries (送药名册), newest first.
    async fn medicine_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<MedicineDeliveryFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<MedicineDelivery>> {
        roll(ctx, filter, first, after).await
    }
}
