//! The roll of claims.

use super::{super::hospitals::query::at_institution, types::Claim};
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
use entity::health::codes::{ClaimKind, ClaimState};

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
        at_institution(query, self.institution.as_deref())
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "ClaimsQuery")]
impl Query {
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
