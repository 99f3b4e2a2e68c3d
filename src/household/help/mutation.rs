//! What the poverty office, the village and the helpers do for a household.

use super::{
    service,
    types::{HelpMeasure, HelpVisit, Helper, Need},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::NOT_OPEN,
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::{
    codes::Department,
    household::codes::{HelperKind, MeasureBatch, MeasureState, VisitWay},
};

/// A helper of a household (帮扶责任人).
#[derive(InputObject)]
pub struct HelperAssignInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The kind (帮扶人类别).
    pub kind: HelperKind,
    /// The name (姓名), at most 40 characters.
    pub name: String,
    /// The unit (单位), at most 80 characters.
    pub unit: String,
    /// The phone number (联系电话) in full.
    pub phone: Option<String>,
    /// The account by which the helper sees the household (账号): issuer and subject of its tokens, with `|` between. Without
    /// an account when left out.
    pub account: Option<String>,
    /// The first day (开始日期), today or before. Today when left out.
    pub from: Option<Day>,
    /// The helper who is replaced (被接替的帮扶责任人), by global id: helps until that day.
    pub replaces: Option<ID>,
}

/// A measure that is planned for a household (帮扶措施).
#[derive(InputObject)]
pub struct MeasurePlanInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The batch (五个一批).
    pub batch: MeasureBatch,
    /// The department that does it (责任部门).
    pub department: Department,
    /// What is to be done (措施内容), at most 500 characters.
    pub what: String,
    /// The amount (金额), yuan.
    pub amount: Option<Fen>,
    /// The first day (开始日期).
    pub starts_on: Day,
    /// The last day (结束日期).
    pub ends_on: Option<Day>,
}

/// How a measure went on (措施进展); what is left out stays as it is.
#[derive(InputObject)]
pub struct MeasureRecordInput {
    /// The state now (措施状态).
    pub state: MeasureState,
    /// The amount (金额), yuan.
    pub amount: Option<Fen>,
    /// The last day (结束日期). Needed of a measure that is done.
    pub ends_on: Option<Day>,
    /// What came of it (成效), at most 500 characters.
    pub result: Option<String>,
}

/// A visit to a household (入户走访).
#[derive(InputObject)]
pub struct VisitRecordInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The day (走访日期), today or before.
    pub visited_on: Day,
    /// The way (走访方式).
    pub way: VisitWay,
    /// The name of whoever came (走访人), at most 40 characters. A helper's own when left out.
    pub visitor: Option<String>,
    /// What was done (工作内容), at most 1000 characters.
    pub what: String,
    /// What came of it (结果), at most 1000 characters.
    pub result: Option<String>,
    /// What comes next (下一步), at most 1000 characters.
    pub next_step: Option<String>,
}

/// What a household needs (需求).
#[derive(InputObject)]
pub struct NeedRecordInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The calendar year (年度): this one or the next.
    pub year: i32,
    /// What is needed (需求内容), at most 500 characters.
    pub what: String,
    /// The department it falls to (行业部门).
    pub sector: Department,
}

pub struct HelperAssign;
impl Action for HelperAssign {
    const NAME: &'static str = "helperAssign";
    type Changed = Helper;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &service::HELPS_ALREADY,
        &service::ACCOUNT_HELPS_ALREADY,
        &service::NO_HELPER,
    ];
}

pub struct MeasurePlan;
impl Action for MeasurePlan {
    const NAME: &'static str = "measurePlan";
    type Changed = HelpMeasure;
    const CODES: &'static [&'static Code] = &[&NOT_OPEN];
}

pub struct MeasureRecord;
impl Action for MeasureRecord {
    const NAME: &'static str = "measureRecord";
    type Changed = HelpMeasure;
    const CODES: &'static [&'static Code] = &[&service::MEASURE_STATE];
}

pub struct VisitRecord;
impl Action for VisitRecord {
    const NAME: &'static str = "visitRecord";
    type Changed = HelpVisit;
    const CODES: &'static [&'static Code] = &[&service::NOT_LINKED_THEN];
}

pub struct NeedRecord;
impl Action for NeedRecord {
    const NAME: &'static str = "needRecord";
    type Changed = Need;
    const CODES: &'static [&'static Code] = &[&NOT_OPEN];
}

#[derive(Default)]
pub struct HelpMutation;

#[Object]
impl HelpMutation {
    /// Assigns a helper to a household (安排帮扶责任人), who stays until it exits or somebody takes over.
    async fn helper_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The helper (帮扶责任人).")] input: HelperAssignInput,
    ) -> Outcome<Payload<HelperAssign>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::assign(door, input))
            .await
            .into()
    }

    /// Plans a measure for a household (制定帮扶措施).
    async fn measure_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The measure (帮扶措施).")] input: MeasurePlanInput,
    ) -> Outcome<Payload<MeasurePlan>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::plan(door, input))
            .await
            .into()
    }

    /// Plans up to 200 measures (批量制定帮扶措施), each for itself: what is wrong with one does not stop the others.
    async fn measure_plan_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The measures (帮扶措施), at most 200.")] inputs: Vec<MeasurePlanInput>,
    ) -> Outcome<ListPayload<MeasurePlan>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::plan).await.into()
    }

    /// Records how a measure went on (记录措施进展): planned, under way, done or stopped.
    async fn measure_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The measure (帮扶措施), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The progress (进展).")] input: MeasureRecordInput,
    ) -> Outcome<Payload<MeasureRecord>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::record_progress(door, id, version, input)
        })
        .await
        .into()
    }

    /// Records a visit (记录入户走访). A helper records those to the own households, and those made before the tie ended until
    /// 90 days after its end: then `changed` is null, because the household is no longer the helper's to read.
    async fn visit_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The visit (入户走访).")] input: VisitRecordInput,
    ) -> Outcome<Payload<VisitRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::record_visit(door, input))
            .await
            .into()
    }

    /// Records up to 200 visits (批量记录入户走访), each for itself: what is wrong with one does not stop the others.
    async fn visit_record_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The visits (入户走访), at most 200.")] inputs: Vec<VisitRecordInput>,
    ) -> Outcome<ListPayload<VisitRecord>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::record_visit)
            .await
            .into()
    }

    /// Records what a household needs (登记需求).
    async fn need_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The need (需求).")] input: NeedRecordInput,
    ) -> Outcome<Payload<NeedRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::record_need(door, input))
            .await
            .into()
    }

    /// Records up to 200 needs (批量登记需求), each for itself: what is wrong with one does not stop the others.
    async fn need_record_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The needs (需求), at most 200.")] inputs: Vec<NeedRecordInput>,
    ) -> Outcome<ListPayload<NeedRecord>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::record_need)
            .await
            .into()
    }
}
