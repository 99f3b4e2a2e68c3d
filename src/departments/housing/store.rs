//! The rows of houses, renovations and relocations.

use super::types::{House, Relocation, RelocationProject, Renovation};
use crate::{
    db::{DbError, only},
    writing::{Door, Stop, corrected, written},
};
use ::entity::housing::{
    codes::RenovationState, house, relocation, relocation_project, renovation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

written! {
    Housing: house => House;
    Housing: renovation => Renovation;
    Housing: relocation_project => RelocationProject;
    Housing: relocation => Relocation;
}

corrected! {
    Housing: house "grade" "surveyed_on" "area_dm2" "built_year" "solution";
    Housing: renovation "area_after_dm2";
    Reloc: relocation "mode" "area_dm2";
}

/// The house of record of a household.
///
/// # Errors
/// The database.
pub async fn house_of_record(door: &Door, household: i64) -> Result<Option<house::Model>, Stop> {
    let found = house::Entity::find()
        .filter(house::Column::HouseholdId.eq(household))
        .filter(house::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// The projects of a county with this name: two say that it is not the only one.
///
/// # Errors
/// The database.
pub async fn projects_named(door: &Door, county: i64, name: &str) -> Result<Vec<i64>, Stop> {
    use relocation_project::Column;
    let found = relocation_project::Entity::find()
        .filter(Column::CountyCode.eq(county))
        .filter(Column::Name.eq(name))
        .limit(2);
    let found = only(found, Column::Id)
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// The renovation of a house that waits for its approval.
///
/// # Errors
/// The database.
pub async fn to_be_approved(door: &Door, house: i64) -> Result<Option<renovation::Model>, Stop> {
    let waits = [RenovationState::Graded, RenovationState::Applied];
    let found = renovation::Entity::find()
        .filter(renovation::Column::HouseId.eq(house))
        .filter(renovation::Column::State.is_in(waits))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
