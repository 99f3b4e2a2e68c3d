//! The roll of what is posted for objections.

use super::types::Publicity;
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::household::codes::{PublicityKind, PublicityResult};

/// Conditions on the roll of posted lists (公示台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct PublicityFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these kinds (公示类别).
    kind: Option<Vec<PublicityKind>>,
    /// One of these results (公示结果).
    result: Option<Vec<PublicityResult>>,
    /// Posted on this day (该日公示中): from the day of posting to the last day.
    running_on: Option<Day>,
    /// Whether an objection to it is open (有无未处理异议).
    has_open_objection: Option<bool>,
}

impl Roll for PublicityFilter {
    type Row = Publicity;
    const ORDER: Order = Order {
        name: "publicities",
        keys: &[("t.starts_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.kind", self.kind.as_deref());
        one_of(reads, query, "t.result", self.result.as_deref());
        if let Some(day) = self.running_on {
            let day = query.bind(Param::Day(day.0));
            query.and(format!("t.starts_on <= {day} AND t.ends_on >= {day}"));
        }
        if let Some(open) = self.has_open_objection {
            let not = if open { "" } else { "NOT " };
            query.and(format!(
                "{not}EXISTS (SELECT 1 FROM objection o WHERE o.publicity_id = t.id AND o.decision IS NULL)"
            ));
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct PublicityQuery;

#[Object]
impl PublicityQuery {
    /// What is and was posted for objections (公示台账), newest first.
    async fn publicities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<PublicityFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Publicity>> {
        roll(ctx, filter, first, after).await
    }
}
