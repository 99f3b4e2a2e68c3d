//! Who follows what changes is woken when something has: in this process at once, on PostgreSQL in the others too.
//!
//! A wake says only that there may be something to read; what it is stands in the database. So one that is lost costs a
//! moment, never a change: whoever waits looks by itself from time to time.

use super::{Database, DbError, Dialect, pulse::Pulse, settings};
use sea_orm::ConnectionTrait;
use sqlx::postgres::PgListener;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

const CHANNEL: &str = "yihu_changes";
/// The others are told at most once in this time: at its commit, each teller holds up all writes of the server.
const TELL_EVERY: Duration = Duration::from_millis(20);
/// The pause before a line that broke is opened again.
const RECONNECT: Duration = Duration::from_secs(1);

/// The wakes of one process.
pub(super) struct Wakes {
    here: watch::Sender<u64>,
    /// So that a process does not wake itself a second time.
    process: String,
    telling: AtomicBool,
}

impl Default for Wakes {
    fn default() -> Self {
        Wakes {
            here: watch::Sender::new(0),
            process: uuid::Uuid::new_v4().to_string(),
            telling: AtomicBool::new(false),
        }
    }
}

impl Database {
    /// Says that a write which left change records has been committed.
    pub fn changed(&self) {
        self.wakes.here.send_modify(|count| *count += 1);
        if self.dialect() == Dialect::Postgres && !self.wakes.telling.swap(true, Ordering::AcqRel) {
            tokio::spawn(tell(self.clone()));
        }
    }

    /// Begins to listen for what this and other processes say of changes.
    #[must_use]
    pub fn listen(&self) -> Listener {
        let remote = match self.dialect() {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some(tokio::spawn(hear(
                Arc::clone(&self.url),
                Arc::clone(&self.wakes),
                Arc::clone(&self.reads.pulse),
            ))),
        };
        Listener {
            here: self.wakes.here.subscribe(),
            remote,
        }
    }
}

/// Waits for wakes, for as long as it is kept.
pub struct Listener {
    here: watch::Receiver<u64>,
    remote: Option<JoinHandle<()>>,
}

impl Listener {
    /// Ends when something has changed since the last time.
    pub async fn woken(&mut self) {
        if self.here.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(remote) = &self.remote {
            remote.abort();
        }
    }
}

/// Tells the other processes. After the commit and not inside of it, and for several writes at once.
async fn tell(database: Database) {
    tokio::time::sleep(TELL_EVERY).await;
    // Whoever commits from here on tells anew.
    database.wakes.telling.store(false, Ordering::Release);
    let notify = format!("NOTIFY {CHANNEL}, '{}'", database.wakes.process);
    let told = async {
        Ok(database
            .unbound()
            .await?
            .execute_unprepared(&notify)
            .await?)
    };
    if let Err(error) = database.reads.pulse.alive::<_, DbError>(told).await {
        tracing::debug!(%error, "other processes were not told of a change");
    }
}

async fn hear(url: Arc<str>, wakes: Arc<Wakes>, pulse: Arc<Pulse>) {
    loop {
        // A line to a server that is gone may never say so.
        let heard = pulse.alive(hear_until_broken(&url, &wakes));
        if let Err(error) = heard.await {
            tracing::debug!(%error, "no line to hear of changes");
        }
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn hear_until_broken(url: &str, wakes: &Wakes) -> Result<(), DbError> {
    let mut listener = PgListener::connect_with(&settings::listener(url)?).await?;
    listener.listen(CHANNEL).await?;
    // What was said before the line was open.
    wakes.here.send_modify(|count| *count += 1);
    while let Some(notification) = listener.try_recv().await? {
        if notification.payload() != wakes.process {
            wakes.here.send_modify(|count| *count += 1);
        }
    }
    Ok(())
}
