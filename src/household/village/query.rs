//! The rolls of those posted in villages, and of what villages earn in common.

use super::types::{CollectiveIncome, VillagePost};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, Fen, RegionId},
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

/// Conditions on the roll of what villages earn in common (村集体经济收入台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct CollectiveIncomeFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The calendar year (年度), from 1949 to 2199.
    year: Option<i32>,
    /// At least this much (收入下限), yuan.
    at_least: Option<Fen>,
    /// Less than this (收入上限，不含), yuan.
    below: Option<Fen>,
}

impl Roll for CollectiveIncomeFilter {
    type Row = CollectiveIncome;
    const ORDER: Order = Order {
        name: "collectiveIncomes",
        keys: &[
            ("t.year", KeyKind::Integer),
            ("t.region_code", KeyKind::Integer),
            ("t.id", KeyKind::Integer),
        ],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        for (amount, comparison) in [(self.at_least, ">="), (self.below, "<")] {
            if let Some(amount) = amount {
                let amount = query.bind(Param::I64(amount.0));
                query.and(format!("t.amount_fen {comparison} {amount}"));
            }
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

    /// What villages earn in common (村集体经济收入台账), newest year first.
    async fn collective_incomes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<CollectiveIncomeFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<CollectiveIncome>> {
        roll(ctx, filter, first, after).await
    }
}
