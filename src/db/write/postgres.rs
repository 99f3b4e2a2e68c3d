//! Writing to PostgreSQL: tokio-postgres, because it pipelines. The beginning of a transaction goes out with its first
//! statement and its end with its last one, and what a service does at once (`try_join!`) is sent at once.

use crate::db::{
    DbError, PoolFigures,
    dial::{self, Setup},
    pulse::{Pulse, silent},
    shares::Shares,
};
use deadpool_postgres::{Object, Pool};
use futures_util::{FutureExt, TryStreamExt, future::join};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    prelude::async_trait::async_trait,
};
use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_postgres::{Row, SimpleQueryMessage, Statement as Prepared};

mod values;

use values::{bound, kinds};

/// The connections.
#[derive(Clone)]
pub(in crate::db) struct Writers {
    shares: Shares<Pool>,
    patience: Duration,
    pulse: Arc<Pulse>,
    statements: Arc<AtomicU64>,
}

impl Writers {
    /// Opened when they are used.
    pub(in crate::db) fn lazy(
        url: &str,
        setup: &Setup,
        (connections, threads): (usize, usize),
        pulse: &Arc<Pulse>,
        statements: &Arc<AtomicU64>,
    ) -> Result<Self, DbError> {
        let pool = |connections| dial::pool(url, setup, connections);
        Ok(Writers {
            shares: Shares::out(connections, threads, pool)?,
            patience: setup.patience,
            pulse: Arc::clone(pulse),
            statements: Arc::clone(statements),
        })
    }

    /// A line whose statements are a transaction that begins so, or each its own where it has no beginning.
    pub(in crate::db) async fn line(&self, begin: Option<String>) -> Result<Line, DbError> {
        Ok(Line {
            client: Some(self.sound().await?),
            patience: self.patience,
            pulse: Arc::clone(&self.pulse),
            statements: Arc::clone(&self.statements),
            is_begun: AtomicBool::new(begin.is_none()),
            begin,
            is_answered: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
            is_lost: AtomicBool::new(false),
            in_flight: AtomicU32::new(0),
            turn: tokio::sync::Mutex::default(),
            last: Mutex::default(),
        })
    }

    /// A connection that was opened since one broke: those of before are not used again.
    async fn sound(&self) -> Result<Object, DbError> {
        loop {
            let client = dial::get(self.shares.pick(dial::figures)).await?;
            if self.pulse.is_sound(Object::metrics(&client).age()) {
                return Ok(client);
            }
            drop(Object::take(client));
        }
    }

    /// Closes the connections that nobody uses.
    pub(in crate::db) fn reset(&self) {
        self.shares.iter().for_each(dial::reset);
    }

    pub(in crate::db) fn figures(&self) -> PoolFigures {
        self.shares.iter().map(dial::figures).sum()
    }
}

/// One connection, held for a transaction. Dropped before its end, it rolls back.
///
/// The server runs statements in the order in which they were first polled: of those that are polled together none may depend
/// on what another one gives.
pub struct Line {
    client: Option<Object>,
    patience: Duration,
    pulse: Arc<Pulse>,
    statements: Arc<AtomicU64>,
    begin: Option<String>,
    is_begun: AtomicBool,
    /// Whether the server has answered to the beginning: until then nothing has happened.
    is_answered: AtomicBool,
    /// Whether a statement was refused: the server takes no other one, and its COMMIT would be a rollback that says nothing.
    has_failed: AtomicBool,
    /// Whether its end was sent.
    has_ended: AtomicBool,
    /// Whether an answer did not come in time: nobody knows what is still to come down this line.
    is_lost: AtomicBool,
    /// How many statements are not answered yet, those among them that nobody waits for any more.
    in_flight: AtomicU32,
    /// Held from the first poll of a statement until it is sent: one that must be prepared first keeps its place.
    turn: tokio::sync::Mutex<()>,
    last: Mutex<Option<Statement>>,
}

impl Line {
    /// Whether the server has never answered on it, nor may it still be at work.
    pub(super) fn is_untouched(&self) -> bool {
        !self.is_answered.load(Ordering::Relaxed) && !self.is_lost.load(Ordering::Relaxed)
    }

    /// Whether its statements are a transaction.
    pub(super) fn has_end(&self) -> bool {
        self.begin.is_some()
    }

    /// Keeps the last statement of the transaction, which goes out with the end.
    pub(super) fn keep_last(&self, statement: Statement) -> Result<(), DbError> {
        let mut last = self.last();
        if last.is_some() {
            return Err(DbError::fault("a write has two last statements"));
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        *last = Some(statement);
        Ok(())
    }

    fn last(&self) -> MutexGuard<'_, Option<Statement>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the transaction: what was kept of it is run, and all of it stays.
    pub(super) async fn commit(self) -> Result<(), DbError> {
        if self.has_failed.load(Ordering::Relaxed) {
            return Err(DbError::fault("a write went on behind a refused statement"));
        }
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            // It may have been refused.
            return Err(DbError::fault("a write did not wait for a statement"));
        }
        let last = self.last().take();
        if last.is_none() && !self.is_begun.load(Ordering::Relaxed) {
            return Ok(());
        }
        // An end that is not answered has an outcome that nobody knows: patience for it and for what goes before.
        self.in_time(2, self.end(last.as_ref())).await
    }

    /// Sends the last statement and the end of the transaction.
    async fn end(&self, last: Option<&Statement>) -> Result<(), DbError> {
        // Before the rest, which must not wait between the last statement and the end.
        let prepared = match last {
            Some(last) => Some((last, self.prepared(last).await?)),
            None => None,
        };
        let client = self.client()?;
        let last = async {
            match &prepared {
                Some((last, prepared)) => client
                    .execute_raw(prepared, bound(last))
                    .await
                    .map(drop)
                    .map_err(|error| dial::told(client, error)),
                None => Ok(()),
            }
        };
        let end = async {
            self.has_ended.store(true, Ordering::Relaxed);
            let ended = client.batch_execute("COMMIT").await;
            ended.map_err(DbError::from)
        };
        self.begun(sent_before(last, end)).await
    }

    fn client(&self) -> Result<&Object, DbError> {
        let client = self.client.as_ref();
        client.ok_or_else(|| DbError::fault("a line was given up"))
    }

    /// Does this, sent right behind the beginning where the transaction has not begun.
    async fn begun<T>(&self, work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
        let begin = match &self.begin {
            Some(begin) if !self.is_begun.swap(true, Ordering::Relaxed) => begin,
            _ => return work.await,
        };
        let (begun, done) = join(self.client()?.batch_execute(begin), work).await;
        begun?;
        self.is_answered.store(true, Ordering::Relaxed);
        done
    }

    /// Runs a statement, and remembers where it was refused.
    async fn run<T>(&self, work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbErr> {
        if self.last().is_some() {
            return Err(DbError::fault("a statement behind the last one of its write").into());
        }
        let done = self.in_time(1, self.begun(work)).await;
        if done.is_err() && self.begin.is_some() {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        if done.as_ref().is_err_and(DbError::is_aftermath) {
            // What was refused is answered already: of those who were sent together, that one shall tell first.
            tokio::task::yield_now().await;
        }
        Ok(done?)
    }

    /// What comes of so many statements, if it comes in time. Each waits for those before it.
    async fn in_time<T>(
        &self,
        statements: u32,
        work: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        if self.is_lost.load(Ordering::Relaxed) {
            return Err(silent());
        }
        let before = self.in_flight.fetch_add(statements, Ordering::Relaxed);
        let patience = self.patience * (before + statements);
        let Ok(done) = tokio::time::timeout(patience, work).await else {
            self.is_lost.store(true, Ordering::Relaxed);
            return Err(silent());
        };
        self.in_flight.fetch_sub(statements, Ordering::Relaxed);
        done
    }

    async fn prepared(&self, statement: &Statement) -> Result<Prepared, DbError> {
        let kinds = kinds(statement)?;
        let client = self.client()?;
        let prepared = client.prepare_typed_cached(&statement.sql, &kinds).await;
        prepared.map_err(|error| dial::told(client, error))
    }

    /// How many rows it touched.
    async fn count(&self, statement: &Statement) -> Result<u64, DbError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let (client, turn) = (self.client()?, self.turn.lock().await);
        let prepared = self.prepared(statement).await?;
        let done = client.execute_raw(&prepared, bound(statement));
        let done = in_turn(turn, done).await;
        done.map_err(|error| dial::told(client, error))
    }

    async fn rows(&self, statement: &Statement) -> Result<Vec<Row>, DbError> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let (client, turn) = (self.client()?, self.turn.lock().await);
        let prepared = self.prepared(statement).await?;
        let rows = async {
            let rows = client.query_raw(&prepared, bound(statement)).await?;
            rows.try_collect::<Vec<_>>().await
        };
        let rows = in_turn(turn, rows).await;
        rows.map_err(|error| dial::told(client, error))
    }
}

/// Both, sent together by being polled: the second one only where the first could be sent. Where the first is refused, the server
/// does nothing of the second.
async fn sent_before(
    first: impl Future<Output = Result<(), DbError>>,
    second: impl Future<Output = Result<(), DbError>>,
) -> Result<(), DbError> {
    let mut first = pin!(first);
    match first.as_mut().now_or_never() {
        Some(Err(error)) => Err(error),
        Some(Ok(())) => second.await,
        None => {
            let (first, second) = join(first, second).await;
            first.and(second)
        }
    }
}

/// The answer. It is asked for when it is first polled: then the turn ends.
async fn in_turn<F: Future>(turn: tokio::sync::MutexGuard<'_, ()>, answer: F) -> F::Output {
    let (mut turn, mut answer) = (Some(turn), pin!(answer));
    poll_fn(move |context| {
        let answered = answer.as_mut().poll(context);
        drop(turn.take());
        answered
    })
    .await
}

#[async_trait]
impl ConnectionTrait for Line {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        values::touched(self.run(self.count(&statement)).await?)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = async {
            let (client, turn) = (self.client()?, self.turn.lock().await);
            let messages = in_turn(turn, client.simple_query(sql)).await?;
            let rows = messages.iter().map(|message| match message {
                SimpleQueryMessage::CommandComplete(rows) => *rows,
                _ => 0,
            });
            Ok(rows.sum())
        };
        values::touched(self.run(done).await?)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let rows = self.query_all_raw(statement).await?;
        Ok(rows.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        values::results(&self.run(self.rows(&statement)).await?)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else {
            return;
        };
        if self.is_lost.load(Ordering::Relaxed) || self.pulse.is_gone() {
            // Nobody knows what is still to come down this line.
            drop(Object::take(client));
            return;
        }
        let is_open = self.begin.is_some() && self.is_begun.load(Ordering::Relaxed);
        if is_open && !self.has_ended.load(Ordering::Relaxed) {
            // Sent by being polled once; whoever gets the connection next is behind it.
            drop(client.batch_execute("ROLLBACK").now_or_never());
        }
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            dial::settle(client, self.patience);
        }
    }
}
