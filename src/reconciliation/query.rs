//! The roll of findings.

use super::types::Finding;
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery},
        scalars::{Day, RegionId},
    },
    household::one_of,
    room::{Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::Department,
    reconciliation::codes::{FindingSeverity, FindingState},
};

/// Conditions on the roll of findings (核查问题台账条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct FindingFilter {
    /// Everything inside this region (行政区划).
    region: Option<RegionId>,
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
        one_of(reads, query, "t.severity", self.severity.as_deref());
        one_of(reads, query, "t.department", self.department.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        if let Some(day) = self.overdue_on {
            let day = query.bind(Param::Day(day.0));
            query.and(format!("t.state = 'OPEN' AND t.due_on < {day}"));
        }
        let days = (self.opened_from, self.opened_to);
        query.in_days("t.opened_on", days, &["filter", "openedFrom"])
    }
}

/// What can be asked of reconciliation.
#[derive(Default)]
pub struct Query;

#[Object(name = "ReconciliationQuery")]
impl Query {
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
