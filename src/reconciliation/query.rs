//! The roll of findings.

use super::{check::Checks, types::Finding};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::{
    codes::Department,
    reconciliation::codes::{BlockedStep, FindingSeverity, FindingState},
};
use std::sync::Arc;

/// Conditions on the roll of findings (核查问题台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct FindingFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
    /// About a region as a whole, or else about a household (是否针对区域).
    of_regions: Option<bool>,
    /// The check (核查项), such as "RC-17".
    check: Option<String>,
    /// One of these severities (问题等级).
    severity: Option<Vec<FindingSeverity>>,
    /// One of these departments is asked (责任部门).
    department: Option<Vec<Department>>,
    /// One of these states (问题状态).
    state: Option<Vec<FindingState>>,
    /// Found on this day or later (发现日期下限).
    opened_from: Option<Day>,
    /// Found on this day or before (发现日期上限).
    opened_to: Option<Day>,
    /// Open on this day although it was to be answered before (该日逾期未办).
    overdue_on: Option<Day>,
}

impl Roll for FindingFilter {
    type Row = Finding;
    const ORDER: Order = Order {
        name: "findings",
        keys: &[("t.opened_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text("t.check_id", self.check.as_deref(), &["filter", "check"])?;
        match self.of_regions {
            Some(true) => query.and("t.household_id IS NULL"),
            Some(false) => query.and("t.household_id IS NOT NULL"),
            None => {}
        }
        one_of(reads, query, "t.severity", self.severity.as_deref());
        one_of(reads, query, "t.department", self.department.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        if let Some(day) = self.overdue_on {
            let day = query.bind(Param::Day(day.0));
            query.and(format!(
                "t.state IN ('OPEN', 'IN_WORK') AND t.due_on < {day}"
            ));
        }
        let days = (self.opened_from, self.opened_to);
        query.in_days("t.opened_on", days, &["filter", "openedFrom"])
    }
}

/// What is compared (核查项). Domain reference, section 11.
#[derive(SimpleObject)]
pub struct Check {
    /// Its number (编号), such as "RC-17".
    number: String,
    /// A finding when (中文名称).
    chinese: String,
    /// A finding when, in English (英文名称).
    english: String,
    /// Why it is a problem (问题说明).
    problem_chinese: String,
    /// Why it is a problem, in English (英文问题说明).
    problem_english: String,
    /// What resolves it (整改要求).
    remedy_chinese: String,
    /// What resolves it, in English (英文整改要求).
    remedy_english: String,
    /// How grave it is (问题等级).
    severity: FindingSeverity,
    /// The departments whose data are compared (涉及部门).
    between: Vec<Department>,
    /// Who of them is asked (责任部门).
    asked: Department,
    /// What an open finding stops (阻断环节). Empty: nothing.
    stops: Vec<BlockedStep>,
    /// Whether it finds regions, and not households (是否针对区域).
    of_regions: bool,
    /// The values that a finding rests on (核查依据).
    evidence: Vec<CheckEvidence>,
}

/// A value that findings of a check rest on (核查依据).
#[derive(SimpleObject)]
pub struct CheckEvidence {
    /// By which name a finding has it (代码).
    name: String,
    /// What it is (名称).
    chinese: String,
    /// What it is, in English (英文名称).
    english: String,
    /// The department in whose data it stands (信息主管部门).
    department: Department,
    /// The field whose readers see it (字段), such as "Household.class".
    field: String,
}

impl From<&super::Check> for Check {
    fn from(check: &super::Check) -> Self {
        let evidence = check.evidence.iter().map(|value| CheckEvidence {
            name: value.name.clone(),
            chinese: value.chinese.clone(),
            english: value.english.clone(),
            department: value.of,
            field: format!("{}.{}", value.field.0, value.field.1),
        });
        Check {
            number: check.id.clone(),
            chinese: check.chinese.clone(),
            english: check.english.clone(),
            problem_chinese: check.problem.0.clone(),
            problem_english: check.problem.1.clone(),
            remedy_chinese: check.resolved.0.clone(),
            remedy_english: check.resolved.1.clone(),
            severity: check.severity,
            between: check.between.clone(),
            asked: check.asked,
            stops: check.stops.clone(),
            of_regions: check.is_of_regions(),
            evidence: evidence.collect(),
        }
    }
}

/// What can be asked of reconciliation.
#[derive(Default)]
pub struct Query;

#[Object(name = "ReconciliationQuery")]
impl Query {
    /// What is compared (核查项), by number. Fewer than a hundred.
    async fn checks(&self, ctx: &Context<'_>) -> Vec<Check> {
        let checks = ctx.data_unchecked::<Arc<Checks>>();
        checks.all().iter().map(Check::from).collect()
    }

    /// The findings of the checks (核查问题台账), newest first.
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<FindingFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<Finding>> {
        roll(ctx, filter, first, after).await
    }
}
