//! The rows of decisions, and of whom was found for a list.

use super::{find::Matched, types::RosterDecision};
use crate::{
    authz::Viewer,
    db::{Database, DbError},
    writing::{Door, Stop, written},
};
use ::entity::{
    codes::{AccessAction, Role},
    reconciliation::roster_decision,
    shared::access_record,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

written! {
    Core: roster_decision => RosterDecision;
}

/// The decision on a row that holds in a region.
///
/// # Errors
/// The database.
pub(super) async fn in_force(
    door: &Door,
    region: i64,
    row_key: &[u8],
) -> Result<Option<roster_decision::Model>, Stop> {
    let found = roster_decision::Entity::find()
        .filter(roster_decision::Column::RegionCode.eq(region))
        .filter(roster_decision::Column::RowKey.eq(row_key.to_vec()))
        .filter(roster_decision::Column::WithdrawnAtMs.is_null())
        .one(door.transaction())
        .await
        .map_err(DbError::from)?;
    Ok(found)
}

/// Keeps for whom of a list was looked, before it is answered: a record for each candidate, and one for each row without any.
///
/// # Errors
/// The database could not keep them: then nothing is shown.
pub(super) async fn record(
    database: &Database,
    viewer: &Viewer,
    (case_number, at_ms): (Option<&str>, i64),
    matched: &[Matched],
) -> Result<(), DbError> {
    type Home = Option<(i64, (i64, i64))>;
    let looked: Vec<(&Matched, Home)> = matched
        .iter()
        .flat_map(|row| {
            let homes = row
                .homes
                .iter()
                .map(|(person, home)| Some((*person, *home)));
            let homes: Vec<Home> = homes.collect();
            let homes = if homes.is_empty() { vec![None] } else { homes };
            homes.into_iter().map(move |home| (row, home))
        })
        .collect();
    if looked.is_empty() {
        return Ok(());
    }
    let count = u32::try_from(looked.len()).unwrap_or(u32::MAX);
    let ids = database.next_ids("access_record", count).await?;
    let role = viewer.roles.to_vec().first().copied();
    let rows = ids
        .zip(looked)
        .map(|(id, (row, home))| access_record::ActiveModel {
            id: Set(id),
            at_ms: Set(at_ms),
            user_id: Set(viewer.user.clone()),
            client: Set(viewer.client.clone()),
            department: Set(viewer.department),
            role: Set(role.unwrap_or(Role::Reader)),
            purpose: Set(viewer.purpose.as_ref().map(|purpose| purpose.0.clone())),
            action: Set(AccessAction::Match),
            household_id: Set(home.map(|(_, (household, _))| household)),
            region_code: Set(home.map(|(_, (_, region))| region)),
            person_id: Set(home.map(|(person, _)| person)),
            query_index: Set(row.number.map(|index| index.0.to_vec())),
            found: Set(home.is_some()),
            case_number: Set(case_number.map(str::to_owned)),
            fields: Set(None),
        });
    let rows = &rows.collect::<Vec<_>>();
    database
        .write("roster_match", |transaction| async move {
            for rows in rows.chunks(200) {
                access_record::Entity::insert_many(rows.to_vec())
                    .exec_without_returning(&*transaction)
                    .await?;
            }
            Ok(())
        })
        .await
}
