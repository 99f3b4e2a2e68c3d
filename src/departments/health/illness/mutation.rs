//! What is done about illness: the health bureau flags disease, handbooks are issued by the medical insurance office and the
//! social security bureau.

use super::{
    super::service::NOT_A_MEMBER,
    service,
    types::{ChronicHandbook, DiseaseFlag},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, RequestId},
    },
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::health::codes::DiseaseClass;

/// A flag of chronic, major or severe disease (慢病、大病、重病标识).
#[derive(InputObject)]
pub struct DiseaseFlagSetInput {
    /// The patient (患者), by global id.
    pub person_id: ID,
    /// The class (疾病类别).
    pub class: DiseaseClass,
    /// The disease (病种), as an ICD-10 code in full, such as "C34.9". It is kept sealed.
    pub disease: Option<String>,
    /// The day of the diagnosis (确诊日期).
    pub diagnosed_on: Day,
    /// The day of the cure (治愈日期). Not cured when left out.
    pub cured_on: Option<Day>,
}

/// The end of a disease (治愈登记).
#[derive(InputObject)]
pub struct DiseaseFlagEndInput {
    /// The day of the cure (治愈日期).
    pub cured_on: Day,
}

/// A handbook for chronic outpatient payment (门诊慢性病就诊手册).
#[derive(InputObject)]
pub struct ChronicHandbookIssueInput {
    /// The holder (持册人), by global id.
    pub person_id: ID,
    /// The disease (病种), as an ICD-10 code in full, such as "I10". It is kept sealed.
    pub disease: String,
    /// The number (手册编号), at most 40 characters.
    pub handbook_number: String,
    /// The day of application (申请日期). Left out where the application is on record.
    pub applied_on: Option<Day>,
    /// The first day on which it is valid (有效期起).
    pub valid_from: Day,
    /// The first day on which it is no longer valid (有效期止). No end when left out.
    pub valid_to: Option<Day>,
}

pub struct DiseaseFlagSet;
impl Action for DiseaseFlagSet {
    const NAME: &'static str = "diseaseFlagSet";
    type Changed = DiseaseFlag;
    const CODES: &'static [&'static Code] = &[&NOT_A_MEMBER, &service::FLAGGED];
}

pub struct DiseaseFlagEnd;
impl Action for DiseaseFlagEnd {
    const NAME: &'static str = "diseaseFlagEnd";
    type Changed = DiseaseFlag;
    const CODES: &'static [&'static Code] = &[&service::CURED];
}

pub struct ChronicHandbookIssue;
impl Action for ChronicHandbookIssue {
    const NAME: &'static str = "chronicHandbookIssue";
    type Changed = ChronicHandbook;
    const CODES: &'static [&'static Code] = &[
        &NOT_A_MEMBER,
        &service::HAS_HANDBOOK,
        &service::HANDBOOK_NUMBER_USED,
    ];
}

#[derive(Default)]
pub struct IllnessMutation;

#[Object]
impl IllnessMutation {
    /// Flags a chronic, major or severe disease of a person (疾病标识登记).
    async fn disease_flag_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The flag (疾病标识).")] input: DiseaseFlagSetInput,
    ) -> Outcome<Payload<DiseaseFlagSet>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::flag(door, input))
            .await
            .into()
    }

    /// Ends a flag of disease (治愈登记): the patient was cured.
    async fn disease_flag_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The flag (疾病标识), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The end (治愈).")] input: DiseaseFlagEndInput,
    ) -> Outcome<Payload<DiseaseFlagEnd>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::end(door, id, version, input))
            .await
            .into()
    }

    /// Issues a handbook for chronic outpatient payment (门诊慢性病手册发放). An application of the person for the disease becomes it.
    async fn chronic_handbook_issue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The handbook (手册).")] input: ChronicHandbookIssueInput,
    ) -> Outcome<Payload<ChronicHandbookIssue>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::issue(door, input))
            .await
            .into()
    }
}
