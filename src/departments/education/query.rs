//! The rolls of education: pupils by school and term, allowances, dropout cases, and the schools.

use super::types::{DropoutCase, RainDewApplication, School, SchoolEnrolment, StudyAllowance};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{Found, KeyKind, Order, Outcome, Page, Refusal, RootQuery, year_of},
        scalars::{Day, RegionId},
    },
    household::{holds_one_of, one_of},
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::{CodeList, SchoolKind, StudentStage},
    education::codes::{DropoutState, RainDewState, SchoolTerm, StudyAllowanceState},
};
use time::{Date, Month};

/// Conditions on what education keeps of a household (教育条件). One and the same enrolment fulfils all given ones.
#[derive(InputObject)]
#[graphql(name = "EducationHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some member is enrolled in a school in this school year, by the autumn it begins in (有成员在校的学年).
    enrolled_in: Option<i32>,
    /// Some member is enrolled in one of these stages (有成员在读的学段): in the year `enrolledIn`, else in any.
    in_stage: Option<Vec<StudentStage>>,
    /// Some child of school age, a member today, has no enrolment in this school year or term (有适龄儿童未入学). School
    /// age is 6 to 15 years on 31 August of the school year.
    not_enrolled_in: Option<SchoolTermChoice>,
    /// A child of the household has left school and the case is open, or none has (是否有未结辍学个案).
    open_dropout_case: Option<bool>,
}

/// A school year or one of its terms (学年、学期).
#[derive(InputObject)]
pub struct SchoolTermChoice {
    /// The school year by the autumn it begins in (学年), from 1949 to 2199.
    school_year: i32,
    /// The term (学期). The whole school year when left out.
    term: Option<SchoolTerm>,
}

impl HouseholdConditions for HouseholdFilter {
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        let mut enrolment = String::new();
        if let Some(year) = self.enrolled_in {
            let year = year_of(year, &["filter", "education", "enrolledIn"])?;
            let year = query.bind(Param::I64(year));
            enrolment += &format!(" AND e.school_year = {year}");
        }
        if let Some(stages) = &self.in_stage {
            enrolment += " AND ";
            enrolment += &holds_one_of(reads, query, "e.stage", stages);
        }
        if !enrolment.is_empty() {
            query.and(format!(
                "EXISTS (SELECT 1 FROM school_enrolment e WHERE e.household_id = t.id{enrolment})"
            ));
        }
        if let Some(choice) = &self.not_enrolled_in {
            choice.not_enrolled(query)?;
        }
        if let Some(open) = self.open_dropout_case {
            let not = if open { "" } else { "NOT " };
            query.and(format!(
                "{not}EXISTS (SELECT 1 FROM dropout_case d WHERE d.household_id = t.id AND d.state IN ('{}', '{}'))",
                DropoutState::Reported,
                DropoutState::InWork
            ));
        }
        Ok(())
    }
}

impl SchoolTermChoice {
    /// Leaves the households with a child who should be enrolled and is not.
    fn not_enrolled(&self, query: &mut RootQuery) -> Result<(), Refusal> {
        let path = ["filter", "education", "notEnrolledIn", "schoolYear"];
        let year = year_of(self.school_year, &path)?;
        let born = |year, month, day| {
            Date::from_calendar_date(year, month, day)
                .map(Param::Day)
                .map_err(|_| Refusal::internal())
        };
        let first = query.bind(born(self.school_year - 16, Month::September, 1)?);
        let last = query.bind(born(self.school_year - 6, Month::August, 31)?);
        let mut enrolment = format!("e.school_year = {}", query.bind(Param::I64(year)));
        if let Some(term) = self.term {
            let term = query.bind(Param::Text(term.word().into()));
            enrolment += &format!(" AND e.term = {term}");
        }
        query.and(format!(
            "EXISTS (SELECT 1 FROM person p WHERE p.household_id = t.id AND p.valid_to IS NULL \
             AND p.birth_date BETWEEN {first} AND {last} AND NOT EXISTS \
             (SELECT 1 FROM school_enrolment e WHERE e.person_id = p.id AND {enrolment}))"
        ));
        Ok(())
    }
}

/// Conditions on the roll of pupils (学籍名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct SchoolEnrolmentFilter {
    /// Everything inside this region (行政区划), by where the pupil's household lives.
    region: Option<RegionId>,
    /// The code of the school (学校代码).
    school: Option<String>,
    /// The school year by the autumn it begins in (学年), from 1949 to 2199.
    school_year: Option<i32>,
    /// The term (学期).
    term: Option<SchoolTerm>,
    /// One of these stages (学段).
    stage: Option<Vec<StudentStage>>,
    /// Confirmed by the school, or not (学校是否已确认).
    confirmed: Option<bool>,
}

impl Roll for SchoolEnrolmentFilter {
    type Row = SchoolEnrolment;
    const ORDER: Order = Order {
        name: "schoolEnrolments",
        keys: &[("t.school_year", KeyKind::Year), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text(
            "t.school_code",
            self.school.as_deref(),
            &["filter", "school"],
        )?;
        query.in_year("t.school_year", self.school_year, &["filter", "schoolYear"])?;
        let term = self.term.as_ref().map(std::slice::from_ref);
        one_of(reads, query, "t.term", term);
        one_of(reads, query, "t.stage", self.stage.as_deref());
        if let Some(confirmed) = self.confirmed {
            let not = if confirmed { "NOT " } else { "" };
            query.and(format!("t.confirmed_on IS {not}NULL"));
        }
        Ok(())
    }
}

/// Conditions on the roll of study allowances (教育资助名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct StudyAllowanceFilter {
    /// Everything inside this region (行政区划), by where the pupil's household lives.
    region: Option<RegionId>,
    /// The code of the school (学校代码).
    school: Option<String>,
    /// The benefit as its pack names it (资助项目), such as "education-support".
    programme: Option<String>,
    /// The school year by the autumn it begins in (学年), from 1949 to 2199.
    school_year: Option<i32>,
    /// The term (学期).
    term: Option<SchoolTerm>,
    /// One of these stages (学段).
    stage: Option<Vec<StudentStage>>,
    /// One of these states (教育资助状态).
    state: Option<Vec<StudyAllowanceState>>,
    /// To be paid on this day or earlier (应发日期止).
    due_to: Option<Day>,
}

impl Roll for StudyAllowanceFilter {
    type Row = StudyAllowance;
    const ORDER: Order = Order {
        name: "studyAllowances",
        ..SchoolEnrolmentFilter::ORDER
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text(
            "t.school_code",
            self.school.as_deref(),
            &["filter", "school"],
        )?;
        query.is_text(
            "t.programme",
            self.programme.as_deref(),
            &["filter", "programme"],
        )?;
        query.in_year("t.school_year", self.school_year, &["filter", "schoolYear"])?;
        let term = self.term.as_ref().map(std::slice::from_ref);
        one_of(reads, query, "t.term", term);
        one_of(reads, query, "t.stage", self.stage.as_deref());
        one_of(reads, query, "t.state", self.state.as_deref());
        query.in_days("t.due_on", (None, self.due_to), &["filter", "dueTo"])
    }
}

/// Conditions on the roll of Rain and Dew (雨露计划名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct RainDewApplicationFilter {
    /// Everything inside this region (行政区划), by where the student's household lives.
    region: Option<RegionId>,
    /// The code of the school (学校代码).
    school: Option<String>,
    /// The school year by the autumn it begins in (学年), from 1949 to 2199.
    school_year: Option<i32>,
    /// One of these states (雨露计划状态).
    state: Option<Vec<RainDewState>>,
}

impl Roll for RainDewApplicationFilter {
    type Row = RainDewApplication;
    const ORDER: Order = Order {
        name: "rainDewApplications",
        ..SchoolEnrolmentFilter::ORDER
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text(
            "t.school_code",
            self.school.as_deref(),
            &["filter", "school"],
        )?;
        query.in_year("t.school_year", self.school_year, &["filter", "schoolYear"])?;
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
}

/// Conditions on the roll of dropout cases (控辍保学名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct DropoutCaseFilter {
    /// Everything inside this region (行政区划), by where the child's household lives.
    region: Option<RegionId>,
    /// The code of the school that the child left (原就读学校代码).
    school: Option<String>,
    /// One of these states (劝返状态).
    state: Option<Vec<DropoutState>>,
    /// Reported on this day or later (上报日期起).
    reported_from: Option<Day>,
    /// Reported on this day or earlier (上报日期止).
    reported_to: Option<Day>,
}

impl Roll for DropoutCaseFilter {
    type Row = DropoutCase;
    const ORDER: Order = Order {
        name: "dropoutCases",
        keys: &[("t.reported_on", KeyKind::Day), ("t.id", KeyKind::Integer)],
        descending: true,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.is_text(
            "t.school_code",
            self.school.as_deref(),
            &["filter", "school"],
        )?;
        one_of(reads, query, "t.state", self.state.as_deref());
        query.in_days(
            "t.reported_on",
            (self.reported_from, self.reported_to),
            &["filter", "reportedFrom"],
        )
    }
}

/// Conditions on the list of schools (学校目录条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct SchoolFilter {
    /// Everything inside this region (行政区划), by where the school stands.
    region: Option<RegionId>,
    /// One of these kinds (学校类别).
    kind: Option<Vec<SchoolKind>>,
}

impl Roll for SchoolFilter {
    type Row = School;
    const ORDER: Order = Order {
        name: "schools",
        keys: &[("i.code", KeyKind::Text)],
        descending: false,
    };

    fn region(&self) -> Option<RegionId> {
        self.region
    }
    fn restrict(&self, reads: &Reads, query: &mut RootQuery) -> Result<(), Refusal> {
        query.and(IS_SCHOOL);
        one_of(reads, query, "i.school_kind", self.kind.as_deref());
        Ok(())
    }
}

/// Institutions are of several kinds.
const IS_SCHOOL: &str = "i.kind = 'SCHOOL'";

async fn school_of(ctx: &Context<'_>, code: String) -> Result<Option<Found<School>>, Refusal> {
    let mut query = RootQuery::reference();
    query.and(IS_SCHOOL);
    query.is_text("i.code", Some(&code), &["code"])?;
    Found::fetch(ctx, query).await
}

#[derive(Default)]
pub struct Query;

#[Object(name = "EducationQuery")]
impl Query {
    /// The roll of pupils and students (学籍名册), newest school year first.
    async fn school_enrolments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<SchoolEnrolmentFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<SchoolEnrolment>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of Rain and Dew applications (雨露计划名册), newest school year first.
    async fn rain_dew_applications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<RainDewApplicationFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<RainDewApplication>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of study allowances (教育资助名册), newest school year first.
    async fn study_allowances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<StudyAllowanceFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<StudyAllowance>> {
        roll(ctx, filter, first, after).await
    }

    /// The roll of dropout cases (控辍保学名册), newest report first.
    async fn dropout_cases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<DropoutCaseFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<DropoutCase>> {
        roll(ctx, filter, first, after).await
    }

    /// The schools (学校目录), by code.
    async fn schools(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Conditions (筛选).")] filter: Option<SchoolFilter>,
        #[graphql(
            desc = "How many (每页条数): 20 unless told, at most 100, 1000 for a SERVICE client."
        )]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins (游标).")] after: Option<String>,
    ) -> Outcome<Page<School>> {
        roll(ctx, filter, first, after).await
    }

    /// A school by its code (学校). Null where no school has it.
    async fn school(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code (学校代码).")] code: String,
    ) -> Outcome<Found<School>> {
        school_of(ctx, code).await.into()
    }
}
