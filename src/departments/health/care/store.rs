//! The rows of care.

use super::types::{CheckUp, DoctorContract, DoctorVisit};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::health::{check_up, doctor_contract, doctor_visit};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

written! {
    Health: check_up => CheckUp, generated "year";
    Health: doctor_contract => DoctorContract;
    Health: doctor_visit => DoctorVisit;
}

corrected! {
    Health: check_up "free" "result";
    Health: doctor_contract "doctor_name" "focus";
    Health: doctor_visit "visited_on" "way" "medicine_adjusted";
}

/// The contract of a person that has no end.
///
/// # Errors
/// The database.
pub async fn contract_in_force(
    door: &Door,
    person: i64,
) -> Result<Option<doctor_contract::Model>, Stop> {
    let found = doctor_contract::Entity::find()
        .filter(doctor_contract::Column::PersonId.eq(person))
        .filter(doctor_contract::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
