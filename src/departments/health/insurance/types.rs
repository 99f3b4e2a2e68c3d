//! Who is insured by whom, and accidents.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId, RegionId},
    },
};
use async_graphql::SimpleObject;
use entity::health::codes::{AccidentState, EnrolmentCategory, MedicalInsurance};

codes!(AccidentState, EnrolmentCategory, MedicalInsurance);

/// A person's enrolment in basic medical insurance for a year (基本医保参保).
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::medical_enrolment",
    order = "t.year DESC, t.id",
    bounds(
        Insurer = "(EXISTS (SELECT 1 FROM medical_claim c JOIN claim_stage s ON s.claim_id = c.id \
                   WHERE c.person_id = t.person_id AND s.insurer_code = {institution}) \
                   OR EXISTS (SELECT 1 FROM accident_case a \
                   WHERE a.person_id = t.person_id AND a.insurer_code = {institution}))"
    )
)]
pub struct MedicalEnrolment {
    /// The global id (全局编号).
    id: NodeId<MedicalEnrolment>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person enrolled (参保人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The calendar year (参保年度).
    year: i32,
    /// As whom the person is enrolled (参保类别).
    category: EnrolmentCategory,
    /// The premium of a person (个人缴费标准), yuan a year.
    #[graphql(name = "premium")]
    premium_fen: Fen,
    /// The part of the premium that is subsidised (财政补贴), yuan a year.
    #[graphql(name = "premiumSubsidy")]
    premium_subsidy_fen: Fen,
    /// What is left of the premium for the person to pay (个人实缴), yuan a year.
    #[graphql(name = "ownPayment")]
    #[record(column = "t.premium_fen - t.premium_subsidy_fen")]
    own_payment_fen: Fen,
    /// The day the premium was paid (缴费日期). Null: not paid.
    paid_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A person's enrolment in supplementary insurance for a year (大额医疗商业补充保险).
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::supplementary_enrolment",
    order = "t.year DESC, t.id",
    bounds(
        Insurer = "(t.insurer_code = {institution} AND (EXISTS (SELECT 1 FROM medical_claim c \
                   JOIN claim_stage s ON s.claim_id = c.id \
                   WHERE c.person_id = t.person_id AND s.insurer_code = {institution}) \
                   OR EXISTS (SELECT 1 FROM accident_case a \
                   WHERE a.person_id = t.person_id AND a.insurer_code = {institution})))"
    )
)]
pub struct SupplementaryEnrolment {
    /// The global id (全局编号).
    id: NodeId<SupplementaryEnrolment>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The person enrolled (参保人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The calendar year (参保年度).
    year: i32,
    /// The code of the insurer (承保公司代码).
    insurer_code: String,
    /// The premium (保费), yuan a year.
    #[graphql(name = "premium")]
    premium_fen: Fen,
    /// The part of the premium that is subsidised (保费补贴), yuan a year.
    #[graphql(name = "premiumSubsidy")]
    premium_subsidy_fen: Fen,
    /// What is left of the premium for the person to pay (个人实缴), yuan a year.
    #[graphql(name = "ownPayment")]
    #[record(column = "t.premium_fen - t.premium_subsidy_fen")]
    own_payment_fen: Fen,
    /// The day the premium was paid (缴费日期). Null: not paid.
    paid_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// What a county asks for medical insurance in a year (医保缴费标准).
#[derive(SimpleObject, Record)]
#[record(entity = "health::premium_standard", household = "t.id", reference)]
pub struct PremiumStandard {
    /// The code of the county (县级行政区划代码).
    #[graphql(name = "countyCode")]
    region_code: RegionId,
    /// The calendar year (参保年度).
    year: i32,
    /// The insurance (险种).
    insurance: MedicalInsurance,
    /// The premium of a person (个人缴费标准), yuan a year.
    #[graphql(name = "premium")]
    premium_fen: Fen,
    /// What of it is subsidised for a registered person (建档立卡人员保费补贴), yuan a year.
    #[graphql(name = "premiumSubsidy")]
    premium_subsidy_fen: Fen,
}

/// An accident that an insurer pays for (意外伤害伤残案件).
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::accident_case",
    order = "t.occurred_on DESC, t.id",
    bounds(Insurer = "t.insurer_code = {institution}")
)]
pub struct AccidentCase {
    /// The global id (全局编号).
    id: NodeId<AccidentCase>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The insured person (被保险人).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The code of the insurer (保险公司代码).
    insurer_code: String,
    /// The state (案件状态).
    state: AccidentState,
    /// The day of the accident (出险日期).
    occurred_on: Day,
    /// The day of the report (报案日期).
    reported_on: Day,
    /// The day the disability was certified (伤残鉴定日期). Null: not certified.
    certified_on: Option<Day>,
    /// The day of payment (赔付日期). Null: not paid.
    paid_on: Option<Day>,
    /// The amount paid (赔付金额), yuan. Null: not paid.
    #[graphql(name = "paid")]
    paid_fen: Option<Fen>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
