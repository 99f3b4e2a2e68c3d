//! How connections are set up; the numbers are what each database needs to be safe, not to be fast.

use std::{str::FromStr, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions, PgConnection, PgPool, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    DbError, Dialect, PoolFigures, ReadSettings, ReplicaOptions,
    dial::{Setup, patience},
    load::Checks,
    pulse::Pulse,
    wall::EVERYWHERE,
};
use crate::options::{BadOption, section};

/// How long work behind the requests waits for a connection at least.
const JOB_PATIENCE: Duration = Duration::from_secs(10);

/// Of every transaction; why is said in [`super::write`].
const ISOLATION: &str = "read committed";

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(600);

section! {
    /// Connections to the database and how long things may take there.
    PoolOptions {
        /// Connections that answer requests; each request holds one while it reads. PostgreSQL needs room for these,
        /// the writing ones, those for jobs and half of them, and 8 more, for each server process.
        read_connections: usize = 16;
        /// Connections that write. SQLite has one whatever is said here.
        write_connections: u32 = 8;
        /// Connections that read for work behind the requests (jobs, checks, seals), and half as many that write for it:
        /// it takes none from the requests. SQLite has one that writes for all.
        job_connections: usize = 6;
        /// Milliseconds a request waits for a connection before it is told that the database is busy.
        acquire_ms: u64 = 1000;
        /// Milliseconds a statement may run.
        statement_ms: u64 = 5000;
        /// Milliseconds a write waits for a row or table that another one holds.
        lock_ms: u64 = 2000;
        /// Milliseconds without a word from PostgreSQL after which it is taken to be gone and requests are refused.
        silence_ms: u64 = 1000;
    }
}

impl PoolOptions {
    pub(crate) fn check(&self) -> Result<(), BadOption> {
        let bad = |path: &str, problem: &str| Err(BadOption::of(&format!("pool.{path}"), problem));
        if !(1..=1_000).contains(&self.read_connections) {
            return bad("read_connections", "1 to 1000");
        }
        if !(1..=1_000).contains(&self.write_connections) {
            return bad("write_connections", "1 to 1000");
        }
        if !(1..=1_000).contains(&self.job_connections) {
            return bad("job_connections", "1 to 1000");
        }
        for (path, value) in [
            ("silence_ms", self.silence_ms),
            ("acquire_ms", self.acquire_ms),
            ("statement_ms", self.statement_ms),
            ("lock_ms", self.lock_ms),
        ] {
            // 0 would switch a limit off in PostgreSQL.
            if !(1..=600_000).contains(&value) {
                return bad(path, "1 to 600000");
            }
        }
        Ok(())
    }
}

/// How the database is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections of the fast read side.
    pub read_connections: usize,
    /// Connections for queries of the ORM.
    pub reader_connections: u32,
    /// Connections that write; SQLite has one whatever is said here.
    pub write_connections: u32,
    /// Connections that read for work behind the requests.
    pub job_connections: usize,
    /// Threads that answer requests: connections to PostgreSQL are shared out among them.
    pub threads: usize,
    /// How long a request waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a statement may run.
    pub statement_timeout: Duration,
    /// How long a statement waits for a row or table that another one holds.
    pub lock_timeout: Duration,
    /// How long nothing must be heard of the database until it is taken to be gone.
    pub silence: Duration,
    /// What may be read instead.
    pub replicas: ReplicaOptions,
}

impl From<&PoolOptions> for Settings {
    fn from(options: &PoolOptions) -> Self {
        Settings {
            read_connections: options.read_connections,
            reader_connections: 4,
            write_connections: options.write_connections,
            acquire_timeout: Duration::from_millis(options.acquire_ms),
            statement_timeout: Duration::from_millis(options.statement_ms),
            lock_timeout: Duration::from_millis(options.lock_ms),
            silence: Duration::from_millis(options.silence_ms),
            job_connections: options.job_connections,
            threads: 1,
            replicas: ReplicaOptions::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::from(&PoolOptions::default())
    }
}

impl Settings {
    pub(super) fn reads(&self) -> ReadSettings {
        ReadSettings {
            connections: self.read_connections,
            threads: self.threads,
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
        }
    }

    pub(super) fn job_reads(&self) -> ReadSettings {
        ReadSettings {
            connections: self.job_connections,
            threads: 1,
            // Work behind the requests can wait where they can't.
            acquire_timeout: self.acquire_timeout.max(JOB_PATIENCE),
            ..self.reads()
        }
    }
}

/// Where a URL points to, without user and password; nothing when that can't be told.
#[must_use]
pub fn place(url: &str) -> Option<String> {
    match Dialect::of_url(url).ok()? {
        Dialect::Sqlite => {
            let options = SqliteConnectOptions::from_str(url).ok()?;
            Some(options.get_filename().display().to_string())
        }
        Dialect::Postgres => {
            let options = PgConnectOptions::from_str(url).ok()?;
            // A password with a slash, not escaped, would be read as the name.
            let name = options.get_database().unwrap_or_default();
            if name.contains('@') {
                return None;
            }
            Some(format!(
                "{}:{}/{name}",
                options.get_host(),
                options.get_port()
            ))
        }
    }
}

/// The connection to SQLite that writes. One, so that writers queue up here in their order instead of fighting for the lock.
pub(super) async fn sqlite_writer(
    url: &str,
    settings: &Settings,
) -> Result<DatabaseConnection, DbError> {
    let options = sqlite(url, settings.lock_timeout)?;
    sqlite_pool(options, 1, settings.acquire_timeout).await
}

/// Connections to PostgreSQL that write for requests.
pub(super) fn writers(settings: &Settings) -> Setup {
    Setup {
        name: "yihu write",
        options: of_writers(settings),
        wait: settings.acquire_timeout,
        patience: patience(settings.statement_timeout),
    }
}

/// Connections to PostgreSQL that write for work behind the requests.
pub(super) fn job_writers(settings: &Settings) -> Setup {
    Setup {
        name: "yihu jobs",
        options: of_writers(settings),
        wait: settings.acquire_timeout.max(JOB_PATIENCE),
        patience: patience(settings.statement_timeout),
    }
}

fn of_writers(settings: &Settings) -> Vec<(&'static str, String)> {
    let isolation = ("default_transaction_isolation", ISOLATION.to_owned());
    let limits = limits(settings).map(|(name, limit)| (name, limit.to_string()));
    std::iter::once(isolation).chain(limits).collect()
}

/// How the connections of a pool to SQLite stand.
pub(super) fn figures(connection: &DatabaseConnection) -> PoolFigures {
    let pool = connection.get_sqlite_connection_pool();
    PoolFigures {
        most: pool.options().get_max_connections() as usize,
        used: (pool.size() as usize).saturating_sub(pool.num_idle()),
        idle: pool.num_idle(),
        waiting: 0,
    }
}

/// Connections for queries of the ORM.
pub(super) async fn reader(
    url: &str,
    settings: &Settings,
    pulse: &Arc<Pulse>,
) -> Result<DatabaseConnection, DbError> {
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
            let options = postgres(url, "yihu read")?
                .options(limits(settings))
                .options([
                    ("default_transaction_read_only", "on"),
                    ("plan_cache_mode", "force_generic_plan"),
                ]);
            let pool = postgres_pool(settings.reader_connections, settings.acquire_timeout);
            connected(sound(pool, pulse), options).await
        }
    }
}

/// One connection without limits of time.
pub(super) async fn migrator(url: &str) -> Result<DatabaseConnection, DbError> {
    let wait = Duration::from_secs(30);
    match Dialect::of_url(url)? {
        Dialect::Sqlite => sqlite_pool(sqlite(url, wait)?, 1, wait).await,
        Dialect::Postgres => {
            // A migration changes rows of every region.
            let (lo, hi) = EVERYWHERE;
            let options = postgres(url, "yihu migrate")?;
            let options = options.options([("app.lo", lo), ("app.hi", hi)]);
            connected(postgres_pool(1, wait), options).await
        }
    }
}

/// The one connection on which a process hears of changes; opened when it is used.
pub(super) fn listener(url: &str) -> Result<PgPool, DbError> {
    Ok(PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(postgres(url, "yihu listen")?))
}

/// A connection for a load. The cache holds what a load changes again and again.
pub(super) async fn sqlite_loader(url: &str, checks: Checks) -> Result<SqliteConnection, DbError> {
    let options = sqlite(url, Duration::from_secs(30))?
        .foreign_keys(checks == Checks::WithEachRow)
        .pragma("cache_size", "-262144");
    Ok(options.connect().await?)
}

/// A connection for a load, with memory to build indexes in.
pub(super) async fn postgres_loader(url: &str) -> Result<PgConnection, DbError> {
    let options = postgres(url, "yihu load")?
        .options([("maintenance_work_mem", "256MB"), ("work_mem", "64MB")]);
    Ok(options.connect().await?)
}

fn sqlite(url: &str, busy_timeout: Duration) -> Result<SqliteConnectOptions, DbError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Every connection would see a database of its own.
        return Err(DbError::unusable(
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
        .options([("default_transaction_isolation", ISOLATION)]))
}

/// The server's limits of time, in milliseconds.
fn limits(settings: &Settings) -> [(&'static str, u128); 3] {
    let statement_ms = settings.statement_timeout.as_millis();
    [
        ("statement_timeout", statement_ms),
        ("lock_timeout", settings.lock_timeout.as_millis()),
        ("idle_in_transaction_session_timeout", statement_ms),
    ]
}

fn postgres_pool(connections: u32, wait: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections.max(1))
        .idle_timeout(IDLE)
        .acquire_timeout(wait)
        // A ping before every use would double the round trips; a broken line is found out by using it.
        .test_before_acquire(false)
}

/// Lines that were opened before one of them broke are not used again.
fn sound(pool: PgPoolOptions, pulse: &Arc<Pulse>) -> PgPoolOptions {
    let pulse = Arc::clone(pulse);
    pool.before_acquire(move |_, line| {
        let is_sound = pulse.is_sound(line.age);
        Box::pin(async move { Ok(is_sound) })
    })
}

async fn connected(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) -> Result<DatabaseConnection, DbError> {
    let pool = pool.connect_with(options).await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}
