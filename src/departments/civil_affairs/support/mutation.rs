//! What civil affairs does with special support, cash subsidies, temporary and medical assistance.

use super::super::service::{NOT_FIRST_OF_MONTH, OTHER_INCOME_BENEFIT};
use super::{
    service,
    types::{CashSubsidy, MedicalAssistance, SpecialSupport, TemporaryAssistance},
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
use entity::civil_affairs::codes::{
    CareLevel, MedicalAssistanceKind, SupportMode, TemporaryAssistanceReason,
};

/// A grant of special support (特困供养审批).
#[derive(InputObject)]
pub struct SpecialSupportGrantInput {
    /// The number of the certificate (特困供养证号), at most 40 characters.
    pub support_number: String,
    /// Where the person lives (供养方式). An institution excludes disability allowances.
    pub mode: SupportMode,
    /// How much care the person needs (照料护理等级).
    pub care_level: CareLevel,
    /// The standard of basic living (基本生活标准), yuan a year.
    pub standard: Fen,
    /// The amount for living (月供养金), yuan a month.
    pub monthly_amount: Fen,
    /// The amount for care (月照料护理费), yuan a month.
    pub monthly_care_amount: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
    /// The first day in force (起始日期), the first of a month.
    pub valid_from: Day,
}

/// The end of special support (特困供养停发).
#[derive(InputObject)]
pub struct SpecialSupportStopInput {
    /// The day from which nothing is paid (停发日期), the first of a month.
    pub from: Day,
}

/// A grant of the cash subsidy of a year (现金直补审批).
#[derive(InputObject)]
pub struct CashSubsidyGrantInput {
    /// The calendar year (年度), this one or the next.
    pub year: i32,
    /// The amount a head (人均标准), yuan a year.
    pub per_head: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
}

/// A grant of temporary assistance (临时救助审批).
#[derive(InputObject)]
pub struct TemporaryAssistanceGrantInput {
    /// The reason (救助原因).
    pub reason: TemporaryAssistanceReason,
    /// The amount (救助金额), yuan, above zero.
    pub amount: Fen,
    /// The day of application (申请日期).
    pub applied_on: Day,
    /// The day of the decision (批准日期).
    pub decided_on: Day,
}

/// A decision on medical assistance (医疗救助审批).
#[derive(InputObject)]
pub struct MedicalAssistanceDecideInput {
    /// The kind (救助类别).
    pub kind: MedicalAssistanceKind,
    /// The number of the claim (结算单号), one of the person's. Left out where the decision is on no single claim.
    pub claim_number: Option<String>,
    /// What was left with the patient (救助前个人自付), yuan.
    pub left_with_patient: Fen,
    /// The amount (救助金额), yuan: never more than what was left.
    pub amount: Fen,
    /// The day of the decision (批准日期).
    pub decided_on: Day,
}

pub struct SpecialSupportGrant;
impl Action for SpecialSupportGrant {
    const NAME: &'static str = "specialSupportGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = SpecialSupport;
    const CODES: &'static [&'static Code] = &[
        &service::ON_SPECIAL_SUPPORT,
        &service::ON_DISABILITY_ALLOWANCE,
        &OTHER_INCOME_BENEFIT,
        &NO_MEMBER,
        &NOT_FIRST_OF_MONTH,
    ];
}

pub struct SpecialSupportStop;
impl Action for SpecialSupportStop {
    const NAME: &'static str = "specialSupportStop";
    const NEEDS_SEALS: bool = true;
    type Changed = SpecialSupport;
    const CODES: &'static [&'static Code] = &[&service::ENDED, &NOT_FIRST_OF_MONTH];
}

pub struct CashSubsidyGrant;
impl Action for CashSubsidyGrant {
    const NAME: &'static str = "cashSubsidyGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = CashSubsidy;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_REGISTERED,
        &service::SUBSIDISED,
        &OTHER_INCOME_BENEFIT,
    ];
}

pub struct TemporaryAssistanceGrant;
impl Action for TemporaryAssistanceGrant {
    const NAME: &'static str = "temporaryAssistanceGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = TemporaryAssistance;
    const CODES: &'static [&'static Code] = &[];
}

pub struct MedicalAssistanceDecide;
impl Action for MedicalAssistanceDecide {
    const NAME: &'static str = "medicalAssistanceDecide";
    const NEEDS_SEALS: bool = true;
    type Changed = MedicalAssistance;
    const CODES: &'static [&'static Code] = &[
        &service::ABOVE_LEFT,
        &service::NO_CLAIM,
        &service::CLAIM_DECIDED,
        &NO_MEMBER,
    ];
}

#[derive(Default)]
pub struct SupportMutation;

#[Object]
impl SupportMutation {
    /// Grants special support to a person (特困供养审批). It excludes dibao and a cash subsidy of the person in the same month.
    async fn special_support_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The person (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The grant (特困供养).")] input: SpecialSupportGrantInput,
    ) -> Outcome<Payload<SpecialSupportGrant>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| {
            service::grant_special_support(door, person, input)
        })
        .await
        .into()
    }

    /// Ends the special support of a person (特困供养停发).
    async fn special_support_stop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The support (特困供养), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The end (停发).")] input: SpecialSupportStopInput,
    ) -> Outcome<Payload<SpecialSupportStop>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::stop_special_support(door, id, version, input)
        })
        .await
        .into()
    }

    /// Grants a household the cash subsidy of a year (现金直补审批): for all members of today, for the whole year. It excludes
    /// dibao of the household, and special support of a member, in any month of the year.
    async fn cash_subsidy_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The grant (现金直补).")] input: CashSubsidyGrantInput,
    ) -> Outcome<Payload<CashSubsidyGrant>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| {
            service::grant_cash_subsidy(door, household, input)
        })
        .await
        .into()
    }

    /// Grants temporary assistance to a household in sudden hardship (临时救助审批).
    async fn temporary_assistance_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The grant (临时救助).")] input: TemporaryAssistanceGrantInput,
    ) -> Outcome<Payload<TemporaryAssistanceGrant>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        change(ctx, call, |door| {
            service::grant_temporary_assistance(door, household, input)
        })
        .await
        .into()
    }

    /// Decides on medical assistance of a person (医疗救助审批), on one claim or on what is left of several.
    async fn medical_assistance_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The person (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The decision (医疗救助).")] input: MedicalAssistanceDecideInput,
    ) -> Outcome<Payload<MedicalAssistanceDecide>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| {
            service::decide_medical_assistance(door, person, input)
        })
        .await
        .into()
    }
}
