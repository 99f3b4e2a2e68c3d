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
    error::DbError,
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
    /// How long a request waits for a connection before it is told that the database is busy.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings {
            connections: 16,
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
}

#[derive(Clone)]
enum Pool {
    Postgres(postgres::Readers),
    Sqlite(Arc<sqlite::Readers>),
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
        })
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

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.pool {
            Pool::Postgres(_) => Dialect::Postgres,
            Pool::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// One connection for the statements of one request, or [`DbError::Busy`] when none becomes free in time.
    pub async fn acquire(&self) -> Result<Session, DbError> {
        let connection = match &self.pool {
            Pool::Postgres(readers) => Connection::Postgres(readers.acquire().await?),
            Pool::Sqlite(readers) => Connection::Sqlite(readers.acquire().await?),
        };
        Ok(Session {
            connection,
            statements: Arc::clone(&self.statements),
            wall: self.wall.clone(),
        })
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
}

/// Statements run, by class.
type Counters = [AtomicU64; Class::ALL.len()];

/// A connection held for one request.
pub struct Session {
    connection: Connection,
    statements: Arc<Counters>,
    wall: Wall,
}

enum Connection {
    Postgres(postgres::Reader),
    Sqlite(sqlite::Lease),
}

impl Session {
    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Postgres(_) => Dialect::Postgres,
            Connection::Sqlite(_) => Dialect::Sqlite,
        }
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
            self.statements[statement.class as usize].fetch_add(1, Ordering::Relaxed);
        }
        match &mut self.connection {
            Connection::Postgres(reader) => {
                let mut results = Vec::with_capacity(statements.len());
                for alike in statements.chunk_by(|one, next| one.beyond == next.beyond) {
                    let opened = alike[0].beyond.map(|opening| self.wall.opened(opening));
                    let wall = opened.as_ref().unwrap_or(&self.wall);
                    results.extend(reader.batch(alike, wall.text()).await);
                }
                results
            }
            Connection::Sqlite(lease) => lease.batch(&statements).await,
        }
    }
}

#[cfg(test)]
mod tests;
