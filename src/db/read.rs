//! The read side: the statements of one request, down one connection.
//!
//! On PostgreSQL a batch is pipelined: every statement is prepared once per connection, all are sent without waiting,
//! and the answers are read as they come. On SQLite they run one after another on one connection, which is as fast.
//!
//! Where row security is on, a batch is one transaction that begins with the regions it may see ([`super::wall`]).
//!
//! Invariant: nothing can be written here. Both databases are told so for every connection.
//!
//! Callers write their SQL per [`Dialect`] with the placeholders `$1`, `$2`, ..., which both databases understand. The
//! number of different texts must be bounded (lists are one parameter, see [`Dialect::any`]), since every connection
//! keeps what it has prepared.

mod param;
mod postgres;
mod row;
mod sqlite;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub use param::Param;
pub use row::{BadCell, Cell, Row};

use super::{
    asked::Asked,
    error::DbError,
    pulse::{Pulse, silent},
    replica::{Replica, Replicas},
    wall::{Opening, Wall},
};

/// Which of the two databases; SQL texts are written per dialect where the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, embedded.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// The condition that `expression` is one of a list bound as parameter `placeholder` ([`Param::I64s`] or
    /// [`Param::Texts`]). One text whatever the length of the list, so that it is prepared once.
    pub fn any(self, expression: &str, placeholder: usize) -> String {
        match self {
            Dialect::Postgres => format!("{expression} = ANY(${placeholder})"),
            Dialect::Sqlite => {
                format!("{expression} IN (SELECT value FROM json_each(${placeholder}))")
            }
        }
    }

    /// The rows of a JSON text bound as parameter `placeholder` ([`Param::Text`], an array of objects) as a table `r` with these
    /// columns: what is asked of many at once is one statement, whatever their number. A field that is left out is null.
    pub fn rows(self, placeholder: usize, columns: &[(&str, RowType)]) -> String {
        let list = |one: &dyn Fn(&str, RowType) -> String| {
            let all: Vec<_> = columns.iter().map(|(name, is)| one(name, *is)).collect();
            all.join(", ")
        };
        match self {
            Dialect::Postgres => {
                let selected = list(&|name, is| match is {
                    RowType::Bytes => format!("decode(v.{name}, 'hex') AS {name}"),
                    _ => format!("v.{name}"),
                });
                let typed = list(&|name, is| match is {
                    RowType::Whole => format!("{name} bigint"),
                    RowType::Day => format!("{name} date"),
                    RowType::Text | RowType::Bytes => format!("{name} text"),
                });
                format!(
                    "(SELECT {selected} FROM json_to_recordset(${placeholder}::json) AS v({typed})) AS r"
                )
            }
            Dialect::Sqlite => {
                let selected = list(&|name, is| match is {
                    RowType::Bytes => format!("unhex(value ->> '{name}') AS {name}"),
                    _ => format!("value ->> '{name}' AS {name}"),
                });
                format!("(SELECT {selected} FROM json_each(${placeholder})) AS r")
            }
        }
    }

    /// The database that a URL points to: `sqlite://path` or `postgres://...`.
    pub fn of_url(url: &str) -> Result<Self, DbError> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Dialect::Sqlite),
            Some("postgres" | "postgresql") => Ok(Dialect::Postgres),
            // The URL may hold a password, so it isn't repeated.
            _ => Err(DbError::unusable(
                "the database URL must begin with sqlite:// or postgres://",
            )),
        }
    }
}

/// What a column of [`Dialect::rows`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowType {
    Whole,
    Text,
    /// A day as `YYYY-MM-DD`.
    Day,
    /// Bytes, written as hexadecimal digits.
    Bytes,
}

/// How a statement finds its rows: what it would cost on tables that are distributed by household.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Rows of households whose ids are known: one place each.
    ByHousehold,
    /// Rows of a region, a user's links or an institution: every place that holds some.
    ByScope,
    /// Rows of a natural person, found by a blind index.
    ByIdentity,
    /// Small tables that are copied everywhere.
    Reference,
    /// Work in the background, over everything.
    Job,
}

impl Class {
    /// Every class, in the order they are counted.
    pub const ALL: [Class; 5] = [
        Class::ByHousehold,
        Class::ByScope,
        Class::ByIdentity,
        Class::Reference,
        Class::Job,
    ];

    /// The word in metrics and documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Class::ByHousehold => "BY_HOUSEHOLD",
            Class::ByScope => "BY_SCOPE",
            Class::ByIdentity => "BY_IDENTITY",
            Class::Reference => "REFERENCE",
            Class::Job => "JOB",
        }
    }
}

/// One statement: its text and what stands for `$1`, `$2`, ...
#[derive(Clone, Debug)]
pub struct Statement {
    /// How it finds its rows.
    pub class: Class,
    /// The text, shared: it is never copied on its way to the driver.
    pub sql: Arc<str>,
    /// As many as the text has placeholders.
    pub params: Vec<Param>,
    /// Why it looks beyond the regions of who asks, where it does.
    pub beyond: Option<Opening>,
}

impl Statement {
    /// A statement of a text and its parameters.
    pub fn new(class: Class, sql: impl Into<Arc<str>>, params: Vec<Param>) -> Self {
        Statement {
            class,
            sql: sql.into(),
            params,
            beyond: None,
        }
    }
}

/// How the read side uses its database.
#[derive(Clone, Debug)]
pub struct ReadSettings {
    /// How many connections at most.
    pub connections: usize,
    /// How many threads of a process they are shared out among, where they are of PostgreSQL.
    pub threads: usize,
    /// How long a request waits for a connection before it is told that the database is busy.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings {
            connections: 16,
            threads: 1,
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(5),
        }
    }
}

/// The connections for reading. Cheap to clone; clones share connections and counter.
#[derive(Clone)]
pub struct Reads {
    pool: Pool,
    statements: Arc<Counters>,
    wall: Wall,
    pub(super) pulse: Arc<Pulse>,
    pub(super) replicas: Arc<Replicas>,
    pub(super) asked: Arc<Asked>,
}

#[derive(Clone)]
enum Pool {
    Postgres(postgres::Readers),
    Sqlite(Arc<sqlite::Readers>),
}

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// The most there can be.
    pub most: usize,
    /// Those that somebody uses.
    pub used: usize,
    /// Those that are open and nobody uses.
    pub idle: usize,
    /// Those who wait for one.
    pub waiting: usize,
}

impl std::iter::Sum for PoolFigures {
    fn sum<I: Iterator<Item = Self>>(pools: I) -> Self {
        pools.fold(PoolFigures::default(), |sum, pool| PoolFigures {
            most: sum.most + pool.most,
            used: sum.used + pool.used,
            idle: sum.idle + pool.idle,
            waiting: sum.waiting + pool.waiting,
        })
    }
}

impl Reads {
    /// Connects to `url`, and fails when the database can't be reached.
    pub async fn connect(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let pool = match Dialect::of_url(url)? {
            Dialect::Postgres => Pool::Postgres(postgres::Readers::connect(url, settings).await?),
            Dialect::Sqlite => Pool::Sqlite(sqlite::Readers::connect(url, settings).await?),
        };
        Ok(Reads {
            pool,
            statements: Arc::default(),
            wall: Wall::Off,
            pulse: Arc::new(Pulse::new(Duration::from_secs(1))),
            replicas: Arc::default(),
            asked: Arc::default(),
        })
    }

    /// Other connections to the same database, opened when they are used, that count with these.
    pub(super) async fn beside(&self, url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let pool = match self.dialect() {
            Dialect::Postgres => Pool::Postgres(postgres::Readers::lazy(url, settings)?),
            Dialect::Sqlite => Pool::Sqlite(sqlite::Readers::connect(url, settings).await?),
        };
        Ok(Reads {
            pool,
            ..self.clone()
        })
    }

    /// Closes the connections to PostgreSQL that nobody uses.
    pub(super) fn reset(&self) {
        if let Pool::Postgres(readers) = &self.pool {
            readers.reset();
        }
    }

    /// What is told before the statements.
    pub(super) fn wall(&self) -> &Wall {
        &self.wall
    }

    /// The same connections behind another wall.
    pub(super) fn behind(&self, wall: Wall) -> Self {
        Reads {
            wall,
            ..self.clone()
        }
    }

    /// The same connections for another request.
    pub(super) fn asking(&self, asked: Arc<Asked>) -> Self {
        Reads {
            asked,
            ..self.clone()
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Postgres(_) => Dialect::Postgres,
            Pool::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// One connection for the statements of one request, or [`DbError::Busy`] when none becomes free in time.
    pub async fn acquire(&self) -> Result<Session, DbError> {
        if let Some(replica) = self.replicas.fit(self.asked.freshness)
            && let line = Box::pin(replica.while_trusted(replica.lines.acquire()))
            && let Some(Ok(line)) = line.await
        {
            return Ok(self.session(Connection::Replica(line, replica.clone())));
        }
        self.of_primary().await
    }

    async fn of_primary(&self) -> Result<Session, DbError> {
        let connection = async {
            Ok(match &self.pool {
                Pool::Postgres(readers) => Connection::Postgres(readers.acquire().await?),
                Pool::Sqlite(readers) => Connection::Sqlite(readers.acquire().await?),
            })
        };
        match self.pulse.alive(Box::pin(connection)).await {
            Ok(connection) => Ok(self.session(connection)),
            Err(error) => {
                self.asked.failed(&error);
                Err(error)
            }
        }
    }

    fn session(&self, connection: Connection) -> Session {
        Session {
            connection,
            reads: self.clone(),
        }
    }

    /// Runs the statements down one connection. One result for each: a statement that fails loses only its own rows.
    pub async fn batch(&self, statements: Vec<Statement>) -> Vec<Result<Vec<Row>, DbError>> {
        match self.acquire().await {
            Ok(mut session) => session.batch(statements).await,
            Err(error) => statements.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// How many statements have been run since the start; tests and metrics compare two readings.
    pub fn statements(&self) -> u64 {
        self.statements
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// How many statements have been run since the start, by class.
    #[must_use]
    pub fn statements_of(&self, class: Class) -> u64 {
        self.statements[class as usize].load(Ordering::Relaxed)
    }

    /// How the connections stand.
    #[must_use]
    pub fn figures(&self) -> PoolFigures {
        match &self.pool {
            Pool::Postgres(readers) => readers.figures(),
            Pool::Sqlite(readers) => readers.figures(),
        }
    }
}

/// Connections to one PostgreSQL, beside those of [`Reads`].
pub(super) struct Lines(postgres::Readers);

impl Lines {
    /// Opened when they are used.
    pub(super) fn lazy(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        Ok(Lines(postgres::Readers::lazy(url, settings)?))
    }

    async fn acquire(&self) -> Result<postgres::Reader, DbError> {
        self.0.acquire().await
    }

    /// Runs one statement that is of no region.
    pub(super) async fn one(&self, statement: Statement) -> Result<Vec<Row>, DbError> {
        let mut line = self.acquire().await?.probe();
        let mut results = line.batch(&[statement], None).await;
        results
            .pop()
            .unwrap_or_else(|| Err(DbError::fault("a statement without a result")))
    }

    /// Closes those that nobody uses.
    pub(super) fn reset(&self) {
        self.0.reset();
    }
}

/// Statements run, by class.
type Counters = [AtomicU64; Class::ALL.len()];

/// A connection held for one request.
pub struct Session {
    connection: Connection,
    reads: Reads,
}

enum Connection {
    Postgres(postgres::Reader),
    Replica(postgres::Reader, Arc<Replica>),
    Sqlite(sqlite::Lease),
}

impl Session {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.reads.dialect()
    }

    /// Runs one statement.
    pub async fn one(&mut self, statement: Statement) -> Result<Vec<Row>, DbError> {
        let mut results = self.batch(vec![statement]).await;
        results
            .pop()
            .unwrap_or_else(|| Err(DbError::fault("a statement without a result")))
    }

    /// Runs the statements, pipelined where the driver can. One result for each, in their order.
    ///
    /// Each statement sees the database as it is at its own start.
    pub async fn batch(&mut self, statements: Vec<Statement>) -> Vec<Result<Vec<Row>, DbError>> {
        for statement in &statements {
            self.reads.statements[statement.class as usize].fetch_add(1, Ordering::Relaxed);
        }
        if let Connection::Replica(..) = self.connection
            && let Some(results) = Box::pin(self.of_replica(&statements)).await
        {
            return results;
        }
        let pulse = self.reads.pulse.clone();
        let results = pulse
            .unless_gone(Box::pin(self.of_primary(&statements)))
            .await;
        let results = match results {
            Some(results) => results,
            None => {
                if let Connection::Postgres(reader) = &mut self.connection {
                    reader.abandon();
                }
                statements.iter().map(|_| Err(silent())).collect()
            }
        };
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(error) => self.reads.asked.failed(error),
            None => pulse.heard(),
        }
        results
    }

    /// The answers of a replica, where all could be answered there; else the connection is one to the primary now.
    async fn of_replica(
        &mut self,
        statements: &[Statement],
    ) -> Option<Vec<Result<Vec<Row>, DbError>>> {
        let Connection::Replica(reader, replica) = &mut self.connection else {
            return None;
        };
        // The line may have been held since it was fit.
        if replica.is_fit(self.reads.asked.freshness, self.reads.replicas.max_lag_ms) {
            let answers = replica.while_trusted(pipelined(reader, statements, &self.reads.wall));
            match answers.await {
                Some(results) if results.iter().all(Result::is_ok) => return Some(results),
                Some(_) => {}
                None => reader.abandon(),
            }
        }
        match self.reads.of_primary().await {
            Ok(session) => {
                self.connection = session.connection;
                None
            }
            Err(error) => Some(statements.iter().map(|_| Err(error.clone())).collect()),
        }
    }

    async fn of_primary(&mut self, statements: &[Statement]) -> Vec<Result<Vec<Row>, DbError>> {
        match &mut self.connection {
            Connection::Postgres(reader) | Connection::Replica(reader, _) => {
                pipelined(reader, statements, &self.reads.wall).await
            }
            Connection::Sqlite(lease) => lease.batch(statements).await,
        }
    }
}

/// The statements in their order, each behind its own wall.
async fn pipelined(
    reader: &mut postgres::Reader,
    statements: &[Statement],
    wall: &Wall,
) -> Vec<Result<Vec<Row>, DbError>> {
    let mut results = Vec::with_capacity(statements.len());
    for alike in statements.chunk_by(|one, next| one.beyond == next.beyond) {
        let opened = alike[0].beyond.map(|opening| wall.opened(opening));
        let wall = opened.as_ref().unwrap_or(wall);
        results.extend(reader.batch(alike, wall.text()).await);
    }
    results
}

#[cfg(test)]
mod tests;
