//! The rows of certificates and allowances, and what an allowance depends on.

use super::types::{DisabilityAllowance, DisabilityCertificate};
use crate::{
    db::DbError,
    writing::{Door, Stop, corrected, written},
};
use ::entity::civil_affairs::{
    codes::SupportMode, dibao, disability_allowance, disability_certificate, special_support,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use time::Date;

written! {
    Disability: disability_certificate => DisabilityCertificate;
    Disability: disability_allowance => DisabilityAllowance;
}

corrected! {
    Dpf: disability_certificate;
    Civil: disability_allowance "approved_on";
}

/// The certificate of a person that is valid today.
///
/// # Errors
/// The database.
pub async fn valid_certificate(
    door: &Door,
    person: i64,
) -> Result<Option<disability_certificate::Model>, Stop> {
    let certificate = disability_certificate::Entity::find()
        .filter(disability_certificate::Column::PersonId.eq(person))
        .filter(disability_certificate::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(certificate)
}

/// Whether a household is on dibao on a day.
///
/// # Errors
/// The database.
pub async fn on_dibao(door: &Door, household: i64, day: Date) -> Result<bool, Stop> {
    let goes_on = Condition::any()
        .add(dibao::Column::ValidTo.is_null())
        .add(dibao::Column::ValidTo.gt(day));
    let grants = dibao::Entity::find()
        .filter(dibao::Column::HouseholdId.eq(household))
        .filter(dibao::Column::ValidFrom.lte(day))
        .filter(goes_on)
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(grants > 0)
}

/// Whether a person is supported in an institution on this day or later.
///
/// # Errors
/// The database.
pub async fn in_institution(door: &Door, person: i64, from: Date) -> Result<bool, Stop> {
    let goes_on = Condition::any()
        .add(special_support::Column::ValidTo.is_null())
        .add(special_support::Column::ValidTo.gt(from));
    let supports = special_support::Entity::find()
        .filter(special_support::Column::PersonId.eq(person))
        .filter(special_support::Column::Mode.eq(SupportMode::Centralised))
        .filter(goes_on)
        .count(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(supports > 0)
}
