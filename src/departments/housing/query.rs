//! The rolls of housing: houses by grade, renovations by plan year.

use super::types::{House, Renovation};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::{holds_one_of, one_of},
    room::{HouseholdConditions, Roll, roll},
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

impl Roll for HouseFilter {
    type Row = House;
    const ORDER: Order = Order {
        name: "houses",
        keys: &[("t.grade", KeyKind::Text), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.grade", self.grade.as_deref());
        one_of(reads, query, "t.solution", self.solution.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
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

impl Roll for RenovationFilter {
    type Row = Renovation;
    const ORDER: Order = Order {
        name: "renovations",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

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
        roll(ctx, filter, first, after).await
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
        roll(ctx, filter, first, after).await
    }
}
