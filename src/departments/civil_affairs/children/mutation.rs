//! What civil affairs does for children without their parents.

use super::super::service::NOT_FIRST_OF_MONTH;
use super::{
    service,
    types::{LeftBehindChild, Orphan},
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
use entity::civil_affairs::codes::{GuardianCare, OrphanClass, OrphanPlacement, ParentalAbsence};

/// The case of a left-behind child (留守儿童建档).
#[derive(InputObject)]
pub struct LeftBehindChildRecordInput {
    /// Which parents are away (父母外出情况).
    pub absence: ParentalAbsence,
    /// Who looks after the child (监护照料情况).
    pub care: GuardianCare,
    /// The guardian (监护人), a member of the household, by global id. Left out: somebody else, or nobody.
    pub guardian_id: Option<ID>,
    /// The name of a guardian (监护人姓名) who is no member, at most 50 characters.
    pub guardian_name: Option<String>,
    /// The day the case was opened (建档日期).
    pub valid_from: Day,
}

/// The guardian of a left-behind child (监护人指定): a member of the household, or somebody else by name.
#[derive(InputObject)]
pub struct GuardianAssignInput {
    /// Who looks after the child (监护照料情况).
    pub care: GuardianCare,
    /// The guardian (监护人), a member of the household, by global id.
    pub guardian_id: Option<ID>,
    /// The name of a guardian (监护人姓名) who is no member, at most 50 characters.
    pub guardian_name: Option<String>,
}

/// An orphan, or a child whom nobody supports in fact (孤儿认定).
#[derive(InputObject)]
pub struct OrphanRecordInput {
    /// The class (孤儿类别).
    pub class: OrphanClass,
    /// Where the child lives (安置方式).
    pub placement: OrphanPlacement,
    /// The allowance (基本生活费), yuan a month.
    pub monthly_amount: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
    /// The first day in force (起始日期), the first of a month.
    pub valid_from: Day,
}

pub struct LeftBehindChildRecord;
impl Action for LeftBehindChildRecord {
    const NAME: &'static str = "leftBehindChildRecord";
    type Changed = LeftBehindChild;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_A_CHILD,
        &service::CASE_OPEN,
        &service::ONE_GUARDIAN,
        &service::OWN_GUARDIAN,
        &service::NOBODY_CARES,
        &NO_MEMBER,
    ];
}

pub struct GuardianAssign;
impl Action for GuardianAssign {
    const NAME: &'static str = "guardianAssign";
    type Changed = LeftBehindChild;
    const CODES: &'static [&'static Code] = &[
        &service::CASE_CLOSED,
        &service::ONE_GUARDIAN,
        &service::OWN_GUARDIAN,
        &service::NOBODY_CARES,
        &NO_MEMBER,
    ];
}

pub struct OrphanRecord;
impl Action for OrphanRecord {
    const NAME: &'static str = "orphanRecord";
    const NEEDS_SEALS: bool = true;
    type Changed = Orphan;
    const CODES: &'static [&'static Code] = &[
        &service::NOT_A_CHILD,
        &service::ON_ALLOWANCE,
        &NO_MEMBER,
        &NOT_FIRST_OF_MONTH,
    ];
}

#[derive(Default)]
pub struct ChildrenMutation;

#[Object]
impl ChildrenMutation {
    /// Opens the case of a child whose parents are away (留守儿童建档), with the guardian where there is one.
    async fn left_behind_child_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The child (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The case (留守儿童).")] input: LeftBehindChildRecordInput,
    ) -> Outcome<Payload<LeftBehindChildRecord>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| {
            service::record_left_behind(door, person, input)
        })
        .await
        .into()
    }

    /// Assigns the guardian of a left-behind child (监护人指定).
    async fn guardian_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The case (留守儿童), by global id.")] id: ID,
        #[graphql(desc = "The version you have read (版本).")] version: i32,
        #[graphql(desc = "The guardian (监护人).")] input: GuardianAssignInput,
    ) -> Outcome<Payload<GuardianAssign>> {
        let (call, id, input) = (Call::new(request_id, dry_run), &id, &input);
        change(ctx, call, |door| {
            service::assign_guardian(door, id, version, input)
        })
        .await
        .into()
    }

    /// Records an orphan, or a child whom nobody supports in fact, with the allowance (孤儿认定).
    async fn orphan_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The child (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The record (孤儿).")] input: OrphanRecordInput,
    ) -> Outcome<Payload<OrphanRecord>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| {
            service::record_orphan(door, person, input)
        })
        .await
        .into()
    }
}
