//! The records of who looked, as they are written.

use crate::{
    authz::Viewer,
    db::{Database, DbError},
};
use ::entity::{
    codes::{AccessAction, Role},
    shared::access_record,
};
use sea_orm::{EntityTrait, Set};

/// Of whom which values were shown.
pub struct Shown {
    pub household: i64,
    pub region: i64,
    pub person: Option<i64>,
    pub fields: Vec<&'static str>,
}

/// Keeps a record for each, all or none.
///
/// # Errors
/// The database could not keep them: then nothing is shown.
pub async fn record(
    database: &Database,
    viewer: &Viewer,
    (purpose, case_number): (&str, &str),
    shown: &[Shown],
    at_ms: i64,
) -> Result<(), DbError> {
    if shown.is_empty() {
        return Ok(());
    }
    let count = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    let ids = database.next_ids("access_record", count).await?;
    let role = viewer.roles.to_vec().first().copied();
    let rows = ids
        .zip(shown)
        .map(|(id, shown)| access_record::ActiveModel {
            id: Set(id),
            at_ms: Set(at_ms),
            user_id: Set(viewer.user.clone()),
            client: Set(viewer.client.clone()),
            department: Set(viewer.department),
            role: Set(role.unwrap_or(Role::Reader)),
            purpose: Set(Some(purpose.to_owned())),
            action: Set(AccessAction::Reveal),
            household_id: Set(Some(shown.household)),
            region_code: Set(Some(shown.region)),
            person_id: Set(shown.person),
            query_index: Set(None),
            found: Set(true),
            case_number: Set(Some(case_number.to_owned())),
            fields: Set(Some(shown.fields.join(","))),
        });
    let rows = &rows.collect::<Vec<_>>();
    database
        .write("sensitive_reveal", |transaction| async move {
            for rows in rows.chunks(200) {
                access_record::Entity::insert_many(rows.to_vec())
                    .exec_without_returning(&*transaction)
                    .await?;
            }
            Ok(())
        })
        .await
}
