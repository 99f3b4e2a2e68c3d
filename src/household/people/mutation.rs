//! What is done with the members of a household.

use super::{service, types::MemberOffer};
use crate::{
    departments::{Household, Person},
    graphql::{
        plan::Outcome,
        scalars::{Day, RegionId, RequestId},
    },
    household::{NOT_OPEN, ONE_HEAD},
    reconciliation::Deadlines,
    writing::{Action, Call, Code, ListPayload, Payload, change, change_each},
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use entity::{
    codes::StudentStage,
    household::codes::{
        EducationLevel, EthnicGroup, HealthStatus, LabourCapacity, LeftReason, MaritalStatus,
        RelationToHead, Sex,
    },
};

/// A new member (新增成员).
#[derive(InputObject)]
pub struct NewMemberInput {
    /// The name (姓名), at most 40 characters.
    pub name: String,
    /// The citizen number (公民身份号码) in full, 15 or 18 characters. None where the person has none yet.
    pub citizen_number: Option<String>,
    /// The sex (性别). Follows the citizen number where there is one.
    pub sex: Option<Sex>,
    /// The day of birth (出生日期). Follows the citizen number where there is one.
    pub birth_date: Option<Day>,
    /// The relation to the head (与户主关系).
    pub relation: RelationToHead,
    /// The ethnic group (民族).
    pub ethnic_group: Option<EthnicGroup>,
    /// The education level (文化程度).
    pub education_level: Option<EducationLevel>,
    /// The stage of a pupil or student (在校生状况).
    pub student_stage: Option<StudentStage>,
    /// The health (健康状况).
    pub health_status: Option<HealthStatus>,
    /// The labour capacity (劳动能力).
    pub labour_capacity: Option<LabourCapacity>,
    /// The marital status (婚姻状况).
    pub marital_status: Option<MaritalStatus>,
    /// The phone number (联系电话) in full.
    pub phone: Option<String>,
    /// The first day as a member (加入日期), today or before. Today when left out.
    pub from: Option<Day>,
}

/// Changes of a member's basics (成员信息变更): what is left out stays, null takes it away. What civil affairs, the schools and the
/// other owners keep of a person is changed there; another head is a change of the head.
#[derive(InputObject)]
pub struct MemberAmendInput {
    /// The name (姓名), at most 40 characters.
    pub name: Option<String>,
    /// The sex (性别). Follows the citizen number where there is one.
    pub sex: Option<Sex>,
    /// The day of birth (出生日期). Follows the citizen number where there is one.
    pub birth_date: Option<Day>,
    /// The relation to the head (与户主关系).
    pub relation: Option<RelationToHead>,
    /// The ethnic group (民族).
    pub ethnic_group: MaybeUndefined<EthnicGroup>,
    /// The education level (文化程度).
    pub education_level: MaybeUndefined<EducationLevel>,
    /// The stage of a pupil or student (在校生状况).
    pub student_stage: MaybeUndefined<StudentStage>,
    /// The health (健康状况).
    pub health_status: MaybeUndefined<HealthStatus>,
    /// The labour capacity (劳动能力).
    pub labour_capacity: MaybeUndefined<LabourCapacity>,
    /// The marital status (婚姻状况).
    pub marital_status: MaybeUndefined<MaritalStatus>,
    /// The phone number (联系电话) in full.
    pub phone: MaybeUndefined<String>,
}

/// How a membership ends (成员减少).
#[derive(InputObject)]
pub struct MemberRemoveInput {
    /// Why (减少原因): died or moved out. Who moves to another household is transferred.
    pub reason: LeftReason,
    /// The first day no longer a member (离开日期), the day of a death; today or before.
    pub on: Day,
}

/// Where a member moves (成员转移): either a household that exists for you, or the township where it is taken on.
#[derive(InputObject)]
pub struct MemberTransferInput {
    /// The household (转入户), by global id.
    pub household_id: Option<ID>,
    /// The relation to the head there (与转入户户主关系). Needed with a household.
    pub relation: Option<RelationToHead>,
    /// The township or village that is to take the member on (接收地), outside of your own region.
    pub to_region: Option<RegionId>,
    /// The first day there (转移日期), today or before.
    pub on: Day,
}

/// Into which household a member is taken on who was offered (接收成员).
#[derive(InputObject)]
pub struct MemberTransferAcceptInput {
    /// The household (转入户), by global id.
    pub household_id: ID,
    /// The relation to the head there (与转入户户主关系).
    pub relation: RelationToHead,
}

/// A member and the relation to a head (成员关系).
#[derive(InputObject)]
pub struct MemberRelationInput {
    /// The member (成员), by global id.
    pub member: ID,
    /// The relation to the head (与户主关系).
    pub relation: RelationToHead,
}

/// Another head (户主变更).
#[derive(InputObject)]
pub struct HeadChangeInput {
    /// The household (农户), by global id.
    pub household_id: ID,
    /// The head from now on (新户主), a member, by global id.
    pub head: ID,
    /// The relation of every other member to that head (其他成员关系).
    pub relations: Vec<MemberRelationInput>,
}

/// Members who found a household of their own (分户).
#[derive(InputObject)]
pub struct HouseholdSplitInput {
    /// The household that they leave (原户), by global id.
    pub household_id: ID,
    /// Who leaves (分出成员), and the relation to the head of the new household: exactly one is the head.
    pub members: Vec<MemberRelationInput>,
    /// The first day of the new household (分户日期), today or before.
    pub on: Day,
    /// The group of the village (村民小组), at most 20 characters. As before when left out.
    pub group: Option<String>,
    /// The address (住址), at most 100 characters. As before when left out.
    pub address: Option<String>,
}

/// A household that goes into another one (并户).
#[derive(InputObject)]
pub struct HouseholdMergeInput {
    /// The household that stays (保留户), by global id.
    pub household_id: ID,
    /// The household that goes into it and is closed (并入户), by global id.
    pub merged_id: ID,
    /// Every member of it (并入成员), and the relation to the head of the household that stays.
    pub members: Vec<MemberRelationInput>,
    /// The first day together (并户日期), today or before.
    pub on: Day,
}

/// A death (死亡登记).
#[derive(InputObject)]
pub struct DeathRecordInput {
    /// The person (人员), by global id.
    pub person_id: ID,
    /// The day of death (死亡日期), today or before.
    pub died_on: Day,
}

pub struct MemberAdd;
impl Action for MemberAdd {
    const NAME: &'static str = "memberAdd";
    type Changed = Person;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::INVALID_CITIZEN_NUMBER,
        &service::NUMBER_DISAGREES,
        &service::ALREADY_MEMBER,
        &service::PERSON_DIED,
        &service::PERSON_NOT_AVAILABLE,
    ];
}

pub struct MemberAmend;
impl Action for MemberAmend {
    const NAME: &'static str = "memberAmend";
    type Changed = Person;
    const CODES: &'static [&'static Code] = &[
        &ONE_HEAD,
        &service::LEFT_ALREADY,
        &service::NUMBER_DISAGREES,
    ];
}

pub struct MemberRemove;
impl Action for MemberRemove {
    const NAME: &'static str = "memberRemove";
    type Changed = Person;
    const CODES: &'static [&'static Code] = &[&service::LEFT_ALREADY, &service::HEAD_LEAVES];
}

pub struct MemberTransfer;
impl Action for MemberTransfer {
    const NAME: &'static str = "memberTransfer";
    type Changed = Person;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::LEFT_ALREADY,
        &service::HEAD_LEAVES,
        &service::OFFERED_ALREADY,
        &service::NO_TOWNSHIP,
    ];
}

pub struct MemberTransferAccept;
impl Action for MemberTransferAccept {
    const NAME: &'static str = "memberTransferAccept";
    type Changed = MemberOffer;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::OFFER_ENDED,
        &service::HEAD_LEAVES,
    ];
}

pub struct HeadChange;
impl Action for HeadChange {
    const NAME: &'static str = "headChange";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::NO_MEMBER,
        &service::EVERY_MEMBER,
    ];
}

pub struct HouseholdSplit;
impl Action for HouseholdSplit {
    const NAME: &'static str = "householdSplit";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::NO_MEMBER,
        &service::HEAD_LEAVES,
    ];
}

pub struct HouseholdMerge;
impl Action for HouseholdMerge {
    const NAME: &'static str = "householdMerge";
    type Changed = Household;
    const CODES: &'static [&'static Code] = &[
        &NOT_OPEN,
        &ONE_HEAD,
        &service::NO_MEMBER,
        &service::EVERY_MEMBER,
    ];
}

pub struct DeathRecord;
impl Action for DeathRecord {
    const NAME: &'static str = "deathRecord";
    type Changed = Person;
    const CODES: &'static [&'static Code] = &[&service::LEFT_ALREADY];
}

#[derive(Default)]
pub struct PeopleMutation;

#[Object]
impl PeopleMutation {
    /// Adds a member to a household (新增成员). A person who is on another file that you may not see is PERSON_NOT_AVAILABLE; such
    /// answers are limited and recorded, and the office above is told.
    async fn member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The household (农户), by global id.")] household_id: ID,
        #[graphql(desc = "The member (成员).")] input: NewMemberInput,
    ) -> Outcome<Payload<MemberAdd>> {
        let (call, household, input) = (Call::new(request_id, dry_run), &household_id, &input);
        let added = change(ctx, call.clone(), |door| {
            service::add_member(door, household, input)
        });
        let numbers: Vec<_> = input.number_given(&["input"]).into_iter().collect();
        service::disclosing(ctx, &call, Some(household), &numbers, added)
            .await
            .into()
    }

    /// Changes a member's basics (成员信息变更).
    async fn member_amend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The member (成员), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The changes (变更).")] input: MemberAmendInput,
    ) -> Outcome<Payload<MemberAmend>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::amend(door, id, version, input))
            .await
            .into()
    }

    /// Ends a membership (成员减少): died, or moved out. A household whose last member leaves is closed.
    async fn member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The member (成员), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The end (减少).")] input: MemberRemoveInput,
    ) -> Outcome<Payload<MemberRemove>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::remove(door, id, version, input))
            .await
            .into()
    }

    /// Moves a member (成员转移): into a household of yours at once, or offers the member to the township that takes the person on;
    /// until then the member stays. The old membership keeps what was recorded of it.
    async fn member_transfer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The member (成员), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The move (转移).")] input: MemberTransferInput,
    ) -> Outcome<Payload<MemberTransfer>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::transfer(door, id, version, input)
        })
        .await
        .into()
    }

    /// Takes a member on who was offered (接收转入成员).
    async fn member_transfer_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The offer (待接收), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The household (转入户).")] input: MemberTransferAcceptInput,
    ) -> Outcome<Payload<MemberTransferAccept>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| service::accept(door, id, version, input))
            .await
            .into()
    }

    /// Makes another member the head (户主变更).
    async fn head_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The head (户主).")] input: HeadChangeInput,
    ) -> Outcome<Payload<HeadChange>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::change_head(door, input))
            .await
            .into()
    }

    /// Lets members found a household of their own (分户): a candidate without a card. What departments granted stays with the
    /// household they leave.
    async fn household_split(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The new household (分户).")] input: HouseholdSplitInput,
    ) -> Outcome<Payload<HouseholdSplit>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::split(door, input))
            .await
            .into()
    }

    /// Lets a household go into another one (并户): its members move, it is closed. What departments granted stays with it.
    async fn household_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The two households (并户).")] input: HouseholdMergeInput,
    ) -> Outcome<Payload<HouseholdMerge>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        change(ctx, call, |door| service::merge(door, input))
            .await
            .into()
    }

    /// Records a death (死亡登记): the membership ends that day. Where a head dies the township is asked to choose another.
    async fn death_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The death (死亡).")] input: DeathRecordInput,
    ) -> Outcome<Payload<DeathRecord>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let deadlines = *ctx.data_unchecked::<Deadlines>();
        change(ctx, call, |door| {
            service::record_death(door, input, deadlines)
        })
        .await
        .into()
    }

    /// Records up to 200 deaths (批量死亡登记), each for itself: what is wrong with one does not stop the others.
    async fn death_record_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The deaths (死亡), at most 200.")] inputs: Vec<DeathRecordInput>,
    ) -> Outcome<ListPayload<DeathRecord>> {
        let call = Call::new(request_id, dry_run);
        let deadlines = *ctx.data_unchecked::<Deadlines>();
        change_each(ctx, call, &inputs, |door, input| {
            service::record_death(door, input, deadlines)
        })
        .await
        .into()
    }
}
