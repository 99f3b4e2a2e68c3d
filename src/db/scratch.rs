//! Empty databases for the tests of this folder: SQLite always, PostgreSQL where the run has a server.

#[path = "../../tests/it/harness/postgres.rs"]
mod postgres;

use postgres::Server;
use sea_orm::ConnectionTrait;
use sqlx::{AssertSqlSafe, Connection};

use super::Dialect;

/// One URL a database, with the folder to hold as long as it is used.
pub(super) async fn urls() -> Vec<(String, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![(
        format!("sqlite://{}", folder.path().join("test.db").display()),
        Some(folder),
    )];
    if let Some(server) = Server::of_this_run().await {
        let name = format!("yihu_db_{}", uuid::Uuid::new_v4().simple());
        let create = format!("CREATE DATABASE {name}");
        let server_wide = server.connect().await;
        server_wide.execute_unprepared(&create).await.unwrap();
        all.push((server.url(&name), None));
    }
    all
}

/// Runs statements on a connection of its own.
pub(super) async fn run(url: &str, sql: &str) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    match Dialect::of_url(url).unwrap() {
        Dialect::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc"))
                .await
                .unwrap();
            sql.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Dialect::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sql.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}
