//! CPU of ours for each request, by plan and by stock resolution: `cargo bench --bench read_path`.
//!
//! Runs over the demonstration in SQLite, and over PostgreSQL too when `BENCH_DATABASE_URL` names an empty database.

use async_graphql::{Request, Variables};
use entity::codes::{Department, Role};
use migration::Migrator;
use serde_json::json;
use std::{error::Error, fs, sync::Arc, time::Instant};
use yihu::{
    authz::{Roles, Viewer},
    clock::Clock,
    db::{Database, Settings},
    demo,
    graphql::{
        document::{CacheLimits, Documents},
        language::Language,
        limits::Limits,
        plan::StockOnly,
        response,
    },
    household::load_regions,
    schema::Graph,
    vault::{KeyRing, SuiteName, Vault},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SLICES: &str = "id cardNumber headName status mainCause size version updatedAt region { code name level }
    members { id name citizenNumber sex birthDate relation educationLevel healthStatus labourCapacity
        health { enrolments { year category premium premiumSubsidy paidOn } }
        education { rainDewApplications { schoolYear stage amount state } } }
    civilAffairs { dibao { class persons monthlyAmount validFrom version } }
    health { claims { id claimNumber dischargedOn totalCost eligibleCost state } }
    housing { house { grade surveyedOn } renovations { year solution subsidy state } }
    finance { loans { id bankCode principal rateBasisPoints dueOn state } payments { id department programme paidOn amount state } }";

const LIST: &str = "{ households(first: 100, filter: { status: [REGISTERED], mainCause: [ILLNESS] }) { nodes { id cardNumber headName status mainCause registeredOn } pageInfo { hasNextPage endCursor } } }";

/// Nanoseconds that all threads of this process have been on a CPU.
fn cpu_ns() -> u64 {
    let threads = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    threads
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum()
}

struct Bench {
    graph: Graph,
    database: Database,
    documents: Documents,
    viewer: Arc<Viewer>,
}

impl Bench {
    async fn new(url: &str) -> Result<Self, Box<dyn Error>> {
        let database = Database::connect(url, &Settings::default()).await?;
        database.migrate::<Migrator>().await?;
        load_regions(&database).await?;
        let vault = Arc::new(Vault::new(SuiteName::International, &KeyRing::demo()));
        let clock = Clock::fixed(demo::LAST_DAY);
        demo::fill(
            &database,
            &vault,
            &clock,
            demo::Wanted::SMALL,
            &mut demo::Books::default(),
        )
        .await?;
        Ok(Bench {
            graph: Graph::new(database.clone(), vault, clock)?,
            database,
            documents: Documents::new(Limits::default(), CacheLimits::default()),
            viewer: Arc::new(Viewer {
                user: "bench".to_owned(),
                client: "bench".to_owned(),
                department: Department::Audit,
                roles: Roles::of(&[Role::Auditor]),
                region: (150_900_000_000, 150_999_999_999),
                institution: None,
                purpose: None,
            }),
        })
    }

    async fn ask(&self, text: &str, variables: &serde_json::Value, stock: bool) -> Vec<u8> {
        let Ok(document) = self.documents.fetch(text, self.graph.shape()) else {
            return vec![];
        };
        let request = Request::new(text).variables(Variables::from_json(variables.clone()));
        let request = if stock {
            request.data(StockOnly)
        } else {
            request
        };
        let viewer = self.viewer.clone();
        let answer = self
            .graph
            .execute(request, &document, viewer, Language::English)
            .await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        response::to_json(&answer)
    }

    async fn measure(&self, name: &str, text: &str, variables: &serde_json::Value, rounds: u32) {
        for (way, stock) in [
            ("stock", true),
            ("plan", false),
            ("stock", true),
            ("plan", false),
        ] {
            for _ in 0..rounds / 10 {
                self.ask(text, variables, stock).await;
            }
            let (wall, cpu, statements) = (Instant::now(), cpu_ns(), self.database.statements());
            let mut bytes = 0;
            for _ in 0..rounds {
                bytes = self.ask(text, variables, stock).await.len();
            }
            let each = |total: f64| total / f64::from(rounds);
            println!(
                "{name:12} {way:5}  CPU {:8.1} us  wall {:8.1} us  statements {}  bytes {bytes}",
                each((cpu_ns() - cpu) as f64 / 1000.0),
                each(wall.elapsed().as_secs_f64() * 1e6),
                (self.database.statements() - statements) / u64::from(rounds),
            );
        }
    }
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
        let one =
            format!("query($card: String!) {{ household(cardNumber: $card) {{ {SLICES} }} }}");
        let page = format!(
            "{{ households(first: 50) {{ nodes {{ {SLICES} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        bench
            .measure(
                "Q1 household",
                &one,
                &json!({ "card": "1509211072000001" }),
                2000,
            )
            .await;
        bench.measure("Q2 page 50", &page, &json!({}), 200).await;
        bench.measure("Q3 list 100", LIST, &json!({}), 1000).await;
    }
    Ok(())
}
