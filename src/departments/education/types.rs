//! What education keeps of a household and of a person.

use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, Outcome, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::{ComplexObject, SimpleObject};
use entity::{
    codes::StudentStage,
    education::codes::{RainDewState, SchoolTerm},
};

codes!(RainDewState, SchoolTerm);

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
#[graphql(complex, fake)] // all its fields take arguments
pub struct HouseholdEducation {
    #[graphql(skip)]
    #[record(method)]
    enrolments: Guarded<Many<SchoolEnrolment>>,
    #[graphql(skip)]
    #[record(method)]
    rain_dew_applications: Guarded<Many<RainDewApplication>>,
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
#[graphql(complex, fake)] // all its fields take arguments
pub struct PersonEducation {
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    enrolments: Guarded<Many<SchoolEnrolment>>,
    #[graphql(skip)]
    #[record(method, parent = "t.person_id")]
    rain_dew_applications: Guarded<Many<RainDewApplication>>,
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

/// An application for Rain and Dew (雨露计划), the study allowance for vocational students.
#[derive(SimpleObject, Record)]
#[record(
    entity = "education::rain_dew_application",
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
