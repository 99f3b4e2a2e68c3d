//! What can be asked of changes: a page, and the newest position.

use super::{cursor::Position, feed::Feed, types::ChangePage};
use crate::{
    authz::Access,
    db::{Database, Reads},
    graphql::{
        plan::{Outcome, PlainList, Refusal},
        scalars::RegionId,
    },
    household::known,
};
use async_graphql::{Context, Object};
use entity::codes::Slice;

/// Changes of a page where the client names no number.
const FIRST: usize = 100;

#[derive(Default)]
pub struct Query;

#[Object(name = "ChangesQuery")]
impl Query {
    /// What changed after a position (变更), in the order in which it is followed: for jobs that keep a copy or answer to
    /// changes. Without values. An entry comes when nothing before it can come any more, mostly at once.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The position to go on from (游标): changeCursor, the endCursor of a page, or the cursor of a change. \
                    CURSOR_EXPIRED where changes after it have been removed."
        )]
        after: String,
        #[graphql(
            desc = "Only these parts of the file (信息板块); what you may not read is left out."
        )]
        slices: Option<Vec<Slice>>,
        #[graphql(desc = "Only what lies inside this region or leaves it (行政区划).")]
        region: Option<RegionId>,
        #[graphql(
            desc = "How many (每页条数): 100 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
    ) -> Outcome<ChangePage> {
        page(ctx, &after, slices.as_deref(), region, first)
            .await
            .into()
    }

    /// The newest position among the changes (变更游标): whoever takes it, then reads a roll, and then asks for the changes after
    /// it, misses none.
    async fn change_cursor(&self, ctx: &Context<'_>) -> Outcome<String> {
        Feed::newest(ctx.data_unchecked::<Database>())
            .await
            .map(Position::cursor)
            .into()
    }
}

async fn page(
    ctx: &Context<'_>,
    after: &str,
    slices: Option<&[Slice]>,
    region: Option<RegionId>,
    first: Option<i32>,
) -> Result<ChangePage, Refusal> {
    let after = position_of(after)?;
    let first = size_of(ctx.data_unchecked(), first)?;
    let feed = feed_of(ctx, slices, region).await?;
    let read = feed.page(after, first).await?;
    Ok(ChangePage {
        entries: PlainList(read.entries),
        end_cursor: read.end.cursor(),
        has_more: read.has_more,
    })
}

/// What the viewer follows of these slices and inside this region.
pub(super) async fn feed_of(
    ctx: &Context<'_>,
    slices: Option<&[Slice]>,
    region: Option<RegionId>,
) -> Result<Feed, Refusal> {
    if let Some(region) = region {
        known(ctx, region, &["region"]).await?;
    }
    let reads = ctx.data_unchecked::<Reads>().clone();
    Ok(Feed::new(reads, ctx.data_unchecked(), slices, region))
}

pub(super) fn position_of(cursor: &str) -> Result<Position, Refusal> {
    Position::of_cursor(cursor).ok_or_else(|| {
        Refusal::argument(
            "INVALID_CURSOR",
            &["after"],
            "游标无效：请使用 changeCursor、endCursor 或变更的 cursor。",
            "This is no cursor of changes: use changeCursor, an endCursor, or the cursor of a change.",
        )
    })
}

fn size_of(access: &Access, first: Option<i32>) -> Result<usize, Refusal> {
    let most = access.page_limit();
    let first = first.map_or(FIRST, |first| usize::try_from(first).unwrap_or_default());
    if (1..=most).contains(&first) {
        return Ok(first);
    }
    Err(Refusal::argument(
        "FIRST_OUT_OF_RANGE",
        &["first"],
        format!("first 须在 1 至 {most} 之间。"),
        format!("first must be from 1 to {most}."),
    ))
}
