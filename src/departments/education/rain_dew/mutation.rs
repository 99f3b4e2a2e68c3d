//! What is done with Rain and Dew applications, each step by its own office.

use super::{
    super::{
        service::{NO_SCHOOL, STAGE_NOT_TAUGHT},
        types::RainDewApplication,
    },
    service,
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    household::NO_MEMBER,
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::{codes::StudentStage, education::codes::RainDewState};

/// An application for Rain and Dew (雨露计划申请).
#[derive(InputObject)]
pub struct RainDewApplyInput {
    /// The code of the school (学校代码).
    pub school_code: String,
    /// The school year by the autumn it begins in (学年).
    pub school_year: i32,
    /// The stage (学段), a vocational one.
    pub stage: StudentStage,
    /// The day of application (申请日期), in the school year. Today when left out.
    pub applied_on: Option<Day>,
}

/// An application as another office kept it (雨露计划历史数据): a form that was taken, or one that has come to its end.
#[derive(InputObject)]
pub struct RainDewTakeOverInput {
    /// The code of the school (学校代码).
    pub school_code: String,
    /// The school year by the autumn it begins in (学年).
    pub school_year: i32,
    /// The stage (学段), a vocational one.
    pub stage: StudentStage,
    /// The state (雨露计划状态): FORM_TAKEN, PAID or REFUSED. What is in between is done here step by step.
    pub state: RainDewState,
    /// The day of application (申请日期), in the school year. Today when left out.
    pub applied_on: Option<Day>,
    /// The day of recognition (认定日期), where it was paid.
    pub recognised_on: Option<Day>,
    /// The day of payment (发放日期), where it was paid.
    pub paid_on: Option<Day>,
    /// The amount (补助金额), yuan, where it was paid.
    pub amount: Option<Fen>,
}

/// The county's decision on an application (雨露计划审核).
#[derive(InputObject)]
pub struct RainDewDecideInput {
    /// Whether the student is recognised (是否认定). Otherwise the application is refused in this round.
    pub recognised: bool,
    /// The day of recognition (认定日期), at the latest 30 September of the school year. Today when left out.
    pub recognised_on: Option<Day>,
    /// The amount (补助金额), yuan a school year, above zero. Left out where the application is refused.
    pub amount: Option<Fen>,
}

pub struct RainDewApply;
impl Action for RainDewApply {
    const NAME: &'static str = "rainDewApply";
    type Changed = RainDewApplication;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_REGISTERED,
        &service::STAGE_NOT_COVERED,
        &NO_SCHOOL,
        &STAGE_NOT_TAUGHT,
        &service::APPLIED,
        &service::SUPPORTED_AS_UNDERGRADUATE,
        &NO_MEMBER,
    ];
}

pub struct RainDewTakeOver;
impl Action for RainDewTakeOver {
    const NAME: &'static str = "rainDewTakeOver";
    const NEEDS_SEALS: bool = true;
    type Changed = RainDewApplication;
    const CODES: &'static [&'static Code] = RainDewApply::CODES;
}

pub struct RainDewStamp;
impl Action for RainDewStamp {
    const NAME: &'static str = "rainDewStamp";
    type Changed = RainDewApplication;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STATE];
}

pub struct RainDewConfirmEnrolment;
impl Action for RainDewConfirmEnrolment {
    const NAME: &'static str = "rainDewConfirmEnrolment";
    type Changed = RainDewApplication;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STATE, &service::NOT_ENROLLED];
}

pub struct RainDewDecide;
impl Action for RainDewDecide {
    const NAME: &'static str = "rainDewDecide";
    const NEEDS_SEALS: bool = true;
    type Changed = RainDewApplication;
    const CODES: &'static [&'static Code] = &[&service::WRONG_STATE, &service::RECOGNISED_LATE];
}

#[derive(Default)]
pub struct RainDewMutation;

#[Object]
impl RainDewMutation {
    /// Applies for Rain and Dew of a school year (雨露计划申请): the family itself, or the poverty office that takes the form. It
    /// excludes the support of an undergraduate.
    async fn rain_dew_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The student (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The application (雨露计划).")] input: RainDewApplyInput,
    ) -> Outcome<Payload<RainDewApply>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| service::apply(door, person, input))
            .await
            .into()
    }

    /// Takes an application over as another office kept it (雨露计划历史数据转入). What was paid there is history: it has come to its end, and
    /// no step here leads to another payment.
    async fn rain_dew_take_over(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The student (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The application (雨露计划).")] input: RainDewTakeOverInput,
    ) -> Outcome<Payload<RainDewTakeOver>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| service::take_over(door, person, input))
            .await
            .into()
    }

    /// Stamps an application (雨露计划盖章): the village a form that was taken, the township what the village has stamped.
    async fn rain_dew_stamp(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The application (雨露计划申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<RainDewStamp>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| service::stamp(door, id, version))
            .await
            .into()
    }

    /// Stamps an application as the school (雨露计划学校盖章), whose enrolment of the student is confirmed.
    async fn rain_dew_confirm_enrolment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The application (雨露计划申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<RainDewConfirmEnrolment>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| {
            service::confirm_enrolment(door, id, version)
        })
        .await
        .into()
    }

    /// Decides on an application as the county's poverty office (雨露计划审核): recognises the student, or refuses in this round.
    async fn rain_dew_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The application (雨露计划申请), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The decision (审核).")] input: RainDewDecideInput,
    ) -> Outcome<Payload<RainDewDecide>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::decide(door, id, version, input))
            .await
            .into()
    }
}
