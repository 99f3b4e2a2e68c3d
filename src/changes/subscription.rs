//! Changes as they come. Each is read from the table after the position of the one before, never from memory: what a client
//! gets does not depend on which process it asks, nor on when it comes back.

use super::{
    cursor::Position,
    feed::Feed,
    query::{feed_of, position_of},
    tail::Tail,
    types::Change,
};
use crate::{
    authz::Access,
    db::{Class, Database, Param},
    departments::Household,
    graphql::{
        language::Language,
        plan::{Refusal, RootQuery, key_of},
        scalars::RegionId,
    },
    household::HouseholdCore,
};
use async_graphql::{Context, Error, ID, Result, Subscription as SubscriptionRoot};
use entity::codes::Slice;
use futures_util::{Stream, stream};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::sync::watch;

/// Changes read at once.
const PAGE: usize = 100;
/// How often a page that could not be read is tried again, and the pause before.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Subscription;

/// What is told as it comes (订阅), over WebSocket with the sub-protocol graphql-transport-ws.
#[SubscriptionRoot]
impl Subscription {
    /// The changes of a household (农户变更). UNKNOWN_HOUSEHOLD where no such household exists for you.
    async fn household_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id of the household (农户编号).")] id: ID,
        #[graphql(
            desc = "The position to go on from (游标), such as the cursor of the last change. Without it: from now on."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        streamed(ctx, of_household(ctx, &id, after.as_deref()).await)
    }

    /// The changes of parts of the file (信息板块变更), of all households that exist for you.
    async fn slice_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The parts of the file (信息板块); what you may not read is left out.")]
        slices: Vec<Slice>,
        #[graphql(desc = "Only what lies inside this region or leaves it (行政区划).")]
        region: Option<RegionId>,
        #[graphql(
            desc = "The position to go on from (游标), such as the cursor of the last change. Without it: from now on."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        streamed(ctx, of_slices(ctx, &slices, region, after.as_deref()).await)
    }

    /// The changes of the findings of your department (本部门核查问题变更): those it is asked about, and those whose values are its
    /// own, of households and regions. Who has a list of them asks for the ones that are told here.
    async fn finding_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only what lies inside this region or leaves it (行政区划).")]
        region: Option<RegionId>,
        #[graphql(
            desc = "The position to go on from (游标), such as the cursor of the last change. Without it: from now on."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        streamed(ctx, of_findings(ctx, region, after.as_deref()).await)
    }
}

fn streamed(
    ctx: &Context<'_>,
    following: Result<Following, Refusal>,
) -> Result<impl Stream<Item = Result<Change>> + use<>> {
    let language = *ctx.data_unchecked::<Language>();
    following
        .map(Following::stream)
        .map_err(|refusal| refusal.into_error(language))
}

async fn of_household(
    ctx: &Context<'_>,
    id: &ID,
    after: Option<&str>,
) -> Result<Following, Refusal> {
    let household = key_of::<HouseholdCore>(id, &["id"])?;
    // Who goes on from a position may have followed a household that has left since, and is told so.
    if after.is_none() {
        let mut query = RootQuery::scoped::<Household>(ctx.data_unchecked::<Access>());
        query.found_by(Class::ByHousehold);
        query.equals("t.id", Param::I64(household));
        let found = query.first_key::<Household>(ctx, "t.id").await?;
        found.ok_or_else(|| {
            Refusal::argument(
                "UNKNOWN_HOUSEHOLD",
                &["id"],
                "您的范围内没有这个农户。",
                "No such household exists for you.",
            )
        })?;
    }
    let feed = feed_of(ctx, None, None).await?.of_household(household);
    Following::new(ctx, feed, after).await
}

async fn of_slices(
    ctx: &Context<'_>,
    slices: &[Slice],
    region: Option<RegionId>,
    after: Option<&str>,
) -> Result<Following, Refusal> {
    let feed = feed_of(ctx, Some(slices), region).await?;
    Following::new(ctx, feed, after).await
}

async fn of_findings(
    ctx: &Context<'_>,
    region: Option<RegionId>,
    after: Option<&str>,
) -> Result<Following, Refusal> {
    let feed = feed_of(ctx, None, region).await?.of_findings();
    Following::new(ctx, feed, after).await
}

/// One who follows: what it has been told, and what it waits for.
struct Following {
    feed: Feed,
    after: Position,
    ready: VecDeque<Change>,
    newest: watch::Receiver<i64>,
    language: Language,
    ended: bool,
}

impl Following {
    async fn new(ctx: &Context<'_>, feed: Feed, after: Option<&str>) -> Result<Self, Refusal> {
        let newest = ctx.data_unchecked::<Arc<Tail>>().follow();
        let after = match after {
            Some(cursor) => position_of(cursor)?,
            None => Feed::newest(ctx.data_unchecked::<Database>()).await?,
        };
        let following = Following {
            feed,
            after,
            ready: VecDeque::new(),
            newest,
            language: *ctx.data_unchecked(),
            ended: false,
        };
        Ok(following)
    }

    fn stream(self) -> impl Stream<Item = Result<Change>> {
        stream::unfold(self, |mut following| async {
            following.next().await.map(|next| (next, following))
        })
    }

    async fn next(&mut self) -> Option<Result<Change, Error>> {
        while self.ready.is_empty() && !self.ended {
            if let Err(refusal) = self.read().await {
                self.ended = true;
                return Some(Err(refusal.into_error(self.language)));
            }
        }
        self.ready.pop_front().map(Ok)
    }

    /// Reads the next page, and waits where there is nothing after it.
    async fn read(&mut self) -> Result<(), Refusal> {
        let mut attempt = 1;
        let read = loop {
            match self.feed.page(self.after, PAGE).await {
                Err(refusal) if refusal.is_passing() && attempt < ATTEMPTS => attempt += 1,
                read => break read?,
            }
            tokio::time::sleep(PAUSE).await;
        };
        self.after = read.end;
        self.ready = read.entries.into();
        if self.ready.is_empty() && !read.has_more {
            let after = self.after.transaction;
            // The sender goes when the server stops, and with it this.
            self.ended = self
                .newest
                .wait_for(|newest| *newest > after)
                .await
                .is_err();
        }
        Ok(())
    }
}
