//! What civil affairs keeps of a household and of a person.

use super::{
    children::{LeftBehindChild, Orphan},
    dibao::Dibao,
    disability::{DisabilityAllowance, DisabilityCertificate},
    support::{CashSubsidy, MedicalAssistance, SpecialSupport, TemporaryAssistance},
};
use crate::graphql::plan::{Guarded, Many, One, Outcome, Record};
use async_graphql::{ComplexObject, SimpleObject};

#[derive(SimpleObject, Record)]
#[graphql(name = "CivilAffairsOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// Whether the household is on dibao today (是否低保户).
    #[record(
        column = "EXISTS (SELECT 1 FROM dibao d WHERE d.household_id = t.id AND d.valid_to IS NULL)"
    )]
    on_dibao: bool,
    /// Whether a member is on special support today (是否特困供养户).
    #[record(
        column = "EXISTS (SELECT 1 FROM special_support s WHERE s.household_id = t.id AND s.valid_to IS NULL)"
    )]
    on_special_support: bool,
    /// Whether a member has a valid disability certificate (是否有残疾人).
    #[record(
        column = "EXISTS (SELECT 1 FROM disability_certificate c WHERE c.household_id = t.id AND c.valid_to IS NULL)"
    )]
    has_disabled_member: bool,
    /// What civil affairs keeps (民政).
    #[record(object)]
    civil_affairs: Guarded<HouseholdCivilAffairs>,
}

#[derive(SimpleObject, Record)]
#[graphql(name = "CivilAffairsOnPerson")]
#[record(on = "Person")]
pub struct OnPerson {
    /// Whether the person is on special support today (是否特困供养).
    #[record(
        column = "EXISTS (SELECT 1 FROM special_support s WHERE s.person_id = t.id AND s.valid_to IS NULL)"
    )]
    on_special_support: bool,
    /// Whether the person has a valid disability certificate (是否残疾).
    #[record(
        column = "EXISTS (SELECT 1 FROM disability_certificate c WHERE c.person_id = t.id AND c.valid_to IS NULL)"
    )]
    disabled: bool,
    /// What civil affairs keeps (民政).
    #[record(object)]
    civil_affairs: Guarded<PersonCivilAffairs>,
}

/// What civil affairs keeps of a household (民政信息). Grants that have ended are in the lists too.
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdCivilAffairs {
    /// The dibao grant in force (现行低保). Null: not on dibao.
    #[record(filter = "t.valid_to IS NULL")]
    dibao: Guarded<One<Dibao>>,
    /// All dibao grants, newest first (历次低保). A household's, so a handful.
    dibao_history: Guarded<Many<Dibao>>,
    /// The special support of members, newest first (特困供养). A handful.
    special_support: Guarded<Many<SpecialSupport>>,
    #[graphql(skip)]
    #[record(method)]
    cash_subsidies: Guarded<Many<CashSubsidy>>,
    /// Temporary assistance, newest first (临时救助). A few a year at the most.
    temporary_assistance: Guarded<Many<TemporaryAssistance>>,
    /// Medical assistance of members, newest first (医疗救助). A few a year at the most.
    medical_assistance: Guarded<Many<MedicalAssistance>>,
    /// The disability certificates of members, newest first (残疾人证). A handful.
    disability_certificates: Guarded<Many<DisabilityCertificate>>,
    /// The disability allowances of members, newest first (残疾人两项补贴). A handful.
    disability_allowances: Guarded<Many<DisabilityAllowance>>,
    /// The cases of left-behind children, newest first (留守儿童). A handful.
    left_behind_children: Guarded<Many<LeftBehindChild>>,
    /// Orphans and children without support in fact, newest first (孤儿). A handful.
    orphans: Guarded<Many<Orphan>>,
}

#[ComplexObject]
impl HouseholdCivilAffairs {
    /// The cash subsidies, newest year first (现金直补), one a year.
    async fn cash_subsidies(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<CashSubsidy>>> {
        self.cash_subsidies
            .of_year("t.year = {}", "year", year)
            .into()
    }
}

/// What civil affairs keeps of a person (人员民政信息).
#[derive(SimpleObject, Record)]
pub struct PersonCivilAffairs {
    /// The special support in force (现行特困供养). Null: none.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    special_support: Guarded<One<SpecialSupport>>,
    /// Medical assistance, newest first (医疗救助). A few a year at the most.
    #[record(parent = "t.person_id")]
    medical_assistance: Guarded<Many<MedicalAssistance>>,
    /// The valid disability certificate (残疾人证). Null: none.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    disability_certificate: Guarded<One<DisabilityCertificate>>,
    /// The disability allowances in force (现行残疾人两项补贴), at most two.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    disability_allowances: Guarded<Many<DisabilityAllowance>>,
    /// The open case of a left-behind child (留守儿童). Null: none.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    left_behind: Guarded<One<LeftBehindChild>>,
    /// The allowance in force of an orphan (孤儿). Null: none.
    #[record(parent = "t.person_id", filter = "t.valid_to IS NULL")]
    orphan: Guarded<One<Orphan>>,
}
