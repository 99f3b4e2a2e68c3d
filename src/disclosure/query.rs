//! The records of who looked.

use super::types::AccessRecord;
use crate::{
    authz::Access,
    clock::start_of_day_ms,
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, PageRequest, Refusal, RootQuery, key_of},
        scalars::Day,
    },
    household::{HouseholdCore, PersonCore, one_of},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::{AccessAction, Department};
use time::Duration;

/// Conditions on the records (查阅记录条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct AccessRecordFilter {
    /// About this household (农户), by global id.
    household: Option<ID>,
    /// About this person (人员), by global id.
    person: Option<ID>,
    /// By this user (查阅人): issuer and subject of the token, joined by `|`.
    user: Option<String>,
    /// One of these actions (查阅方式).
    action: Option<Vec<AccessAction>>,
    /// On this day or later (查阅日期下限).
    from: Option<Day>,
    /// On this day or before (查阅日期上限).
    to: Option<Day>,
}

const NEWEST_FIRST: Order = Order {
    name: "accessRecords",
    keys: &[("t.at_ms", KeyKind::Integer), ("t.id", KeyKind::Integer)],
    descending: true,
};

/// What can be asked of the records.
#[derive(Default)]
pub struct Query;

#[Object(name = "DisclosureQuery")]
impl Query {
    /// Who has looked at the file (查阅记录), newest first: for a family at its own, each member at the own data; for audit at
    /// any.
    async fn access_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<AccessRecordFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<AccessRecord>> {
        page(ctx, filter.unwrap_or_default(), first, after)
            .await
            .into()
    }
}

async fn page(
    ctx: &Context<'_>,
    filter: AccessRecordFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Page<AccessRecord>, Refusal> {
    let access = ctx.data_unchecked::<Access>();
    let mut query = RootQuery::scoped::<AccessRecord>(access);
    if access.viewer.department == Department::Household {
        own(&mut query, &access.viewer.user);
    }
    filter.restrict(ctx.data_unchecked(), &mut query)?;
    let request = PageRequest {
        query,
        order: NEWEST_FIRST,
        first,
        after,
    };
    Page::fetch(ctx, request).await
}

/// Of the records of the own family, those about the household and about oneself.
fn own(query: &mut RootQuery, user: &str) {
    let user = query.bind(Param::Text(user.into()));
    query.and(format!(
        "(t.person_id IS NULL OR t.person_id IN (SELECT l.person_id FROM household_link l \
         WHERE l.user_id = {user} AND l.kind = 'OWN' AND l.valid_to IS NULL))"
    ));
}

impl AccessRecordFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(household) = &self.household {
            let key = key_of::<HouseholdCore>(household, &["filter", "household"])?;
            query.equals("t.household_id", Param::I64(key));
        }
        if let Some(person) = &self.person {
            let key = key_of::<PersonCore>(person, &["filter", "person"])?;
            query.equals("t.person_id", Param::I64(key));
        }
        query.is_text("t.user_id", self.user.as_deref(), &["filter", "user"])?;
        one_of(reads, query, "t.action", self.action.as_deref());
        if let Some(from) = self.from {
            let from = query.bind(Param::I64(start_of_day_ms(from.0)));
            query.and(format!("t.at_ms >= {from}"));
        }
        if let Some(to) = self.to {
            let end = start_of_day_ms(to.0.saturating_add(Duration::DAY));
            let end = query.bind(Param::I64(end));
            query.and(format!("t.at_ms < {end}"));
        }
        Ok(())
    }
}
