//! Changes recorded as a write records them.

use super::{Engine, TestDatabase};
use entity::codes::{ChangeAction, Slice};
use entity::shared::change_record;
use sea_orm::{ConnectionTrait, EntityTrait, Set, Statement};
use std::time::Duration;
use yihu::db::{Database, DbError, Dialect, Transaction};

/// One row of the change log, before it has its place.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRow {
    pub(crate) slice: Slice,
    pub(crate) action: ChangeAction,
    pub(crate) table: &'static str,
    pub(crate) object: i64,
    pub(crate) household: Option<i64>,
    pub(crate) before: Option<i64>,
    pub(crate) region: Option<i64>,
    pub(crate) at_ms: i64,
}

/// A row of this table that was changed, of a household that stays where it is.
pub(crate) fn change(
    slice: Slice,
    table: &'static str,
    object: i64,
    (household, region): (i64, i64),
) -> ChangeRow {
    ChangeRow {
        slice,
        action: ChangeAction::Update,
        table,
        object,
        household: Some(household),
        before: Some(region),
        region: Some(region),
        at_ms: 1_546_000_000_123,
    }
}

/// The number of the running transaction.
pub(crate) async fn number_of(transaction: &Transaction) -> Result<i64, DbError> {
    let backend = transaction.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Postgres => {
            "SELECT pg_current_xact_id()::text::bigint + added FROM transaction_clock"
        }
        _ => "UPDATE transaction_clock SET added = added + 1 RETURNING added",
    };
    let row = transaction
        .query_one_raw(Statement::from_string(backend, sql))
        .await?
        .expect("the clock");
    Ok(row.try_get_by_index(0)?)
}

/// Records the changes of one transaction, and wakes those who follow.
pub(crate) async fn record(database: &Database, rows: &[ChangeRow]) {
    let written = database.write("test changes", |transaction| async move {
        let number = number_of(&transaction).await?;
        let rows = rows
            .iter()
            .zip(0..)
            .map(|(row, ordinal)| change_record::ActiveModel {
                transaction_id: Set(number),
                ordinal: Set(ordinal),
                at_ms: Set(row.at_ms),
                slice: Set(row.slice),
                action: Set(row.action),
                object_type: Set(row.table.to_owned()),
                object_id: Set(row.object),
                household_id: Set(row.household),
                region_before: Set(row.before),
                region_code: Set(row.region),
            });
        change_record::Entity::insert_many(rows)
            .exec(&*transaction)
            .await?;
        Ok::<(), DbError>(())
    });
    written.await.expect("the changes are written");
    database.changed();
}

/// Waits until everything recorded can be read: on a shared server the transactions of others hold up the horizon.
pub(crate) async fn settled(db: &TestDatabase) {
    let dialect = match db.engine {
        Engine::Sqlite => Dialect::Sqlite,
        Engine::Postgres => Dialect::Postgres,
    };
    let held_up = format!(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM change_record WHERE transaction_id >= {}",
        dialect.horizon()
    );
    for _ in 0..1_200 {
        if db.number(&held_up).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a transaction holds up the changes");
}
