//! The rows of members: identities, memberships, and who is offered to another township.

use super::types::MemberOffer;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::household::{codes::LinkKind, household_link, identity, member_offer, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;

written! {
    Core: identity;
    Core: member_offer => MemberOffer;
}

/// The human beings that are known, of these blind indexes.
///
/// # Errors
/// The database.
pub async fn identities_of(
    door: &Door,
    indexes: &[Vec<u8>],
) -> Result<HashMap<Vec<u8>, i64>, Stop> {
    let found = identity::Entity::find()
        .filter(identity::Column::CitizenNumberIndex.is_in(indexes.iter().cloned()))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    let found = found.into_iter();
    Ok(found
        .map(|one| (one.citizen_number_index, one.id))
        .collect())
}

/// The memberships of human beings, wherever they are: what exists for the viewer of them is asked of the door.
///
/// # Errors
/// The database.
pub async fn memberships_of(door: &Door, identities: &[i64]) -> Result<Vec<person::Model>, Stop> {
    let memberships = person::Entity::find()
        .filter(person::Column::IdentityId.is_in(identities.iter().copied()))
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(memberships)
}

/// The membership that was offered by another township.
///
/// # Errors
/// The database.
pub async fn membership(door: &Door, person: i64) -> Result<Option<person::Model>, Stop> {
    let membership = person::Entity::find_by_id(person)
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(membership)
}

/// The open ties of a member's own account to the household.
///
/// # Errors
/// The database.
pub async fn own_ties(door: &Door, person: i64) -> Result<Vec<household_link::Model>, Stop> {
    let ties = household_link::Entity::find()
        .filter(household_link::Column::PersonId.eq(person))
        .filter(household_link::Column::Kind.eq(LinkKind::Own))
        .filter(household_link::Column::ValidTo.is_null())
        .all(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(ties)
}
