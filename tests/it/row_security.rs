//! The second wall: what PostgreSQL itself refuses, with the first one forgotten.

use crate::harness::{App, Engine, TestDatabase, both_dbs, text::assert_committed_text, yihu};
use ::entity::codes::Department::Civil;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement as Sql};
use serde_json::json;
use std::collections::BTreeSet;
use yihu::db::{
    Class, Database, DbError, Opening, Reads, Settings, Statement,
    row_security::{ADDED_FROM_ELSEWHERE, OUTSIDE, READ_FROM_ELSEWHERE},
};

const COUNTY: (i64, i64) = (150_921_000_000, 150_921_999_999);
const NEIGHBOUR: (i64, i64) = (150_922_000_000, 150_922_999_999);
const PERSONS: &str = "SELECT count(*) FROM person";

/// The database with the wall up, and what serves it: one connection for reads, one for writes.
async fn walled(db: &TestDatabase) -> Database {
    let settings = Settings {
        read_connections: 1,
        write_connections: 1,
        ..Settings::default()
    };
    let before = Database::connect(&db.url, &settings)
        .await
        .expect("a database");
    before.put_up_row_security().await.expect("a wall");
    // Twice is once.
    before.put_up_row_security().await.expect("a wall");
    Database::connect(&db.url, &settings)
        .await
        .expect("a database")
}

async fn count(reads: &Reads, sql: &'static str) -> Result<i64, DbError> {
    let mut session = reads.acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
    Ok(rows[0].cell(0).int()?)
}

/// A connection of the server's role that has said nothing.
async fn raw(db: &TestDatabase) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(&db.url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options)
        .await
        .expect("a connection")
}

async fn run(connection: &DatabaseConnection, sql: &str) -> Result<u64, String> {
    let sql = Sql::from_string(DbBackend::Postgres, sql);
    let done = connection.execute_raw(sql).await;
    done.map(|done| done.rows_affected())
        .map_err(|error| error.to_string())
}

/// The code of the error that a statement ends with in a transaction of this county.
async fn refusal(connection: &DatabaseConnection, sql: &str) -> String {
    let tell = format!(
        "BEGIN; SET LOCAL app.lo = '{}'; SET LOCAL app.hi = '{}'",
        COUNTY.0, COUNTY.1
    );
    connection
        .execute_unprepared(&tell)
        .await
        .expect("a transaction");
    let refused = run(connection, sql).await.expect_err("refused");
    connection
        .execute_unprepared("ROLLBACK")
        .await
        .expect("its end");
    refused
}

async fn texts(db: &TestDatabase, sql: &str) -> BTreeSet<String> {
    let connection = db.connect().await;
    let rows = connection.query_all_raw(Sql::from_string(DbBackend::Postgres, sql));
    let rows = rows.await.expect("rows");
    connection.close().await.expect("closes");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect()
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Whoever forgets the first wall sees what was told, and nothing where nothing was.
    async fn without_a_condition_one_sees_what_was_told(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            let database = Database::connect(&db.url, &Settings::default()).await.expect("a database");
            assert_eq!(database.row_security().await, Ok(Default::default()));
            assert!(matches!(database.put_up_row_security().await, Err(DbError::Unusable(_))));
            return;
        }
        let database = walled(&db).await;
        let own = db.number("SELECT count(*) FROM person WHERE region_code / 1000000 = 150921").await;
        let all = db.number(PERSONS).await;
        assert!(0 < own && own < all, "{own} of {all}");
        // One connection, one viewer after another.
        let reads = database.reads();
        assert!(matches!(count(reads, PERSONS).await, Err(DbError::Fault(_))));
        assert_eq!(count(&reads.within(COUNTY), PERSONS).await, Ok(own));
        assert!(matches!(count(reads, PERSONS).await, Err(DbError::Fault(_))));
        assert_eq!(
            count(&reads.within(NEIGHBOUR), "SELECT count(*) FROM person WHERE region_code / 1000000 = 150921").await,
            Ok(0)
        );
        assert_eq!(count(&reads.within((1, 0)), PERSONS).await, Ok(0));
        assert_eq!(count(&reads.opened(Opening::Sealing), PERSONS).await, Ok(all));
        assert!(matches!(count(reads, PERSONS).await, Err(DbError::Fault(_))));
        // What a trigger of the schema looks into, it sees everywhere.
        for sql in [
            "CREATE TABLE probe (persons BIGINT)",
            "CREATE FUNCTION probe() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN NEW.persons := (SELECT count(*) FROM person); RETURN NEW; END $$",
            "CREATE TRIGGER probe BEFORE INSERT ON probe FOR EACH ROW EXECUTE FUNCTION probe()",
        ] {
            db.execute(sql).await;
        }
        database.put_up_row_security().await.expect("a wall");
        let county = database.within(COUNTY);
        let written = county.write("probe", |transaction| async move {
            transaction.execute_unprepared("INSERT INTO probe VALUES (0)").await?;
            Ok::<_, DbError>(())
        });
        written.await.expect("written");
        assert_eq!(db.number("SELECT persons FROM probe").await, all);
        // The control: without the wall the same connection shows everything.
        database.take_down_row_security().await.expect("taken down");
        assert_eq!(count(reads, PERSONS).await, Ok(all));
        assert!(!database.row_security().await.expect("told").is_on);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn nothing_is_written_beyond_what_was_told(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            return;
        }
        drop(walled(&db).await);
        let elsewhere = db.number("SELECT min(id) FROM household WHERE region_code / 1000000 <> 150921").await;
        let own = db.number("SELECT min(id) FROM household WHERE region_code / 1000000 = 150921").await;
        let before = db.text("SELECT md5(string_agg(h::text, ',' ORDER BY id)) FROM household h").await;
        let connection = raw(&db).await;
        let refused = refusal(&connection, &format!("UPDATE household SET region_code = 150922100200 WHERE id = {own}")).await;
        assert!(refused.contains("row-level security"), "{refused}");
        let refused = refusal(
            &connection,
            "INSERT INTO household_link (id, household_id, region_code, user_id, kind, valid_from) \
             SELECT 900000001, 1, 150922100200, 'u', 'HELPER', '2018-01-01'",
        )
        .await;
        assert!(refused.contains("row-level security"), "{refused}");
        let tell = format!("BEGIN; SET LOCAL app.lo = '{}'; SET LOCAL app.hi = '{}'", COUNTY.0, COUNTY.1);
        connection.execute_unprepared(&tell).await.expect("a transaction");
        for sql in [
            format!("UPDATE household SET address = 'x' WHERE id = {elsewhere}"),
            format!("DELETE FROM household WHERE id = {elsewhere}"),
        ] {
            assert_eq!(run(&connection, &sql).await, Ok(0));
        }
        connection.execute_unprepared("COMMIT").await.expect("its end");
        // A connection that was told before, and nothing now.
        for sql in ["UPDATE household SET address = 'x'", "SELECT * FROM person"] {
            run(&connection, sql).await.expect_err("refused");
        }
        connection.close().await.expect("closes");
        let after = db.text("SELECT md5(string_agg(h::text, ',' ORDER BY id)) FROM household h").await;
        assert_eq!(before, after);
    }
}

both_dbs! {
    crate::harness::Seed::Migrated;
    /// Read from the catalog: a new table stands behind the wall, or in a list with its reason.
    async fn every_table_of_a_household_is_accounted_for(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            return;
        }
        let database = walled(&db).await;
        let of_households = texts(
            &db,
            "SELECT table_name::text FROM information_schema.columns JOIN information_schema.tables \
             USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' \
             AND (column_name LIKE '%region%' OR column_name LIKE '%household_id' OR column_name LIKE '%person_id' \
             OR column_name LIKE '%county%' OR column_name LIKE '%village%')",
        )
        .await;
        let behind = texts(
            &db,
            "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity \
             AND EXISTS (SELECT 1 FROM pg_policies WHERE tablename = relname AND policyname = 'wall' \
             AND cmd = 'ALL' AND qual = with_check AND qual LIKE '%app.lo%')",
        )
        .await;
        let outside: BTreeSet<String> = OUTSIDE.iter().map(|(table, _)| (*table).to_owned()).collect();
        assert!(behind.is_disjoint(&outside));
        let open: Vec<_> = of_households.difference(&behind).filter(|table| !outside.contains(*table)).collect();
        assert_eq!(open, ["demonstration"], "what the demonstration is, not whose");
        assert!(behind.len() > 50, "{}", behind.len());
        assert!(database.row_security().await.expect("told").faults().is_empty());
        // A table that comes later is missed, and one that can't be walled stops everything.
        db.execute("CREATE TABLE later (id BIGINT, region_code BIGINT)").await;
        assert_eq!(database.row_security().await.expect("told").bare, ["later"]);
        db.execute("CREATE TABLE nowhere (id BIGINT, household_id BIGINT)").await;
        let refused = database.put_up_row_security().await.expect_err("refused");
        assert_eq!(refused.to_string(), "no row security for nowhere: its rows name no region");
    }
}

#[test]
fn committed_text_of_the_second_wall() {
    let mut text = String::from("# What opens the second wall, for its own statements\n\n");
    for opening in Opening::ALL {
        text += &format!("{}\n", opening.word());
    }
    for (title, tables) in [
        ("Tables outside of it", OUTSIDE.as_slice()),
        (
            "Tables read from elsewhere, written at home",
            READ_FROM_ELSEWHERE.as_slice(),
        ),
        (
            "Tables added to from elsewhere, read at home",
            ADDED_FROM_ELSEWHERE.as_slice(),
        ),
    ] {
        text += &format!("\n# {title}\n\n");
        for (table, why) in tables {
            text += &format!("{table}: {why}\n");
        }
    }
    assert_committed_text("src/db/wall.txt", &text);
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// More statements than one turn of the runtime polls at once, in a transaction that one of them breaks.
    async fn one_that_fails_behind_the_wall_loses_only_its_own_rows(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            return;
        }
        let database = walled(&db).await;
        let reads = database.reads().within(COUNTY);
        let expected = count(&reads, PERSONS).await.expect("a count");
        for round in 0..3 {
            let statements = (0..70).map(|place| match place % 30 {
                17 => Statement::new(Class::Job, "SELECT 1 / (SELECT 0) FROM person", vec![]),
                23 => Statement::new(Class::Job, "SELECT nothing FROM nowhere", vec![]),
                _ => Statement::new(Class::Job, PERSONS, vec![]),
            });
            let answers = reads.batch(statements.collect()).await;
            assert_eq!(answers.len(), 70);
            for (place, answer) in answers.into_iter().enumerate() {
                match place % 30 {
                    17 | 23 => assert!(matches!(answer, Err(DbError::Fault(_))), "{round} {place}"),
                    _ => assert_eq!(answer.expect("rows")[0].cell(0).int(), Ok(expected), "{round} {place}"),
                }
            }
        }
        assert!(reads.batch(vec![]).await.is_empty());
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The same file before and behind the wall, and a neighbour on the connection in between.
    async fn the_server_answers_the_same_behind_the_wall(db: TestDatabase) {
        let text = "{ households(first: 100) { nodes { cardNumber address civilAffairs { dibao { class } } } } \
                    region(code: \"150921000000\") { totals { households } publicTotals { households } } }";
        let ask = async |app: &App| {
            let mut answers = vec![];
            for region in ["150921", "150922", "150921", "1509", "150921100200"] {
                answers.push(app.clerk(Civil, region).query(text, json!({})).await.text);
            }
            answers
        };
        let app = App::start(&db).await;
        let before = ask(&app).await;
        app.stop().await;
        if db.engine == Engine::Postgres {
            drop(walled(&db).await);
        }
        let app = App::start(&db).await;
        let behind = ask(&app).await;
        assert_eq!(before, behind);
        assert_ne!(behind[0], behind[1]);
        assert_eq!(behind[0], behind[2]);
    }
}

both_dbs! {
    crate::harness::Seed::Migrated;
    async fn the_commands_put_it_up_and_say_where_it_does_not_hold(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let command = |command: &str, url: &str, more: &[&str]| {
            let output = yihu(folder.path())
                .args([command, "--demo", "--listen", "127.0.0.1:0", "--database", url])
                .args(more)
                .output()
                .expect("runs");
            let said = [output.stdout, output.stderr].concat();
            (output.status.success(), String::from_utf8(said).expect("a text"))
        };
        let (done, said) = command("migrate", &db.url, &["--row-security"]);
        if db.engine == Engine::Sqlite {
            assert!(!done && said.contains("row security needs PostgreSQL"), "{said}");
            return;
        }
        assert_eq!(said, "0 migrations applied; regions up to date\nrow security: on\n");
        let (_, said) = command("migrate", &db.url, &[]);
        assert_eq!(said, "0 migrations applied; regions up to date\nrow security: on\n");
        assert_eq!(command("doctor", &db.url, &[]), (true, "ok\n".to_owned()));
        db.execute("ALTER TABLE person NO FORCE ROW LEVEL SECURITY").await;
        let bare = "database: row security is on, but not for person: run `yihu migrate --row-security`\n";
        assert_eq!(command("doctor", &db.url, &[]), (false, bare.to_owned()));
        let (_, said) = command("migrate", &db.url, &[]);
        assert!(said.ends_with("row security: on\n"), "{said}");
        assert_eq!(command("doctor", &db.url, &[]), (true, "ok\n".to_owned()));
        // Whom no policy holds: where the tests run a server of their own.
        let administrator = db.url.replacen("://yihu:", "://postgres:", 1);
        if administrator != db.url {
            let passed = "database: row security is on, but holds nothing back: the role postgres is a superuser or has BYPASSRLS\n";
            assert_eq!(command("doctor", &administrator, &[]), (false, passed.to_owned()));
        }
        let (_, said) = command("migrate", &db.url, &["--no-row-security"]);
        assert_eq!(said, "0 migrations applied; regions up to date\nrow security: off\n");
        assert_eq!(command("doctor", &db.url, &[]), (true, "ok\n".to_owned()));
    }
}
