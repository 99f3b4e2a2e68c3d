//! The rolls of education: pupils by school and term, and Rain and Dew.

use super::types::{RainDewApplication, SchoolEnrolment};
use crate::{
    db::{Param, Reads},
    graphql::{
        plan::{KeyKind, Order, Outcome, Page, Refusal, RootQuery, year_of},
        scalars::RegionId,
    },
    household::{holds_one_of, one_of},
    room::{HouseholdConditions, Roll, roll},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::StudentStage,
    education::codes::{RainDewState, SchoolTerm},
};

/// Conditions on what education keeps of a household (教育条件). One and the same enrolment fulfils all given ones.
#[derive(InputObject)]
#[graphql(name = "EducationHouseholdFilter")]
pub struct HouseholdFilter {
    /// Some member is enrolled in a school in this school year, by the autumn it begins in (有成员在校的学年).
    enrolled_in: Option<i32>,
    /// Some member is enrolled in one of these stages (有成员在读的学段): in the year `enrolledIn`, else in any.
    in_stage: Option<Vec<StudentStage>>,
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
        Ok(())
    }
}

/// Conditions on the roll of Rain and Dew (雨露计划名册条件); all given ones must hold.
#[derive(InputObject, Default)]
pub struct RainDewApplicationFilter {
    /// Everything inside this region (行政区划), by where the student's household lives.
    region: Option<RegionId>,
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
        query.in_year("t.school_year", self.school_year, &["filter", "schoolYear"])?;
        one_of(reads, query, "t.state", self.state.as_deref());
        Ok(())
    }
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
}
