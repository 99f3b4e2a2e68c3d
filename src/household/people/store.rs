//! The rows of members: identities, memberships, and who is offered to another township.

use super::types::MemberOffer;
use crate::{
    db::DbError,
    writing::{Door, Stop, written},
};
use ::entity::household::{codes::LinkKind, household_link, identity, member_offer, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

written! {
    Core: identity;
    Core: member_offer => MemberOffer;
}

/// The human being of a blind index, if one is known.
///
/// # Errors
/// The database.
pub async fn identity_of(door: &Door, index: &[u8]) -> Result<Option<identity::Model>, Stop> {
    let found = identity::Entity::find()
        .filter(identity::Column::CitizenNumberIndex.eq(index.to_vec()))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// The memberships of a human being, wherever they are: what exists for the viewer of them is asked of the door.
///
/// # Errors
/// The database.
pub async fn memberships_of(door: &Door, identity: i64) -> Result<Vec<person::Model>, Stop> {
    let memberships = person::Entity::find()
        .filter(person::Column::IdentityId.eq(identity))
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
