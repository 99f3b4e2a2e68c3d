use time::macros::date;

use super::*;
use crate::db::scratch;

/// The table `thing` on each database.
async fn scratch(settings: &ReadSettings) -> Vec<(Reads, Option<tempfile::TempDir>)> {
    let mut all = Vec::new();
    for (url, folder) in scratch::urls().await {
        scratch::run(&url, &table(Dialect::of_url(&url).unwrap())).await;
        all.push((Reads::connect(&url, settings).await.unwrap(), folder));
    }
    all
}

fn table(dialect: Dialect) -> String {
    let (bytes, day, truth, zero) = match dialect {
        Dialect::Sqlite => ("BLOB", "TEXT", "1", "x'00ff'"),
        Dialect::Postgres => ("BYTEA", "DATE", "true", r"'\x00ff'"),
    };
    format!(
        "CREATE TABLE thing (id BIGINT PRIMARY KEY, small SMALLINT, name TEXT, data {bytes}, born {day}, alive BOOLEAN);
         INSERT INTO thing VALUES (1, 7, '张三', {zero}, '1998-02-28', {truth}), (2, NULL, NULL, NULL, NULL, NULL);"
    )
}

fn select(condition: &str, params: Vec<Param>) -> Statement {
    let sql = format!(
        "SELECT id, small, name, data, born, alive FROM thing WHERE {condition} ORDER BY id"
    );
    Statement::new(crate::db::Class::Job, sql, params)
}

#[tokio::test]
async fn cells_come_back_as_they_were_stored() {
    for (reads, _folder) in scratch(&ReadSettings::default()).await {
        let any = reads.dialect().any("id", 1);
        let statement = select(&any, vec![Param::I64s([1, 2, 3].into())]);
        let rows = reads.acquire().await.unwrap().one(statement).await.unwrap();
        assert_eq!(rows.len(), 2);
        let [full, empty] = &rows[..] else {
            panic!("two rows")
        };
        assert_eq!(full.cell(0).int(), Ok(1));
        assert_eq!(full.cell(1).int(), Ok(7));
        assert_eq!(full.cell(2).text(), Ok("张三"));
        assert_eq!(full.cell(3).bytes(), Ok(&[0, 255][..]));
        assert_eq!(full.cell(4).day(), Ok(date!(1998 - 02 - 28)));
        assert_eq!(full.cell(5).boolean(), Ok(true));
        assert_eq!(full.len(), 6);
        for position in 1..6 {
            assert!(empty.cell(position).is_null());
            assert!(empty.cell(position).int().is_err());
        }
        assert!(full.cell(6).text().is_err() && !full.cell(6).is_null());
        assert!(full.cell(2).int().is_err());
        assert!(full.cell(2).boolean().is_err());
        assert!(full.cell(3).text().is_err());
        assert!(full.cell(3).day().is_err());
    }
}

#[tokio::test]
async fn every_kind_of_parameter_is_understood() {
    for (reads, _folder) in scratch(&ReadSettings::default()).await {
        let dialect = reads.dialect();
        let one = |condition: &str, param: Param| select(condition, vec![param]);
        let found = reads
            .batch(vec![
                one("id = $1", 1.into()),
                one("small = $1", 7.into()),
                one("name = $1", "张三".into()),
                one("data = $1", Param::Bytes([0, 255].into())),
                one("born = $1", date!(1998 - 02 - 28).into()),
                one("alive = $1", true.into()),
                one(&dialect.any("small", 1), Param::I64s([7, 8].into())),
                one(
                    &dialect.any("name", 1),
                    Param::Texts(["张三".to_owned(), "\"".to_owned()].into()),
                ),
                select(
                    "id = $2 AND name = $1 AND id = $2",
                    vec!["张三".into(), 1.into()],
                ),
                one(&dialect.any("id", 1), Param::I64s([].into())),
                one("name = $1", Param::Null),
            ])
            .await;
        let counts: Vec<usize> = found.into_iter().map(|rows| rows.unwrap().len()).collect();
        assert_eq!(counts, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], "{dialect:?}");
        assert_eq!(reads.statements(), 11);
    }
}

#[tokio::test]
async fn a_failing_statement_loses_only_its_own_rows() {
    for (reads, _folder) in scratch(&ReadSettings::default()).await {
        let mut session = reads.acquire().await.unwrap();
        for _ in 0..3 {
            let results = session
                .batch(vec![
                    select("id = $1", vec![1.into()]),
                    Statement::new(crate::db::Class::Job, "SELECT nothing FROM nowhere", vec![]),
                    Statement::new(
                        crate::db::Class::Job,
                        "INSERT INTO thing (id) VALUES (9)",
                        vec![],
                    ),
                    select("id = $1", vec![2.into()]),
                ])
                .await;
            let outcome: Vec<bool> = results.iter().map(Result::is_ok).collect();
            assert_eq!(outcome, [true, false, false, true]);
        }
        let rows = session
            .one(select("id > $1", vec![0.into()]))
            .await
            .unwrap();
        assert_eq!(rows.len(), 2, "nothing was written");
    }
}

#[tokio::test]
async fn who_waits_too_long_is_told_that_it_is_busy() {
    let settings = ReadSettings {
        connections: 1,
        acquire_timeout: Duration::from_millis(50),
        ..ReadSettings::default()
    };
    for (reads, _folder) in scratch(&settings).await {
        let held = reads.acquire().await.unwrap();
        assert_eq!(reads.acquire().await.err(), Some(DbError::Busy));
        let results = reads
            .batch(vec![select("id = 1", vec![]), select("id = 2", vec![])])
            .await;
        assert!(
            results
                .iter()
                .all(|result| matches!(result, Err(DbError::Busy)))
        );
        drop(held);
        assert!(reads.acquire().await.is_ok());
    }
}

#[tokio::test]
async fn endless_statements_end() {
    let settings = ReadSettings {
        connections: 1,
        statement_timeout: Duration::from_millis(100),
        ..ReadSettings::default()
    };
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    for (reads, _folder) in scratch(&settings).await {
        let started = std::time::Instant::now();
        let results = reads
            .batch(vec![
                Statement::new(crate::db::Class::Job, endless, vec![]),
                select("id = 1", vec![]),
            ])
            .await;
        assert!(
            matches!(results[0], Err(DbError::Timeout)),
            "{:?}",
            results[0].as_ref().err()
        );
        assert!(results[1].is_ok());
        assert!(started.elapsed() < Duration::from_secs(1));
        // A caller that gives up leaves a pool that works.
        let mut session = reads.acquire().await.unwrap();
        let given_up = tokio::time::timeout(
            Duration::from_millis(10),
            session.one(Statement::new(crate::db::Class::Job, endless, vec![])),
        );
        assert!(given_up.await.is_err());
        drop(session);
        assert!(
            reads
                .acquire()
                .await
                .unwrap()
                .one(select("id = 1", vec![]))
                .await
                .is_ok()
        );
    }
}

/// So many connections to a PostgreSQL with the table, and its URL.
async fn of_postgres(connections: usize) -> Option<(Reads, String)> {
    let settings = ReadSettings {
        connections,
        ..ReadSettings::default()
    };
    let mut urls = scratch::urls().await.into_iter().map(|(url, _)| url);
    let url = urls.find(|url| url.starts_with("postgres"))?;
    scratch::run(&url, &table(Dialect::Postgres)).await;
    Some((Reads::connect(&url, &settings).await.unwrap(), url))
}

#[tokio::test]
async fn a_migration_between_two_reads_is_not_noticed() {
    let Some((reads, url)) = of_postgres(1).await else {
        return;
    };
    let walled = reads.behind(Wall::of(true).within((0, 0)));
    for (reads, column) in [(&reads, "note"), (&walled, "remark")] {
        let batch = async || {
            let all = Statement::new(Class::Job, "SELECT * FROM thing WHERE id = 1", vec![]);
            let other = |id: i64| select("id = $1", vec![id.into()]);
            let results = reads.batch(vec![other(1), all, other(2)]).await;
            let widths = results.into_iter().map(|rows| rows.unwrap()[0].len());
            widths.collect::<Vec<_>>()
        };
        let before = batch().await;
        scratch::run(&url, &format!("ALTER TABLE thing ADD COLUMN {column} TEXT")).await;
        assert_eq!(batch().await, [6, before[1] + 1, 6]);
    }
}

#[tokio::test]
async fn nobody_waits_behind_a_read_that_was_given_up() {
    let Some((reads, _)) = of_postgres(2).await else {
        return;
    };
    let slow = || Statement::new(Class::Job, "SELECT pg_sleep(2)::text", vec![]);
    let given_up = tokio::time::timeout(Duration::from_millis(100), reads.batch(vec![slow()]));
    assert!(given_up.await.is_err());
    let started = std::time::Instant::now();
    let mut session = reads.acquire().await.unwrap();
    session.one(select("id = 1", vec![])).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(reads.figures().used, 2);
    drop(session);
    while reads.figures().used > 0 {
        assert!(started.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn parameters_are_not_told() {
    let statement = Statement::new(
        crate::db::Class::Job,
        "SELECT $1",
        vec!["150921198001011234".into(), 42.into()],
    );
    assert_eq!(format!("{:?}", statement.params), "[Text, I64]");
}
