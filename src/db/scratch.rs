//! Empty databases for the tests of this folder: SQLite always, PostgreSQL when `TEST_DATABASE_URL` names a server.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection};

use super::Dialect;

/// One URL a database, with the folder to hold as long as it is used.
pub(super) async fn urls() -> Vec<(String, Option<tempfile::TempDir>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![(
        format!("sqlite://{}", folder.path().join("test.db").display()),
        Some(folder),
    )];
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let schema = format!(
            "db_test_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        run(&url, &format!("CREATE SCHEMA {schema}")).await;
        let joint = if url.contains('?') { '&' } else { '?' };
        all.push((
            format!("{url}{joint}options=-c%20search_path%3D{schema}"),
            None,
        ));
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
