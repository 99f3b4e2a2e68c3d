//! Keys, taken from the database in blocks, so that they are known before the insert.
//!
//! `id_block(name, next_id)` holds the first key of each name that nobody has taken. One statement takes a whole block
//! and the database serializes it, so several instances never share a key. A block that was not used up when the
//! process ends leaves a gap; keys are names, not counts.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sea_orm::ConnectionTrait;

use super::{Database, DbError, Ledger, write};

/// Keys of one statement.
const BLOCK: i64 = 1_000;

/// More keys than this are never wanted at once.
const WANTED_AT_MOST: u32 = 1_000_000;

const TAKE: &str = "INSERT INTO id_block (name, next_id) VALUES ($1, 1 + $2) \
                    ON CONFLICT (name) DO UPDATE SET next_id = id_block.next_id + $2 RETURNING next_id";

/// The blocks at hand.
#[derive(Default)]
pub(super) struct Ids {
    blocks: Mutex<HashMap<&'static str, Range<i64>>>,
    /// Held while a block is fetched, so that a crowd fetches one block and not one each.
    fetching: tokio::sync::Mutex<()>,
}

impl Database {
    /// The next key of a name, usually a table's.
    pub async fn next_id(&self, name: &'static str) -> Result<i64, DbError> {
        Ok(self.next_ids(name, 1).await?.start)
    }

    /// `count` keys that follow each other.
    ///
    /// Inside of [`Database::write`] this never goes to the database (a block taken in a transaction that is rolled
    /// back would be handed out twice, and SQLite's only writer is busy): when the keys at hand don't suffice, the write
    /// is rolled back, more are fetched, and it runs again.
    pub async fn next_ids(&self, name: &'static str, count: u32) -> Result<Range<i64>, DbError> {
        if count > WANTED_AT_MOST {
            return Err(DbError::fault("too many keys are wanted at once"));
        }
        match self.ids.hand_out(name, count, count) {
            Some(ids) => Ok(ids),
            None if write::is_running() => Err(DbError::OutOfIds { name, count }),
            None => {
                let fetched = self.fetch_ids(name, count, count);
                self.reads.pulse.alive(Box::pin(fetched)).await
            }
        }
    }

    /// Sees to it that `count` keys are at hand.
    pub(super) async fn stock_ids(&self, name: &'static str, count: u32) -> Result<(), DbError> {
        let fetched = self.fetch_ids(name, count, 0);
        self.reads.pulse.alive(Box::pin(fetched)).await.map(drop)
    }

    async fn fetch_ids(
        &self,
        name: &'static str,
        wanted: u32,
        handed: u32,
    ) -> Result<Range<i64>, DbError> {
        let _fetching = self.ids.fetching.lock().await;
        // Somebody may have fetched while we waited.
        match self.ids.hand_out(name, wanted, handed) {
            Some(ids) => Ok(ids),
            None => {
                self.ids
                    .fetch(&self.unbound().await?, name, wanted, handed)
                    .await
            }
        }
    }
}

impl Ids {
    fn blocks(&self) -> MutexGuard<'_, HashMap<&'static str, Range<i64>>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many keys of a block that holds at least `wanted`, where there is one.
    fn hand_out(&self, name: &str, wanted: u32, handed: u32) -> Option<Range<i64>> {
        let mut blocks = self.blocks();
        let block = blocks.get_mut(name)?;
        let end = block.start + i64::from(handed);
        (block.end - block.start >= i64::from(wanted))
            .then(|| std::mem::replace(&mut block.start, end)..end)
    }

    /// Takes a block that holds at least `wanted` keys, and gives so many of them. What was left of the old block becomes a gap.
    async fn fetch(
        &self,
        writer: &Ledger,
        name: &'static str,
        wanted: u32,
        handed: u32,
    ) -> Result<Range<i64>, DbError> {
        let size = BLOCK.max(i64::from(wanted));
        let statement = sea_orm::Statement::from_sql_and_values(
            writer.get_database_backend(),
            TAKE,
            [name.into(), size.into()],
        );
        let row = writer.query_one_raw(statement).await?;
        let end: i64 = row
            .ok_or_else(|| DbError::fault("id_block gave no key"))?
            .try_get_by_index(0)?;
        let first = end - size;
        let handed = first..first + i64::from(handed);
        self.blocks().insert(name, handed.end..end);
        Ok(handed)
    }
}
