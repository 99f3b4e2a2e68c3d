//! What the medical insurance office does with enrolments.

use super::{super::service::NOT_A_MEMBER, service, types::MedicalEnrolment};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::health::codes::EnrolmentCategory;

/// The enrolment of a person in basic medical insurance for a year (参保登记).
#[derive(InputObject)]
pub struct MedicalEnrolmentRecordInput {
    /// The person enrolled (参保人), by global id.
    pub person_id: ID,
    /// The calendar year (参保年度), from 2000 to the next one.
    pub year: i32,
    /// As whom the person is enrolled (参保类别).
    pub category: EnrolmentCategory,
    /// The premium of a person (个人缴费标准), yuan a year.
    pub premium: Fen,
    /// The part of the premium that is subsidised (财政补贴), yuan a year.
    pub premium_subsidy: Fen,
    /// The day the premium was paid (缴费日期). Not yet when left out.
    pub paid_on: Option<Day>,
    /// The version you have read of the enrolment of that year (更正的版本), which this corrects or completes. A new
    /// enrolment when left out.
    pub corrects_version: Option<i32>,
}

pub struct MedicalEnrolmentRecord;
impl Action for MedicalEnrolmentRecord {
    const NAME: &'static str = "medicalEnrolmentRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = MedicalEnrolment;
    const CODES: &'static [&'static Code] = &[
        &NOT_A_MEMBER,
        &service::ALREADY_ENROLLED,
        &service::NOT_ENROLLED,
    ];
}

#[derive(Default)]
pub struct InsuranceMutation;

#[Object]
impl InsuranceMutation {
    /// Records that a person is enrolled in basic medical insurance for a year (参保登记), or corrects the record.
    async fn medical_enrolment_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The enrolment (参保).")] input: MedicalEnrolmentRecordInput,
    ) -> Outcome<Payload<MedicalEnrolmentRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::record(door, input))
            .await
            .into()
    }

    /// Records up to 200 enrolments (批量参保登记), each for itself: what is wrong with one does not stop the others.
    async fn medical_enrolment_record_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The enrolments (参保), at most 200.")] inputs: Vec<
            MedicalEnrolmentRecordInput,
        >,
    ) -> Outcome<ListPayload<MedicalEnrolmentRecord>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::record)
            .await
            .into()
    }
}
