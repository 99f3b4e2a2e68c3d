//! The rows of a file: its statuses, its card number, and what stands against it.

use crate::{
    db::{DbError, only},
    household::types::HouseholdStatusPeriod,
    writing::{Door, Stop, written},
};
use ::entity::{
    household::{household, household_status_period},
    shared::region,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
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
    use household::Column::CardNumber;
    let cards = CardNumber.between(format!("{village}0000"), format!("{village}9999"));
    let highest = household::Entity::find()
        .filter(cards)
        .order_by_desc(CardNumber);
    let highest = only(highest, CardNumber)
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
    use household::Column::CardNumber;
    let given = household::Entity::find().filter(CardNumber.is_in(cards.iter().copied()));
    let given = only::<_, String>(given, CardNumber)
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
    use region::Column::Code;
    let known = region::Entity::find().filter(Code.is_in(codes.iter().copied()));
    let known = only::<_, i64>(known, Code)
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
