//! The one door for writes.
//!
//! The transactions are READ COMMITTED on PostgreSQL, not SERIALIZABLE, on purpose: what must never happen (two open
//! memberships, a payment twice, a fund overdrawn) is refused by constraints of the schema, and an edit of a row that
//! somebody else has edited by its version. Both hold at every level and on both databases; SERIALIZABLE would add
//! retries under contention and protect only code that checks before it inserts, which we don't write. On SQLite a
//! write transaction takes the write lock at once (BEGIN IMMEDIATE), so it can't lose it half-way.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use super::{Database, DbError, replica};

/// How often a write that lost against another one is run.
const ATTEMPTS: u32 = 6;

/// How often a write is run again because it ran out of keys; each time it gets as many as it asked for.
const RESTOCKS: u32 = 16;

/// After this no further attempt is begun.
const ENOUGH: Duration = Duration::from_secs(5);

/// The pause before the second attempt, doubled before each further one.
const FIRST_PAUSE_MS: u64 = 8;

tokio::task_local! {
    /// Set while the work of a write runs.
    static RUNNING: ();
}

/// Whether the current task is inside of [`Database::write`].
pub(super) fn is_running() -> bool {
    RUNNING.try_with(|()| ()).is_ok()
}

/// An error that a write may end with. A service's own error says what of it came from the database, so that a lost race
/// is run again.
pub trait WriteError: From<DbError> {
    /// The database's error inside of this one, if that is what it is.
    fn database_error(&self) -> Option<&DbError>;
}

impl WriteError for DbError {
    fn database_error(&self) -> Option<&DbError> {
        Some(self)
    }
}

impl Database {
    /// Runs `work` in a write transaction and commits what it did when it returns `Ok`.
    ///
    /// An error, a panic or a caller that goes away rolls everything back. A transaction that lost against another one
    /// is run again from its beginning, so `work` must do nothing but database work, and is called more than once.
    /// `name` is what logs call it. The transaction is handed over by value, not lent: a future that borrows from its
    /// caller's arguments for every lifetime can't be proven `Send`. It must not outlive the work.
    pub async fn write<T, E, F, W>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: WriteError,
    {
        if is_running() {
            // On SQLite it would wait for itself.
            return Err(DbError::fault(format!(
                "the write {name} was begun inside of another one"
            ))
            .into());
        }
        let started = Instant::now();
        let (mut attempt, mut restocks) = (1, 0);
        loop {
            // On the heap: whoever writes is deep below an operation already.
            let tried = Box::pin(self.attempt(&work));
            let error = match self.reads.pulse.alive(tried).await {
                Ok(done) => {
                    Box::pin(self.tell_position()).await;
                    return Ok(done);
                }
                Err(error) => error,
            };
            match error.database_error() {
                Some(&DbError::OutOfIds { name, count }) if restocks < RESTOCKS => {
                    restocks += 1;
                    self.stock_ids(name, count).await?;
                }
                Some(cause)
                    if cause.is_retryable() && attempt < ATTEMPTS && started.elapsed() < ENOUGH =>
                {
                    tracing::debug!(write = name, attempt, %cause, "a write is run again");
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                cause => {
                    if let Some(cause) = cause {
                        self.reads.asked.failed(cause);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Remembers how far the primary has come with this write, for who reads after it from a replica.
    async fn tell_position(&self) {
        self.reads.pulse.heard();
        if self.reads.replicas.is_empty() || !self.reads.asked.is_told {
            return;
        }
        match replica::written(&self.reads.newest()).await {
            Ok(position) => self.reads.asked.wrote(position),
            // The request number finds the write again; reads go on to be bounded.
            Err(error) => tracing::warn!(%error, "the position of a write is not known"),
        }
    }

    /// Tells the database which regions the statements of the transaction may touch from here on.
    ///
    /// # Errors
    /// The database did not take it.
    pub(crate) async fn raise_wall(&self, transaction: &Transaction) -> Result<(), DbError> {
        if let Some(wall) = self.reads.wall().text() {
            transaction.execute_unprepared(wall).await?;
        }
        Ok(())
    }

    /// Begins a transaction, a second time when the first line turned out to be broken: nothing has happened on it yet.
    async fn begin(&self) -> Result<DatabaseTransaction, DbError> {
        match begin_once(self.writer()).await.map_err(DbError::from) {
            Err(DbError::Unavailable(_)) => {
                // The others were opened before, too.
                self.reads.pulse.broke();
                Ok(begin_once(self.writer()).await?)
            }
            begun => begun,
        }
    }

    async fn attempt<T, E, F, W>(&self, work: &F) -> Result<T, E>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: WriteError,
    {
        let handle = Transaction(Arc::new(self.begin().await?));
        self.raise_wall(&handle).await?;
        // Dropped on the way (a panic, a caller that went away), the transaction rolls itself back.
        let worked = RUNNING.scope((), work(handle.clone())).await;
        let transaction = Arc::into_inner(handle.0)
            .ok_or_else(|| DbError::fault("a write kept its transaction"))?;
        match worked {
            Ok(done) => {
                transaction.commit().await.map_err(DbError::from)?;
                Ok(done)
            }
            Err(error) => {
                // The work's error is what matters; a line that broke rolls back by itself.
                drop(transaction.rollback().await);
                Err(error)
            }
        }
    }
}

/// The transaction of a write, for the time of its work.
#[derive(Clone)]
pub struct Transaction(Arc<DatabaseTransaction>);

impl std::ops::Deref for Transaction {
    type Target = DatabaseTransaction;
    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// Runs `work` inside of a transaction so that its failure undoes only itself: after a refused row PostgreSQL takes no
/// further statement of the transaction, except behind a savepoint.
#[expect(
    clippy::disallowed_methods,
    reason = "nested in a write, this is a savepoint"
)]
pub async fn savepoint<T, E, F>(transaction: &DatabaseTransaction, work: F) -> Result<T, E>
where
    F: AsyncFnOnce(&DatabaseTransaction) -> Result<T, E>,
    E: WriteError,
{
    let inner = transaction.begin().await.map_err(DbError::from)?;
    match work(&inner).await {
        Ok(done) => {
            inner.commit().await.map_err(DbError::from)?;
            Ok(done)
        }
        Err(error) => {
            inner.rollback().await.map_err(DbError::from)?;
            Err(error)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place")]
async fn begin_once(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    writer.begin_with_options(options).await
}

/// Twice as long each time, give or take half, so that those who met don't meet again.
fn pause(attempt: u32) -> Duration {
    let whole = FIRST_PAUSE_MS << attempt.min(8);
    let [chance, ..] = uuid::Uuid::new_v4().into_bytes();
    Duration::from_millis(whole / 2 + whole * u64::from(chance) / 512)
}
