//! The members who are offered to a township.

use super::types::MemberOffer;
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::RegionId,
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::household::codes::MemberOfferState;

/// Conditions on the members offered (转移待接收条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct MemberOfferFilter {
    /// Offered to this region or inside of it (行政区划).
    region: Option<RegionId>,
    /// One of these states (转移状态).
    state: Option<Vec<MemberOfferState>>,
}

impl Roll for MemberOfferFilter {
    type Row = MemberOffer;
    const ORDER: Order = Order {
        name: "memberOffers",
        keys: &[("t.offered_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

#[derive(Default)]
pub struct PeopleQuery;

#[Object]
impl PeopleQuery {
    /// The members who are offered to your region (转移待接收), newest first.
    async fn member_offers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<MemberOfferFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<MemberOffer>> {
        roll(ctx, filter, first, after).await
    }
}
