//! The dibao roll.

use super::types::Dibao;
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
use entity::civil_affairs::codes::DibaoClass;

/// Conditions on the dibao roll (低保名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DibaoFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these classes (低保类别).
    class: Option<Vec<DibaoClass>>,
    /// In force on this day (在册日期). Today's roll when left out.
    as_of: Option<Day>,
}

impl Roll for DibaoFilter {
    type Row = Dibao;
    const ORDER: Order = Order {
        name: "dibaoRoll",
        keys: &[
            ("t.dibao_number", KeyKind::Text),
            ("t.id", KeyKind::Integer),
        ],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.class", self.class.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

#[derive(Default)]
pub struct DibaoQuery;

#[Object]
impl DibaoQuery {
    /// The dibao roll (低保名册): the grants in force, by number of the certificate.
    async fn dibao_roll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DibaoFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Dibao>> {
        roll(ctx, filter, first, after).await
    }
}
