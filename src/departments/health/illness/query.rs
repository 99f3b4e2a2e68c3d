//! The rolls of disease and of chronic handbooks.

use super::types::{ChronicHandbook, DiseaseFlag};
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
use entity::health::codes::{DiseaseClass, HandbookState};

/// Conditions on the roll of disease flags (慢病、大病、重病名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DiseaseFlagFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// In force on this day; today when left out (患病日).
    as_of: Option<Day>,
    /// One of these classes (疾病类别).
    class: Option<Vec<DiseaseClass>>,
}

impl Roll for DiseaseFlagFilter {
    type Row = DiseaseFlag;
    const ORDER: Order = Order {
        name: "diseaseFlags",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_force("t", self.as_of);
        one_of(reads, query, "t.class", self.class.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of chronic handbooks (慢性病手册名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct ChronicHandbookFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these states (手册状态).
    state: Option<Vec<HandbookState>>,
    /// Valid on this day (有效日).
    valid_on: Option<Day>,
}

impl Roll for ChronicHandbookFilter {
    type Row = ChronicHandbook;
    const ORDER: Order = Order {
        name: "chronicHandbooks",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.state", self.state.as_deref());
        if self.valid_on.is_some() {
            query.in_force("t", self.valid_on);
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct Query;

#[Object(name = "IllnessQuery")]
impl Query {
    /// The roll of chronic, major and severe disease (慢病、大病、重病名册), newest first.
    async fn disease_flags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DiseaseFlagFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DiseaseFlag>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of chronic handbooks (慢性病手册名册), newest first.
    async fn chronic_handbooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<ChronicHandbookFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<ChronicHandbook>> {
        roll(ctx, filter, first, after).await
    }
}
