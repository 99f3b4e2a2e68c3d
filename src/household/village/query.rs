//! The roll of those posted in villages.

use super::types::VillagePost;
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
use entity::household::codes::{VillagePostGrade, VillagePostRole, VillagePostState};

/// Conditions on the roll of those posted in villages (驻村人员名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct VillagePostFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these posts (岗位).
    role: Option<Vec<VillagePostRole>>,
    /// One of these states (状态). Those of all times when left out, unless `asOf` is given.
    state: Option<Vec<VillagePostState>>,
    /// One of these grades (考核等次).
    grade: Option<Vec<VillagePostGrade>>,
    /// Posted on this day (在岗日期).
    as_of: Option<Day>,
}

impl Roll for VillagePostFilter {
    type Row = VillagePost;
    const ORDER: Order = Order {
        name: "villagePosts",
        keys: &[
            ("t.region_code", KeyKind::Integer),
            ("t.id", KeyKind::Integer),
        ],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.role", self.role.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        one_of(reads, query, "t.grade", self.grade.as_deref());
        if self.as_of.is_some() {
            query.in_force("t", self.as_of);
        }
        Ok(())
    }
}

#[derive(Default)]
pub struct VillageQuery;

#[Object]
impl VillageQuery {
    /// Those posted in villages (驻村人员名册): work teams and first secretaries, by village.
    async fn village_posts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<VillagePostFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<VillagePost>> {
        roll(ctx, filter, first, after).await
    }
}
