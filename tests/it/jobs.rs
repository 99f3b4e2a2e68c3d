//! Work that takes longer than a request: asked for, done behind everybody's back, fetched as a file.

use crate::harness::{
    Actor, Answer, App, Program, TestDatabase, both_dbs,
    writes::{Sent, mutation, records},
    yihu,
};
use calamine::{Reader as _, Xlsx};
use entity::codes::{Department as D, JobKind, Role};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use yihu::{
    clock::Clock,
    db::{Database, Purge as _, Settings},
    departments,
    entitlement::{self, EntitlementWork},
    files::{Column, Kind},
    graphql::scalars::parse_global_id,
    jobs::{JobOptions, OldJobs, Order, Progress, Runner, Stretch, Trouble, Work, Worked},
};

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
const DAY: &str = "2018-11-30";
const JOB: &str = "id kind region { code } department input state problem problemDetail total done lines format fileName filePath bytes startedAt endedAt version";

fn run_of(region: &str, input: Value) -> Sent {
    let mut whole = json!({ "region": region, "asOf": DAY });
    let (whole_fields, more) = (whole.as_object_mut().expect("an object"), input);
    whole_fields.extend(more.as_object().expect("an object").clone());
    mutation("entitlementRun", whole).read(JOB)
}

fn cancel(job: &str) -> Sent {
    mutation("jobCancel", Value::Null)
        .without_input()
        .of_record(job)
        .read(JOB)
}

async fn asked(actor: &Actor, input: Value) -> String {
    let job = run_of(OWN, input).done_by(actor).await;
    job["id"].as_str().expect("an id").to_owned()
}

async fn read(actor: &Actor, job: &str) -> Value {
    let text = format!("query($id: ID!) {{ job(id: $id) {{ {JOB} }} }}");
    actor.query(&text, json!({ "id": job })).await.data()["job"].take()
}

async fn file(app: &App, actor: &Actor, job: &str) -> Answer {
    actor
        .send(app.http("GET", &format!("/jobs/{job}/file")))
        .await
}

/// The bytes of a file that is there, with its media type and disposition.
async fn bytes(app: &App, actor: &Actor, path: &str) -> (Vec<u8>, String, String) {
    let request = app.http("GET", path);
    let authorization = actor.authorization().expect("a token");
    let answer = request.header("authorization", authorization).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    let (media, disposition) = (header("content-type"), header("content-disposition"));
    (
        answer.bytes().await.expect("bytes").to_vec(),
        media,
        disposition,
    )
}

async fn database(db: &TestDatabase) -> Database {
    let connected = Database::connect(&db.url, &Settings::default()).await;
    connected.expect("a database")
}

fn clock() -> Clock {
    Clock::fixed(time::macros::date!(2018 - 12 - 31))
}

/// The runner of a server of its own.
async fn runner(db: &TestDatabase, clock: &Clock, works: Vec<Arc<dyn Work>>) -> Runner {
    Runner::new(
        database(db).await,
        clock.clone(),
        works,
        &JobOptions::default(),
    )
}

async fn entitlements(db: &TestDatabase) -> Arc<dyn Work> {
    let rules = entitlement::shipped(departments::facts).expect("rules");
    Arc::new(EntitlementWork {
        database: database(db).await,
        rules,
    })
}

/// Does all jobs that wait.
async fn work(db: &TestDatabase) {
    let runner = runner(db, &clock(), vec![entitlements(db).await]).await;
    while runner.once().await.expect("a database") == Worked::Once {}
}

/// The list as the command writes it.
fn by_command(db: &TestDatabase, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = yihu(folder.path());
    command.args([
        "entitle",
        "--demo",
        "--database",
        &db.url,
        "--region",
        OWN,
        "--as-of",
        DAY,
        "--out",
        "due.csv",
    ]);
    let done = command.args(arguments).output().expect("it runs");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    fs::read(folder.path().join("due.csv")).expect("a file")
}

fn rows(text: &[u8]) -> Vec<Vec<String>> {
    let text = text
        .strip_prefix("\u{feff}".as_bytes())
        .expect("a mark for Excel");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_job_gives_the_list_of_the_command(db: TestDatabase) {
        let app = App::start(&db).await;
        let poverty = app.clerk(D::Poverty, OWN);
        let households = db.number(&format!("SELECT COUNT(*) FROM household WHERE county_code = {OWN}")).await;
        let job = run_of(OWN, json!({ "all": true })).done_by(&poverty).await;
        assert_eq!(job["input"].as_str().map(|input| serde_json::from_str::<Value>(input).expect("JSON")["region"] == "150921000000"), Some(true), "{job}");
        for (name, expected) in [("kind", json!("ENTITLEMENTS")), ("department", json!("POVERTY")), ("state", json!("QUEUED")), ("total", Value::Null), ("done", json!(0)),
            ("fileName", json!("entitlements-150921000000-2018-11-30.csv")), ("filePath", Value::Null), ("region", json!({ "code": "150921000000" }))] {
            assert_eq!(job[name], expected, "{name}");
        }
        let id = job["id"].as_str().expect("an id");
        let early = file(&app, &poverty, id).await;
        assert_eq!((early.status(), early.codes()), (409, vec!["JOB_NOT_DONE".to_owned()]));
        work(&db).await;
        let job = read(&poverty, id).await;
        let expected = by_command(&db, &["--all"]);
        for (name, expected) in [("state", json!("DONE")), ("total", json!(households)), ("done", json!(households)), ("lines", json!(rows(&expected).len() - 1)),
            ("bytes", json!(expected.len())), ("problem", Value::Null), ("filePath", json!(format!("/jobs/{id}/file")))] {
            assert_eq!(job[name], expected, "{name}");
        }
        let (text, media, disposition) = bytes(&app, &poverty, &format!("/jobs/{id}/file")).await;
        assert!(text == expected);
        assert_eq!((media.as_str(), disposition.as_str()), ("text/csv; charset=utf-8", "attachment; filename=\"entitlements-150921000000-2018-11-30.csv\""));
        // Of the lines that the file was made of nothing is left.
        assert_eq!(db.number("SELECT COUNT(*) FROM job_part WHERE stage = 'LINES'").await, 0);
        assert_eq!(poverty.listed("jobs", "JobFilter", json!({ "state": ["DONE"], "kind": ["ENTITLEMENTS"], "region": OWN })).await, BTreeSet::from([id.to_owned()]));
        assert_eq!(poverty.listed("jobs", "JobFilter", json!({ "state": ["QUEUED"] })).await, BTreeSet::new());
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_format_is_fetched(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let mut files = Vec::new();
        for format in ["CSV", "XLSX", "PARQUET"] {
            files.push(asked(&civil, json!({ "format": format, "benefits": ["dibao"] })).await);
        }
        work(&db).await;
        let [text, book, table] = [0, 1, 2].map(|at: usize| bytes(&app, &civil, format!("/jobs/{}/file", files[at]).leak()));
        let (text, book, table) = futures_util::join!(text, book, table);
        let rows = rows(&text.0);
        assert!(text.0 == by_command(&db, &["--benefit", "dibao"]) && rows.len() > 2);
        let mut workbook = Xlsx::new(Cursor::new(book.0)).expect("a workbook");
        let sheet = workbook.worksheet_range_at(0).expect("a sheet").expect("its cells");
        assert_eq!((sheet.height(), sheet.width()), (rows.len(), rows[0].len()));
        assert_eq!(sheet.get((1, 0)).map(ToString::to_string).as_ref(), Some(&rows[1][0]));
        assert_eq!((&table.0[..4], table.1.as_str()), (&b"PAR1"[..], "application/vnd.apache.parquet"));
        assert_eq!(book.1, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each department gets the benefits that it runs, and its results are for itself and for audit.
    async fn what_is_not_yours_is_not_there(db: TestDatabase) {
        let app = App::start(&db).await;
        let education = app.clerk(D::Edu, OWN);
        let job = asked(&education, json!({})).await;
        work(&db).await;
        let path = format!("/jobs/{job}/file");
        let told = rows(&bytes(&app, &education, &path).await.0);
        let benefits: BTreeSet<_> = told[1..].iter().map(|row| row[5].clone()).collect();
        let all = rows(&by_command(&db, &[]));
        let every: BTreeSet<_> = all[1..].iter().map(|row| row[5].clone()).collect();
        assert!(!benefits.is_empty() && benefits.is_subset(&every) && benefits.len() < every.len(), "{benefits:?}");
        assert!(!benefits.contains("dibao"));
        let of_its_own: Vec<_> = all[1..].iter().filter(|row| benefits.contains(&row[5])).map(|row| &row[..10]).collect();
        let of_job: Vec<_> = told[1..].iter().map(|row| &row[..10]).collect();
        assert!(of_job.iter().all(|row| of_its_own.contains(row)));
        for other in [app.clerk(D::Civil, OWN), app.clerk(D::Edu, NEIGHBOUR), app.clerk(D::Township, "150921100"), app.clerk(D::Poverty, OWN)] {
            assert_eq!(read(&other, &job).await, Value::Null);
            assert_eq!(other.listed("jobs", "JobFilter", json!({})).await, BTreeSet::new());
            let answer = file(&app, &other, &job).await;
            assert_eq!((answer.status(), answer.codes()), (404, vec!["NOT_FOUND".to_owned()]));
            assert_eq!(cancel(&job).mistakes(&other).await, ["id NOT_FOUND"]);
        }
        for without in [app.clerk(D::Stats, OWN), app.clerk(D::Org, OWN)] {
            let answer = file(&app, &without, &job).await;
            assert!([403, 404].contains(&answer.status()), "{}", answer.text);
            assert!(!answer.text.contains("entitlements-"), "{}", answer.text);
        }
        assert_eq!(file(&app, &app.anonymous(), &job).await.status(), 401);
        assert_eq!(read(&app.auditor(), &job).await["state"], json!("DONE"));
        assert_eq!(file(&app, &app.auditor(), &job).await.status(), 200);
        for wrong in ["none", "Sm9iOm5vbmU=", "..%2F..%2Fetc"] {
            let answer = file(&app, &education, wrong).await;
            assert_eq!(answer.status(), 404, "{wrong}: {}", answer.text);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_can_not_be_done_is_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let before = records(&db).await;
        for (region, input, expected) in [
            (NEIGHBOUR, json!({}), "OUT_OF_SCOPE"),
            ("1509", json!({}), "OUT_OF_SCOPE"),
            ("150999", json!({}), "UNKNOWN_REGION"),
            (OWN, json!({ "benefits": ["manna"] }), "UNKNOWN_BENEFIT"),
        ] {
            let (text, variables) = run_of(region, input).request();
            assert_eq!(civil.query(&text, variables).await.codes(), [expected], "{region}");
        }
        run_of(OWN, json!({})).refused_to(&db, &[app.clerk(D::Stats, OWN), app.reader(D::Civil, OWN), app.auditor()]).await;
        assert_eq!((records(&db).await, db.number("SELECT COUNT(*) FROM job").await), (before, 0));
        // From above the whole region is asked for.
        let city = app.clerk(D::Civil, "1509").named("city");
        assert_eq!(run_of("1509", json!({})).done_by(&city).await["region"]["code"], json!("150900000000"));
        // One user has five in the line at most; another one of the office may ask.
        for _ in 0..5 {
            asked(&civil, json!({})).await;
        }
        assert_eq!(run_of(OWN, json!({})).mistakes(&civil).await, [" TOO_MANY_JOBS"]);
        let colleague = civil.clone().named("colleague");
        let job = asked(&colleague, json!({})).await;
        let cancelled = cancel(&job).done_by(&civil).await;
        assert_eq!((&cancelled["state"], &cancelled["endedAt"].is_null()), (&json!("CANCELLED"), &false));
        assert_eq!(cancel(&job).mistakes(&civil).await, ["id JOB_ENDED"]);
        work(&db).await;
        assert_eq!(read(&civil, &job).await["state"], json!("CANCELLED"));
        assert_eq!(db.number("SELECT COUNT(*) FROM job WHERE state = 'DONE'").await, 6);
    }
}

const NUMBERS: [Column; 1] = [Column::new("number", Kind::Text)];

/// Tells the numbers below a hundred, one a stretch, and stands still before one.
struct Numbers {
    stop_before: u64,
    reached: Arc<AtomicU64>,
    go_on: Arc<tokio::sync::Notify>,
}

impl Numbers {
    fn until(stop_before: u64) -> (Arc<Numbers>, Arc<AtomicU64>, Arc<tokio::sync::Notify>) {
        let (reached, go_on) = (
            Arc::<AtomicU64>::default(),
            Arc::<tokio::sync::Notify>::default(),
        );
        let numbers = Numbers {
            stop_before,
            reached: reached.clone(),
            go_on: go_on.clone(),
        };
        (Arc::new(numbers), reached, go_on)
    }
}

impl Work for Numbers {
    fn kind(&self) -> JobKind {
        JobKind::Entitlements
    }
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>> {
        Box::pin(async move {
            progress.set_total(100).await?;
            let from: u64 = order
                .position
                .as_deref()
                .map_or(0, |text| text.parse().expect("a number"));
            for number in from..100 {
                if number == self.stop_before {
                    self.reached.store(number, Ordering::SeqCst);
                    self.go_on.notified().await;
                }
                let text = format!("{number}\n").into_bytes();
                progress
                    .add(Stretch {
                        text,
                        lines: 1,
                        done: number + 1,
                        position: (number + 1).to_string(),
                        counts: None,
                    })
                    .await?;
            }
            Ok(NUMBERS.to_vec())
        })
    }
}

fn counted() -> Vec<u8> {
    let numbers: String = (0..100).map(|number| format!("{number}\n")).collect();
    format!("\u{feff}number\n{numbers}").into_bytes()
}

/// Until somebody stands still before this number.
async fn stands_before(reached: &AtomicU64, number: u64) {
    while reached.load(Ordering::SeqCst) != number {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A server that is gone in the middle is followed by another, and one that comes back after its lease adds nothing.
    async fn a_job_is_done_by_one(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let (gone, late, whole) = (asked(&civil, json!({})).await, asked(&civil, json!({})).await, counted());
        let clock = clock();
        let (first, reached, _) = Numbers::until(30);
        let cut = runner(&db, &clock, vec![first]).await;
        let cut = tokio::spawn(async move { cut.once().await });
        stands_before(&reached, 30).await;
        let job = read(&civil, &gone).await;
        assert_eq!([&job["state"], &job["done"], &job["total"], &job["lines"]], [&json!("RUNNING"), &json!(30), &json!(100), &json!(30)]);
        cut.abort();
        // Another server takes the second job: the first is held as long as the lease is.
        let (second, reached, go_on) = Numbers::until(60);
        let slow = runner(&db, &clock, vec![second]).await;
        let slow = tokio::spawn(async move { slow.once().await });
        stands_before(&reached, 60).await;
        let third = runner(&db, &clock, vec![Numbers::until(200).0]).await;
        assert_eq!(third.once().await.expect("a database"), Worked::Nothing);
        clock.advance(Duration::from_secs(31));
        assert_eq!(third.once().await.expect("a database"), Worked::Once);
        assert_eq!(third.once().await.expect("a database"), Worked::Once);
        assert_eq!(third.once().await.expect("a database"), Worked::Nothing);
        go_on.notify_one();
        assert_eq!(slow.await.expect("an end").expect("a database"), Worked::Once);
        for job in [&gone, &late] {
            let state = read(&civil, job).await;
            assert_eq!([&state["state"], &state["done"], &state["lines"], &state["bytes"]], [&json!("DONE"), &json!(100), &json!(100), &json!(whole.len())]);
            assert!(bytes(&app, &civil, &format!("/jobs/{job}/file")).await.0 == whole);
        }
        assert_eq!(db.number("SELECT COUNT(*) FROM job WHERE attempts = 1").await, 2);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_given_up_or_fails_leaves_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let (given_up, clock) = (asked(&civil, json!({})).await, clock());
        let (numbers, reached, go_on) = Numbers::until(30);
        let runs = runner(&db, &clock, vec![numbers]).await;
        let running = tokio::spawn(async move { runs.once().await });
        stands_before(&reached, 30).await;
        cancel(&given_up).done_by(&civil).await;
        go_on.notify_one();
        assert_eq!(running.await.expect("an end").expect("a database"), Worked::Once);
        assert_eq!(read(&civil, &given_up).await["state"], json!("CANCELLED"));
        // Rules that are others now, and an input that this version does not know.
        let others = asked(&civil, json!({})).await;
        let unknown = asked(&civil, json!({})).await;
        let key = |id: &str| parse_global_id(id).expect("an id").1;
        db.execute(&format!("UPDATE job SET input = REPLACE(input, '\"rules\":\"', '\"rules\":\"0') WHERE id = {}", key(&others))).await;
        db.execute(&format!("UPDATE job SET input = '{{}}' WHERE id = {}", key(&unknown))).await;
        work(&db).await;
        for (job, problem) in [(&others, "RULES_CHANGED"), (&unknown, "UNREADABLE")] {
            let state = read(&civil, job).await;
            assert_eq!([&state["state"], &state["problem"], &state["filePath"]], [&json!("FAILED"), &json!(problem), &Value::Null]);
            assert_eq!(file(&app, &civil, job).await.status(), 409);
        }
        // A file is there for a week.
        let done = asked(&civil, json!({ "benefits": ["dibao"] })).await;
        work(&db).await;
        let old = OldJobs { database: database(&db).await, clock: clock.clone(), keep_days: 7 };
        while old.batch().await.expect("a database") {}
        assert_eq!(db.number("SELECT COUNT(DISTINCT job_id) FROM job_part").await, 1);
        assert_eq!(read(&civil, &done).await["state"], json!("DONE"));
        clock.advance(Duration::from_secs(8 * 86_400));
        while old.batch().await.expect("a database") {}
        let state = read(&civil, &done).await;
        assert_eq!([&state["state"], &state["filePath"]], [&json!("EXPIRED"), &Value::Null]);
        assert_eq!(db.number("SELECT COUNT(*) FROM job_part").await, 0);
        assert_eq!(file(&app, &civil, &done).await.codes(), ["JOB_NOT_DONE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The program as it is started: killed while it works, another one ends the job.
    async fn servers_do_the_jobs(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let variables = [("YIHU_JOBS_LEASE_SECONDS", "5")];
        let first = Program::on(&db, folder.path(), &[], &variables);
        let civil = first.app().actor(D::Civil, Role::Clerk).within(OWN);
        let mut jobs = Vec::new();
        for _ in 0..5 {
            jobs.push(asked(&civil, json!({ "all": true })).await);
        }
        drop(first);
        let second = Program::on(&db, folder.path(), &[], &variables);
        let (app, civil) = (second.app(), civil.at(&second.app()));
        for job in &jobs {
            let mut state = read(&civil, job).await;
            for _ in 0..600 {
                if state["state"] == "DONE" {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
                state = read(&civil, job).await;
            }
            assert_eq!(state["state"], json!("DONE"), "{state}");
        }
        let whole = bytes(&app, &civil, &format!("/jobs/{}/file", jobs[0])).await.0;
        assert!(whole.len() > 1_000);
        for job in &jobs {
            assert!(bytes(&app, &civil, &format!("/jobs/{job}/file")).await.0 == whole);
        }
        second.stop();
    }
}
