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
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    ExecResult, QueryResult, QuerySelect, Select, SelectGetableTuple, Selector,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, TryGetable,
    prelude::async_trait::async_trait,
};

use super::{Database, DbError, PoolFigures, replica, settings};

pub(super) mod postgres;

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
        let (mut attempt, mut restocks, mut renewed) = (1, 0, false);
        loop {
            // On the heap: whoever writes is deep below an operation already.
            let tried = Box::pin(self.attempt(&work));
            let End { error, untouched } = match self.reads.pulse.alive(tried).await {
                Ok(done) => {
                    Box::pin(self.tell_position()).await;
                    return Ok(done);
                }
                Err(end) => end,
            };
            match error.database_error() {
                // The line turned out to be broken before anything happened; the others were opened before, too.
                Some(DbError::Unavailable(_)) if untouched && !renewed => {
                    renewed = true;
                    self.reads.pulse.broke();
                }
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

    /// Begins a transaction behind the wall.
    async fn begin(&self) -> Result<Transaction, DbError> {
        let wall = self.reads.wall().text();
        let ledger = match &self.writers {
            Writers::Sqlite(writer) => Ledger::Sqlite(begin_at_once(writer).await?),
            Writers::Postgres(writers) => {
                let begin = match wall {
                    Some(wall) => format!("BEGIN; {wall}"),
                    None => "BEGIN".to_owned(),
                };
                Ledger::Postgres(Box::new(writers.line(Some(begin)).await?))
            }
        };
        Ok(Transaction(Arc::new(ledger)))
    }

    /// A connection that writes and whose statements are each a transaction of their own.
    pub(super) async fn unbound(&self) -> Result<Ledger, DbError> {
        Ok(match &self.writers {
            Writers::Sqlite(writer) => Ledger::Unbound(writer.clone()),
            Writers::Postgres(writers) => Ledger::Postgres(Box::new(writers.line(None).await?)),
        })
    }

    async fn attempt<T, E, F, W>(&self, work: &F) -> Result<T, End<E>>
    where
        F: Fn(Transaction) -> W,
        W: Future<Output = Result<T, E>>,
        E: WriteError,
    {
        let handle = self.begin().await?;
        // Dropped on the way (a panic, a caller that went away), the transaction rolls itself back.
        let worked = RUNNING.scope((), work(handle.clone())).await;
        let ledger = Arc::into_inner(handle.0)
            .ok_or_else(|| DbError::fault("a write kept its transaction"))?;
        match worked {
            Ok(done) => {
                ledger.commit().await?;
                Ok(done)
            }
            Err(error) => {
                let untouched = ledger.is_untouched();
                ledger.rollback().await;
                Err(End { error, untouched })
            }
        }
    }
}

/// How an attempt failed.
struct End<E> {
    error: E,
    /// Whether the database can't have heard of it.
    untouched: bool,
}

impl<E: From<DbError>> From<DbError> for End<E> {
    fn from(error: DbError) -> Self {
        End {
            error: error.into(),
            untouched: false,
        }
    }
}

/// The connections that write.
#[derive(Clone)]
pub(super) enum Writers {
    Sqlite(DatabaseConnection),
    Postgres(postgres::Writers),
}

impl Writers {
    pub(super) fn figures(&self) -> PoolFigures {
        match self {
            Writers::Sqlite(writer) => settings::figures(writer),
            Writers::Postgres(writers) => writers.figures(),
        }
    }

    /// Closes the connections to PostgreSQL that nobody uses.
    pub(super) fn reset(&self) {
        if let Writers::Postgres(writers) = self {
            writers.reset();
        }
    }
}

/// The transaction of a write, for the time of its work.
#[derive(Clone)]
pub struct Transaction(Arc<Ledger>);

impl std::ops::Deref for Transaction {
    type Target = Ledger;
    fn deref(&self) -> &Ledger {
        &self.0
    }
}

/// A connection that writes, as the ORM takes it.
pub enum Ledger {
    /// A transaction of SQLite.
    Sqlite(DatabaseTransaction),
    /// SQLite without one.
    Unbound(DatabaseConnection),
    /// PostgreSQL, with or without one.
    Postgres(Box<postgres::Line>),
}

impl Ledger {
    /// Runs the last statement of a write. It may be sent with the end of the transaction: then its error is that of the write.
    ///
    /// # Errors
    /// Those of the statement.
    pub async fn last(&self, statement: Statement) -> Result<(), DbError> {
        if let Ledger::Postgres(line) = self
            && line.has_end()
        {
            return line.keep_last(statement);
        }
        self.execute_raw(statement).await?;
        Ok(())
    }

    async fn commit(self) -> Result<(), DbError> {
        match self {
            Ledger::Sqlite(transaction) => Ok(transaction.commit().await?),
            Ledger::Unbound(_) => Ok(()),
            Ledger::Postgres(line) => line.commit().await,
        }
    }

    /// The work's error is what matters; a line that broke rolls back by itself, and one to PostgreSQL when it is dropped.
    async fn rollback(self) {
        if let Ledger::Sqlite(transaction) = self {
            drop(transaction.rollback().await);
        }
    }

    fn is_untouched(&self) -> bool {
        match self {
            Ledger::Postgres(line) => line.is_untouched(),
            Ledger::Sqlite(_) | Ledger::Unbound(_) => false,
        }
    }
}

/// The same call of whichever it is.
macro_rules! of_any {
    ($ledger:ident, $connection:ident => $call:expr) => {
        match $ledger {
            Ledger::Sqlite($connection) => $call,
            Ledger::Unbound($connection) => $call,
            Ledger::Postgres($connection) => $call,
        }
    };
}

#[async_trait]
impl ConnectionTrait for Ledger {
    fn get_database_backend(&self) -> DbBackend {
        of_any!(self, connection => connection.get_database_backend())
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        of_any!(self, connection => connection.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        of_any!(self, connection => connection.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        of_any!(self, connection => connection.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        of_any!(self, connection => connection.query_all_raw(statement).await)
    }
}

/// The values of one column alone.
#[expect(clippy::disallowed_methods, reason = "it is one column")]
pub fn only<E: EntityTrait, T: TryGetable>(
    select: Select<E>,
    column: E::Column,
) -> Selector<SelectGetableTuple<T>> {
    select.select_only().column(column).into_tuple()
}

#[expect(clippy::disallowed_methods, reason = "this is the place")]
async fn begin_at_once(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
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
