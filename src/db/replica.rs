//! Reading from streaming replicas, as old as is allowed and never older.
//!
//! How old a replica is is not told by clocks of two machines. The primary is asked again and again how far it has
//! written; a replica that has replayed that far shows every commit of before the question. So the moment of the newest
//! question that it has passed is the moment as of which it is fresh, and a read goes there while that is less than
//! `replicas.max_lag_ms` ago. That holds while a replica is cut off, stopped, or far behind, and when the primary is idle.
//!
//! A read after a write ([`Freshness::From`]) goes to a replica that has replayed the write, else to the primary. A
//! statement that a replica fails to answer is asked of the primary.

use super::{
    Class, DbError, Freshness, Position, ReadSettings, Reads, Row, Statement, pulse::Pulse,
    read::Lines,
};
use crate::options::{BadOption, section};
use futures_util::future::join_all;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

section! {
    /// Streaming replicas of PostgreSQL, for queries that may be a moment old. Without them all goes to the primary.
    ReplicaOptions {
        /// Addresses of replicas, as of the database; with the same name, user and role.
        urls: Vec<String> = Vec::new();
        /// Milliseconds that an answer may be old: a replica further behind is not asked.
        max_lag_ms: u64 = 2000;
        /// Connections to each replica.
        connections: usize = 16;
    }
}

impl ReplicaOptions {
    pub(crate) fn check(&self, database: &str) -> Result<(), BadOption> {
        let bad =
            |path: &str, problem: &str| Err(BadOption::of(&format!("replicas.{path}"), problem));
        let is_postgres = |url: &String| url.starts_with("postgres");
        if !self
            .urls
            .iter()
            .chain([&database.to_owned()])
            .all(is_postgres)
            && !self.urls.is_empty()
        {
            return bad("urls", "replicas are those of a PostgreSQL");
        }
        if !(200..=600_000).contains(&self.max_lag_ms) {
            return bad("max_lag_ms", "200 to 600000");
        }
        if !(1..=1_000).contains(&self.connections) {
            return bad("connections", "1 to 1000");
        }
        Ok(())
    }
}

/// How many questions are remembered: a replica further behind than all of them is too old anyway.
const QUESTIONS: usize = 64;
/// A question that is not answered in this time is no answer.
const PATIENCE: Duration = Duration::from_secs(1);

const OF_PRIMARY: &str = "SELECT pg_current_wal_flush_lsn()::text, current_setting('synchronous_commit'), \
     (SELECT system_identifier::text FROM pg_control_system())";
const OF_REPLICA: &str = "SELECT pg_last_wal_replay_lsn()::text, pg_is_in_recovery(), \
     (SELECT system_identifier::text FROM pg_control_system())";
const WRITTEN: &str = "SELECT pg_current_wal_flush_lsn()::text";

/// The replicas of one database; mostly none.
#[derive(Default)]
pub(super) struct Replicas {
    all: Vec<Arc<Replica>>,
    pub(super) max_lag_ms: u64,
    next: AtomicUsize,
}

/// One replica.
pub(super) struct Replica {
    pub(super) lines: Lines,
    pulse: Arc<Pulse>,
    /// How far it had come when it was asked last.
    replayed: Mutex<Position>,
    /// As of when it is fresh, in milliseconds of the pulse; nothing where that is not known.
    fresh_ms: watch::Sender<Option<u64>>,
    /// Requests that read here.
    asked: AtomicU64,
}

/// What metrics tell of a replica.
#[derive(Clone, Copy, Debug)]
pub struct ReplicaFigures {
    /// Milliseconds since it was known to be whole; nothing where it is not used at all.
    pub lag_ms: Option<u64>,
    /// Times that a request took a line to it.
    pub asked: u64,
}

impl Replicas {
    pub(super) fn new(
        options: &ReplicaOptions,
        settings: &ReadSettings,
        pulse: &Arc<Pulse>,
    ) -> Result<Self, DbError> {
        let settings = ReadSettings {
            connections: options.connections,
            ..settings.clone()
        };
        let replica = |url: &String| {
            Ok(Arc::new(Replica {
                lines: Lines::lazy(url, &settings)?,
                pulse: pulse.clone(),
                replayed: Mutex::default(),
                fresh_ms: watch::Sender::new(None),
                asked: AtomicU64::new(0),
            }))
        };
        let all: Result<Vec<_>, DbError> = options.urls.iter().map(replica).collect();
        Ok(Replicas {
            all: all?,
            max_lag_ms: options.max_lag_ms,
            next: AtomicUsize::new(0),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A replica for a read that must be as fresh, if there is one; each in turn.
    pub(super) fn fit(&self, freshness: Freshness) -> Option<&Arc<Replica>> {
        if self.all.is_empty() || freshness == Freshness::Newest {
            return None;
        }
        let first = self.next.fetch_add(1, Ordering::Relaxed) % self.all.len();
        let (before, after) = self.all.split_at(first);
        let fits = |replica: &&Arc<Replica>| replica.is_fit(freshness, self.max_lag_ms);
        let found = after.iter().chain(before).find(fits)?;
        found.asked.fetch_add(1, Ordering::Relaxed);
        Some(found)
    }

    pub(super) fn figures(&self) -> Vec<ReplicaFigures> {
        let figures = |replica: &Arc<Replica>| ReplicaFigures {
            lag_ms: replica.lag_ms(),
            asked: replica.asked.load(Ordering::Relaxed),
        };
        self.all.iter().map(figures).collect()
    }

    /// Asks how far all have come for as long as the process runs.
    pub(super) async fn watch(self: Arc<Self>, primary: Reads) {
        let pause = Duration::from_millis((self.max_lag_ms / 8).clamp(25, 250));
        let mut questions = VecDeque::with_capacity(QUESTIONS);
        loop {
            self.look(&primary, &mut questions).await;
            tokio::time::sleep(pause).await;
        }
    }

    async fn look(&self, primary: &Reads, questions: &mut VecDeque<(u64, Position)>) {
        let Some(asked_ms) = self.all.first().map(|replica| replica.pulse.now_ms()) else {
            return;
        };
        let told = tokio::time::timeout(PATIENCE, told_by_primary(primary)).await;
        let identifier = match told {
            Ok(Ok((position, identifier))) => {
                if questions.len() == QUESTIONS {
                    questions.pop_front();
                }
                questions.push_back((asked_ms, position));
                Some(identifier)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "how far the primary has come is not known");
                None
            }
            Err(_) => None,
        };
        let looks = self
            .all
            .iter()
            .map(|replica| replica.look(questions, identifier.as_deref()));
        join_all(looks).await;
    }
}

impl Replica {
    fn replayed(&self) -> Position {
        *self.replayed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lag_ms(&self) -> Option<u64> {
        let fresh_ms = *self.fresh_ms.borrow();
        Some(self.pulse.now_ms().saturating_sub(fresh_ms?))
    }

    /// Whether a read that must be as fresh may go there now.
    pub(super) fn is_fit(&self, freshness: Freshness, max_lag_ms: u64) -> bool {
        let Freshness::From(position) = freshness else {
            return false;
        };
        self.lag_ms().is_some_and(|lag_ms| lag_ms <= max_lag_ms) && self.replayed() >= position
    }

    /// Not asked until it is known again how far it is.
    fn distrust(&self) {
        self.fresh_ms.send_replace(None);
        self.lines.reset();
    }

    /// What the work comes to, or nothing when the replica stops answering before.
    pub(super) async fn while_trusted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut fresh = self.fresh_ms.subscribe();
        tokio::select! {
            biased;
            done = work => Some(done),
            _ = fresh.wait_for(Option::is_none) => None,
        }
    }

    async fn look(&self, questions: &VecDeque<(u64, Position)>, identifier: Option<&str>) {
        let told = tokio::time::timeout(PATIENCE, self.told()).await;
        let told =
            told.unwrap_or_else(|_| Err(DbError::unavailable("the replica does not answer")));
        let (replayed, own) = match told {
            Ok(told) => told,
            Err(error) => {
                tracing::debug!(%error, "a replica is not asked");
                self.distrust();
                return;
            }
        };
        if identifier.is_some_and(|identifier| identifier != own) {
            tracing::warn!("a replica is of another database: it is not asked");
            self.distrust();
            return;
        }
        *self.replayed.lock().unwrap_or_else(PoisonError::into_inner) = replayed;
        let passed = questions
            .iter()
            .rev()
            .find(|(_, position)| *position <= replayed);
        if let (Some((asked_ms, _)), Some(_)) = (passed, identifier) {
            self.fresh_ms.send_replace(Some(*asked_ms));
        }
    }

    /// How far it has come, and of which database it is.
    async fn told(&self) -> Result<(Position, String), DbError> {
        let statement = Statement::new(Class::Reference, OF_REPLICA, vec![]);
        let rows = self.lines.one(statement).await?;
        let row = first(&rows)?;
        if !row.cell(1).boolean()? {
            return Err(DbError::unavailable("the replica is a primary now"));
        }
        Ok((position(row)?, row.cell(2).text()?.to_owned()))
    }
}

/// How far the primary has written, and which database it is.
async fn told_by_primary(primary: &Reads) -> Result<(Position, String), DbError> {
    let mut session = primary.acquire().await?;
    let statement = Statement::new(Class::Reference, OF_PRIMARY, vec![]);
    let rows = session.one(statement).await?;
    let row = first(&rows)?;
    if row.cell(1).text()? == "off" {
        // Others would see a commit before it counts as written.
        return Err(DbError::unusable("replicas need synchronous_commit"));
    }
    Ok((position(row)?, row.cell(2).text()?.to_owned()))
}

/// A place that the commits of before have not passed.
pub(super) async fn written(primary: &Reads) -> Result<Position, DbError> {
    let mut session = primary.acquire().await?;
    let statement = Statement::new(Class::Reference, WRITTEN, vec![]);
    position(first(&session.one(statement).await?)?)
}

fn first(rows: &[Row]) -> Result<&Row, DbError> {
    rows.first().ok_or_else(|| DbError::fault("no answer"))
}

fn position(row: &Row) -> Result<Position, DbError> {
    let text = row.cell(0).text()?;
    text.parse().map_err(|_| DbError::fault("no position"))
}
