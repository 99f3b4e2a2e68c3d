//! Whom a bank writes for.

use crate::{
    db::DbError,
    writing::{Door, Stop},
};
use ::entity::household::person;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The member of this key, who showed the citizen number: the bank need not have seen the household before.
///
/// # Errors
/// The database.
pub async fn member(door: &Door, key: i64) -> Result<Option<person::Model>, Stop> {
    let found = person::Entity::find_by_id(key)
        .filter(person::Column::ValidTo.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}
