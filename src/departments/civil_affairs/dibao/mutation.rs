//! What civil affairs does with dibao grants.

use super::super::service::{NOT_FIRST_OF_MONTH, OTHER_INCOME_BENEFIT};
use super::{service, types::Dibao};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::NO_MEMBER,
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::civil_affairs::codes::{DibaoClass, DibaoState};

/// A grant of dibao (低保审批).
#[derive(InputObject)]
pub struct DibaoGrantInput {
    /// The number of the certificate (低保证号), at most 40 characters.
    pub dibao_number: String,
    /// The class (低保类别).
    pub class: DibaoClass,
    /// The members covered (保障对象), by global id.
    pub members: Vec<ID>,
    /// The standard per head and year (保障标准), yuan.
    pub standard: Fen,
    /// The amount paid each month to the household (月保障金额), yuan.
    pub monthly_amount: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
    /// The first day in force (起始日期), the first of a month.
    pub valid_from: Day,
    /// PAID where it is paid already, of a grant that is taken over (低保状态). APPROVED when left out.
    pub state: Option<DibaoState>,
}

/// A change of a grant from a month on (低保调整); what is left out stays as it is.
#[derive(InputObject)]
pub struct DibaoAdjustInput {
    /// The grant (低保), by global id.
    pub id: ID,
    /// The version you have read (版本).
    pub version: i32,
    /// The first day of the change (调整起始日期), the first of a month.
    pub from: Day,
    /// The class (低保类别).
    pub class: Option<DibaoClass>,
    /// The members covered (保障对象), all of them, by global id.
    pub members: Option<Vec<ID>>,
    /// The standard per head and year (保障标准), yuan.
    pub standard: Option<Fen>,
    /// The amount paid each month to the household (月保障金额), yuan.
    pub monthly_amount: Option<Fen>,
}

/// The beginning of the gradual exit (低保渐退).
#[derive(InputObject)]
pub struct DibaoBeginGradualExitInput {
    /// The last day of the gradual exit (渐退截止日期), at most twelve months ahead. Twelve months from today when left out.
    pub until: Option<Day>,
}

/// The end of a grant (低保停发).
#[derive(InputObject)]
pub struct DibaoStopInput {
    /// The day from which nothing is paid (停发日期), the first of a month.
    pub from: Day,
}

pub struct DibaoGrant;
impl Action for DibaoGrant {
    const NAME: &'static str = "dibaoGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = Dibao;
    const CODES: &'static [&'static Code] = &[
        &service::ON_DIBAO,
        &OTHER_INCOME_BENEFIT,
        &NO_MEMBER,
        &NOT_FIRST_OF_MONTH,
    ];
}

pub struct DibaoAdjust;
impl Action for DibaoAdjust {
    const NAME: &'static str = "dibaoAdjust";
    const NEEDS_SEALS: bool = true;
    type Changed = Dibao;
    const CODES: &'static [&'static Code] = &[
        &service::ENDED,
        &OTHER_INCOME_BENEFIT,
        &NO_MEMBER,
        &NOT_FIRST_OF_MONTH,
    ];
}

pub struct DibaoBeginGradualExit;
impl Action for DibaoBeginGradualExit {
    const NAME: &'static str = "dibaoBeginGradualExit";
    const NEEDS_SEALS: bool = true;
    type Changed = Dibao;
    const CODES: &'static [&'static Code] = &[&service::ENDED, &service::IN_GRADUAL_EXIT];
}

pub struct DibaoStop;
impl Action for DibaoStop {
    const NAME: &'static str = "dibaoStop";
    const NEEDS_SEALS: bool = true;
    type Changed = Dibao;
    const CODES: &'static [&'static Code] = &[&service::ENDED, &NOT_FIRST_OF_MONTH];
}

#[derive(Default)]
pub struct DibaoMutation;

#[Object]
impl DibaoMutation {
    /// Grants dibao to a household (低保审批). It excludes a cash subsidy, and special support of a covered member, in the same
    /// month.
    async fn dibao_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The grant (低保).")] input: DibaoGrantInput,
    ) -> Outcome<Payload<DibaoGrant>> {
        let (household, input) = (&household_id, &input);
        let call = Call::new(request_id, dry_run);
        change(ctx, call, |door| service::grant(door, household, input))
            .await
            .into()
    }

    /// Changes a grant from a month on (低保调整): the grant until then stays as it was, a new one follows it.
    async fn dibao_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The change (调整).")] input: DibaoAdjustInput,
    ) -> Outcome<Payload<DibaoAdjust>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::adjust(door, input))
            .await
            .into()
    }

    /// Changes up to 200 grants (低保批量调整), each for itself: what is wrong with one does not stop the others.
    async fn dibao_adjust_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The changes (调整), at most 200.")] inputs: Vec<DibaoAdjustInput>,
    ) -> Outcome<ListPayload<DibaoAdjust>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::adjust)
            .await
            .into()
    }

    /// Begins the gradual exit of a grant (低保渐退): it is paid for at most twelve more months.
    async fn dibao_begin_gradual_exit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The grant (低保), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The gradual exit (渐退).")] input: DibaoBeginGradualExitInput,
    ) -> Outcome<Payload<DibaoBeginGradualExit>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::begin_gradual_exit(door, id, version, input)
        })
        .await
        .into()
    }

    /// Ends a grant (低保停发).
    async fn dibao_stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The grant (低保), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The end (停发).")] input: DibaoStopInput,
    ) -> Outcome<Payload<DibaoStop>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::stop(door, id, version, input))
            .await
            .into()
    }
}
