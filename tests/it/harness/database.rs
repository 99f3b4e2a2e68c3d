//! A database for each test: copied from a prepared one, removed after.

use super::postgres::{Server, connect};
use super::row_security::{beside_the_wall, is_walled};
use super::seed::Seed;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TryGetable,
};
use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;
use yihu::graphql::scalars::global_id;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// The database of one test. Copies are the same database.
#[derive(Clone, Debug)]
pub(crate) struct TestDatabase {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    place: Arc<Place>,
}

#[derive(Debug)]
enum Place {
    Folder(#[expect(dead_code, reason = "held for its end, which removes the folder")] TempDir),
    Server(&'static Server, String),
}

impl TestDatabase {
    /// `None` where this engine is not run.
    pub(crate) async fn create(engine: Engine, seed: Seed) -> Option<TestDatabase> {
        let (url, place) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::Builder::new()
                    .prefix("yihu-test-")
                    .tempdir()
                    .expect("a temporary folder");
                let file = folder.path().join("yihu.sqlite");
                fs::copy(sqlite_template(seed).await, &file).expect("the prepared file copied");
                (sqlite_url(&file), Place::Folder(folder))
            }
            Engine::Postgres => {
                let server = Server::of_this_run().await?;
                let name = format!("yihu_test_{}", Uuid::new_v4().simple());
                copy_postgres_template(server, seed, &name).await;
                (server.url(&name), Place::Server(server, name))
            }
        };
        Some(TestDatabase {
            engine,
            url,
            place: Arc::new(place),
        })
    }

    /// The address of what looks at all rows, wherever they lie.
    pub(crate) fn beside(&self) -> String {
        beside_the_wall(self.engine, &self.url)
    }

    /// A connection beside the server's, to look at what it wrote.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.beside());
        options.max_connections(2).sqlx_logging(false);
        Database::connect(options)
            .await
            .expect("the test's database opens")
    }

    /// The one whole number that a statement gives: `SELECT COUNT(*) FROM audit`.
    pub(crate) async fn number(&self, statement: &str) -> i64 {
        self.value(statement).await
    }

    /// The one text that a statement gives.
    pub(crate) async fn text(&self, statement: &str) -> String {
        self.value(statement).await
    }

    async fn value<T: TryGetable>(&self, statement: &str) -> T {
        let connection = self.connect().await;
        let row = connection
            .query_one_raw(Statement::from_string(
                connection.get_database_backend(),
                statement,
            ))
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"))
            .unwrap_or_else(|| panic!("{statement}: no row"));
        connection.close().await.expect("the connection closes");
        row.try_get_by_index(0)
            .unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    /// Runs a statement beside the server, to bring the test's rows into a state.
    pub(crate) async fn execute(&self, statement: &str) {
        let connection = self.connect().await;
        execute(&connection, statement).await;
        connection.close().await.expect("the connection closes");
    }

    /// The rows whose keys a statement gives, by their global ids.
    pub(crate) async fn ids(&self, type_name: &str, statement: &str) -> BTreeSet<String> {
        let connection = self.connect().await;
        let sql = Statement::from_string(connection.get_database_backend(), statement);
        let rows = connection
            .query_all_raw(sql)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        connection.close().await.expect("the connection closes");
        rows.iter()
            .map(|row| global_id(type_name, row.try_get_by_index(0).expect("a key")))
            .collect()
    }

    /// Drops what does not vanish with the last copy.
    pub(crate) async fn remove(self) {
        if let Place::Server(server, name) = self.place.as_ref() {
            let connection = server.connect().await;
            // By force: the application under test need not have closed its pool.
            execute(
                &connection,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await;
        }
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

async fn execute(connection: &DatabaseConnection, statement: &str) {
    connection
        .execute_unprepared(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Which program prepared a template: migrations and seeds are code, so a newer build prepares anew.
struct Build {
    program: u32,
    time: u64,
}

impl Build {
    fn this() -> Build {
        let program = env::current_exe().expect("the path of the tests");
        let time = fs::metadata(&program).and_then(|file| file.modified());
        Build {
            program: hash(&program) as u32,
            time: hash(&time.expect("the time of the build")),
        }
    }

    fn prefix(&self) -> String {
        format!("yihu_template_{:08x}_", self.program)
    }

    fn template(&self, engine: Engine, seed: Seed) -> String {
        let walled = if is_walled(engine) { "_rows" } else { "" };
        let name = format!(
            "{}{:016x}_{}{walled}",
            self.prefix(),
            self.time,
            seed.name()
        );
        assert!(name.len() < 64, "PostgreSQL would cut the name off");
        name
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The prepared file, made by the first test that needs it.
async fn sqlite_template(seed: Seed) -> PathBuf {
    let (build, folder) = (Build::this(), Path::new(env!("CARGO_TARGET_TMPDIR")));
    let template = folder.join(format!("{}.sqlite", build.template(Engine::Sqlite, seed)));
    if template.exists() {
        return template;
    }
    let lock = File::create(folder.join("yihu_template.lock")).expect("a lock file");
    lock.lock().expect("the lock of the templates");
    if template.exists() {
        return template;
    }
    remove_older_files(folder, &build, seed);
    let making = tempfile::tempdir().expect("a temporary folder");
    let file = making.path().join("making.sqlite");
    let url = format!("{}?mode=rwc", sqlite_url(&file));
    seed.prepare(Engine::Sqlite, &url).await;
    // One file without a log beside it, whatever journal the preparation used; a name only when it is whole.
    let whole = template.with_extension("making");
    let connection = connect(&url).await.expect("the prepared file opens");
    execute(&connection, &format!("VACUUM INTO '{}'", whole.display())).await;
    connection.close().await.expect("the prepared file closes");
    fs::rename(&whole, &template).expect("the template gets its name");
    template
}

fn remove_older_files(folder: &Path, build: &Build, seed: Seed) {
    let (prefix, suffix) = (build.prefix(), format!("_{}.sqlite", seed.name()));
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        if name.ends_with(".making") || (name.starts_with(&prefix) && name.ends_with(&suffix)) {
            let _ = fs::remove_file(file.path());
        }
    }
}

async fn copy_postgres_template(server: &Server, seed: Seed, name: &str) {
    let template = Build::this().template(Engine::Postgres, seed);
    let connection = server.connect().await;
    if !exists(&connection, &template).await {
        // The lock belongs to the connection: tests in other processes wait as well as those in this one.
        execute(&connection, "SELECT pg_advisory_lock(7009480)").await;
        if !exists(&connection, &template).await {
            make_postgres_template(server, &connection, seed, &template).await;
        }
        execute(&connection, "SELECT pg_advisory_unlock(7009480)").await;
    }
    execute(
        &connection,
        &format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await;
    connection.close().await.expect("the connection closes");
}

async fn make_postgres_template(
    server: &Server,
    connection: &DatabaseConnection,
    seed: Seed,
    template: &str,
) {
    let older = format!(
        "SELECT datname FROM pg_database WHERE starts_with(datname, '{}') AND datname LIKE '%\\_{}'",
        Build::this().prefix(),
        seed.name()
    );
    for row in connection
        .query_all_raw(Statement::from_string(DbBackend::Postgres, older))
        .await
        .expect("the list of templates")
    {
        let old: String = row.try_get_by_index(0).expect("a name");
        execute(connection, &format!("DROP DATABASE {old} WITH (FORCE)")).await;
    }
    let making = format!("yihu_making_{}", Uuid::new_v4().simple());
    execute(connection, &format!("CREATE DATABASE {making}")).await;
    seed.prepare(Engine::Postgres, &server.url(&making)).await;
    execute(
        connection,
        &format!("ALTER DATABASE {making} RENAME TO {template}"),
    )
    .await;
}

async fn exists(connection: &DatabaseConnection, database: &str) -> bool {
    let statement = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
    connection
        .query_one_raw(Statement::from_string(DbBackend::Postgres, statement))
        .await
        .expect("the list of databases")
        .is_some()
}
