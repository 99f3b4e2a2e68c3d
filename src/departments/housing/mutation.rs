//! What the housing bureau and the relocation office do.

use super::{
    service,
    types::{House, Relocation, Renovation},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId, SquareMetres},
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::housing::codes::{
    HouseGrade, HouseSolution, RelocationKind, RelocationMode, RelocationStage,
};

/// A survey of a house (房屋鉴定).
#[derive(InputObject)]
pub struct HouseSurveyInput {
    /// The house of record until now (原住房), by global id. Left out where there is none.
    pub previous_house_id: Option<ID>,
    /// The version you have read of it (原住房版本).
    pub previous_version: Option<i32>,
    /// The danger grade (房屋等级).
    pub grade: HouseGrade,
    /// The day of the survey (鉴定日期).
    pub surveyed_on: Day,
    /// The floor area (建筑面积), square metres. As before when left out.
    pub area: Option<SquareMetres>,
    /// The year built (建成年份). As before when left out.
    pub built_year: Option<i32>,
    /// How safe housing is reached (住房解决方式). As before when left out.
    pub solution: Option<HouseSolution>,
}

/// The approval of a renovation (危房改造审批).
#[derive(InputObject)]
pub struct RenovationApproveInput {
    /// The house of record (住房), of grade C or D, by global id.
    pub house_id: ID,
    /// The plan year (计划年度), from 2008 to the next one.
    pub year: i32,
    /// What is done (改造方式): REBUILD for grade D, REINFORCE.
    pub solution: HouseSolution,
    /// The subsidy (补助金额), yuan.
    pub subsidy: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
}

/// The acceptance of a renovation (危房改造验收).
#[derive(InputObject)]
pub struct RenovationAcceptInput {
    /// The day of acceptance (验收日期).
    pub accepted_on: Day,
    /// The danger grade after (改造后等级), A or B.
    pub grade_after: HouseGrade,
    /// The floor area after (改造后面积), square metres. Needed for a house that was rebuilt, as before when left out.
    pub area_after: Option<SquareMetres>,
}

/// A plan to relocate a household (搬迁计划). The cost is what the sources add up to.
#[derive(InputObject)]
pub struct RelocationPlanInput {
    /// The project (搬迁项目), by global id; else by its name.
    pub project_id: Option<ID>,
    /// The name of the project (搬迁项目名称), which only one of the county has.
    pub project_name: Option<String>,
    /// As what the household takes part (搬迁对象类别).
    pub kind: RelocationKind,
    /// How it is to be settled (安置方式).
    pub mode: RelocationMode,
    /// The floor area of the new house (安置住房面积), square metres. Not known when left out.
    pub area: Option<SquareMetres>,
    /// How many persons somebody else's list counts (核定人口): those that the household has, or the plan is refused.
    pub persons: Option<i32>,
    /// The subsidy by head (搬迁补助), yuan, part of the cost.
    pub subsidy: Fen,
    /// Where the money comes from (资金来源).
    pub funding: RelocationPlanFundingInput,
}

/// Where the money of a relocation comes from (搬迁资金来源); nothing from a source that is left out.
#[derive(InputObject)]
pub struct RelocationPlanFundingInput {
    /// From the central budget (中央预算内投资), yuan.
    pub central: Option<Fen>,
    /// From the province or autonomous region (省、自治区资金), yuan.
    pub region: Option<Fen>,
    /// From the prefecture or city (市级资金), yuan.
    pub city: Option<Fen>,
    /// From the county (县级资金), yuan.
    pub county: Option<Fen>,
    /// From local government bonds (地方政府债券), yuan.
    pub bond: Option<Fen>,
    /// From the special construction fund (专项建设基金), yuan.
    pub construction_fund: Option<Fen>,
    /// From the long-term subsidised loan (长期贴息贷款), yuan.
    pub loan: Option<Fen>,
    /// From the household itself (自筹), yuan.
    #[graphql(name = "self")]
    pub own: Option<Fen>,
}

/// The next stage of a relocation before the move (搬迁进度).
#[derive(InputObject)]
pub struct RelocationAdvanceInput {
    /// The stage reached (搬迁阶段): APPROVED, then BUILDING, then FINISHED.
    pub stage: RelocationStage,
    /// The day (日期): of the decision for APPROVED, of completion for FINISHED.
    pub on: Day,
}

/// The move into the new house (搬迁入住).
#[derive(InputObject)]
pub struct RelocationMoveInInput {
    /// The day (入住日期).
    pub moved_in_on: Day,
    /// The floor area of the new house (安置住房面积), square metres. As planned when left out.
    pub area: Option<SquareMetres>,
}

/// The removal of the old house (旧房拆除).
#[derive(InputObject)]
pub struct OldHouseDemolishInput {
    /// The day (拆除日期).
    pub removed_on: Day,
}

pub struct HouseSurvey;
impl Action for HouseSurvey {
    const NAME: &'static str = "houseSurvey";
    type Changed = House;
    const CODES: &'static [&'static Code] = &[&service::HAS_HOUSE, &service::NOT_OF_RECORD];
}

pub struct RenovationApprove;
impl Action for RenovationApprove {
    const NAME: &'static str = "renovationApprove";
    const NEEDS_SEALS: bool = true;
    type Changed = Renovation;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_OF_RECORD,
        &service::NOT_DANGEROUS,
        &service::ONE_HOUSING_BENEFIT,
    ];
}

pub struct RenovationAccept;
impl Action for RenovationAccept {
    const NAME: &'static str = "renovationAccept";
    const NEEDS_SEALS: bool = true;
    type Changed = Renovation;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_IN_WORK,
        &service::STILL_DANGEROUS,
        &service::HAS_HOUSE,
    ];
}

pub struct RelocationPlan;
impl Action for RelocationPlan {
    const NAME: &'static str = "relocationPlan";
    const NEEDS_SEALS: bool = true;
    type Changed = Relocation;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_ON_FILE,
        &service::PERSONS_DIFFER,
        &service::NO_MEMBERS,
        &service::NO_PROJECT,
        &service::PROJECT_FINISHED,
        &service::ALREADY_RELOCATED,
        &service::ONE_HOUSING_BENEFIT,
    ];
}

pub struct RelocationAdvance;
impl Action for RelocationAdvance {
    const NAME: &'static str = "relocationAdvance";
    type Changed = Relocation;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STAGE, &service::NO_MEMBERS];
}

pub struct RelocationMoveIn;
impl Action for RelocationMoveIn {
    const NAME: &'static str = "relocationMoveIn";
    type Changed = Relocation;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STAGE, &service::HAS_HOUSE];
}

pub struct OldHouseDemolish;
impl Action for OldHouseDemolish {
    const NAME: &'static str = "oldHouseDemolish";
    type Changed = Relocation;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STAGE];
}

/// What the housing bureau and the relocation office do.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "HousingMutation")]
impl Mutation {
    /// Records a survey of a household's house (房屋鉴定). The house of record until then stays on record up to the day.
    async fn house_survey(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The survey (鉴定).")] input: HouseSurveyInput,
    ) -> Outcome<Payload<HouseSurvey>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| service::survey(door, household, input))
            .await
            .into()
    }

    /// Approves the renovation of a dangerous house (危房改造审批). A household has one housing benefit: renovation or relocation, once.
    async fn renovation_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The approval (审批).")] input: RenovationApproveInput,
    ) -> Outcome<Payload<RenovationApprove>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::approve(door, input))
            .await
            .into()
    }

    /// Accepts a renovation that is done (危房改造验收): the renovated house becomes the house of record.
    async fn renovation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The renovation (危房改造), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The acceptance (验收).")] input: RenovationAcceptInput,
    ) -> Outcome<Payload<RenovationAccept>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::accept(door, id, version, input))
            .await
            .into()
    }

    /// Plans the relocation of a household (搬迁计划), with its members of today. A household has one housing benefit: renovation or relocation, once.
    async fn relocation_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The plan (计划).")] input: RelocationPlanInput,
    ) -> Outcome<Payload<RelocationPlan>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| service::plan(door, household, input))
            .await
            .into()
    }

    /// Says that a relocation has reached its next stage before the move (搬迁进度). On the decision the members are counted again.
    async fn relocation_advance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The relocation (搬迁户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The stage (进度).")] input: RelocationAdvanceInput,
    ) -> Outcome<Payload<RelocationAdvance>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::advance(door, id, version, input))
            .await
            .into()
    }

    /// Says that a household has moved into its new house (搬迁入住), which becomes the house of record.
    async fn relocation_move_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The relocation (搬迁户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The move (入住).")] input: RelocationMoveInInput,
    ) -> Outcome<Payload<RelocationMoveIn>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::move_in(door, id, version, input))
            .await
            .into()
    }

    /// Says that the old house of a relocated household was removed (旧房拆除).
    async fn old_house_demolish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The relocation (搬迁户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The removal (拆除).")] input: OldHouseDemolishInput,
    ) -> Outcome<Payload<OldHouseDemolish>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::demolish(door, id, version, input)
        })
        .await
        .into()
    }
}
