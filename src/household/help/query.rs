//! The rolls of help, and conditions on the help of households.

use super::types::{HelpMeasure, HelpVisit, Need};
use crate::{
    db::Reads,
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::Department,
    household::codes::{MeasureBatch, MeasureState, VisitWay},
};

/// Conditions on the help for a household (帮扶条件).
#[derive(InputObject)]
#[graphql(name = "HouseholdHelpFilter")]
pub struct HelpFilter {
    /// To exit in this year (计划脱贫年度), from 1949 to 2199.
    planned_exit_year: Option<i32>,
    /// With a helper today, or without (是否有帮扶责任人).
    has_helper: Option<bool>,
    /// With a measure under way in one of these batches (有实施中措施的批次).
    measure_batch: Option<Vec<MeasureBatch>>,
}

impl HouseholdConditions for HelpFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year(
            "t.planned_exit_year",
            self.planned_exit_year,
            &["filter", "help", "plannedExitYear"],
        )?;
        if let Some(has_helper) = self.has_helper {
            query.has(has_helper, "helper", |query| {
                query.and("o.valid_to IS NULL");
                Ok(())
            })?;
        }
        if let Some(batches) = &self.measure_batch {
            query.has(true, "help_measure", |query| {
                query.and("o.state = 'ACTIVE'");
                one_of(reads, query, "o.batch", Some(batches));
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Conditions on the needs list (需求清单条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct NeedFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The calendar year (年度), from 1949 to 2199.
    year: Option<i32>,
    /// The departments it falls to (行业部门).
    sector: Option<Vec<Department>>,
    /// Answered, or not (是否已答复).
    answered: Option<bool>,
}

impl Roll for NeedFilter {
    type Row = Need;
    const ORDER: Order = Order {
        name: "needs",
        keys: &[("t.year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.in_year("t.year", self.year, &["filter", "year"])?;
        one_of(reads, query, "t.sector", self.sector.as_deref());
        if let Some(answered) = self.answered {
            let not = if answered { "NOT " } else { "" };
            query.and(format!("t.answered_on IS {not}NULL"));
        }
        Ok(())
    }
}

/// Conditions on the roll of measures (帮扶措施台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HelpMeasureFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// One of these batches (五个一批).
    batch: Option<Vec<MeasureBatch>>,
    /// One of these states (措施状态).
    state: Option<Vec<MeasureState>>,
    /// The departments that do it (责任部门).
    department: Option<Vec<Department>>,
    /// Begun on this day or later (开始日期下限).
    from: Option<Day>,
    /// Begun on this day or before (开始日期上限).
    to: Option<Day>,
}

impl Roll for HelpMeasureFilter {
    type Row = HelpMeasure;
    const ORDER: Order = Order {
        name: "helpMeasures",
        keys: &[("t.starts_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        one_of(reads, query, "t.batch", self.batch.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        one_of(reads, query, "t.department", self.department.as_deref());
        query.in_days("t.starts_on", (self.from, self.to), &["filter", "from"])
    }
}

/// Conditions on the roll of visits (走访台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct HelpVisitFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// The name of whoever came (走访人), in full.
    visitor: Option<String>,
    /// One of these ways (走访方式).
    way: Option<Vec<VisitWay>>,
    /// On this day or later (走访日期下限).
    from: Option<Day>,
    /// On this day or before (走访日期上限).
    to: Option<Day>,
}

impl Roll for HelpVisitFilter {
    type Row = HelpVisit;
    const ORDER: Order = Order {
        name: "helpVisits",
        keys: &[("t.visited_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let visitor = self.visitor.as_deref();
        query.is_text("t.visitor", visitor, &["filter", "visitor"])?;
        one_of(reads, query, "t.way", self.way.as_deref());
        query.in_days("t.visited_on", (self.from, self.to), &["filter", "from"])
    }
}

#[derive(Default)]
pub struct HelpQuery;

#[Object]
impl HelpQuery {
    /// The needs list (需求清单), newest year first.
    async fn needs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<NeedFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Need>> {
        roll(ctx, filter, first, after).await
    }

    /// The measures (帮扶措施台账), those begun last first.
    async fn help_measures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HelpMeasureFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<HelpMeasure>> {
        roll(ctx, filter, first, after).await
    }

    /// The visits (走访台账), newest first.
    async fn help_visits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<HelpVisitFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<HelpVisit>> {
        roll(ctx, filter, first, after).await
    }
}
