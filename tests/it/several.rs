//! One server among several machines: a replica that may answer, a database that falls silent, connections of its own for
//! work behind the requests. On a PostgreSQL and a replica of the test's own, behind the second wall.

use crate::harness::{Answer, App, Engine, Pair, Seed};
use entity::codes::Department as D;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use yihu::{
    db::{Class, Database, DbError, Freshness, Position, ReplicaOptions, Settings, Statement},
    graphql::scalars::global_id,
    schema::{
        self,
        replicas::{FROM_PRIMARY, FROM_REPLICA},
    },
};

const OWN: &str = "150921";
const GRANT: &str = "mutation($r: UUID!, $household: ID!, $input: DibaoGrantInput!) { \
    dibaoGrant(requestId: $r, householdId: $household, input: $input) { changed { id } userErrors { field code } } }";
const GRANTS: &str =
    "query($id: ID!) { household(id: $id) { civilAffairs { dibaoHistory { dibaoNumber } } } }";

/// A pair whose primary holds the demonstration behind row security.
async fn demonstration() -> Option<Pair> {
    let pair = Pair::start().await?;
    Seed::Demo.prepare(Engine::Postgres, &pair.primary()).await;
    let database = Database::connect(&pair.primary(), &Settings::default()).await;
    let walled = database.expect("a database").put_up_row_security().await;
    walled.expect("row security");
    Some(pair)
}

async fn connected(pair: &Pair, max_lag_ms: u64, silence: Duration) -> Database {
    let settings = Settings {
        replicas: ReplicaOptions {
            urls: vec![pair.replica()],
            max_lag_ms,
            ..ReplicaOptions::default()
        },
        silence,
        ..Settings::default()
    };
    let database = Database::connect(&pair.primary(), &settings).await;
    let database = database.expect("a database");
    database.keep_watch();
    database
}

/// Waits until the replica is known to be as fresh as is said.
async fn fresh(database: &Database, within_ms: u64) {
    until(async || {
        let lag_ms = database.figures().replicas[0].lag_ms;
        lag_ms.is_some_and(|lag_ms| lag_ms <= within_ms)
    })
    .await;
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(120), "it never comes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the replica has replayed all that the primary has written.
async fn caught_up(pair: &Pair) {
    let written: String = pair
        .of_primary("SELECT pg_current_wal_lsn()::text")
        .await
        .expect("a position");
    let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
    until(async || pair.of_replica::<bool>(&sql).await == Some(true)).await;
}

/// Families of the county without any income benefit, with their members.
async fn families(pair: &Pair, count: usize) -> Vec<(String, Vec<String>)> {
    let mut families = vec![];
    for at in 0..count {
        let sql = format!(
            "SELECT h.id FROM household h WHERE h.county_code = {OWN} AND h.status = 'REGISTERED' AND NOT EXISTS \
             (SELECT 1 FROM income_benefit_period p WHERE p.household_id = h.id) ORDER BY h.id OFFSET {at} LIMIT 1"
        );
        let household: i64 = pair.of_primary(&sql).await.expect("a family");
        let sql = format!(
            "SELECT string_agg(id::text, ' ') FROM person WHERE household_id = {household} AND valid_to IS NULL"
        );
        let members: String = pair.of_primary(&sql).await.expect("members");
        let members = members
            .split(' ')
            .map(|id| global_id("Person", id.parse().expect("a key")));
        families.push((global_id("Household", household), members.collect()));
    }
    families
}

fn granted(number: &str, (household, members): &(String, Vec<String>)) -> Value {
    let input = json!({
        "dibaoNumber": number, "class": "GAP_FILLING", "members": members, "standard": "4000.00",
        "monthlyAmount": "310.50", "approvedOn": "2018-12-20", "validFrom": "2019-01-01",
    });
    let request = uuid::Uuid::now_v7().to_string();
    json!({ "query": GRANT, "variables": { "r": request, "household": household, "input": input } })
}

fn numbers(data: &Value) -> Vec<Value> {
    let grants = data["household"]["civilAffairs"]["dibaoHistory"].as_array();
    let numbers = grants.expect("grants").iter();
    numbers.map(|grant| grant["dibaoNumber"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_answers_and_nobody_misses_what_they_wrote() {
    let Some(pair) = demonstration().await else {
        return;
    };
    let database = connected(&pair, 600_000, Duration::from_secs(60)).await;
    let app = App::over(database.clone(), |_| {}).await;
    let families = families(&pair, 2).await;
    let clerk = app.clerk(D::Civil, OWN);
    let read = async |at: usize, position: Option<&str>| {
        let body = json!({ "query": GRANTS, "variables": { "id": families[at].0 } });
        let mut request = app.http("POST", "/graphql");
        if let Some(position) = position {
            request = request.header("x-yihu-position", position);
        }
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = clerk.send(request).await;
        assert_eq!(answer.header("x-yihu-position"), None);
        numbers(&answer.data())
    };
    let asked = || database.figures().replicas[0].asked;

    caught_up(&pair).await;
    fresh(&database, 60_000).await;
    let before = asked();
    assert_eq!(read(0, None).await, Vec::<Value>::new());
    assert!(asked() > before, "the replica has answered");

    // It stands still from here on.
    let _: Option<bool> = pair
        .of_replica("SELECT pg_wal_replay_pause() IS NULL")
        .await;
    until(async || {
        pair.of_replica::<String>("SELECT pg_get_wal_replay_pause_state()")
            .await
            .as_deref()
            == Some("paused")
    })
    .await;
    let answer = clerk.post(granted("DB-2018-0001", &families[0])).await;
    assert_eq!(answer.data()["dibaoGrant"]["userErrors"], json!([]));
    let position = answer
        .header("x-yihu-position")
        .expect("a position")
        .to_owned();
    assert_eq!(answer.json()["extensions"]["position"], json!(position));
    position.parse::<Position>().expect("a position");
    // The control: without the position it is what the replica shows, as old as is allowed.
    assert_eq!(read(0, None).await, Vec::<Value>::new());
    assert_eq!(read(0, Some(&position)).await, [json!("DB-2018-0001")]);
    // A position of before asks for nothing that the replica lacks.
    let before = asked();
    assert_eq!(read(0, Some("0/1")).await, Vec::<Value>::new());
    assert!(asked() > before);

    // What is not only shown is never asked of it: money, jobs, any object by its key; nor anything of a mutation.
    let before = asked();
    let finance = app.clerk(D::Finance, OWN);
    finance
        .query("{ payments(first: 1) { nodes { id } } }", json!({}))
        .await;
    clerk
        .query("{ jobs(first: 1) { nodes { id } } }", json!({}))
        .await;
    let node = "query($id: ID!) { node(id: $id) { id } household(id: $id) { id } }";
    clerk.query(node, json!({ "id": families[0].0 })).await;
    let second = granted("DB-2018-0002", &families[1]);
    let answer = clerk.post(second.clone()).await;
    assert_eq!(answer.data()["dibaoGrant"]["userErrors"], json!([]));
    let again = clerk.post(second).await;
    let position = |answer: &Answer| {
        let told = answer.header("x-yihu-position").expect("a position");
        told.parse::<Position>().expect("a position")
    };
    let later = position(&again);
    assert!(later >= position(&answer));
    assert_eq!(asked(), before);

    let _: Option<bool> = pair
        .of_replica("SELECT pg_wal_replay_resume() IS NULL")
        .await;
    caught_up(&pair).await;
    let before = asked();
    until(async || {
        let shown = read(1, Some(&later.to_string())).await;
        assert_eq!(shown, [json!("DB-2018-0002")]);
        asked() > before
    })
    .await;

    for bad in ["", "yesterday", "0/1, 0/2"] {
        let request = app.http("POST", "/graphql").header("x-yihu-position", bad);
        let request = request
            .header("content-type", "application/json")
            .body("{}");
        let answer = clerk.send(request).await;
        assert_eq!(
            (answer.status(), answer.codes()),
            (400, vec!["BAD_REQUEST".to_owned()]),
            "{bad:?}"
        );
    }
}

/// Whatever the replica does: what is read is as new as what had been committed the allowed time before it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn no_read_is_older_than_is_allowed() {
    const BOUND: Duration = Duration::from_millis(400);
    let Some(pair) = Pair::start().await else {
        return;
    };
    let database = connected(&pair, 400, Duration::from_secs(60)).await;
    let _: Option<i64> = pair
        .of_primary("CREATE TABLE tick (n bigint NOT NULL)")
        .await;
    let _: Option<i64> = pair.of_primary("INSERT INTO tick VALUES (0)").await;
    let _: Option<i64> = pair
        .of_primary("GRANT SELECT, UPDATE ON tick TO yihu")
        .await;
    caught_up(&pair).await;
    let mut committed = vec![(Instant::now(), 0)];
    let (mut stale_control, mut asked, mut paused) = (0, 0, false);
    for n in 1..=300_i64 {
        let _: Option<i64> = pair.of_primary(&format!("UPDATE tick SET n = {n}")).await;
        committed.push((Instant::now(), n));
        if n % 50 == 25 {
            let word = if paused { "resume" } else { "pause" };
            let _: Option<bool> = pair
                .of_replica(&format!("SELECT pg_wal_replay_{word}() IS NULL"))
                .await;
            paused = !paused;
        }
        let begun = Instant::now();
        let reads = database.of_request((0, i64::MAX), Freshness::From(Position::default()));
        let before = database.figures().replicas[0].asked;
        let statement = Statement::new(Class::ByScope, "SELECT n FROM tick", vec![]);
        let mut session = reads.reads().acquire().await.expect("a connection");
        let rows = session.one(statement).await.expect("a row");
        let read = rows[0].cell(0).int().expect("a number");
        asked += database.figures().replicas[0].asked - before;
        let due = committed.iter().rev().find(|(at, _)| *at + BOUND <= begun);
        assert!(
            read >= due.map_or(0, |(_, n)| *n),
            "{read} is older than {due:?}"
        );
        // The replica itself does show older ones.
        let shown: Option<i64> = pair.of_replica("SELECT n FROM tick").await;
        stale_control += i64::from(shown < due.map(|(_, n)| *n));
    }
    assert!(asked > 0, "the replica was never asked");
    assert!(stale_control > 0, "the replica was never too old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_database_is_told_and_comes_back() {
    let Some(pair) = demonstration().await else {
        return;
    };
    let settings = Settings {
        silence: Duration::from_millis(500),
        ..Settings::default()
    };
    let database = Database::connect(&pair.primary(), &settings)
        .await
        .expect("a database");
    database.keep_watch();
    let app = App::over(database.clone(), |_| {}).await;
    let family = families(&pair, 1).await.remove(0);
    let clerk = app.clerk(D::Civil, OWN);
    let query = json!({ "query": GRANTS, "variables": { "id": family.0 } });
    assert_eq!(clerk.post(query.clone()).await.status(), 200);

    // The statements of one request are under way when all of it stops.
    let held = pair.locked("dibao").await;
    let (waiting, asking) = (clerk.clone(), query.clone());
    let under_way = tokio::spawn(async move { waiting.post(asking).await });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'yihu read'";
    until(async || pair.of_primary::<i64>(waits).await > Some(0)).await;
    pair.signal("STOP");
    let grant = granted("DB-2018-0003", &family);
    for answer in [
        under_way.await.expect("an answer"),
        clerk.post(query.clone()).await,
        clerk.post(grant.clone()).await,
    ] {
        assert_eq!(
            (answer.status(), answer.header("retry-after")),
            (503, Some("1")),
            "{}",
            answer.text
        );
        assert!(
            answer.codes().iter().all(|code| code == "UNAVAILABLE"),
            "{}",
            answer.text
        );
    }
    let ready = clerk.send(app.http("GET", "/readyz")).await;
    // The seals are not known any more; the server of this test has no check of the database itself.
    assert_eq!(ready.json()["checks"]["serving"], json!(true));
    assert!(matches!(
        database.horizon().await,
        Err(DbError::Unavailable(_))
    ));

    pair.signal("CONT");
    held.close().await.expect("the lock ends");
    until(async || clerk.post(query.clone()).await.status() == 200).await;
    // The same request number, whatever had become of it before.
    let answer = clerk.post(grant).await;
    assert_eq!(answer.data()["dibaoGrant"]["userErrors"], json!([]));
    assert_eq!(
        numbers(&clerk.post(query).await.data()),
        [json!("DB-2018-0003")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn work_behind_takes_no_connection_from_requests() {
    let Some(pair) = Pair::start().await else {
        return;
    };
    let settings = Settings {
        read_connections: 1,
        write_connections: 1,
        job_connections: 1,
        acquire_timeout: Duration::from_millis(100),
        ..Settings::default()
    };
    let database = Database::connect(&pair.primary(), &settings)
        .await
        .expect("a database");
    let (one, behind) = (database.clone(), database.for_jobs());
    let held = behind.reads().acquire().await.expect("a connection");
    let read = one
        .reads()
        .acquire()
        .await
        .expect("a connection for a request");
    assert!(matches!(one.reads().acquire().await, Err(DbError::Busy)));
    drop((held, read));
    let done = behind
        .write("behind", |held| {
            let one = one.clone();
            async move {
                let done = tokio::spawn(async move {
                    one.write("request", |_| async { Ok::<_, DbError>(7) })
                        .await
                });
                drop(held);
                done.await
                    .map_err(|error| DbError::fault(error.to_string()))?
            }
        })
        .await;
    assert_eq!(done, Ok(7));
    let figures = database.figures();
    let names: Vec<_> = figures
        .pools
        .iter()
        .map(|(name, pool)| (*name, pool.most))
        .collect();
    assert_eq!(
        names,
        [("read", 1), ("write", 1), ("job_read", 1), ("job_write", 1)]
    );
}

#[test]
fn every_query_says_whether_a_replica_may_answer_it() {
    let parsed = async_graphql::parser::parse_schema(schema::sdl()).expect("the schema");
    let query = parsed
        .definitions
        .into_iter()
        .find_map(|definition| match definition {
            async_graphql::parser::types::TypeSystemDefinition::Type(kind)
                if kind.node.name.node == "Query" =>
            {
                Some(kind.node.kind)
            }
            _ => None,
        });
    let Some(async_graphql::parser::types::TypeKind::Object(query)) = query else {
        panic!("no queries");
    };
    let fields: BTreeSet<String> = query
        .fields
        .iter()
        .map(|field| field.node.name.node.to_string())
        .collect();
    let said: Vec<&str> = FROM_REPLICA
        .iter()
        .copied()
        .chain(FROM_PRIMARY.iter().map(|(name, _)| *name))
        .collect();
    let once: BTreeSet<&str> = said.iter().copied().collect();
    assert_eq!(once.len(), said.len(), "a field is said twice");
    let unsaid: Vec<_> = fields
        .iter()
        .filter(|field| !once.contains(field.as_str()))
        .collect();
    assert!(
        unsaid.is_empty(),
        "{unsaid:?}: may a replica answer it? say so in src/schema/replicas.rs"
    );
    let gone: Vec<_> = once
        .iter()
        .filter(|name| !name.starts_with('_') && !fields.contains(**name))
        .collect();
    assert!(gone.is_empty(), "{gone:?} are no queries");
}
