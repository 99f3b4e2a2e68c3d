//! What the federation does with certificates, and civil affairs with the allowances that follow from them.

use super::super::service::NOT_FIRST_OF_MONTH;
use super::{
    service,
    types::{DisabilityAllowance, DisabilityCertificate},
};
use crate::{
    graphql::{
        plan::{Outcome, Refusal},
        scalars::{Day, Fen, RequestId},
    },
    household::{NO_MEMBER, held},
    writing::{Action, Call, Code, Payload, change, is_done},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::civil_affairs::codes::DisabilityAllowanceKind;

/// A disability certificate (残疾人证登记). Category and grade are in its number.
#[derive(InputObject)]
pub struct DisabilityCertificateRecordInput {
    /// The number (残疾人证号), 20 characters in full: the citizen number of the person, category, grade.
    pub certificate_number: String,
    /// The first day of validity (发证日期).
    pub valid_from: Day,
}

/// A grant of one of the two allowances (残疾人补贴审批).
#[derive(InputObject)]
pub struct DisabilityAllowanceGrantInput {
    /// Which of the two (补贴类别): living for disabled people of dibao households, nursing for the grades 1 and 2.
    pub kind: DisabilityAllowanceKind,
    /// The amount (月补贴金额), yuan a month, above zero.
    pub monthly_amount: Fen,
    /// The day of approval (批准日期).
    pub approved_on: Day,
    /// The first day in force (起始日期), the first of a month.
    pub valid_from: Day,
}

pub struct DisabilityCertificateRecord;
impl Action for DisabilityCertificateRecord {
    const NAME: &'static str = "disabilityCertificateRecord";
    type Changed = DisabilityCertificate;
    const CODES: &'static [&'static Code] = &[
        &service::LENGTH,
        &service::ID_MISMATCH,
        &service::CATEGORY,
        &service::GRADE,
        &service::NO_CITIZEN_NUMBER,
        &service::ON_RECORD,
        &service::PERSON_NOT_AVAILABLE,
        &NO_MEMBER,
    ];
}

pub struct DisabilityAllowanceGrant;
impl Action for DisabilityAllowanceGrant {
    const NAME: &'static str = "disabilityAllowanceGrant";
    const NEEDS_SEALS: bool = true;
    type Changed = DisabilityAllowance;
    const CODES: &'static [&'static Code] = &[
        &service::NO_CERTIFICATE,
        &service::NOT_ON_DIBAO,
        &service::NOT_SEVERE,
        &service::IN_INSTITUTION,
        &service::ON_ALLOWANCE,
        &NO_MEMBER,
        &NOT_FIRST_OF_MONTH,
    ];
}

#[derive(Default)]
pub struct DisabilityMutation;

#[Object]
impl DisabilityMutation {
    /// Records the disability certificate of a person (残疾人证登记); one that is valid until then ends where the new one begins.
    async fn disability_certificate_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The person (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The certificate (残疾人证).")] input: DisabilityCertificateRecordInput,
    ) -> Outcome<Payload<DisabilityCertificateRecord>> {
        let call = Call::new(request_id, dry_run);
        record_certificate(ctx, call, &person_id, &input)
            .await
            .into()
    }

    /// Grants a disability allowance to a person (残疾人补贴审批). Both may be held together, neither with support in an
    /// institution.
    async fn disability_allowance_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The person (人员), by global id.")] person_id: ID,
        #[graphql(desc = "The grant (残疾人补贴).")] input: DisabilityAllowanceGrantInput,
    ) -> Outcome<Payload<DisabilityAllowanceGrant>> {
        let (call, person, input) = (Call::new(request_id, dry_run), &person_id, &input);
        change(ctx, call, |door| {
            service::grant_allowance(door, person, input)
        })
        .await
        .into()
    }
}

/// Records a certificate. Whether its number fits the person confirms a guess of the citizen number, whatever else comes of
/// it, so it counts as a look-up.
async fn record_certificate(
    ctx: &Context<'_>,
    call: Call,
    person: &ID,
    input: &DisabilityCertificateRecordInput,
) -> Result<Payload<DisabilityCertificateRecord>, Refusal> {
    if !is_done(ctx, &call).await? {
        held(ctx, 1).await?.keep(1);
    }
    change(ctx, call, |door| {
        service::record_certificate(door, person, input)
    })
    .await
}
