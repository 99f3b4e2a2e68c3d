//! What the health bureau does about care.

use super::{
    super::service::{NO_HOSPITAL, NOT_A_MEMBER},
    service,
    types::{CheckUp, DoctorContract, DoctorVisit},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, RequestId},
    },
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::health::codes::{CheckUpResult, DoctorVisitWay};

/// A check-up that took place (体检登记).
#[derive(InputObject)]
pub struct CheckupRecordInput {
    /// The person checked (体检人), by global id.
    pub person_id: ID,
    /// The day (体检日期).
    pub checked_on: Day,
    /// The code of the hospital or clinic (体检机构代码).
    pub institution_code: String,
    /// Whether it is the free one of the year (是否免费体检).
    pub free: bool,
    /// The class of the result (体检结果类别).
    pub result: CheckUpResult,
}

/// A contract with a family doctor (家庭医生签约).
#[derive(InputObject)]
pub struct DoctorContractSignInput {
    /// The person signed for (签约居民), by global id.
    pub person_id: ID,
    /// The code of the hospital or clinic (签约机构代码).
    pub institution_code: String,
    /// The name of the doctor (签约医生), at most 40 characters.
    pub doctor_name: String,
    /// Whether the person is a focus patient, who is visited twice a month (是否重点随访对象).
    pub focus: bool,
    /// The first day (签约日期).
    pub valid_from: Day,
}

/// A visit of the family doctor (随访登记).
#[derive(InputObject)]
pub struct DoctorVisitRecordInput {
    /// The contract (签约), by global id.
    pub contract_id: ID,
    /// The day (随访日期).
    pub visited_on: Day,
    /// The way (随访方式).
    pub way: DoctorVisitWay,
    /// Whether the doctor changed the medicine (是否调整用药).
    pub medicine_adjusted: bool,
}

pub struct CheckupRecord;
impl Action for CheckupRecord {
    const NAME: &'static str = "checkupRecord";
    type Changed = CheckUp;
    const CODES: &'static [&'static Code] =
        &[&NOT_A_MEMBER, &NO_HOSPITAL, &service::FREE_CHECK_UP_USED];
}

pub struct DoctorContractSign;
impl Action for DoctorContractSign {
    const NAME: &'static str = "doctorContractSign";
    type Changed = DoctorContract;
    const CODES: &'static [&'static Code] = &[&NOT_A_MEMBER, &NO_HOSPITAL, &service::HAS_DOCTOR];
}

pub struct DoctorVisitRecord;
impl Action for DoctorVisitRecord {
    const NAME: &'static str = "doctorVisitRecord";
    type Changed = DoctorVisit;
    const CODES: &'static [&'static Code] = &[&service::NO_CONTRACT_THEN];
}

#[derive(Default)]
pub struct CareMutation;

#[Object]
impl CareMutation {
    /// Records a check-up (体检登记). One a person and year is free.
    async fn checkup_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The check-up (体检).")] input: CheckupRecordInput,
    ) -> Outcome<Payload<CheckupRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::check_up(door, input))
            .await
            .into()
    }

    /// Records up to 200 check-ups (批量体检登记), each for itself: what is wrong with one does not stop the others.
    async fn checkup_record_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The check-ups (体检), at most 200.")] inputs: Vec<CheckupRecordInput>,
    ) -> Outcome<ListPayload<CheckupRecord>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::check_up)
            .await
            .into()
    }

    /// Signs a contract with a family doctor (家庭医生签约). A contract in force ends the day the new one begins.
    async fn doctor_contract_sign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The contract (签约).")] input: DoctorContractSignInput,
    ) -> Outcome<Payload<DoctorContractSign>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::sign(door, input))
            .await
            .into()
    }

    /// Records a visit of the family doctor (随访登记).
    async fn doctor_visit_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The visit (随访).")] input: DoctorVisitRecordInput,
    ) -> Outcome<Payload<DoctorVisitRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::visit(door, input))
            .await
            .into()
    }
}
