//! Reading from SQLite: a few connections of our own.
//!
//! Not sqlx's pool, for two reasons: SQLite knows no statement timeout, so each connection carries a deadline that
//! SQLite itself looks at while it works; and giving a connection back to that pool starts a task each time.

use std::{
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{PoolFigures, ReadSettings, Row, Statement, param};
use crate::db::error::DbError;

/// How many prepared statements a connection keeps.
const PREPARED_AT_MOST: usize = 500;

/// After how many steps of its machine SQLite looks at the deadline; a millisecond's work at most.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// The connections that nobody uses at the moment, and how many more there may be.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    most: usize,
    options: SqliteConnectOptions,
    started: Instant,
    acquire_timeout: Duration,
    statement_timeout: Duration,
}

struct Connection {
    sqlite: SqliteConnection,
    /// When the running statement has to end, in milliseconds since [`Readers::started`].
    deadline_ms: Arc<AtomicU64>,
}

impl Readers {
    pub(super) async fn connect(url: &str, settings: &ReadSettings) -> Result<Arc<Self>, DbError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(DbError::from)?
            .busy_timeout(settings.acquire_timeout)
            .statement_cache_capacity(PREPARED_AT_MOST)
            .pragma("query_only", "ON")
            .disable_statement_logging();
        let readers = Arc::new(Readers {
            idle: Mutex::default(),
            free: Arc::new(Semaphore::new(settings.connections.max(1))),
            most: settings.connections.max(1),
            options,
            started: Instant::now(),
            acquire_timeout: settings.acquire_timeout,
            statement_timeout: settings.statement_timeout,
        });
        drop(readers.acquire().await?);
        Ok(readers)
    }

    pub(super) async fn acquire(self: &Arc<Self>) -> Result<Lease, DbError> {
        let waiting =
            tokio::time::timeout(self.acquire_timeout, Arc::clone(&self.free).acquire_owned());
        let permit = waiting
            .await
            .map_err(|_| DbError::Busy)?
            .map_err(|_| DbError::Busy)?;
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(Lease {
            readers: Arc::clone(self),
            connection: Some(connection),
            permit,
        })
    }

    pub(super) fn figures(&self) -> PoolFigures {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        PoolFigures {
            most: self.most,
            used: self.most.saturating_sub(self.free.available_permits()),
            idle: idle.len(),
            waiting: 0,
        }
    }

    async fn open(&self) -> Result<Connection, DbError> {
        let mut sqlite = self.options.connect().await?;
        let deadline_ms = Arc::new(AtomicU64::new(u64::MAX));
        let (started, watched) = (self.started, Arc::clone(&deadline_ms));
        let in_time = move || milliseconds(started.elapsed()) < watched.load(Ordering::Relaxed);
        sqlite
            .lock_handle()
            .await?
            .set_progress_handler(STEPS_BETWEEN_LOOKS, in_time);
        Ok(Connection {
            sqlite,
            deadline_ms,
        })
    }
}

/// One connection, held. It goes back when dropped, unless a statement is still running on it.
pub(super) struct Lease {
    readers: Arc<Readers>,
    connection: Option<Connection>,
    #[expect(
        dead_code,
        reason = "held so that it is given back when the lease ends, after the connection"
    )]
    permit: OwnedSemaphorePermit,
}

impl Lease {
    pub(super) async fn batch(
        &mut self,
        statements: &[Statement],
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let mut results = Vec::with_capacity(statements.len());
        for statement in statements {
            results.push(self.run(statement).await);
        }
        results
    }

    async fn run(&mut self, statement: &Statement) -> Result<Vec<Row>, DbError> {
        let arguments = param::for_sqlite(&statement.params)?;
        // Taken out while it works: when the caller gives up in between, it isn't put back.
        let connection = self.connection.take().ok_or(DbError::Timeout)?;
        let mut working = Working(Some(connection));
        let Some(connection) = &mut working.0 else {
            return Err(DbError::Timeout);
        };
        let deadline = self.readers.started.elapsed() + self.readers.statement_timeout;
        connection
            .deadline_ms
            .store(milliseconds(deadline), Ordering::Relaxed);
        let query = sqlx::query_with(AssertSqlSafe(Arc::clone(&statement.sql)), arguments);
        let rows = query.fetch_all(&mut connection.sqlite).await;
        self.connection = working.0.take();
        Ok(rows?.into_iter().map(Row::Sqlite).collect())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
        }
    }
}

/// A connection with a statement under way. Dropped before the end, it stops the statement and closes.
struct Working(Option<Connection>);

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.deadline_ms.store(0, Ordering::Relaxed);
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
