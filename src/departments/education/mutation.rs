//! What the education bureau and the schools do; Rain and Dew is beside it.

use super::{
    rain_dew::RainDewMutation,
    service,
    types::{DropoutCase, SchoolEnrolment, StudyAllowance},
};
use crate::{
    graphql::{
        plan::Outcome,
        scalars::{Day, Fen, RequestId},
    },
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, MergedObject, Object};
use entity::{
    codes::StudentStage,
    education::codes::{DropoutReason, SchoolTerm},
};

/// What is done in education.
#[derive(MergedObject, Default)]
#[graphql(name = "EducationMutation")]
pub struct Mutation(SchoolMutation, RainDewMutation);

/// The confirmation of an enrolment (学籍确认).
#[derive(InputObject)]
pub struct SchoolEnrolmentConfirmInput {
    /// The enrolment (学籍), by global id.
    pub id: ID,
    /// The version you have read (版本).
    pub version: i32,
    /// The day of the confirmation (学校确认日期). Today when left out.
    pub confirmed_on: Option<Day>,
}

/// The enrolment of a pupil in a term (学籍登记).
#[derive(InputObject)]
pub struct SchoolEnrolmentRecordInput {
    /// The code of the school (学校代码).
    pub school_code: String,
    /// The school year by the autumn it begins in (学年): 2018 is autumn 2018 to summer 2019.
    pub school_year: i32,
    /// The term (学期).
    pub term: SchoolTerm,
    /// The stage (学段), one that the school teaches.
    pub stage: StudentStage,
    /// The grade within the stage (年级), from 1.
    pub grade: Option<i32>,
    /// Whether the pupil boards (是否寄宿).
    pub boarding: bool,
    /// Whether the school is in the county seat (是否在旗县所在地就读).
    pub county_seat: bool,
}

/// A study allowance for the term of an enrolment (教育资助审批).
#[derive(InputObject)]
pub struct StudyAllowanceRecordInput {
    /// The benefit as its pack names it (资助项目), such as "education-support", at most 40 characters.
    pub programme: String,
    /// The amount of the term (资助金额), yuan, above zero.
    pub amount: Fen,
    /// Whether it is granted once in a lifetime (是否一次性). No when left out.
    pub one_off: Option<bool>,
}

/// The report of a child who has left school (辍学上报).
#[derive(InputObject)]
pub struct DropoutReportInput {
    /// The school year of the first term without the child, by the autumn it begins in (失学学年).
    pub school_year: i32,
    /// The first term without the child (失学学期).
    pub term: SchoolTerm,
    /// The reason (辍学原因).
    pub reason: DropoutReason,
    /// The day of the report (上报日期). Today when left out.
    pub reported_on: Option<Day>,
}

/// The return of a child to school (复学登记).
#[derive(InputObject)]
pub struct DropoutReturnInput {
    /// The day the child was back at school (复学日期).
    pub returned_on: Day,
}

pub struct SchoolEnrolmentConfirm;
impl Action for SchoolEnrolmentConfirm {
    const NAME: &'static str = "schoolEnrolmentConfirm";
    type Changed = SchoolEnrolment;
    const CODES: &'static [&'static Code] = &[&service::CONFIRMED, &service::NOT_BEGUN];
}

pub struct SchoolEnrolmentRecord;
impl Action for SchoolEnrolmentRecord {
    const NAME: &'static str = "schoolEnrolmentRecord";
    type Changed = SchoolEnrolment;
    const CODES: &'static [&'static Code] = &[
        &service::NO_SCHOOL,
        &service::STAGE_NOT_TAUGHT,
        &service::ENROLLED,
    ];
}

pub struct StudyAllowanceRecord;
impl Action for StudyAllowanceRecord {
    const NAME: &'static str = "studyAllowanceRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = StudyAllowance;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_CONFIRMED,
        &service::GRANTED,
        &service::ONCE_IN_LIFE,
        &service::ON_RAIN_DEW,
    ];
}

pub struct DropoutReport;
impl Action for DropoutReport {
    const NAME: &'static str = "dropoutReport";
    type Changed = DropoutCase;
    const CODES: &'static [&'static Code] = &[&service::NOT_COMPULSORY, &service::CASE_OPEN];
}

pub struct DropoutReturn;
impl Action for DropoutReturn {
    const NAME: &'static str = "dropoutReturn";
    type Changed = DropoutCase;
    const CODES: &'static [&'static Code] = &[&service::CASE_ENDED];
}

#[derive(Default)]
pub struct SchoolMutation;

#[Object]
impl SchoolMutation {
    /// Records that a pupil is enrolled in a term (学籍登记). The school confirms it.
    async fn school_enrolment_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The pupil (学生), by global id.")] person_id: ID,
        #[graphql(desc = "The enrolment (学籍).")] input: SchoolEnrolmentRecordInput,
    ) -> Outcome<Payload<SchoolEnrolmentRecord>> {
        let (call, pupil, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| service::record(door, pupil, input))
            .await
            .into()
    }

    /// Confirms that a pupil is enrolled in a term (学籍确认): a school its own pupils, the bureau those of its county.
    async fn school_enrolment_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The confirmation (确认).")] input: SchoolEnrolmentConfirmInput,
    ) -> Outcome<Payload<SchoolEnrolmentConfirm>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::confirm(door, input))
            .await
            .into()
    }

    /// Confirms up to 200 enrolments (学籍批量确认), each for itself: what is wrong with one does not stop the others.
    async fn school_enrolment_confirm_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The confirmations (确认), at most 200.")] inputs: Vec<
            SchoolEnrolmentConfirmInput,
        >,
    ) -> Outcome<ListPayload<SchoolEnrolmentConfirm>> {
        let call = Call::new(request_id, dry_run);
        change_each(ctx, call, &inputs, service::confirm)
            .await
            .into()
    }

    /// Records a study allowance for the term of a confirmed enrolment (教育资助审批): stage, boarding and county seat are the
    /// enrolment's. As an undergraduate's it excludes Rain and Dew of the school year.
    async fn study_allowance_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The enrolment (学籍), by global id.")] enrolment_id: ID,
        #[graphql(desc = "The allowance (教育资助).")] input: StudyAllowanceRecordInput,
    ) -> Outcome<Payload<StudyAllowanceRecord>> {
        let (call, enrolment, input) = (Call::new(request_id, dry_run), &enrolment_id, &input);
        change(ctx, call, |door| {
            service::record_allowance(door, enrolment, input)
        })
        .await
        .into()
    }

    /// Reports that a child has left school before nine years of it (辍学上报).
    async fn dropout_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The last enrolment of the child (最后学籍), by global id.")]
        enrolment_id: ID,
        #[graphql(desc = "The report (辍学).")] input: DropoutReportInput,
    ) -> Outcome<Payload<DropoutReport>> {
        let (call, enrolment, input) = (Call::new(request_id, dry_run), &enrolment_id, &input);
        change(ctx, call, |door| {
            service::report_dropout(door, enrolment, input)
        })
        .await
        .into()
    }

    /// Records that a child is back at school (复学登记).
    async fn dropout_return(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The case (辍学个案), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The return (复学).")] input: DropoutReturnInput,
    ) -> Outcome<Payload<DropoutReturn>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::record_return(door, id, version, input)
        })
        .await
        .into()
    }
}
