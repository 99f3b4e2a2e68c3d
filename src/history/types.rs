//! The history as objects of the graph.

use super::loader::{Asked, Histories};
use crate::{
    graphql::{
        plan::{Outcome, Record, Refusal},
        scalars::{Moment, NodeId},
    },
    household::HouseholdCore,
    writing::ChangedField,
};
use async_graphql::{Context, ID, Object, SimpleObject, dataloader::DataLoader};
use entity::codes::{ChangeAction, Department};

/// The most entries of one page.
const MOST_ENTRIES: i32 = 100;
/// Entries of a page unless told.
const ENTRIES: i32 = 20;

#[derive(Record)]
#[record(on = "Household")]
pub struct OnHousehold {
    #[graphql(skip)]
    #[record(column = "t.id")]
    household: NodeId<HouseholdCore>,
}

/// What has been changed on the file.
#[Object(name = "HistoryOnHousehold")]
impl OnHousehold {
    /// What has been changed on the file (变更历史), newest first, as far as you may read the fields.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many (条数): 20 unless told, at most 100.")] first: Option<i32>,
        #[graphql(
            desc = "The cursor after which the page begins (游标): `endCursor` of the page before."
        )]
        after: Option<String>,
    ) -> Outcome<HistoryPage> {
        history(ctx, self.household.0, first, after).await.into()
    }
}

async fn history(
    ctx: &Context<'_>,
    household: i64,
    first: Option<i32>,
    after: Option<String>,
) -> Result<HistoryPage, Refusal> {
    let first = first.unwrap_or(ENTRIES);
    if !(1..=MOST_ENTRIES).contains(&first) {
        return Err(Refusal::argument(
            "FIRST_OUT_OF_RANGE",
            &["first"],
            format!("first 须在 1 至 {MOST_ENTRIES} 之间。"),
            format!("first must be from 1 to {MOST_ENTRIES}."),
        ));
    }
    let asked = Asked::of(household, first, after.as_deref())?;
    let loader = ctx.data_unchecked::<DataLoader<Histories>>();
    let page = loader.load_one(asked).await;
    page.map_err(|_| Refusal::internal())?
        .ok_or_else(Refusal::internal)
}

/// A page of a file's history (变更历史分页).
#[derive(SimpleObject, Clone)]
pub struct HistoryPage {
    /// The changes (变更), newest first.
    pub entries: Vec<HistoryEntry>,
    /// The cursor of the last change looked at (游标). Null: there is none.
    pub end_cursor: Option<String>,
    /// Whether there are older ones (是否还有).
    pub has_more: bool,
}

/// A change of one record on a household's file (变更).
#[derive(SimpleObject, Clone)]
pub struct HistoryEntry {
    /// When (变更时间).
    pub at: Moment,
    /// The department that did it (变更部门).
    pub department: Department,
    /// The user who did it (变更人): issuer and subject of the token.
    pub user: String,
    /// The mutation or job (办理事项), such as "dibaoGrant".
    pub operation: String,
    /// What was done (变更方式).
    pub action: ChangeAction,
    /// The type of the record (记录类型), such as "Dibao".
    pub object: String,
    /// The record (记录), by global id.
    pub object_id: ID,
    /// Its fields before and after (字段变更), as far as you may read them.
    pub fields: Vec<ChangedField>,
}
