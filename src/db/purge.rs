//! What is too old is removed behind everybody, a batch at a time.

use super::DbError;
use std::time::Duration;

/// Rows removed in one write: on SQLite others wait for it.
pub const BATCH: u64 = 1_000;
/// The pause between two writes while there is more, and when there is none.
const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(600);

/// Rows that are kept for a time. Every instance removes them: what another one was faster with is not there any more.
pub trait Purge: Send + Sync {
    /// What they are called in the log.
    const WHAT: &'static str;

    /// Removes what is too old, a batch at most, and says whether there may be more.
    ///
    /// # Errors
    /// The database could not be asked.
    fn batch(&self) -> impl Future<Output = Result<bool, DbError>> + Send;
}

/// Removes what is too old, again and again.
pub async fn purge_for_ever<P: Purge>(purge: P) {
    loop {
        let more = purge.batch().await.unwrap_or_else(|error| {
            tracing::warn!(%error, what = P::WHAT, "what is too old was not removed");
            false
        });
        tokio::time::sleep(if more { SHORT } else { LONG }).await;
    }
}
