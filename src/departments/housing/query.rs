//! The rolls of housing: houses by grade, renovations by plan year, relocation by project, other arrangements, homesteads.

use super::types::{
    Homestead, House, HousingArrangement, Relocation, RelocationProject, Renovation,
};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::housing::codes::{
    HouseGrade, HouseSolution, RelocationKind, RelocationMode, RelocationStage, RenovationState,
};

/// Conditions on what housing keeps of a household (住房条件).
#[derive(InputObject)]
#[graphql(name = "HousingHouseholdFilter")]
pub struct HouseholdFilter {
    /// The house of record of today has one of these grades (现住房等级).
    house_grade: Option<Vec<HouseGrade>>,
    /// Whether the house of record of today is of grade C or D and nothing is planned for it (危房未落实解决方式): no solution
    /// on record, no renovation, no relocation, no other arrangement.
    dangerous_without_solution: Option<bool>,
    /// The household has such a renovation (危房改造).
    renovation: Option<RenovationCondition>,
    /// The household has such a relocation (易地扶贫搬迁).
    relocation: Option<RelocationCondition>,
    /// The household lives today in one of these ways (其他住房安排).
    arrangement: Option<Vec<HouseSolution>>,
}

/// What a renovation of the household is to be (危房改造条件); all given conditions hold of the same one.
#[derive(InputObject)]
#[graphql(name = "HouseholdRenovationCondition")]
pub struct RenovationCondition {
    /// The plan year (计划年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these states (危房改造状态).
    state: Option<Vec<RenovationState>>,
}

/// What the relocation of the household is to be (搬迁条件); all given conditions must hold.
#[derive(InputObject)]
#[graphql(name = "HouseholdRelocationCondition")]
pub struct RelocationCondition {
    /// The global id of the project (搬迁项目).
    project: Option<ID>,
    /// One of these kinds (搬迁对象类别).
    kind: Option<Vec<RelocationKind>>,
    /// One of these ways to be settled (安置方式).
    mode: Option<Vec<RelocationMode>>,
    /// One of these stages (搬迁阶段).
    stage: Option<Vec<RelocationStage>>,
}

/// Nothing is planned for the dangerous house `o`.
const WITHOUT_SOLUTION: &str = "o.valid_to IS NULL AND o.grade IN ('C', 'D') AND o.solution = 'NONE' \
     AND NOT EXISTS (SELECT 1 FROM renovation n WHERE n.house_id = o.id) \
     AND NOT EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = o.household_id) \
     AND NOT EXISTS (SELECT 1 FROM housing_arrangement a WHERE a.household_id = o.household_id AND a.valid_to IS NULL)";

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        if let Some(grades) = &self.house_grade {
            query.has(true, "house", |query| {
                one_of(reads, query, "o.grade", Some(grades));
                query.in_force("o", None);
                Ok(())
            })?;
        }
        if let Some(wanted) = self.dangerous_without_solution {
            query.has(wanted, "house", |query| {
                query.and(WITHOUT_SOLUTION);
                Ok(())
            })?;
        }
        if let Some(of) = &self.renovation {
            query.has(true, "renovation", |query| {
                one_of(reads, query, "o.state", of.state.as_deref());
                let path = &["filter", "housing", "renovation", "year"];
                query.in_year("o.year", of.year, path)
            })?;
        }
        if let Some(of) = &self.relocation {
            query.has(true, "relocation", |query| {
                one_of(reads, query, "o.kind", of.kind.as_deref());
                one_of(reads, query, "o.mode", of.mode.as_deref());
                one_of(reads, query, "o.stage", of.stage.as_deref());
                let path = &["filter", "housing", "relocation", "project"];
                query.is_row::<RelocationProject>(
                    "o.relocation_project_id",
                    of.project.as_ref(),
                    path,
                )
            })?;
        }
        if let Some(solutions) = &self.arrangement {
            query.has(true, "housing_arrangement", |query| {
                one_of(reads, query, "o.solution", Some(solutions));
                query.in_force("o", None);
                Ok(())
            })?;
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

/// Conditions on the roll of relocation projects (搬迁项目名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct RelocationProjectFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The plan year (计划年度), from 1949 to 2199.
    year: Option<i32>,
    /// One of these stages (进度).
    stage: Option<Vec<RelocationStage>>,
}

impl Roll for RelocationProjectFilter {
    type Row = RelocationProject;
    const ORDER: Order = Order {
        name: "relocationProjects",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.stage", self.stage.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of relocations (搬迁户名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct RelocationFilter {
    /// Everything inside this region (行政区划), by where the household is on file.
    region: Option<RegionId>,
    /// The global id of the project (搬迁项目).
    project: Option<ID>,
    /// One of these kinds (搬迁对象类别).
    kind: Option<Vec<RelocationKind>>,
    /// One of these ways to be settled (安置方式).
    mode: Option<Vec<RelocationMode>>,
    /// One of these stages (搬迁阶段).
    stage: Option<Vec<RelocationStage>>,
}

impl Roll for RelocationFilter {
    type Row = Relocation;
    const ORDER: Order = Order {
        name: "relocations",
        keys: &[
            ("t.relocation_project_id", KeyKind::Integer),
            ("t.id", KeyKind::Integer),
        ],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.kind", self.kind.as_deref());
        one_of(reads, query, "t.mode", self.mode.as_deref());
        one_of(reads, query, "t.stage", self.stage.as_deref());
        let path = &["filter", "project"];
        query.is_row::<RelocationProject>("t.relocation_project_id", self.project.as_ref(), path)
    }
}

/// Conditions on the roll of other arrangements (其他住房安排名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HousingArrangementFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these ways (方式).
    solution: Option<Vec<HouseSolution>>,
    /// In force on this day (有效日期). Today's when left out.
    as_of: Option<Day>,
}

impl Roll for HousingArrangementFilter {
    type Row = HousingArrangement;
    const ORDER: Order = Order {
        name: "housingArrangements",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.solution", self.solution.as_deref());
        query.in_force("t", self.as_of);
        Ok(())
    }
}

/// Conditions on the roll of homesteads (宅基地名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HomesteadFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// Whether it was returned (是否已退出). Both when left out.
    returned: Option<bool>,
    /// Whether it was reclaimed as farmland (是否已复垦). Both when left out.
    reclaimed: Option<bool>,
}

impl Roll for HomesteadFilter {
    type Row = Homestead;
    const ORDER: Order = Order {
        name: "homesteads",
        keys: &[("t.valid_from", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, _: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        for (column, wanted) in [
            ("t.valid_to", self.returned),
            ("t.reclaimed_on", self.reclaimed),
        ] {
            if let Some(wanted) = wanted {
                let is = if wanted { "IS NOT NULL" } else { "IS NULL" };
                query.and(format!("{column} {is}"));
            }
        }
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

    /// The roll of relocation projects (搬迁项目名册), newest plan year first.
    async fn relocation_projects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<RelocationProjectFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<RelocationProject>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of relocated households (搬迁户名册), by project.
    async fn relocations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<RelocationFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Relocation>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of safe housing without building (其他住房安排名册), newest first.
    async fn housing_arrangements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HousingArrangementFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<HousingArrangement>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of homesteads (宅基地名册), newest first.
    async fn homesteads(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HomesteadFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Homestead>> {
        roll(ctx, filter, first, after).await
    }
}
