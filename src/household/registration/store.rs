//! The rows of a file: its statuses, its card number, and what stands against it.

use crate::{
    db::DbError,
    household::types::HouseholdStatusPeriod,
    writing::{Door, Stop, written},
};
use ::entity::{
    household::{household, household_status_period},
    shared::region,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashSet;

written! {
    Core: household_status_period => HouseholdStatusPeriod;
}

/// The status that holds today.
///
/// # Errors
/// The database.
pub async fn period_today(
    door: &Door,
    household: i64,
) -> Result<Option<household_status_period::Model>, Stop> {
    let period = household_status_period::Entity::find()
        .filter(household_status_period::Column::HouseholdId.eq(household))
        .filter(household_status_period::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(period)
}

/// The highest card number that begins with the code of a village.
///
/// # Errors
/// The database.
pub async fn highest_card(door: &Door, village: i64) -> Result<Option<String>, Stop> {
    let highest = household::Entity::find()
        .select_only()
        .column(household::Column::CardNumber)
        .filter(
            household::Column::CardNumber
                .between(format!("{village}0000"), format!("{village}9999")),
        )
        .order_by_desc(household::Column::CardNumber)
        .into_tuple::<String>()
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(highest)
}

/// Which of these card numbers are given to households, wherever they live.
///
/// # Errors
/// The database.
pub async fn cards_given(door: &Door, cards: &[&str]) -> Result<HashSet<String>, Stop> {
    let given = household::Entity::find()
        .select_only()
        .column(household::Column::CardNumber)
        .filter(household::Column::CardNumber.is_in(cards.iter().copied()))
        .into_tuple::<String>()
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(given.into_iter().collect())
}

/// Which of these codes are regions.
///
/// # Errors
/// The database.
pub async fn regions_among(door: &Door, codes: &[i64]) -> Result<HashSet<i64>, Stop> {
    let known = region::Entity::find()
        .select_only()
        .column(region::Column::Code)
        .filter(region::Column::Code.is_in(codes.iter().copied()))
        .into_tuple::<i64>()
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(known.into_iter().collect())
}

/// Whether there is a region of this code.
///
/// # Errors
/// The database.
pub async fn region_exists(door: &Door, code: i64) -> Result<bool, Stop> {
    let found = region::Entity::find_by_id(code)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found.is_some())
}
