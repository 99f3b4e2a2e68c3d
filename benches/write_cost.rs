//! What audit, change feed and request numbers cost a write: the same mutations with and without them, in turns, in one
//! run: `cargo bench --features unrecorded --bench write_cost`.
//!
//! Runs over the demonstration in SQLite, and over PostgreSQL on this machine too when `BENCH_DATABASE_URL` names an empty
//! database. The feature is for this alone: a server that was built with it does not start.

use async_graphql::{Request, Variables};
use entity::codes::{Department, Role};
use futures_util::future::join_all;
use migration::Migrator;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    error::Error,
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use yihu::{
    authz::{Roles, Viewer},
    clock::Clock,
    db::{Class, Database, Dialect, Settings, Statement},
    demo,
    graphql::{
        document::{CacheLimits, Documents},
        language::Language,
        limits::Limits,
        response,
        scalars::global_id,
    },
    household::load_regions,
    schema::Graph,
    vault::{KeyRing, SuiteName, Vault},
    writing::RECORDED,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pairs of turns, each so many writes of each writer.
const PAIRS: usize = 30;
const WRITES: usize = 40;
/// Writers that write at the same time.
const CROWDS: [usize; 2] = [1, 8];

const AMEND: &str = "mutation($r: UUID!, $h: ID!, $v: Int!, $text: String!) { done: householdAmend(requestId: $r, id: $h, \
    version: $v, input: { wishes: $text }) { changed { id version } userErrors { code } } }";
const PAY: &str = "mutation($r: UUID!, $h: ID!, $text: String!) { done: paymentRecord(requestId: $r, householdId: $h, \
    input: { department: CIVIL, programme: $text, period: \"2018\", kind: REGULAR, amount: \"80.00\", paidOn: \"2018-12-20\" }) \
    { changed { id } userErrors { code } } }";

struct Bench {
    graph: Graph,
    documents: Documents,
    /// One for each writer of the largest crowd.
    households: Vec<i64>,
    /// Where they live, nine digits.
    township: i64,
    versions: Mutex<HashMap<i64, i64>>,
    /// The process above all of PostgreSQL's.
    postmaster: Option<u32>,
}

/// What a turn took.
#[derive(Clone, Copy)]
struct Cost {
    wall_us: f64,
    cpu_us: f64,
}

impl Bench {
    async fn new(url: &str) -> Result<Self, Box<dyn Error>> {
        let database = Database::connect(url, &Settings::default()).await?;
        database.migrate::<Migrator>().await?;
        load_regions(&database).await?;
        let vault = Arc::new(Vault::new(SuiteName::International, &KeyRing::demo()));
        let clock = Clock::fixed(demo::LAST_DAY);
        let (wanted, books) = (demo::Wanted::SMALL, &mut demo::Books::default());
        demo::fill(&database, &vault, &clock, wanted, books).await?;
        let township = "SELECT region_code / 1000 FROM household WHERE status = 'REGISTERED' AND county_code = 150921 \
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1";
        let township = numbers(&database, township).await?[0];
        let households = format!(
            "SELECT id FROM household WHERE region_code / 1000 = {township} AND status = 'REGISTERED' ORDER BY id"
        );
        let households = numbers(&database, &households).await?;
        let most = CROWDS.iter().max().copied().unwrap_or_default();
        assert!(households.len() >= most, "{} households", households.len());
        let postmaster = match database.dialect() {
            Dialect::Sqlite => None,
            Dialect::Postgres => {
                let backend = numbers(&database, "SELECT pg_backend_pid()::bigint").await?;
                Some(parent(u32::try_from(backend[0])?).ok_or("no parent")?)
            }
        };
        Ok(Bench {
            households,
            township,
            versions: Mutex::default(),
            postmaster,
            graph: Graph::new(database, vault, clock)?,
            documents: Documents::new(Limits::default(), CacheLimits::default()),
        })
    }

    async fn write(&self, text: &str, household: i64) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let version = *versions.entry(household).or_insert(1);
        drop(versions);
        let department = match text == AMEND {
            true => Department::Township,
            false => Department::Finance,
        };
        let variables = json!({
            "r": uuid::Uuid::now_v7(), "h": global_id("Household", household), "v": version,
            "text": uuid::Uuid::new_v4().to_string(),
        });
        let document = self.documents.fetch(text, self.graph.shape());
        let Ok(document) = document else {
            panic!("the document is refused");
        };
        let answer = self
            .graph
            .execute(
                Request::new(text).variables(Variables::from_json(variables)),
                &document,
                viewer(department, self.township),
                Language::English,
            )
            .await;
        let answer: Value =
            serde_json::from_slice(&response::to_json(&answer)).expect("an answer in JSON");
        let changed = &answer["data"]["done"]["changed"];
        assert!(changed.is_object(), "{answer}");
        if let Some(version) = changed["version"].as_i64() {
            let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
            versions.insert(household, version);
        }
    }

    /// One turn: each writer writes its own household, one after the other.
    async fn turn(&self, text: &str, crowd: usize, recorded: bool) -> Cost {
        RECORDED.store(recorded, std::sync::atomic::Ordering::SeqCst);
        let (wall, cpu) = (Instant::now(), self.cpu_ns());
        let writers = self
            .households
            .iter()
            .take(crowd)
            .map(|&household| async move {
                for _ in 0..WRITES {
                    self.write(text, household).await;
                }
            });
        join_all(writers).await;
        let writes = (WRITES * crowd) as f64;
        Cost {
            wall_us: wall.elapsed().as_secs_f64() * 1e6 / writes,
            cpu_us: (self.cpu_ns() - cpu) as f64 / 1e3 / writes,
        }
    }

    async fn measure(&self, name: &str, text: &str, crowd: usize) {
        self.turn(text, crowd, true).await;
        let (mut with, mut without) = (vec![], vec![]);
        for pair in 0..PAIRS {
            // Who is first changes, so that what grows meanwhile is shared.
            for recorded in [pair % 2 == 0, pair % 2 == 1] {
                let cost = self.turn(text, crowd, recorded).await;
                if recorded { &mut with } else { &mut without }.push(cost);
            }
        }
        let told = |what: &str, of: fn(&Cost) -> f64| {
            let (with_them, bare) = (median(with.iter().map(of)), median(without.iter().map(of)));
            let ratios = with
                .iter()
                .zip(&without)
                .map(|(with, bare)| of(with) / of(bare));
            format!(
                "{what} {with_them:7.0} against {bare:7.0} us, {:.2} times",
                median(ratios)
            )
        };
        println!(
            "{name:14} {crowd} at once: {}; {}",
            told("wall", |cost| cost.wall_us),
            told("CPU", |cost| cost.cpu_us),
        );
    }

    /// Nanoseconds that this process and the database's have been on a CPU.
    fn cpu_ns(&self) -> u64 {
        let own = on_cpu_ns("self");
        own + self.postmaster.map_or(0, |postmaster| {
            let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
            let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
            let of_database = numbers.filter(|&process| parent(process) == Some(postmaster));
            of_database
                .map(|process| on_cpu_ns(&process.to_string()))
                .sum()
        })
    }
}

/// Nanoseconds that all threads of a process have been on a CPU.
fn on_cpu_ns(process: &str) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    line.trim().parse().ok()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn viewer(department: Department, township: i64) -> Arc<Viewer> {
    let region = match department {
        Department::Township => (township * 1_000, township * 1_000 + 999),
        _ => (150_921_000_000, 150_921_999_999),
    };
    Arc::new(Viewer {
        user: "bench".to_owned(),
        client: "bench".to_owned(),
        department,
        roles: Roles::of(&[Role::Clerk]),
        region,
        institution: None,
        purpose: None,
    })
}

async fn numbers(database: &Database, sql: &str) -> Result<Vec<i64>, Box<dyn Error>> {
    let mut session = database.reads().acquire().await?;
    let rows = session.one(Statement::new(Class::Job, sql, vec![])).await?;
    let numbers = rows.iter().map(|row| Ok(row.cell(0).int()?));
    numbers.collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut urls = vec![format!(
        "sqlite://{}",
        folder.path().join("bench.sqlite").display()
    )];
    urls.extend(std::env::var("BENCH_DATABASE_URL"));
    for url in urls {
        println!("{}", url.split(':').next().unwrap_or_default());
        let bench = Bench::new(&url).await?;
        for (name, text) in [("householdAmend", AMEND), ("paymentRecord", PAY)] {
            for crowd in CROWDS {
                bench.measure(name, text, crowd).await;
            }
        }
    }
    Ok(())
}
