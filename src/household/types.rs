//! What the household room itself keeps of a household and of a person. Names no department: what departments add is
//! composed in the register.

use super::{
    help::HouseholdHelp,
    living::{HouseholdLiving, IncomeItem},
    region::Region,
};
use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{FilterValue, Guarded, Many, One, Outcome, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId, Words},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::codes::{Department, StudentStage};
use entity::household::codes::{
    CitizenNumberState, EducationLevel, EthnicGroup, HealthStatus, HouseholdClass, HouseholdStatus,
    LabourCapacity, LeftReason, MaritalStatus, PolicyAfterExit, PovertyCause, RelationToHead, Sex,
    WorkPlace,
};

codes!(
    CitizenNumberState,
    EducationLevel,
    EthnicGroup,
    HealthStatus,
    HouseholdClass,
    HouseholdStatus,
    LabourCapacity,
    LeftReason,
    MaritalStatus,
    PolicyAfterExit,
    PovertyCause,
    RelationToHead,
    Sex,
    StudentStage,
    WorkPlace,
);

/// The basics and the registration of a household.
#[derive(SimpleObject, Record)]
#[graphql(name = "HouseholdCore", complex)]
#[record(
    entity = "household::household",
    from = "household t JOIN region r ON r.code = t.region_code",
    household = "t.id",
    linked = "household_id",
    on = "Household"
)]
pub struct HouseholdCore {
    /// The global id (全局编号).
    id: NodeId<HouseholdCore>,
    /// The number of the household card (户编号): village code and serial, 16 digits. Null for a candidate.
    card_number: Option<String>,
    /// The village the household belongs to (所在村).
    #[record(object)]
    region: Region,
    /// The group of the village (村民小组).
    #[graphql(name = "group")]
    #[record(column = "t.group_name")]
    group_name: Option<String>,
    /// The status on file (状态).
    status: HouseholdStatus,
    /// The class (贫困户属性). Null for a candidate.
    class: Option<HouseholdClass>,
    /// Whether policies are kept after exit (脱贫后是否享受政策). Null before exit.
    policy_after_exit: Option<PolicyAfterExit>,
    /// The year of the standard by which the household was identified (识别标准年度).
    standard_year: Option<i32>,
    /// The day of registration (建档立卡日期).
    registered_on: Option<Day>,
    /// The day of exit (脱贫日期).
    exited_on: Option<Day>,
    /// The day of return to poverty (返贫日期).
    returned_on: Option<Day>,
    /// The day of closing (销户日期).
    closed_on: Option<Day>,
    /// The name of the head (户主姓名). Null where no head is on record.
    #[record(
        column = "(SELECT p.name FROM person p WHERE p.household_id = t.id AND p.is_head AND p.valid_to IS NULL)"
    )]
    head_name: Option<String>,
    /// The number of members today (家庭人口), persons.
    #[record(
        column = "(SELECT count(*) FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL)"
    )]
    size: i32,
    /// The head (户主). Null where no head is on record.
    #[record(filter = "t.is_head AND t.valid_to IS NULL")]
    head: One<Person>,
    #[graphql(skip)]
    #[record(method, filter = "t.valid_to IS NULL")]
    members: Many<Person>,
    /// The statuses the household has had (状态历史), oldest first. Bounded by the life of the file: a handful.
    status_history: Many<HouseholdStatusPeriod>,
    /// The main cause of poverty (主要致贫原因).
    main_cause: Guarded<Option<PovertyCause>>,
    /// The other causes (其他致贫原因), at most two.
    #[record(column = "concat_ws(',', t.second_cause, t.third_cause)")]
    other_causes: Guarded<Words<PovertyCause>>,
    /// The address (住址).
    address: Guarded<Option<String>>,
    /// The phone number (联系电话), first three and last four digits.
    #[record(column = "t.phone_mask")]
    phone: Guarded<Option<String>>,
    /// The place of the household registration (户籍所在地).
    registration_place: Guarded<Option<String>>,
    /// What the family wishes (发展意愿).
    wishes: Guarded<Option<String>>,
    /// The year in which the household is to exit (计划脱贫年度).
    planned_exit_year: Guarded<Option<i32>>,
    /// Whether the drinking water is safe (饮水安全).
    water_safe: Guarded<Option<bool>>,
    /// How the household lives (生产生活条件).
    #[record(object)]
    living: Guarded<HouseholdLiving>,
    /// The help for the household (帮扶情况).
    #[record(object)]
    help: Guarded<HouseholdHelp>,
    /// The income forms by year (收入台账).
    #[record(object)]
    income: Guarded<HouseholdIncome>,
    /// The department that opened the file (建立部门). Null: it came with the registration before this system.
    opened_by: Option<Department>,
    /// The day the township confirmed the basics (乡镇核实日期). Null: not yet, or it came with the registration before.
    confirmed_on: Option<Day>,
    /// Why it returned to poverty (返贫原因).
    return_cause: Guarded<Option<PovertyCause>>,
    /// The version of the basics (版本): every change adds one.
    version: i32,
    /// When the basics were last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

#[ComplexObject]
impl HouseholdCore {
    /// The members (家庭成员): today's, or those of a day. A family, so never paged.
    async fn members(
        &self,
        #[graphql(desc = "The day (日期). Today's members when left out.")] as_of: Option<Day>,
    ) -> Many<Person> {
        match as_of {
            None => self.members.whole(),
            Some(day) => self.members.filtered(
                "t.valid_from <= {} AND (t.valid_to IS NULL OR t.valid_to > {})",
                Some(FilterValue::Day(day.0)),
            ),
        }
    }
}

/// A time a household had a status (状态期间). The end is the day the next status began.
#[derive(SimpleObject, Record)]
#[record(
    entity = "household::household_status_period",
    order = "t.valid_from, t.id"
)]
pub struct HouseholdStatusPeriod {
    /// The status (状态).
    status: HouseholdStatus,
    /// The first day (开始日期).
    valid_from: Day,
    /// The day it ended (结束日期). Null: still so.
    valid_to: Option<Day>,
    /// The number of the deciding document (文号).
    document_number: Option<String>,
}

/// What is on file of a household's income (家庭收入).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdIncome {
    /// The newest income form (最近年度收入台账). Null: none on file.
    latest: One<IncomeForm>,
    #[graphql(skip)]
    #[record(method)]
    forms: Guarded<Many<IncomeForm>>,
}

#[ComplexObject]
impl HouseholdIncome {
    /// The income forms (收入台账), newest year first, one a year.
    async fn forms(
        &self,
        #[graphql(desc = "The calendar year (年度). All years when left out.")] year: Option<i32>,
    ) -> Outcome<Guarded<Many<IncomeForm>>> {
        self.forms.of_year("t.year = {}", "year", year).into()
    }
}

/// The income form of a calendar year (年度收入表). Net income is the four kinds less business costs.
#[derive(SimpleObject, Record)]
#[record(entity = "household::income_form", order = "t.year DESC")]
pub struct IncomeForm {
    /// The global id (全局编号).
    id: NodeId<IncomeForm>,
    /// The calendar year (年度).
    year: i32,
    /// Wage income (工资性收入), yuan a year.
    #[graphql(name = "wage")]
    wage_fen: Fen,
    /// Business income (生产经营性收入), yuan a year.
    #[graphql(name = "business")]
    business_fen: Fen,
    /// Property income (财产性收入), yuan a year.
    #[graphql(name = "property")]
    property_fen: Fen,
    /// Transfer income (转移性收入), yuan a year.
    #[graphql(name = "transfer")]
    transfer_fen: Fen,
    /// Business costs (生产经营性支出), yuan a year.
    #[graphql(name = "businessCosts")]
    business_costs_fen: Fen,
    /// Members the income was shared by (家庭人口), persons.
    members: i32,
    /// Net income (家庭纯收入), yuan a year.
    #[graphql(name = "netIncome")]
    net_income_fen: Fen,
    /// Net income per head (人均纯收入), yuan a year.
    #[graphql(name = "perCapitaNetIncome")]
    per_capita_fen: Fen,
    /// The items (收入明细); of each kind they add up to the form. Tens at the most; empty: not itemised.
    #[record(parent = "t.income_form_id")]
    items: Many<IncomeItem>,
    /// Who surveyed (调查人).
    surveyor: Option<String>,
    /// The day of the survey (调查日期).
    surveyed_on: Option<Day>,
    /// The version (版本).
    version: i32,
}

/// The basics of a person, as a member of one household for a time.
#[derive(SimpleObject, Record)]
#[graphql(name = "PersonCore")]
#[record(
    entity = "household::person",
    order = "t.is_head DESC, t.birth_date, t.id",
    linked = "person_id",
    on = "Person"
)]
pub struct PersonCore {
    /// The global id (全局编号).
    id: NodeId<PersonCore>,
    /// The household (所在户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The name (姓名).
    name: String,
    /// The citizen number (公民身份号码), all but the first character hidden. Null where none was reported.
    #[record(column = "t.citizen_number_mask")]
    citizen_number: Option<String>,
    /// Whether the citizen number is a valid one (证件号码状态).
    citizen_number_state: CitizenNumberState,
    /// The sex (性别).
    sex: Sex,
    /// The day of birth (出生日期).
    birth_date: Day,
    /// The relation to the head (与户主关系).
    relation: RelationToHead,
    /// Whether this is the head (是否户主).
    is_head: bool,
    /// The first day as a member (加入日期).
    valid_from: Day,
    /// The day the membership ended (离开日期). Null: a member today.
    valid_to: Option<Day>,
    /// Why the membership ended (离开原因).
    left_reason: Option<LeftReason>,
    /// The day of death (死亡日期).
    died_on: Option<Day>,
    /// The ethnic group (民族).
    ethnic_group: Guarded<Option<EthnicGroup>>,
    /// The education level (文化程度).
    education_level: Guarded<Option<EducationLevel>>,
    /// The stage of a pupil or student (在校生状况). Null: not at school.
    student_stage: Guarded<Option<StudentStage>>,
    /// The health (健康状况).
    #[graphql(name = "healthStatus")]
    health: Guarded<Option<HealthStatus>>,
    /// The labour capacity (劳动能力).
    labour_capacity: Guarded<Option<LabourCapacity>>,
    /// The marital status (婚姻状况).
    marital_status: Guarded<Option<MaritalStatus>>,
    /// The work (从事工作), as the survey found it. Null: none, or not recorded.
    work: Guarded<Option<String>>,
    /// Where (务工区域).
    work_place: Guarded<Option<WorkPlace>>,
    /// How many months of the year (务工月数).
    work_months: Guarded<Option<i32>>,
    /// Whether enrolled in the residents' pension (是否参加城乡居民养老保险).
    pension_enrolled: Guarded<Option<bool>>,
    /// The phone number (联系电话), first three and last four digits.
    #[record(column = "t.phone_mask")]
    phone: Guarded<Option<String>>,
    /// The version (版本).
    version: i32,
}
