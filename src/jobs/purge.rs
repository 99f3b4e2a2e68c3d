//! Results that nobody fetches any more.

use super::store;
use crate::{
    clock::Clock,
    db::{Database, DbError, Purge},
};

const DAY_MS: i64 = 86_400_000;

/// The files of jobs that ended long ago, and what is left of those that came to nothing.
#[derive(Clone)]
pub struct OldJobs {
    pub database: Database,
    pub clock: Clock,
    /// Days that a file can be fetched.
    pub keep_days: u32,
}

impl Purge for OldJobs {
    const WHAT: &'static str = "files of jobs";

    async fn batch(&self) -> Result<bool, DbError> {
        let now_ms = self.clock.now_ms();
        let before_ms = now_ms - i64::from(self.keep_days) * DAY_MS;
        store::remove_old(&self.database, before_ms, now_ms).await
    }
}
