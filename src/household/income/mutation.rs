//! What the township does with the income of a household.

use super::service;
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::types::IncomeForm,
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::household::codes::IncomeKind;

/// An item of income (收入明细).
#[derive(InputObject)]
pub struct IncomeItemInput {
    /// The kind (收入类别).
    pub kind: IncomeKind,
    /// What it came from (来源), at most 80 characters.
    pub source: String,
    /// The amount (金额), yuan a year.
    pub amount: Fen,
}

/// The income form of a calendar year (年度收入表).
#[derive(InputObject)]
pub struct IncomeFormFileInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The calendar year (年度), until this one.
    pub year: i32,
    /// The items (收入明细), at most 100: of each kind they add up to the form.
    pub items: Vec<IncomeItemInput>,
    /// Business costs (生产经营性支出), yuan a year.
    pub business_costs: Fen,
    /// Members the income is shared by (家庭人口), persons: those of the day of the survey. Checked where given.
    pub members: Option<i32>,
    /// Net income per head as the paper says (人均纯收入), yuan a year. Checked where given.
    pub per_capita_net_income: Option<Fen>,
    /// Who surveyed (调查人), at most 40 characters.
    pub surveyor: String,
    /// The day of the survey (调查日期), today or before.
    pub surveyed_on: Day,
}

pub struct IncomeFormFile;
impl Action for IncomeFormFile {
    const NAME: &'static str = "incomeFormFile";
    type Changed = IncomeForm;
    const CODES: &'static [&'static Code] = &[
        &service::FILED_ALREADY,
        &service::NO_MEMBERS,
        &service::MEMBERS_DIFFER,
        &service::DOES_NOT_ADD_UP,
    ];
}

#[derive(Default)]
pub struct IncomeMutation;

#[Object]
impl IncomeMutation {
    /// Files the income form of a year (填报年度收入表): wage, business, property and transfer income less business costs is the
    /// net income, which is shared by the members.
    async fn income_form_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The form (收入表).")] input: IncomeFormFileInput,
    ) -> Outcome<Payload<IncomeFormFile>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::file(door, input))
            .await
            .into()
    }

    /// Files up to 200 forms (批量填报年度收入表), each for itself: what is wrong with one does not stop the others.
    async fn income_form_file_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The forms (收入表), at most 200.")] inputs: Vec<IncomeFormFileInput>,
    ) -> Outcome<ListPayload<IncomeFormFile>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::file).await.into()
    }
}
