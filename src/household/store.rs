//! What the household room writes: for now the record of who looked whom up.

use crate::{
    authz::Viewer,
    db::{Database, DbError},
};
use ::entity::{
    codes::{AccessAction, Role},
    shared::access_record,
};
use sea_orm::{ActiveModelTrait, Set};

/// A look-up by a full citizen number and what it found.
pub struct LookedUp<'a> {
    pub viewer: &'a Viewer,
    /// The blind index of the number: the number itself is kept nowhere.
    pub index: &'a [u8],
    /// The household found inside the viewer's scope.
    pub household: Option<i64>,
    pub at_ms: i64,
}

/// Keeps the record of a look-up.
///
/// # Errors
/// The database could not keep it.
pub async fn record_look_up(database: &Database, look_up: &LookedUp<'_>) -> Result<(), DbError> {
    let id = database.next_id("access_record").await?;
    let row = &record(id, look_up);
    database
        .write("record_look_up", |transaction| async move {
            row.clone().insert(&*transaction).await?;
            Ok(())
        })
        .await
}

fn record(id: i64, look_up: &LookedUp<'_>) -> access_record::ActiveModel {
    let viewer = look_up.viewer;
    access_record::ActiveModel {
        id: Set(id),
        at_ms: Set(look_up.at_ms),
        user_id: Set(viewer.user.clone()),
        client: Set(viewer.client.clone()),
        department: Set(viewer.department),
        role: Set(viewer
            .roles
            .to_vec()
            .first()
            .copied()
            .unwrap_or(Role::Reader)),
        purpose: Set(viewer.purpose.as_ref().map(|purpose| purpose.0.clone())),
        action: Set(AccessAction::LookUp),
        household_id: Set(look_up.household),
        region_code: Set(None),
        person_id: Set(None),
        query_index: Set(Some(look_up.index.to_vec())),
        found: Set(look_up.household.is_some()),
    }
}
