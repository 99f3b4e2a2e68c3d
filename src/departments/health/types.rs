//! What medical insurance and health keep of a household and of a person.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, Outcome, Record, Ref, Refusal, codes, days_of_year},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::{
    codes::{Department, HospitalLevel},
    health::codes::{ClaimKind, ClaimStageKind, ClaimState, EnrolmentCategory},
};

codes!(
    ClaimKind,
    ClaimStageKind,
    ClaimState,
    EnrolmentCategory,
    HospitalLevel
);

#[derive(SimpleObject, Record)]
#[graphql(name = "HealthOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What medical insurance and health keep (医保、卫健).
    #[record(object)]
    health: Guarded<HouseholdHealth>,
}

#[derive(SimpleObject, Record)]
#[graphql(name = "HealthOnPerson")]
#[record(on = "Person")]
pub struct OnPerson {
    /// What medical insurance and health keep (医保、卫健).
    #[record(object)]
    health: Guarded<PersonHealth>,
}

/// What medical insurance and health keep of a household (农户医保信息).
#[derive(SimpleObject, Record)]
#[graphql(complex, fake)] // all its fields take arguments
pub struct HouseholdHealth {
    #[graphql(skip)]
    #[record(method)]
    enrolments: Guarded<Many<MedicalEnrolment>>,
    #[graphql(skip)]
    #[record(method)]
    claims: Guarded<Many<Claim>>,
}

#[ComplexObject]
impl HouseholdHealth {
    /// The members' enrolments in basic medical insurance (家庭成员参保记录), newest year first, one a person and year.
    async fn enrolments(
        &self,
        #[graphql(desc = "The calendar year (参保年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<MedicalEnrolment>>> {
        self.enrolments.of_year(OF_YEAR, "year", year).into()
    }

    /// The members' claims (家庭成员医疗费用报销), newest discharge first.
    async fn claims(
        &self,
        #[graphql(
            desc = "The calendar year of the discharge (出院年度). All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Claim>>> {
        discharged_in(&self.claims, year).into()
    }
}

/// What medical insurance and health keep of a person (人员医保信息).
#[derive(SimpleObject, Record)]
#[graphql(complex, fake)] // all its fields take arguments
pub struct PersonHealth {
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    enrolments: Guarded<Many<MedicalEnrolment>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    claims: Guarded<Many<Claim>>,
}

#[ComplexObject]
impl PersonHealth {
    /// The enrolments in basic medical insurance (参保记录), newest year first, one a year.
    async fn enrolments(
        &self,
        #[graphql(desc = "The calendar year (参保年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<MedicalEnrolment>>> {
        self.enrolments.of_year(OF_YEAR, "year", year).into()
    }

    /// The claims (医疗费用报销), newest discharge first.
    async fn claims(
        &self,
        #[graphql(
            desc = "The calendar year of the discharge (出院年度). All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Claim>>> {
        discharged_in(&self.claims, year).into()
    }
}

const OF_YEAR: &str = "t.year = {}";

fn discharged_in(
    claims: &Guarded<Many<Claim>>,
    year: Option<i32>,
) -> Result<Guarded<Many<Claim>>, Refusal> {
    let Some(year) = year else {
        return Ok(claims.whole());
    };
    let days = days_of_year(year, &["year"])?;
    Ok(claims.filtered("t.discharged_on BETWEEN {1} AND {2}", days))
}

/// A person's enrolment in basic medical insurance for a year (基本医保参保).
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::medical_enrolment",
    order = "t.year DESC, t.id",
    bounds(
        Insurer = "EXISTS (SELECT 1 FROM medical_claim c JOIN claim_stage s ON s.claim_id = c.id \
                   WHERE c.person_id = t.person_id AND s.insurer_code = {institution})"
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
    /// The premium the person bears (个人缴费), yuan a year.
    #[graphql(name = "premium")]
    premium_fen: Fen,
    /// The part of the premium that is subsidised (财政补贴), yuan a year.
    #[graphql(name = "premiumSubsidy")]
    premium_subsidy_fen: Fen,
    /// The day the premium was paid (缴费日期). Null: not paid.
    paid_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A claim (医疗费用报销): one hospital stay or visit and who paid for it.
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::medical_claim",
    order = "t.discharged_on DESC, t.id",
    bounds(
        Insurer = "EXISTS (SELECT 1 FROM claim_stage s WHERE s.claim_id = t.id AND s.insurer_code = {institution})"
    )
)]
pub struct Claim {
    /// The global id (全局编号).
    id: NodeId<Claim>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The patient (患者).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The number of the claim (报销单号).
    claim_number: String,
    /// The kind (报销类别).
    kind: ClaimKind,
    /// The state (报销状态).
    state: ClaimState,
    /// The code of the hospital or clinic (就诊机构代码).
    institution_code: Guarded<String>,
    /// The insurance level of the hospital (医疗机构级别).
    hospital_level: HospitalLevel,
    /// The first day (入院日期); of a visit, its day.
    admitted_on: Day,
    /// The last day (出院日期); of a visit, its day.
    discharged_on: Day,
    /// The whole cost (总费用), yuan.
    #[graphql(name = "totalCost")]
    total_cost_fen: Fen,
    /// The part of the cost that insurance covers (合规费用), yuan.
    #[graphql(name = "eligibleCost")]
    eligible_cost_fen: Fen,
    /// The diagnosis (诊断), the chapter of ICD-10 only, such as "C00-D48". Null where none was reported.
    #[record(column = "t.diagnosis_mask")]
    diagnosis: Guarded<Option<String>>,
    /// Whether the household was registered on the day of discharge (出院时是否建档立卡).
    registered_at_discharge: bool,
    /// The day of the settlement (结算日期). Null: not settled.
    settled_on: Option<Day>,
    /// The stages of the settlement, in the order they ran (一站式结算明细). A dozen at the most.
    stages: Many<ClaimStage>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A stage of a settled claim (结算环节): one payer's part.
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::claim_stage",
    parent = "t.claim_id",
    order = "t.position",
    bounds(Insurer = "t.insurer_code = {institution}")
)]
pub struct ClaimStage {
    /// The place in the order of the settlement (序号), from 1.
    position: i32,
    /// The stage (结算环节).
    stage: ClaimStageKind,
    /// The department that pays (支付部门).
    payer: Department,
    /// The code of the insurer that pays (保险公司代码). Null: the payer is no insurer.
    insurer_code: Option<String>,
    /// The amount paid (支付金额), yuan.
    #[graphql(name = "paid")]
    paid_fen: Fen,
}
