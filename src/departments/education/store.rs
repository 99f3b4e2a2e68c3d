//! The rows of education, and the schools.

use super::types::{DropoutCase, RainDewApplication, SchoolEnrolment, StudyAllowance};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::{
    codes::InstitutionKind,
    education::{dropout_case, rain_dew_application, school_enrolment, study_allowance},
    shared::institution,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

written! {
    Education: school_enrolment => SchoolEnrolment;
    Education: study_allowance => StudyAllowance;
    Education: dropout_case => DropoutCase;
    Education: rain_dew_application => RainDewApplication;
}

corrected! {
    Edu: school_enrolment "stage" "grade" "boarding" "county_seat";
    Edu: study_allowance;
    Edu: dropout_case "reported_on" "reason";
    Poverty: rain_dew_application "stage" "applied_on";
}

/// The school of this code.
///
/// # Errors
/// The database.
pub async fn school(door: &Door, code: &str) -> Result<Option<institution::Model>, Stop> {
    let school = institution::Entity::find_by_id(code)
        .filter(institution::Column::Kind.eq(InstitutionKind::School))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(school)
}

/// Whether the school has confirmed the person in a term of the school year.
///
/// # Errors
/// The database.
pub async fn is_confirmed(
    door: &Door,
    person: i64,
    school_code: &str,
    school_year: i32,
) -> Result<bool, Stop> {
    let confirmed = school_enrolment::Entity::find()
        .filter(school_enrolment::Column::PersonId.eq(person))
        .filter(school_enrolment::Column::SchoolCode.eq(school_code))
        .filter(school_enrolment::Column::SchoolYear.eq(school_year))
        .filter(school_enrolment::Column::ConfirmedOn.is_not_null())
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(confirmed > 0)
}
