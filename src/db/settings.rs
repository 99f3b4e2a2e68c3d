//! How connections are set up; the numbers are what each database needs to be safe, not to be fast.

use std::{str::FromStr, time::Duration};

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{DbError, Dialect, ReadSettings};

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(600);

/// How the database is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections of the fast read side.
    pub read_connections: usize,
    /// Connections for queries of the ORM.
    pub reader_connections: u32,
    /// Connections that write; SQLite has one whatever is said here.
    pub write_connections: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement waits for a row or table that another one holds.
    pub lock_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            read_connections: 16,
            reader_connections: 4,
            write_connections: 8,
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(2),
        }
    }
}

impl Settings {
    pub(super) fn reads(&self) -> ReadSettings {
        ReadSettings {
            connections: self.read_connections,
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
        }
    }
}

/// Connections that write.
pub(super) async fn writer(url: &str, settings: &Settings) -> Result<DatabaseConnection, DbError> {
    match Dialect::of_url(url)? {
        Dialect::Sqlite => {
            let options = sqlite(url, settings.lock_timeout)?;
            // One, so that writers queue up here in their order instead of fighting for SQLite's lock.
            sqlite_pool(options, 1, settings.acquire_timeout).await
        }
        Dialect::Postgres => {
            let options = limited(postgres(url, "yihu write")?, settings);
            postgres_pool(
                options,
                settings.write_connections,
                settings.acquire_timeout,
            )
            .await
        }
    }
}

/// Connections for queries of the ORM.
pub(super) async fn reader(url: &str, settings: &Settings) -> Result<DatabaseConnection, DbError> {
    match Dialect::of_url(url)? {
        Dialect::Sqlite => {
            let options = sqlite(url, settings.lock_timeout)?.pragma("query_only", "ON");
            sqlite_pool(
                options,
                settings.reader_connections,
                settings.acquire_timeout,
            )
            .await
        }
        Dialect::Postgres => {
            let options = limited(postgres(url, "yihu read")?, settings).options([
                ("default_transaction_read_only", "on"),
                ("plan_cache_mode", "force_generic_plan"),
            ]);
            postgres_pool(
                options,
                settings.reader_connections,
                settings.acquire_timeout,
            )
            .await
        }
    }
}

/// One connection without limits of time.
pub(super) async fn migrator(url: &str) -> Result<DatabaseConnection, DbError> {
    let wait = Duration::from_secs(30);
    match Dialect::of_url(url)? {
        Dialect::Sqlite => sqlite_pool(sqlite(url, wait)?, 1, wait).await,
        Dialect::Postgres => postgres_pool(postgres(url, "yihu migrate")?, 1, wait).await,
    }
}

fn sqlite(url: &str, busy_timeout: Duration) -> Result<SqliteConnectOptions, DbError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Every connection would see a database of its own.
        return Err(DbError::fault(
            "SQLite needs a file, since several connections share it",
        ));
    }
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL loses acknowledged commits when the power fails.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(busy_timeout)
        .statement_cache_capacity(500)
        .disable_statement_logging();
    Ok(options)
}

async fn sqlite_pool(
    options: SqliteConnectOptions,
    connections: u32,
    wait: Duration,
) -> Result<DatabaseConnection, DbError> {
    let pool = SqlitePoolOptions::new()
        .max_connections(connections.max(1))
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(wait)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

fn postgres(url: &str, name: &str) -> Result<PgConnectOptions, DbError> {
    let options = PgConnectOptions::from_str(url)?;
    // As on the read side: without `sslmode` none, with it always a verified server.
    let mode = match options.get_ssl_mode() {
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => PgSslMode::VerifyFull,
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => PgSslMode::Disable,
    };
    Ok(options
        .ssl_mode(mode)
        .application_name(name)
        .statement_cache_capacity(500)
        .disable_statement_logging()
        .options([("default_transaction_isolation", "read committed")]))
}

fn limited(options: PgConnectOptions, settings: &Settings) -> PgConnectOptions {
    options.options([
        ("statement_timeout", settings.statement_timeout.as_millis()),
        ("lock_timeout", settings.lock_timeout.as_millis()),
        (
            "idle_in_transaction_session_timeout",
            settings.statement_timeout.as_millis(),
        ),
    ])
}

async fn postgres_pool(
    options: PgConnectOptions,
    connections: u32,
    wait: Duration,
) -> Result<DatabaseConnection, DbError> {
    let pool = PgPoolOptions::new()
        .max_connections(connections.max(1))
        .idle_timeout(IDLE)
        .acquire_timeout(wait)
        // A ping before every use would double the round trips; a broken line is found out by using it.
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}
