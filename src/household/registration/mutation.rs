//! What is done with the file of a household.

use super::service;
use crate::{
    departments::Household,
    graphql::{
        plan::Outcome,
        scalars::{Day, RegionId, RequestId},
    },
    household::{
        NOT_OPEN, ONE_HEAD,
        people::{self, NewMemberInput, disclosing},
    },
    reconciliation::OPEN_FINDINGS,
    writing::{Action, Call, Code, Payload, change},
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::household::codes::{HouseholdClass, HouseholdStatus, PolicyAfterExit, PovertyCause};

/// A household that is opened as a candidate (新建候选户).
#[derive(InputObject)]
pub struct HouseholdOpenInput {
    /// The village (所在村), 12 digits.
    pub village: RegionId,
    /// The group of the village (村民小组), at most 20 characters.
    pub group: Option<String>,
    /// The address (住址), at most 100 characters.
    pub address: Option<String>,
    /// The phone number (联系电话) in full.
    pub phone: Option<String>,
    /// The members (家庭成员), at most 20, exactly one of them the head.
    pub members: Vec<NewMemberInput>,
}

/// What is put on file (建档立卡).
#[derive(InputObject)]
pub struct HouseholdRegisterInput {
    /// The number of the household card (户编号): the village's code and a serial, 16 digits. The next of the village when left
    /// out; who had a card before keeps it.
    pub card_number: Option<String>,
    /// The class (贫困户属性).
    pub class: HouseholdClass,
    /// The main cause (主要致贫原因).
    pub main_cause: PovertyCause,
    /// Other causes (其他致贫原因), at most two.
    #[graphql(default)]
    pub other_causes: Vec<PovertyCause>,
    /// The year of the standard (识别标准年度). That of the registration when left out.
    pub standard_year: Option<i32>,
    /// The day of registration (建档立卡日期), today or before.
    pub registered_on: Day,
    /// The number of the deciding document (文号), at most 60 characters.
    pub document_number: String,
}

/// Changes of the basics (基本信息变更): what is left out stays, null takes it away.
#[derive(InputObject)]
pub struct HouseholdAmendInput {
    /// The group of the village (村民小组), at most 20 characters.
    pub group: MaybeUndefined<String>,
    /// The address (住址), at most 100 characters.
    pub address: MaybeUndefined<String>,
    /// The phone number (联系电话) in full.
    pub phone: MaybeUndefined<String>,
    /// The place of the household registration (户籍所在地), at most 100 characters.
    pub registration_place: MaybeUndefined<String>,
    /// What the family wishes (发展意愿), at most 200 characters.
    pub wishes: MaybeUndefined<String>,
}

/// A decision on the status of a household (户状态变更).
#[derive(InputObject)]
pub struct HouseholdStatusRecordInput {
    /// The status from that day on (状态).
    pub status: HouseholdStatus,
    /// The first day (变更日期), today or before.
    pub on: Day,
    /// The number of the deciding document (文号), at most 60 characters.
    pub document_number: String,
    /// Whether policies are kept after exit (脱贫后是否享受政策). Needed of an exit.
    pub policy_after_exit: Option<PolicyAfterExit>,
    /// Why it returned to poverty (返贫原因). Needed of a return.
    pub return_cause: Option<PovertyCause>,
}

pub struct HouseholdOpen;
impl Action for HouseholdOpen {
    const NAME: &'static str = "householdOpen";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &ONE_HEAD,
        &service::NO_VILLAGE,
        &people::INVALID_CITIZEN_NUMBER,
        &people::NUMBER_DISAGREES,
        &people::ALREADY_MEMBER,
        &people::PERSON_DIED,
        &people::PERSON_NOT_AVAILABLE,
    ];
}

pub struct HouseholdConfirm;
impl Action for HouseholdConfirm {
    const NAME: &'static str = "householdConfirm";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[&service::NOTHING_TO_CONFIRM];
}

pub struct HouseholdRegister;
impl Action for HouseholdRegister {
    const NAME: &'static str = "householdRegister";
    const NEEDS_SEALS: bool = true;
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &service::STATUS_NOT_ALLOWED,
        &service::NOT_CONFIRMED,
        &ONE_HEAD,
        &OPEN_FINDINGS,
        &service::CARD_NUMBER,
    ];
}

pub struct HouseholdAmend;
impl Action for HouseholdAmend {
    const NAME: &'static str = "householdAmend";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[&NOT_OPEN];
}

pub struct HouseholdStatusRecord;
impl Action for HouseholdStatusRecord {
    const NAME: &'static str = "householdStatusRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &service::STATUS_NOT_ALLOWED,
        &OPEN_FINDINGS,
        &service::STILL_MEMBERS,
    ];
}

#[derive(Default)]
pub struct RegistrationMutation;

#[Object]
impl RegistrationMutation {
    /// Opens a household as a candidate (新建候选户), without a card. What another department than the township opened waits for
    /// the township's confirmation. A person who is on another file that you may not see is PERSON_NOT_AVAILABLE; such answers
    /// are limited and recorded.
    async fn household_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户).")] input: HouseholdOpenInput,
    ) -> Outcome<Payload<HouseholdOpen>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let opened = change(ctx, call.clone(), |door| service::open(door, input));
        let numbers = service::numbers_of(&input.members);
        disclosing(ctx, &call, None, &numbers, opened).await.into()
    }

    /// Confirms the basics of a candidate that another department opened (乡镇核实候选户).
    async fn household_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
    ) -> Outcome<Payload<HouseholdConfirm>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| service::confirm(door, id, version))
            .await
            .into()
    }

    /// Puts a household under appraisal on file (建档立卡): it gets its card number, class and causes.
    async fn household_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The registration (建档立卡).")] input: HouseholdRegisterInput,
    ) -> Outcome<Payload<HouseholdRegister>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::register(door, id, version, input)
        })
        .await
        .into()
    }

    /// Changes the basics of a household (变更基本信息).
    async fn household_amend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The changes (变更).")] input: HouseholdAmendInput,
    ) -> Outcome<Payload<HouseholdAmend>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::amend(door, id, version, input))
            .await
            .into()
    }

    /// Records a decision on the status of a household (登记户状态变更): appraisal, exit, return, strike-off, closing. Registration
    /// has its own mutation.
    async fn household_status_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The decision (决定).")] input: HouseholdStatusRecordInput,
    ) -> Outcome<Payload<HouseholdStatusRecord>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::record_status(door, id, version, input)
        })
        .await
        .into()
    }
}
