//! The rolls of housing: houses by grade, renovations by plan year.

use super::types::{House, Renovation};
use crate::{
    authz::Access,
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, PageRequest, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::{holds_one_of, in_region, one_of},
    room::HouseholdConditions,
};
use async_graphql::{Context, InputObject, Object};
use entity::housing::codes::{HouseGrade, HouseSolution, RenovationState};

/// Conditions on what housing keeps of a household (住房条件).
#[derive(InputObject)]
#[graphql(name = "HousingHouseholdFilter")]
pub struct HouseholdFilter {
    /// The house of record of today has one of these grades (现住房等级).
    house_grade: Option<Vec<HouseGrade>>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(grades) = &self.house_grade {
            let graded = holds_one_of(reads, query, "o.grade", grades);
            query.and(format!(
                "EXISTS (SELECT 1 FROM house o WHERE o.household_id = t.id AND o.valid_to IS NULL AND {graded})"
            ));
        }
        Ok(())
    }
}

/// Conditions on the roll of houses (住房名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HouseFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these danger grades (房屋等级).
    grade: Option<Vec<HouseGrade>>,
    /// One of these ways to safe housing (住房解决方式).
    solution: Option<Vec<HouseSolution>>,
    /// Of record on this day (在册日期). Today's houses when left out.
    as_of: Option<Day>,
}

/// Conditions on the roll of renovations (危房改造名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct RenovationFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The plan year (计划年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these states (危房改造状态).
    state: Option<Vec<RenovationState>>,
}

const BY_GRADE: Order = Order {
    name: "houses",
    keys: &[("t.grade", KeyKind::Text), ("t.id", KeyKind::Integer)],
    descending: true,
};

const BY_YEAR: Order = Order {
    name: "renovations",
    keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
    descending: true,
};

#[derive(Default)]
pub struct Query;

#[Object(name = "HousingQuery")]
impl Query {
    /// The roll of houses of record (住房名册), the most dangerous grade first.
    async fn houses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HouseFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<House>> {
        houses(ctx, filter.unwrap_or_default(), first, after)
            .await
            .into()
    }

    /// The roll of house renovations (危房改造名册), newest plan year first.
    async fn renovations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<RenovationFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Renovation>> {
        renovations(ctx, filter.unwrap_or_default(), first, after)
            .await
            .into()
    }
}

async fn houses(
    ctx: &Context<'_>,
    filter: HouseFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Page<House>, Refusal> {
    let reads = ctx.data_unchecked::<Reads>();
    let mut query = RootQuery::scoped::<House>(ctx.data_unchecked::<Access>());
    in_region(ctx, &mut query, filter.region).await?;
    one_of(reads, &mut query, "t.grade", filter.grade.as_deref());
    one_of(reads, &mut query, "t.solution", filter.solution.as_deref());
    query.in_force("t", filter.as_of);
    let request = PageRequest {
        query,
        order: BY_GRADE,
        first,
        after,
    };
    Page::fetch(ctx, request).await
}

async fn renovations(
    ctx: &Context<'_>,
    filter: RenovationFilter,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Page<Renovation>, Refusal> {
    let reads = ctx.data_unchecked::<Reads>();
    let mut query = RootQuery::scoped::<Renovation>(ctx.data_unchecked::<Access>());
    in_region(ctx, &mut query, filter.region).await?;
    query.in_year("t.year", filter.year, &["filter", "year"])?;
    one_of(reads, &mut query, "t.state", filter.state.as_deref());
    let request = PageRequest {
        query,
        order: BY_YEAR,
        first,
        after,
    };
    Page::fetch(ctx, request).await
}
