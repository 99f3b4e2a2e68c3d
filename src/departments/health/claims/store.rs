//! The rows of claims.

use super::types::Claim;
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::{
    health::medical_claim,
    household::{codes::HouseholdStatus, household_status_period},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use time::Date;

written! {
    Health: medical_claim => Claim;
}

corrected! {
    Medins: medical_claim;
}

/// Whether a claim of the county has this number.
///
/// # Errors
/// The database.
pub async fn has_number(door: &Door, county: i64, number: &str) -> Result<bool, Stop> {
    use medical_claim::Column;
    let count = medical_claim::Entity::find()
        .filter(Column::CountyCode.eq(county))
        .filter(Column::ClaimNumber.eq(number))
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(count > 0)
}

/// Whether the household was on file on a day.
///
/// # Errors
/// The database.
pub async fn on_file(door: &Door, household: i64, day: Date) -> Result<bool, Stop> {
    use household_status_period::Column;
    let on_file = [HouseholdStatus::Registered, HouseholdStatus::Returned];
    let count = household_status_period::Entity::find()
        .filter(Column::HouseholdId.eq(household))
        .filter(Column::Status.is_in(on_file))
        .filter(Column::ValidFrom.lte(day))
        .filter(
            Condition::any()
                .add(Column::ValidTo.is_null())
                .add(Column::ValidTo.gt(day)),
        )
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(count > 0)
}
