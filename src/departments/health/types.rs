//! What medical insurance and health keep of a household and of a person.

use super::{
    care::types::{CheckUp, DoctorContract, HealthCard},
    claims::types::Claim,
    illness::types::{ChronicHandbook, DiseaseFlag},
    insurance::types::{AccidentCase, MedicalEnrolment, SupplementaryEnrolment},
};
use crate::graphql::plan::{Guarded, Many, One, Outcome, Record};
use async_graphql::{ComplexObject, SimpleObject};

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

/// What medical insurance and health keep of a household (农户医保、健康信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdHealth {
    #[graphql(skip)]
    #[record(method)]
    enrolments: Guarded<Many<MedicalEnrolment>>,
    #[graphql(skip)]
    #[record(method)]
    supplementary_enrolments: Guarded<Many<SupplementaryEnrolment>>,
    #[graphql(skip)]
    #[record(method)]
    claims: Guarded<Many<Claim>>,
    #[graphql(skip)]
    #[record(method)]
    check_ups: Guarded<Many<CheckUp>>,
    /// The members' contracts with family doctors (家庭成员家庭医生签约), newest first, one a person at a time.
    doctor_contracts: Guarded<Many<DoctorContract>>,
    /// The members' health cards (家庭成员健康卡), newest first, one a person at a time.
    health_cards: Guarded<Many<HealthCard>>,
    /// The members' flags of chronic, major and severe disease (家庭成员慢病、大病、重病标识), newest first. A handful.
    disease_flags: Guarded<Many<DiseaseFlag>>,
    /// The members' handbooks for chronic outpatient payment (家庭成员门诊慢性病就诊手册), newest first. A handful.
    chronic_handbooks: Guarded<Many<ChronicHandbook>>,
    /// The members' accidents that an insurer pays for (家庭成员意外伤害案件), newest first. A few at the most.
    accident_cases: Guarded<Many<AccidentCase>>,
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

    /// The members' enrolments in supplementary insurance (家庭成员大额医疗商业补充保险), newest year first, one a person and year.
    async fn supplementary_enrolments(
        &self,
        #[graphql(desc = "The calendar year (参保年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<SupplementaryEnrolment>>> {
        self.supplementary_enrolments
            .of_year(OF_YEAR, "year", year)
            .into()
    }

    /// The members' claims (家庭成员医疗费用报销), newest discharge first.
    async fn claims(
        &self,
        #[graphql(
            desc = "The calendar year of the discharge (出院年度). All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Claim>>> {
        self.claims.of_days(DISCHARGED, "year", year).into()
    }

    /// The members' check-ups (家庭成员健康体检), newest first.
    async fn check_ups(
        &self,
        #[graphql(desc = "The calendar year (体检年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<CheckUp>>> {
        self.check_ups.of_year(OF_YEAR, "year", year).into()
    }
}

/// What medical insurance and health keep of a person (人员医保、健康信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct PersonHealth {
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    enrolments: Guarded<Many<MedicalEnrolment>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    supplementary_enrolments: Guarded<Many<SupplementaryEnrolment>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    claims: Guarded<Many<Claim>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    check_ups: Guarded<Many<CheckUp>>,
    /// The contract with a family doctor today (家庭医生签约). Null: none.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    doctor_contract: Guarded<One<DoctorContract>>,
    /// The contracts with family doctors (家庭医生签约), newest first, one at a time.
    #[record(parent = "t.person_id")]
    doctor_contracts: Guarded<Many<DoctorContract>>,
    /// The health cards (健康卡), newest first, one at a time.
    #[record(parent = "t.person_id")]
    health_cards: Guarded<Many<HealthCard>>,
    /// The flags of chronic, major and severe disease (慢病、大病、重病标识), newest first. A handful.
    #[record(parent = "t.person_id")]
    disease_flags: Guarded<Many<DiseaseFlag>>,
    /// The handbooks for chronic outpatient payment (门诊慢性病就诊手册), newest first. A handful.
    #[record(parent = "t.person_id")]
    chronic_handbooks: Guarded<Many<ChronicHandbook>>,
    /// The accidents that an insurer pays for (意外伤害案件), newest first. A few at the most.
    #[record(parent = "t.person_id")]
    accident_cases: Guarded<Many<AccidentCase>>,
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

    /// The enrolments in supplementary insurance (大额医疗商业补充保险), newest year first, one a year.
    async fn supplementary_enrolments(
        &self,
        #[graphql(desc = "The calendar year (参保年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<SupplementaryEnrolment>>> {
        self.supplementary_enrolments
            .of_year(OF_YEAR, "year", year)
            .into()
    }

    /// The claims (医疗费用报销), newest discharge first.
    async fn claims(
        &self,
        #[graphql(
            desc = "The calendar year of the discharge (出院年度). All years when left out."
        )]
        year: Option<i32>,
    ) -> Outcome<Guarded<Many<Claim>>> {
        self.claims.of_days(DISCHARGED, "year", year).into()
    }

    /// The check-ups (健康体检), newest first.
    async fn check_ups(
        &self,
        #[graphql(desc = "The calendar year (体检年度). All years when left out.")] year: Option<
            i32,
        >,
    ) -> Outcome<Guarded<Many<CheckUp>>> {
        self.check_ups.of_year(OF_YEAR, "year", year).into()
    }
}

const OF_YEAR: &str = "t.year = {}";
const DISCHARGED: &str = "t.discharged_on BETWEEN {1} AND {2}";
