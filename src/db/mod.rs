//! The doors to the database: one for reading, one for writing, one for numbering.
//!
//! - [`Reads`] answers the statements of one request down one connection; it is the fast way.
//! - [`Database::write`] is the only way to change anything;
//! - [`Database::load`] fills an empty database.
//! - [`Database::reader`] is for what an ORM query says best and nobody waits for.
//!
//! Invariant: no transaction is opened anywhere else (clippy's `disallowed-methods` holds this), and both kinds of
//! reading connections refuse to write.

mod asked;
mod dial;
pub mod error;
mod horizon;
pub mod ids;
pub mod load;
mod pulse;
mod purge;
pub mod read;
mod replica;
pub mod row_security;
mod settings;
mod shares;
mod wake;
pub mod wall;
pub mod write;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use pulse::Pulse;
use replica::Replicas;
use write::Writers;

pub use asked::{BadPosition, Freshness, Position};
pub use error::{DbError, Violation, ViolationKind};
pub use load::{Checks, Inserts, Keys, Load};
pub use purge::{BATCH, Purge, purge_for_ever};
pub use read::{
    BadCell, Cell, Class, Dialect, Param, PoolFigures, ReadSettings, Reads, Row, RowType, Session,
    Statement,
};
pub use replica::{ReplicaFigures, ReplicaOptions};
pub use row_security::RowSecurity;
pub use settings::{PoolOptions, Settings, place};
pub use shares::claim_share;
pub use wake::Listener;
pub use wall::Opening;
pub use write::{Ledger, Transaction, WriteError, only};

/// All that one process holds of its database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    url: Arc<str>,
    writers: Writers,
    reader: DatabaseConnection,
    reads: Reads,
    /// What works behind the requests has connections of its own.
    behind: Arc<Behind>,
    ids: Arc<ids::Ids>,
    statements: Arc<AtomicU64>,
    wakes: Arc<wake::Wakes>,
}

struct Behind {
    reads: Reads,
    writers: Writers,
}

impl Database {
    /// Connects to `sqlite://path` (made when absent) or `postgres://...`, and fails when that is impossible.
    pub async fn connect(url: &str, settings: &Settings) -> Result<Self, DbError> {
        let statements = Arc::new(AtomicU64::new(0));
        // Only this one says why a server can't be reached: the ORM's pools try again until their patience ends.
        let postgres = match Dialect::of_url(url)? {
            Dialect::Postgres => Some(Reads::connect(url, &settings.reads()).await?),
            Dialect::Sqlite => None,
        };
        let pulse = Arc::new(Pulse::new(settings.silence));
        let (writers, behind) = writers(url, settings, &pulse, &statements).await?;
        let reader = counted(settings::reader(url, settings, &pulse).await?, &statements);
        let mut reads = match postgres {
            Some(reads) => reads,
            // The writer has made the file.
            None => Reads::connect(url, &settings.reads()).await?,
        };
        let replicas = Replicas::new(&settings.replicas, &settings.reads(), &pulse)?;
        reads.replicas = Arc::new(replicas);
        reads.pulse = pulse;
        let behind = Behind {
            reads: reads.beside(url, &settings.job_reads()).await?,
            writers: behind,
        };
        let mut database = Database {
            url: url.into(),
            writers,
            reader,
            reads,
            behind: Arc::new(behind),
            ids: Arc::new(ids::Ids::default()),
            statements,
            wakes: Arc::default(),
        };
        database.learn_unique_indexes().await?;
        database.learn_row_security().await?;
        Ok(database)
    }

    /// The same database by the connections for work behind the requests, which take none from them.
    #[must_use]
    pub fn for_jobs(&self) -> Self {
        Database {
            reads: self.behind.reads.behind(self.reads.wall().clone()),
            writers: self.behind.writers.clone(),
            ..self.clone()
        }
    }

    /// Keeps an eye on whether the database answers and how far its replicas are, until the runtime ends: what serves
    /// requests needs to know it, a command does not.
    pub fn keep_watch(&self) {
        if self.dialect() == Dialect::Sqlite {
            return;
        }
        let pulse = self.reads.pulse.clone().watch(Arc::clone(&self.url));
        tokio::spawn(async {
            if let Err(error) = pulse.await {
                tracing::error!(%error, "nobody looks whether the database answers");
            }
        });
        if !self.reads.replicas.is_empty() {
            let replicas = self.reads.replicas.clone();
            tokio::spawn(replicas.watch(self.for_jobs().reads));
        }
    }

    /// How connections, statements and replicas stand, for metrics.
    #[must_use]
    pub fn figures(&self) -> DatabaseFigures {
        DatabaseFigures {
            is_gone: self.reads.pulse.is_gone(),
            pools: vec![
                ("read", self.reads.figures()),
                ("write", self.writers.figures()),
                ("job_read", self.behind.reads.figures()),
                ("job_write", self.behind.writers.figures()),
            ],
            statements: Class::ALL.map(|class| (class.word(), self.reads.statements_of(class))),
            written_statements: self.statements.load(Ordering::Relaxed),
            replicas: self.reads.replicas.figures(),
        }
    }

    /// The fast read side.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// Connections for queries of the ORM; they can't write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// A text as a statement of the ORM.
    pub fn orm_text(&self, sql: &str) -> sea_orm::Statement {
        sea_orm::Statement::from_string(self.backend(), sql)
    }

    /// A text with its values as a statement of the ORM.
    pub fn orm_values(&self, sql: String, values: Vec<sea_orm::Value>) -> sea_orm::Statement {
        sea_orm::Statement::from_sql_and_values(self.backend(), sql, values)
    }

    /// A statement of the read side as one of the ORM, for asking inside of a write.
    ///
    /// # Errors
    /// A list among its parameters.
    pub fn orm_statement(&self, statement: Statement) -> Result<sea_orm::Statement, DbError> {
        let values: Result<Vec<sea_orm::Value>, DbError> = statement
            .params
            .into_iter()
            .map(Param::into_value)
            .collect();
        let backend = self.backend();
        Ok(sea_orm::Statement::from_sql_and_values(
            backend,
            &*statement.sql,
            values?,
        ))
    }

    /// Gives up the connections that nobody uses: those that a start leaves are driven by none of the threads that answer
    /// requests.
    pub fn release(&self) {
        self.reads.pulse.broke();
        self.reads.reset();
        self.writers.reset();
        self.behind.writers.reset();
    }

    fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.reads.dialect()
    }

    /// How many statements have been run since the start, without BEGIN and COMMIT; tests compare two readings.
    pub fn statements(&self) -> u64 {
        self.reads.statements() + self.statements.load(Ordering::Relaxed)
    }

    /// Brings the schema up to date. Instances that start together wait for each other, and one that is killed on the
    /// way leaves whole migrations only.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), DbError> {
        let state = self.schema_state::<M>().await?;
        if let Some(newest) = state.unknown.last() {
            return Err(DbError::unusable(format!(
                "newer than this program, which does not know the migration {newest}"
            )));
        }
        // A connection of its own: building an index over a full table takes longer than a statement may.
        let connection = settings::migrator(&self.url).await?;
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        if postgres {
            // The lock belongs to the session and ends with it.
            connection
                .execute_unprepared("SELECT pg_advisory_lock(hashtext('yihu migrations'))")
                .await?;
        }
        let migrated = match postgres {
            true => M::up(&connection, None).await,
            // Here sea-orm opens no transaction of its own.
            false => up_at_once::<M>(&connection).await,
        };
        connection.close().await?;
        migrated?;
        self.learn_unique_indexes().await
    }

    /// How the schema differs from what this program was built for. Nothing is changed or created.
    pub async fn schema_state<M: MigratorTrait>(&self) -> Result<SchemaState, DbError> {
        let wanted: BTreeSet<String> = M::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        let applied = self
            .applied_migrations(M::migration_table_name().inner().as_ref())
            .await?;
        Ok(SchemaState {
            pending: wanted.difference(&applied).cloned().collect(),
            unknown: applied.difference(&wanted).cloned().collect(),
        })
    }

    async fn applied_migrations(&self, table: &str) -> Result<BTreeSet<String>, DbError> {
        let mut session = self.reads.acquire().await?;
        let exists = match self.dialect() {
            Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = $1",
            Dialect::Postgres => "SELECT relname::text FROM pg_class WHERE oid = to_regclass($1)",
        };
        if session
            .one(Statement::new(Class::Reference, exists, vec![table.into()]))
            .await?
            .is_empty()
        {
            return Ok(BTreeSet::new());
        }
        let rows = session
            .one(Statement::new(
                Class::Reference,
                format!("SELECT version FROM {table}"),
                vec![],
            ))
            .await?;
        rows.iter()
            .map(|row| Ok(row.cell(0).text()?.to_owned()))
            .collect()
    }

    /// SQLite tells which columns a unique index refused, not which index: learn them from the schema.
    async fn learn_unique_indexes(&self) -> Result<(), DbError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(());
        }
        let sql = "SELECT t.name, i.name, (SELECT group_concat(t.name || '.' || c.name, ', ' ORDER BY c.seqno) \
                   FROM pragma_index_info(i.name) AS c) \
                   FROM sqlite_schema AS t, pragma_index_list(t.name) AS i \
                   WHERE t.type = 'table' AND i.\"unique\" AND i.origin = 'c'";
        let tables =
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%UNIQUE%'";
        let mut session = self.reads.acquire().await?;
        for row in session
            .one(Statement::new(Class::Reference, sql, vec![]))
            .await?
        {
            // An index over expressions has no columns; SQLite names such an index itself.
            if let (Ok(index), Ok(columns)) = (row.cell(1).text(), row.cell(2).text()) {
                error::learn_unique_index(columns.to_owned(), index);
            }
        }
        for row in session
            .one(Statement::new(Class::Reference, tables, vec![]))
            .await?
        {
            for (constraint, columns) in
                error::named_unique_constraints(row.cell(0).text()?, row.cell(1).text()?)
            {
                error::learn_unique_index(columns, constraint);
            }
        }
        Ok(())
    }
}

/// The connection, whose statements are counted.
fn counted(mut connection: DatabaseConnection, statements: &Arc<AtomicU64>) -> DatabaseConnection {
    let statements = Arc::clone(statements);
    connection.set_metric_callback(move |_| {
        statements.fetch_add(1, Ordering::Relaxed);
    });
    connection
}

/// The connections that write for requests and those that write behind them.
async fn writers(
    url: &str,
    settings: &Settings,
    pulse: &Arc<Pulse>,
    statements: &Arc<AtomicU64>,
) -> Result<(Writers, Writers), DbError> {
    if Dialect::of_url(url)? == Dialect::Sqlite {
        // There is only one who writes.
        let writer = settings::sqlite_writer(url, settings).await?;
        let writers = Writers::Sqlite(counted(writer, statements));
        return Ok((writers.clone(), writers));
    }
    let lazy = |setup, most| {
        let writers = write::postgres::Writers::lazy(url, setup, most, pulse, statements);
        writers.map(Writers::Postgres)
    };
    let most = (settings.write_connections as usize, settings.threads);
    let most_behind = (settings.job_connections.div_ceil(2), 1);
    Ok((
        lazy(&settings::writers(settings), most)?,
        lazy(&settings::job_writers(settings), most_behind)?,
    ))
}

/// How a database is used at the moment.
#[derive(Clone, Debug)]
pub struct DatabaseFigures {
    /// Whether it does not answer any more.
    pub is_gone: bool,
    /// The pools by name.
    pub pools: Vec<(&'static str, PoolFigures)>,
    /// Statements of the read side since the start, by class.
    pub statements: [(&'static str, u64); Class::ALL.len()],
    /// Statements of the ORM since the start: those of writes.
    pub written_statements: u64,
    /// The replicas, in the order of the configuration.
    pub replicas: Vec<ReplicaFigures>,
}

/// All pending migrations, or none of them.
#[expect(
    clippy::disallowed_methods,
    reason = "the schema, before anything is written"
)]
async fn up_at_once<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    M::up(&transaction, None).await?;
    transaction.commit().await
}

/// The schema against the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaState {
    /// Migrations that this program knows and the database has not seen.
    pub pending: Vec<String>,
    /// Migrations that the database has seen and this program does not know: it is older than the schema.
    pub unknown: Vec<String>,
}

impl SchemaState {
    /// Whether this program can work on this database: what a newer one has added is no obstacle.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty()
    }
}

#[cfg(test)]
mod scratch;
#[cfg(test)]
mod tests;
