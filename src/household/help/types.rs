//! What is on file of the help for a household.

use crate::{
    departments::Household,
    graphql::{
        plan::{FilterValue, Guarded, Many, Outcome, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::{
    codes::Department,
    household::codes::{HelperKind, MeasureBatch, MeasureState, VisitWay},
};

codes!(HelperKind, MeasureBatch, MeasureState, VisitWay);

/// Help for a household (帮扶情况).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdHelp {
    #[graphql(skip)]
    #[record(method, filter = "t.valid_to IS NULL")]
    helpers: Many<Helper>,
    #[graphql(skip)]
    #[record(method)]
    needs: Guarded<Many<Need>>,
    /// The measures (帮扶措施), newest first. A household's, so tens at the most.
    measures: Many<HelpMeasure>,
    #[graphql(skip)]
    #[record(method)]
    visits: Guarded<Many<HelpVisit>>,
}

#[ComplexObject]
impl HouseholdHelp {
    /// The helpers (帮扶责任人): today's, or those of a day. One or a few.
    async fn helpers(
        &self,
        #[graphql(desc = "The day (日期). Today's helpers when left out.")] as_of: Option<Day>,
    ) -> Many<Helper> {
        match as_of {
            None => self.helpers.whole(),
            Some(day) => self.helpers.filtered(
                "t.valid_from <= {} AND (t.valid_to IS NULL OR t.valid_to > {})",
                Some(FilterValue::Day(day.0)),
            ),
        }
    }

    /// The needs (需求清单), newest year first.
    async fn needs(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<Need>>> {
        self.needs.of_year("t.year = {}", "year", year).into()
    }

    /// The visits (入户走访), newest first. A few a month at the most.
    async fn visits(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<HelpVisit>>> {
        self.visits
            .of_days("t.visited_on BETWEEN {1} AND {2}", "year", year)
            .into()
    }
}

/// A helper of a household (帮扶责任人), who stays until it exits.
#[derive(SimpleObject, Record)]
#[record(entity = "household::helper", order = "t.valid_from DESC, t.id")]
pub struct Helper {
    /// The global id (全局编号).
    id: NodeId<Helper>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The kind (帮扶人类别).
    kind: HelperKind,
    /// The name (姓名).
    name: String,
    /// The unit (单位).
    unit: String,
    /// The phone number (联系电话), first three and last four digits.
    #[record(column = "t.phone_mask")]
    phone: Option<String>,
    /// Whether the helper sees this household with an account of this system today (是否已关联账号).
    #[record(
        column = "EXISTS (SELECT 1 FROM household_link l WHERE l.id = t.household_link_id AND l.valid_to IS NULL)"
    )]
    has_account: bool,
    /// The first day (开始日期).
    valid_from: Day,
    /// The day it ended (结束日期). Null: helps today.
    valid_to: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// What a household needs (需求), by year: a line of the needs list.
#[derive(SimpleObject, Record)]
#[record(entity = "household::need", order = "t.year DESC, t.id")]
pub struct Need {
    /// The global id (全局编号).
    id: NodeId<Need>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The calendar year (年度).
    year: i32,
    /// What is needed (需求内容).
    what: String,
    /// The department it falls to (行业部门).
    sector: Department,
    /// The answer (答复). Null: not answered.
    answer: Option<String>,
    /// The day of the answer (答复日期).
    answered_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A measure for a household (帮扶措施), in one of the five batches.
#[derive(SimpleObject, Record)]
#[record(entity = "household::help_measure", order = "t.starts_on DESC, t.id")]
pub struct HelpMeasure {
    /// The global id (全局编号).
    id: NodeId<HelpMeasure>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The batch (五个一批).
    batch: MeasureBatch,
    /// The department that does it (责任部门).
    department: Department,
    /// What is done (措施内容).
    what: String,
    /// The amount (金额), yuan. Null: without money, or not known.
    #[graphql(name = "amount")]
    amount_fen: Option<Fen>,
    /// The state (措施状态).
    state: MeasureState,
    /// The first day (开始日期).
    starts_on: Day,
    /// The last day (结束日期). Null: open.
    ends_on: Option<Day>,
    /// What came of it (成效).
    result: Option<String>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A visit to a household (入户走访): a line of the work ledger, written once.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::help_visit",
    order = "t.visited_on DESC, t.id DESC"
)]
pub struct HelpVisit {
    /// The global id (全局编号).
    id: NodeId<HelpVisit>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The day (走访日期).
    visited_on: Day,
    /// The way (走访方式).
    way: VisitWay,
    /// The name of whoever came (走访人).
    visitor: String,
    /// The helper who came (帮扶责任人). Null: somebody else.
    #[record(column = "t.helper_id")]
    helper: Ref<Helper>,
    /// What was done (工作内容).
    what: String,
    /// What came of it (结果).
    result: Option<String>,
    /// What comes next (下一步).
    next_step: Option<String>,
    /// When it was recorded (记录时间).
    #[graphql(name = "recordedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
