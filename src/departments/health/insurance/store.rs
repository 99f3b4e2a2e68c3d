//! The rows of enrolments.

use super::types::MedicalEnrolment;
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::health::medical_enrolment;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

written! {
    Health: medical_enrolment => MedicalEnrolment;
}

corrected! {
    Medins: medical_enrolment "category" "paid_on";
}

/// The enrolment of a person in a year.
///
/// # Errors
/// The database.
pub async fn of_year(
    door: &Door,
    person: i64,
    year: i32,
) -> Result<Option<medical_enrolment::Model>, Stop> {
    let found = medical_enrolment::Entity::find()
        .filter(medical_enrolment::Column::PersonId.eq(person))
        .filter(medical_enrolment::Column::Year.eq(year))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
