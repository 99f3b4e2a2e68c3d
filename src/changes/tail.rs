//! Where the end of the changes is, looked up once for all who follow in this process.

use crate::db::{BadCell, Class, Database, DbError, Statement};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// How soon it is looked again while a change is committed and an older transaction still runs.
const HELD_UP: Duration = Duration::from_millis(100);
/// The pause after each look: a burst of writes wakes nobody more often.
const AT_MOST_EVERY: Duration = Duration::from_millis(20);

/// Wakes those who follow when there is something new for them to read.
pub struct Tail {
    database: Database,
    /// How long at most until it looks by itself.
    poll: Duration,
    newest: watch::Sender<i64>,
    watching: Mutex<Option<JoinHandle<()>>>,
}

impl Tail {
    /// Looks when a write says so, and every so often. It begins with the first who follows.
    #[must_use]
    pub fn new(database: Database, poll: Duration) -> Self {
        Tail {
            database,
            poll,
            newest: watch::Sender::new(0),
            watching: Mutex::default(),
        }
    }

    /// Tells the number of the newest transaction that left changes and can be read.
    pub(super) fn follow(&self) -> watch::Receiver<i64> {
        let mut watching = self.watching.lock().unwrap_or_else(PoisonError::into_inner);
        if watching.as_ref().is_none_or(JoinHandle::is_finished) {
            let watch = watch(self.database.clone(), self.poll, self.newest.clone());
            *watching = Some(tokio::spawn(watch));
        }
        self.newest.subscribe()
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let watching = self
            .watching
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(watching) = watching {
            watching.abort();
        }
    }
}

async fn watch(database: Database, poll: Duration, newest: watch::Sender<i64>) {
    let mut listener = database.listen();
    loop {
        let pause = match look(&database).await {
            Ok((readable, written)) => {
                newest.send_if_modified(|known| {
                    let more = readable > *known;
                    *known = readable.max(*known);
                    more
                });
                if written > readable { HELD_UP } else { poll }
            }
            Err(error) => {
                tracing::warn!(%error, "the end of the changes cannot be read");
                poll
            }
        };
        tokio::time::sleep(AT_MOST_EVERY).await;
        tokio::select! {
            () = listener.woken() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// How many committed transactions with changes nobody is told of yet, because an older one still runs.
///
/// # Errors
/// The database does not answer.
pub async fn held_back(database: &Database) -> Result<i64, DbError> {
    let sql = format!(
        "SELECT count(DISTINCT t.transaction_id) FROM change_record t WHERE t.transaction_id >= {}",
        database.dialect().horizon()
    );
    let mut session = database.reads().acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
    Ok(rows.first().ok_or(BadCell::UNKNOWN)?.cell(0).int()?)
}

/// The newest transaction with changes that can be read, and the newest that is committed.
async fn look(database: &Database) -> Result<(i64, i64), DbError> {
    let sql = format!(
        "SELECT COALESCE((SELECT max(t.transaction_id) FROM change_record t WHERE t.transaction_id < {}), 0), \
         COALESCE((SELECT max(t.transaction_id) FROM change_record t), 0)",
        database.dialect().horizon()
    );
    let mut session = database.reads().acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
    let row = rows.first().ok_or(BadCell::UNKNOWN)?;
    Ok((row.cell(0).int()?, row.cell(1).int()?))
}
