//! What all parts of the room ask the database before they write.

use crate::{
    db::DbError,
    writing::{Door, Stop},
};
use ::entity::{codes::InstitutionKind, shared::institution};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The hospital or clinic of a code.
///
/// # Errors
/// The database.
pub async fn hospital(door: &Door, code: &str) -> Result<Option<institution::Model>, Stop> {
    let found = institution::Entity::find_by_id(code)
        .filter(institution::Column::Kind.eq(InstitutionKind::Hospital))
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
