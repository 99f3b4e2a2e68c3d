use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::FutureExt;
use sea_orm::DbErr;
use sea_orm_migration::prelude::*;

use super::*;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Tables)]
    }
}

struct Later;

impl MigratorTrait for Later {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &str {
        "m20260701_01_test_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "CREATE TABLE id_block (name TEXT PRIMARY KEY, next_id BIGINT NOT NULL)",
            "CREATE TABLE fund (id BIGINT PRIMARY KEY, left_fen BIGINT NOT NULL CONSTRAINT fund_not_overdrawn \
             CHECK (left_fen >= 0), county BIGINT, name TEXT, card BIGINT UNIQUE)",
            "CREATE UNIQUE INDEX fund_one_name ON fund (name, county)",
            "CREATE TABLE payment (id BIGINT PRIMARY KEY, fund_id BIGINT NOT NULL, \
             CONSTRAINT payment_fund FOREIGN KEY (fund_id) REFERENCES fund (id))",
            "INSERT INTO fund VALUES (1, 1000, 150921, 'a', 7)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

async fn scratch() -> Vec<(Database, Option<tempfile::TempDir>)> {
    let mut all = Vec::new();
    for (url, folder) in scratch::urls().await {
        let database = Database::connect(&url, &Settings::default()).await.unwrap();
        database.migrate::<Migrator>().await.unwrap();
        all.push((database, folder));
    }
    all
}

async fn run(tx: &Ledger, sql: &str) -> Result<u64, DbError> {
    Ok(tx.execute_unprepared(sql).await?.rows_affected())
}

async fn number(database: &Database, sql: &str) -> i64 {
    let rows = database
        .reads()
        .acquire()
        .await
        .unwrap()
        .one(Statement::new(crate::db::Class::Job, sql, vec![]))
        .await
        .unwrap();
    rows[0].cell(0).int().unwrap()
}

#[tokio::test]
async fn the_schema_is_known_to_be_current_or_not() {
    for (url, _folder) in scratch::urls().await {
        let database = Database::connect(&url, &Settings::default()).await.unwrap();
        let pending = database.schema_state::<Migrator>().await.unwrap();
        assert_eq!(pending.pending, ["m20260701_01_test_tables"]);
        let (one, other) = tokio::join!(database.migrate::<Migrator>(), async {
            // Two processes that start together; on SQLite there is one.
            match database.dialect() {
                Dialect::Postgres => database.migrate::<Migrator>().await,
                Dialect::Sqlite => Ok(()),
            }
        });
        one.unwrap();
        other.unwrap();
        let state = database.schema_state::<Migrator>().await.unwrap();
        assert!(state.is_current() && state.unknown.is_empty());
        let older = database.schema_state::<Later>().await.unwrap();
        assert_eq!((older.pending.len(), older.unknown.len()), (0, 1));
        assert!(older.is_current());
    }
}

/// A second migration that ends half-way, as one does whose process is killed.
struct Broken;

impl MigratorTrait for Broken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Tables), Box::new(HalfWay)]
    }
}

struct HalfWay;

impl MigrationName for HalfWay {
    fn name(&self) -> &str {
        "m20260701_02_half_way"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for HalfWay {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "CREATE TABLE half (id BIGINT)",
            "CREATE TABLE half (id BIGINT)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn half_a_migration_leaves_nothing() {
    for (url, _folder) in scratch::urls().await {
        let database = Database::connect(&url, &Settings::default()).await.unwrap();
        database.migrate::<Broken>().await.unwrap_err();
        let exists = match database.dialect() {
            Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'",
            Dialect::Postgres => "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('half')",
        };
        assert_eq!(number(&database, exists).await, 0);
        // The next start goes on from there.
        database.migrate::<Migrator>().await.unwrap();
        let state = database.schema_state::<Migrator>().await.unwrap();
        assert!(state.is_current() && state.unknown.is_empty());
    }
}

#[tokio::test]
async fn a_newer_schema_is_not_touched() {
    for (database, _folder) in scratch().await {
        let error = database.migrate::<Later>().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "newer than this program, which does not know the migration m20260701_01_test_tables"
        );
    }
}

#[test]
fn a_place_has_no_password() {
    for (url, expected) in [
        ("sqlite://a/b.sqlite?mode=rwc", Some("a/b.sqlite")),
        ("postgres://u:geheim@h:1/n?sslmode=disable", Some("h:1/n")),
        ("postgres://u:ge@heim@h/n", Some("h:5432/n")),
        ("postgres://u:1/geheim@h/n", None),
        ("mysql://u:geheim@h/n", None),
    ] {
        assert_eq!(place(url).as_deref(), expected);
    }
}

#[tokio::test]
async fn connections_are_set_up_as_promised() {
    for (database, _folder) in scratch().await {
        let settings = match database.dialect() {
            Dialect::Sqlite => [
                ("PRAGMA journal_mode", "wal"),
                ("PRAGMA synchronous", "2"),
                ("PRAGMA foreign_keys", "1"),
            ],
            Dialect::Postgres => [
                ("SELECT current_setting('statement_timeout')", "5s"),
                ("SELECT current_setting('lock_timeout')", "2s"),
                (
                    "SELECT current_setting('transaction_isolation')",
                    "read committed",
                ),
            ],
        };
        for (sql, expected) in settings {
            let statement = sea_orm::Statement::from_string(database.backend(), sql);
            let writer = database.unbound().await.unwrap();
            let row = writer.query_one_raw(statement).await.unwrap().unwrap();
            let found = row
                .try_get_by_index::<String>(0)
                .or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()));
            assert_eq!(found.unwrap(), expected, "{sql}");
        }
        let refused = database
            .reader()
            .execute_unprepared("UPDATE fund SET left_fen = 0")
            .await;
        assert!(refused.is_err(), "the reader wrote");
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 1_000);
    }
}

#[tokio::test]
async fn constraints_are_named_alike() {
    for (database, _folder) in scratch().await {
        for (sql, kind, name) in [
            (
                "UPDATE fund SET left_fen = -1",
                ViolationKind::Check,
                "fund_not_overdrawn",
            ),
            (
                "INSERT INTO fund VALUES (1, 1, 2, 'b', 8)",
                ViolationKind::Unique,
                "fund_pkey",
            ),
            (
                "INSERT INTO fund VALUES (2, 1, 150921, 'b', 7)",
                ViolationKind::Unique,
                "fund_card_key",
            ),
            (
                "INSERT INTO fund VALUES (2, 1, 150921, 'a', 8)",
                ViolationKind::Unique,
                "fund_one_name",
            ),
            (
                "INSERT INTO fund VALUES (3, NULL, 9, 'c', 9)",
                ViolationKind::NotNull,
                "fund.left_fen",
            ),
        ] {
            let result = database.write("test", async |tx| run(&tx, sql).await).await;
            let violation = Violation {
                kind,
                constraint: name.into(),
            };
            assert_eq!(
                result,
                Err(DbError::Violation(violation)),
                "{:?}: {sql}",
                database.dialect()
            );
        }
        let dangling = database
            .write("test", async |tx| {
                run(&tx, "INSERT INTO payment VALUES (1, 99)").await
            })
            .await;
        assert_eq!(
            dangling.unwrap_err().violation().unwrap().kind,
            ViolationKind::ForeignKey
        );
    }
}

#[tokio::test]
async fn what_fails_leaves_nothing_behind() {
    for (database, _folder) in scratch().await {
        let spend = "UPDATE fund SET left_fen = left_fen - 400";
        let failed: Result<(), DbError> = database
            .write("test", async |tx| {
                run(&tx, spend).await?;
                Err(DbError::fault("on purpose"))
            })
            .await;
        assert!(failed.is_err());
        let panicked = AssertUnwindSafe(database.write("test", async |tx| {
            run(&tx, spend).await?;
            if tx.get_database_backend() != DbBackend::MySql {
                panic!("on purpose");
            }
            Ok::<_, DbError>(())
        }));
        assert!(panicked.catch_unwind().await.is_err());
        let slow = database.write("test", async |tx| {
            run(&tx, spend).await?;
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok::<_, DbError>(())
        });
        assert!(
            tokio::time::timeout(Duration::from_millis(50), slow)
                .await
                .is_err()
        );
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 1_000);
        // And the writer works on.
        let done = database.write("test", async |tx| run(&tx, spend).await);
        assert_eq!(done.await.unwrap(), 1);
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 600);
    }
}

/// Runs a statement of its own text for each number, as services do.
async fn insert(tx: &Ledger, text: &str, values: [i64; 2]) -> Result<u64, DbError> {
    let values = values.map(sea_orm::Value::from);
    let statement =
        sea_orm::Statement::from_sql_and_values(tx.get_database_backend(), text, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

#[tokio::test]
async fn what_is_sent_together_keeps_its_order() {
    for (database, _folder) in scratch().await {
        let payment = "INSERT INTO payment (id, fund_id) VALUES ($1, $2)";
        for fund in 2..5_i64 {
            // No connection has seen this text before, and all have seen that of the payment after the first round.
            let text = format!("INSERT INTO fund (id, left_fen) VALUES ($1, $2 + {fund} - {fund})");
            let done = database.write("test", async |tx| {
                futures_util::future::try_join(
                    insert(&tx, &text, [fund, 100]),
                    insert(&tx, payment, [fund, fund]),
                )
                .await
            });
            assert_eq!(done.await, Ok((1, 1)));
        }
        let sum =
            "SELECT CAST(sum(f.left_fen) AS BIGINT) FROM payment p JOIN fund f ON f.id = p.fund_id";
        assert_eq!(number(&database, sum).await, 300);
    }
}

#[tokio::test]
async fn a_last_statement_counts_as_the_rest() {
    for (database, _folder) in scratch().await {
        let last = async |tx: Transaction, left_fen: i64| {
            run(&tx, "UPDATE fund SET name = 'b'").await?;
            let text = "UPDATE fund SET left_fen = $1 WHERE id = $2";
            let backend = tx.get_database_backend();
            let values = [left_fen.into(), 1_i64.into()];
            let statement = sea_orm::Statement::from_sql_and_values(backend, text, values);
            tx.last(statement).await
        };
        let refused = database.write("test", async |tx| last(tx, -1).await).await;
        assert!(refused.unwrap_err().violates("fund_not_overdrawn"));
        let renamed = "SELECT count(*) FROM fund WHERE name = 'b'";
        assert_eq!(number(&database, renamed).await, 0);
        let done = database.write("test", async |tx| last(tx, 5).await).await;
        assert_eq!(done, Ok(()));
        assert_eq!(number(&database, renamed).await, 1);
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 5);
    }
}

#[tokio::test]
async fn postgres_commits_nothing_behind_a_refused_statement() {
    for (database, _folder) in scratch().await {
        if database.dialect() == Dialect::Sqlite {
            continue;
        }
        let done = database.write("test", async |tx| {
            let refused = run(&tx, "UPDATE fund SET left_fen = -1").await;
            assert!(refused.unwrap_err().violates("fund_not_overdrawn"));
            Ok::<_, DbError>(())
        });
        assert!(matches!(done.await, Err(DbError::Fault(_))));
        let after = database.write("test", async |tx| {
            let statement = sea_orm::Statement::from_string(tx.get_database_backend(), "SELECT 1");
            tx.last(statement).await?;
            run(&tx, "UPDATE fund SET left_fen = 1").await
        });
        assert!(matches!(after.await, Err(DbError::Fault(_))));
        let two = database.write("test", async |tx| {
            for _ in 0..2 {
                let statement =
                    sea_orm::Statement::from_string(tx.get_database_backend(), "SELECT 1");
                tx.last(statement).await?;
            }
            Ok::<_, DbError>(())
        });
        assert!(matches!(two.await, Err(DbError::Fault(_))));
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 1_000);
    }
}

#[tokio::test]
async fn a_line_that_broke_before_a_write_costs_it_nothing() {
    for (database, _folder) in scratch().await {
        let spend = async || {
            let spend = "UPDATE fund SET left_fen = left_fen - 1";
            database
                .write("test", async |tx| run(&tx, spend).await)
                .await
        };
        assert_eq!(spend().await, Ok(1));
        if database.dialect() == Dialect::Postgres {
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yihu write' \
                       AND datname = current_database()";
            scratch::run(&database.url, end).await;
        }
        assert_eq!(spend().await, Ok(1));
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 998);
    }
}

/// A database of PostgreSQL, with so many connections that write and this limit for a statement.
async fn of_postgres(write_connections: u32, statement_ms: u64) -> Option<Database> {
    let settings = Settings {
        write_connections,
        statement_timeout: Duration::from_millis(statement_ms),
        ..Settings::default()
    };
    for (url, _) in scratch::urls().await {
        if url.starts_with("postgres") {
            let database = Database::connect(&url, &settings).await.unwrap();
            database.migrate::<Migrator>().await.unwrap();
            return Some(database);
        }
    }
    None
}

#[tokio::test]
async fn a_migration_between_two_writes_costs_one_more_try() {
    let Some(database) = of_postgres(1, 5_000).await else {
        return;
    };
    let runs = AtomicU32::new(0);
    let look = async || {
        database
            .write("test", async |tx| {
                runs.fetch_add(1, Ordering::Relaxed);
                let all =
                    sea_orm::Statement::from_string(DbBackend::Postgres, "SELECT * FROM fund");
                let row = tx.query_one_raw(all).await?;
                run(&tx, "UPDATE fund SET left_fen = left_fen - 1").await?;
                Ok::<_, DbError>(row.is_some())
            })
            .await
    };
    assert_eq!(look().await, Ok(true));
    scratch::run(&database.url, "ALTER TABLE fund ADD COLUMN note TEXT").await;
    assert_eq!((look().await, runs.load(Ordering::Relaxed)), (Ok(true), 3));
    assert_eq!((look().await, runs.load(Ordering::Relaxed)), (Ok(true), 4));
    assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 997);
}

#[tokio::test]
async fn a_server_that_does_not_answer_costs_its_line() {
    let Some(database) = of_postgres(1, 500).await else {
        return;
    };
    let late = "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS \
                'BEGIN PERFORM pg_sleep(6); RETURN NULL; END'; \
                CREATE CONSTRAINT TRIGGER payment_late AFTER INSERT ON payment DEFERRABLE INITIALLY DEFERRED \
                FOR EACH ROW EXECUTE FUNCTION late()";
    scratch::run(&database.url, late).await;
    let runs = AtomicU32::new(0);
    for slow in ["SELECT pg_sleep(6)", "INSERT INTO payment VALUES (1, 1)"] {
        // As a server that ends nothing by itself.
        let slow = format!("SET LOCAL statement_timeout = 0; {slow}");
        let done = database.write("test", async |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            run(&tx, &slow).await
        });
        assert_eq!(done.await, Err(pulse::silent()), "{slow}");
        let next = database.write("test", async |tx| {
            run(&tx, "UPDATE fund SET left_fen = left_fen - 1").await
        });
        assert_eq!(next.await, Ok(1));
    }
    // Neither is run again: of an end that was not answered nobody knows what came of it.
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 998);
}

#[tokio::test]
async fn a_last_statement_that_cannot_be_sent_ends_nothing() {
    let Some(database) = of_postgres(1, 5_000).await else {
        return;
    };
    for begins in [true, false] {
        let done = database.write("test", async |tx| {
            if begins {
                run(&tx, "UPDATE fund SET left_fen = 1").await?;
            }
            let last = sea_orm::Statement::from_sql_and_values(
                DbBackend::Postgres,
                "UPDATE fund SET left_fen = $1",
                [u64::MAX.into()],
            );
            tx.last(last).await
        });
        assert!(matches!(done.await, Err(DbError::Fault(_))));
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 1_000);
    }
}

#[tokio::test]
async fn what_nobody_waited_for_is_not_committed() {
    let Some(database) = of_postgres(1, 5_000).await else {
        return;
    };
    let done = database.write("test", async |tx| {
        run(&tx, "UPDATE fund SET name = 'b'").await?;
        // Sent, and refused where nobody hears of it.
        drop(run(&tx, "UPDATE fund SET left_fen = -1").now_or_never());
        Ok::<_, DbError>(())
    });
    assert_eq!(
        done.await,
        Err(DbError::fault("a write did not wait for a statement"))
    );
    let next = database.write("test", async |tx| {
        run(&tx, "UPDATE fund SET left_fen = 7 WHERE name = 'a'").await
    });
    assert_eq!(next.await, Ok(1));
}

#[tokio::test]
async fn of_statements_sent_together_the_one_that_was_refused_tells() {
    let Some(database) = of_postgres(1, 5_000).await else {
        return;
    };
    let runs = AtomicU32::new(0);
    for _ in 0..10 {
        let done = database.write("test", async |tx| {
            runs.fetch_add(1, Ordering::Relaxed);
            let one_after_another = async {
                run(&tx, "SELECT 1").await?;
                // Behind the refused one, and looked at before it.
                run(&tx, "SELECT 1").await
            };
            let refused = run(
                &tx,
                "UPDATE fund SET left_fen = -1 WHERE pg_sleep(0.01)::text IS NOT NULL",
            );
            futures_util::future::try_join(one_after_another, refused).await
        });
        assert!(done.await.unwrap_err().violates("fund_not_overdrawn"));
    }
    assert_eq!(runs.load(Ordering::Relaxed), 10);
}

#[tokio::test]
async fn nobody_waits_behind_a_write_that_was_given_up() {
    let Some(database) = of_postgres(2, 5_000).await else {
        return;
    };
    let slow = database.write("test", async |tx| run(&tx, "SELECT pg_sleep(2)").await);
    let given_up = tokio::time::timeout(Duration::from_millis(100), slow);
    assert!(given_up.await.is_err());
    let started = std::time::Instant::now();
    let done = database.write("test", async |tx| {
        run(&tx, "UPDATE fund SET left_fen = left_fen - 1").await
    });
    assert_eq!(done.await, Ok(1));
    assert!(started.elapsed() < Duration::from_secs(1));
    let held = || database.figures().pools[1].1.used;
    assert_eq!(held(), 1);
    while held() > 0 {
        assert!(started.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_a_refusal_is_not() {
    for (database, _folder) in scratch().await {
        let runs = AtomicU32::new(0);
        let done = database
            .write("test", async |tx| {
                run(&tx, "UPDATE fund SET left_fen = left_fen - 1").await?;
                match runs.fetch_add(1, Ordering::Relaxed) {
                    0 | 1 => Err(DbError::Locked),
                    _ => Ok(()),
                }
            })
            .await;
        assert_eq!((done, runs.load(Ordering::Relaxed)), (Ok(()), 3));
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 999);
        let runs = AtomicU32::new(0);
        let hopeless: Result<(), DbError> = database
            .write("test", async |_| {
                runs.fetch_add(1, Ordering::Relaxed);
                Err(DbError::Locked)
            })
            .await;
        assert_eq!(
            (hopeless, runs.load(Ordering::Relaxed)),
            (Err(DbError::Locked), 6)
        );
    }
}

#[tokio::test]
async fn deadlocks_resolve_themselves() {
    for (database, _folder) in scratch().await {
        database
            .write("test", async |tx| {
                run(&tx, "INSERT INTO fund VALUES (2, 1000, 2, 'b', 8)").await
            })
            .await
            .unwrap();
        let move_fen = async |from: i64, to: i64| {
            database
                .write("test", async |tx| {
                    run(
                        &tx,
                        &format!("UPDATE fund SET left_fen = left_fen - 1 WHERE id = {from}"),
                    )
                    .await?;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    run(
                        &tx,
                        &format!("UPDATE fund SET left_fen = left_fen + 1 WHERE id = {to}"),
                    )
                    .await
                })
                .await
        };
        let (one, other) = tokio::join!(move_fen(1, 2), move_fen(2, 1));
        one.unwrap();
        other.unwrap();
        assert_eq!(
            number(&database, "SELECT min(left_fen) + max(left_fen) FROM fund").await,
            2_000
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_in_a_crowd_all_get_through() {
    for (database, _folder) in scratch().await {
        let crowd = (0..40).map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                database
                    .write("test", async |tx| {
                        run(&tx, "UPDATE fund SET left_fen = left_fen - 1").await
                    })
                    .await
            })
        });
        for done in futures_util::future::join_all(crowd).await {
            done.unwrap().unwrap();
        }
        assert_eq!(number(&database, "SELECT left_fen FROM fund").await, 960);
        let nested = database
            .write("outer", async |_| {
                database
                    .write("inner", async |_| Ok::<_, DbError>(()))
                    .await
            })
            .await;
        assert!(matches!(nested, Err(DbError::Fault(_))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_never_handed_out_twice() {
    for (url, _folder) in scratch::urls().await {
        // Two instances of the program on one database.
        let one = Database::connect(&url, &Settings::default()).await.unwrap();
        one.migrate::<Migrator>().await.unwrap();
        let other = Database::connect(&url, &Settings::default()).await.unwrap();
        assert_eq!(one.next_ids("person", 3).await.unwrap(), 1..4);
        assert_eq!(one.next_id("person").await.unwrap(), 4);
        assert_eq!(other.next_id("person").await.unwrap(), 1_001);
        assert_eq!(one.next_ids("person", 2_500).await.unwrap().count(), 2_500);
        let crowd = (0..8).map(|i| {
            let database = if i % 2 == 0 {
                one.clone()
            } else {
                other.clone()
            };
            tokio::spawn(async move {
                let mut taken = Vec::new();
                for _ in 0..700 {
                    taken.push(database.next_id("household").await.unwrap());
                }
                taken
            })
        });
        let taken: Vec<i64> = futures_util::future::join_all(crowd)
            .await
            .into_iter()
            .flat_map(Result::unwrap)
            .collect();
        assert_eq!(taken.len(), taken.iter().collect::<HashSet<_>>().len());
        // In a write, where no key is at hand yet.
        let runs = AtomicU32::new(0);
        let ids = one
            .write("test", async |_| {
                runs.fetch_add(1, Ordering::Relaxed);
                let first = one.next_id("payment").await?;
                let more = one.next_ids("claim", 1_500).await?;
                Ok::<_, DbError>((first, more))
            })
            .await
            .unwrap();
        assert_eq!((ids, runs.load(Ordering::Relaxed)), ((2, 1..1_501), 3));
    }
}

/// The real schema: every unique rule is told by the same name on both databases.
#[tokio::test]
async fn unique_rules_of_the_schema_are_named_alike() {
    let mut names: Vec<HashSet<String>> = Vec::new();
    for (url, _folder) in scratch::urls().await {
        let database = Database::connect(&url, &Settings::default()).await.unwrap();
        database.migrate::<migration::Migrator>().await.unwrap();
        let state = database
            .schema_state::<migration::Migrator>()
            .await
            .unwrap();
        assert!(state.is_current() && state.unknown.is_empty());
        let sql = match database.dialect() {
            Dialect::Sqlite => {
                "SELECT (SELECT group_concat(t.name || '.' || c.name, ', ' ORDER BY c.seqno) \
                 FROM pragma_index_info(i.name) AS c) FROM sqlite_schema AS t, pragma_index_list(t.name) AS i \
                 WHERE t.type = 'table' AND t.name <> 'seaql_migrations' AND i.\"unique\" AND i.origin <> 'pk'"
            }
            Dialect::Postgres => {
                "SELECT i.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
                 JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisunique AND NOT x.indisprimary \
                 AND i.relnamespace = current_schema()::regnamespace AND t.relname <> 'seaql_migrations'"
            }
        };
        let mut session = database.reads().acquire().await.unwrap();
        let rows = session
            .one(Statement::new(crate::db::Class::Job, sql, vec![]))
            .await
            .unwrap();
        let told: HashSet<String> = rows
            .iter()
            .map(|row| match database.dialect() {
                Dialect::Sqlite => {
                    super::error::unique_index_over(row.cell(0).text().unwrap()).to_string()
                }
                Dialect::Postgres => row.cell(0).text().unwrap().to_owned(),
            })
            .collect();
        assert!(rows.len() > 5, "the schema has unique rules");
        assert_eq!(
            told.len(),
            rows.len(),
            "two rules over the same columns would be told by one name"
        );
        names.push(told);
    }
    assert!(
        names.windows(2).all(|pair| pair[0] == pair[1]),
        "{names:#?}"
    );
}
