//! Jobs as they are asked for.

use super::types::Job;
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{Found, KeyKind, Order, Outcome, Page, Refusal, RootQuery, key_of},
        scalars::RegionId,
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::{JobKind, JobState};

/// Conditions on the list of jobs (任务筛选); all given ones must hold.
#[derive(InputObject, Default)]
pub struct JobFilter {
    /// About this region or one inside of it (行政区划).
    region: Option<RegionId>,
    /// One of these kinds (任务类型).
    kind: Option<Vec<JobKind>>,
    /// One of these states (任务状态).
    state: Option<Vec<JobState>>,
}

impl Roll for JobFilter {
    type Row = Job;
    const ORDER: Order = Order {
        name: "jobs",
        keys: &[
            ("t.requested_at_ms", KeyKind::Integer),
            ("t.id", KeyKind::Integer),
        ],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.kind", self.kind.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

/// What can be asked of jobs.
#[derive(Default)]
pub struct Query;

#[Object(name = "JobsQuery")]
impl Query {
    /// A job by its id (后台任务). Null where no such job exists for you.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id (全局编号).")] id: ID,
    ) -> Outcome<Found<Job>> {
        job(ctx, &id).await.into()
    }

    /// The jobs of your department (后台任务), newest first.
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<JobFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Job>> {
        roll(ctx, filter, first, after).await
    }
}

async fn job(ctx: &Context<'_>, id: &ID) -> Result<Option<Found<Job>>, Refusal> {
    let mut query = RootQuery::scoped::<Job>(ctx.data_unchecked());
    query.equals("t.id", Param::I64(key_of::<Job>(id, &["id"])?));
    Found::fetch(ctx, query).await
}
