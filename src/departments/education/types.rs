//! What education keeps of a household and of a person.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, Outcome, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId, Words},
    },
    household::Region,
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::{
    codes::{Department, SchoolKind, StudentStage},
    education::codes::{
        DropoutReason, DropoutState, RainDewState, SchoolTerm, StudyAllowanceState,
    },
};

codes!(
    DropoutReason,
    DropoutState,
    RainDewState,
    SchoolKind,
    SchoolTerm,
    StudyAllowanceState
);

#[derive(SimpleObject, Record)]
#[graphql(name = "EducationOnHousehold")]
#[record(on = "Household")]
pub struct OnHousehold {
    /// What education keeps (教育).
    #[record(object)]
    education: Guarded<HouseholdEducation>,
}

#[derive(SimpleObject, Record)]
#[graphql(name = "EducationOnPerson")]
#[record(on = "Person")]
pub struct OnPerson {
    /// What education keeps (教育).
    #[record(object)]
    education: Guarded<PersonEducation>,
}

/// What education keeps of a household (农户教育信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct HouseholdEducation {
    #[graphql(skip)]
    #[record(method)]
    enrolments: Guarded<Many<SchoolEnrolment>>,
    #[graphql(skip)]
    #[record(method)]
    study_allowances: Guarded<Many<StudyAllowance>>,
    #[graphql(skip)]
    #[record(method)]
    rain_dew_applications: Guarded<Many<RainDewApplication>>,
    /// The cases of children who left school (家庭成员控辍保学), newest report first. A few at the most.
    dropout_cases: Guarded<Many<DropoutCase>>,
}

#[ComplexObject]
impl HouseholdEducation {
    /// The members' enrolments in schools (家庭成员学籍), newest term first, one a person and term.
    async fn enrolments(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<SchoolEnrolment>>> {
        self.enrolments
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }

    /// The members' study allowances (家庭成员教育资助), newest term first, one a programme and term.
    async fn study_allowances(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<StudyAllowance>>> {
        self.study_allowances
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }

    /// The members' Rain and Dew applications (家庭成员雨露计划申请), newest year first, one a person and school year.
    async fn rain_dew_applications(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<RainDewApplication>>> {
        self.rain_dew_applications
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }
}

/// What education keeps of a person (人员教育信息).
#[derive(SimpleObject, Record)]
#[graphql(complex)]
pub struct PersonEducation {
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    enrolments: Guarded<Many<SchoolEnrolment>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    study_allowances: Guarded<Many<StudyAllowance>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    rain_dew_applications: Guarded<Many<RainDewApplication>>,
    /// The cases of leaving school (控辍保学), newest report first. A few at the most.
    #[record(parent = "t.person_id")]
    dropout_cases: Guarded<Many<DropoutCase>>,
}

#[ComplexObject]
impl PersonEducation {
    /// The enrolments in schools (学籍), newest term first, one a term.
    async fn enrolments(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<SchoolEnrolment>>> {
        self.enrolments
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }

    /// The study allowances (教育资助), newest term first, one a programme and term.
    async fn study_allowances(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<StudyAllowance>>> {
        self.study_allowances
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }

    /// The Rain and Dew applications (雨露计划申请), newest year first, one a school year.
    async fn rain_dew_applications(
        &self,
        #[graphql(
            desc = "The school year by the autumn it begins in (学年). All years when left out."
        )]
        school_year: Option<i32>,
    ) -> Outcome<Guarded<Many<RainDewApplication>>> {
        self.rain_dew_applications
            .of_year(OF_SCHOOL_YEAR, "schoolYear", school_year)
            .into()
    }
}

const OF_SCHOOL_YEAR: &str = "t.school_year = {}";

/// A pupil's enrolment in a school for a term (在校学籍).
#[derive(SimpleObject, Record)]
#[record(
    entity = "education::school_enrolment",
    from = "school_enrolment t LEFT JOIN institution i ON i.code = t.school_code \
            LEFT JOIN region r ON r.code = i.region_code",
    // Of a school year the spring comes last.
    order = "t.school_year DESC, t.term DESC, t.id",
    bounds(School = "t.school_code = {institution}")
)]
pub struct SchoolEnrolment {
    /// The global id (全局编号).
    id: NodeId<SchoolEnrolment>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The pupil or student (学生).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The school (学校).
    #[record(object)]
    school: School,
    /// The code of the school (学校代码).
    school_code: String,
    /// The school year by the autumn it begins in (学年): 2018 is autumn 2018 to summer 2019.
    school_year: i32,
    /// The term (学期).
    term: SchoolTerm,
    /// The stage (学段).
    stage: StudentStage,
    /// The grade within the stage (年级), from 1. Null: not recorded.
    grade: Option<i32>,
    /// Whether the pupil boards (是否寄宿).
    boarding: bool,
    /// Whether the school is in the county seat (是否在旗县所在地就读).
    county_seat: bool,
    /// The day the school confirmed the enrolment (学校确认日期). Null: not confirmed.
    confirmed_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A study allowance for a term (教育资助): living, boarding fee and travel of a pupil together, or a grant.
#[derive(SimpleObject, Record)]
#[record(
    entity = "education::study_allowance",
    from = "study_allowance t LEFT JOIN institution i ON i.code = t.school_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.school_year DESC, t.term DESC, t.id",
    bounds(School = "t.school_code = {institution}")
)]
pub struct StudyAllowance {
    /// The global id (全局编号).
    id: NodeId<StudyAllowance>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The pupil or student (学生).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The school (学校).
    #[record(object)]
    school: School,
    /// The department that grants (发放部门).
    department: Department,
    /// The benefit as its pack names it (资助项目), such as "education-support".
    programme: String,
    /// The school year by the autumn it begins in (学年): 2018 is autumn 2018 to summer 2019.
    school_year: i32,
    /// The term (学期).
    term: SchoolTerm,
    /// The stage that the amount was worked out by (学段).
    stage: StudentStage,
    /// Whether the pupil boards, as the amount was worked out by (是否寄宿).
    boarding: bool,
    /// Whether the school is in the county seat, as the amount was worked out by (是否在旗县所在地就读).
    county_seat: bool,
    /// Whether it is granted once in a lifetime (是否一次性).
    one_off: bool,
    /// The amount of the term (资助金额), yuan.
    #[graphql(name = "amount")]
    amount_fen: Fen,
    /// The state (教育资助状态).
    state: StudyAllowanceState,
    /// The last day on which it should be paid (应发日期): 31 May in spring, 31 October in autumn. Null: none is set.
    due_on: Option<Day>,
    /// The day of payment (发放日期). Null: not paid.
    paid_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// An application for Rain and Dew (雨露计划), the study allowance for vocational students.
#[derive(SimpleObject, Record)]
#[record(
    entity = "education::rain_dew_application",
    from = "rain_dew_application t LEFT JOIN institution i ON i.code = t.school_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.school_year DESC, t.id",
    bounds(School = "t.school_code = {institution}")
)]
pub struct RainDewApplication {
    /// The global id (全局编号).
    id: NodeId<RainDewApplication>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The student (学生).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The school (学校).
    #[record(object)]
    school: School,
    /// The code of the school (学校代码).
    school_code: String,
    /// The school year by the autumn it begins in (学年): 2018 is autumn 2018 to summer 2019.
    school_year: i32,
    /// The stage (学段).
    stage: StudentStage,
    /// The state (雨露计划状态).
    state: RainDewState,
    /// The day of application (申请日期).
    applied_on: Day,
    /// The day of recognition (认定日期). Null: not recognised.
    recognised_on: Option<Day>,
    /// The day of payment (发放日期). Null: not paid.
    paid_on: Option<Day>,
    /// The amount (补助金额), yuan a school year. Null: not decided.
    #[graphql(name = "amount")]
    amount_fen: Option<Fen>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A child who left school before nine years of it, and what came of it (控辍保学).
#[derive(SimpleObject, Record)]
#[record(
    entity = "education::dropout_case",
    from = "dropout_case t LEFT JOIN institution i ON i.code = t.school_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.reported_on DESC, t.id",
    bounds(School = "t.school_code = {institution}")
)]
pub struct DropoutCase {
    /// The global id (全局编号).
    id: NodeId<DropoutCase>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The child (辍学学生).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The school that the child left (原就读学校).
    #[record(object)]
    school: School,
    /// The stage that the child left (学段).
    stage: StudentStage,
    /// The school year of the first term without the child, by the autumn it begins in (失学学年).
    school_year: i32,
    /// The first term without the child (失学学期).
    term: SchoolTerm,
    /// The day of the report (上报日期).
    reported_on: Day,
    /// The reason (辍学原因).
    reason: DropoutReason,
    /// The state (劝返状态).
    state: DropoutState,
    /// The day the child was back at school (复学日期). Null: not back.
    returned_on: Option<Day>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// A school (学校).
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::institution",
    from = "institution i LEFT JOIN region r ON r.code = i.region_code",
    prefix = "i",
    household = "i.region_code",
    key = "i.region_code",
    region = "i.region_code",
    reference
)]
pub struct School {
    /// The code (学校代码).
    code: String,
    /// The name (学校名称).
    name: String,
    /// The kind (学校类别). Null: not recorded.
    #[record(column = "i.school_kind")]
    kind: Option<SchoolKind>,
    /// Where it stands (所在行政区划).
    #[record(object)]
    region: Region,
    /// The stages it teaches (学段), lowest first.
    #[record(column = "i.stages")]
    stages: Words<StudentStage>,
}
