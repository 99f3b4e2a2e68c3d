//! What is handed to operators holds together: a dashboard and alerts ask for metrics that exist, files name options that exist.

use crate::{
    canaries::collector,
    harness::{Program, both_dbs},
};
use std::{collections::BTreeSet, fs, path::Path};
use yihu::config::Config;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of a text that begin like this.
fn words(text: &str, beginning: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_word(c));
    let found = words.filter(|word| word.starts_with(beginning));
    found.map(str::to_owned).collect()
}

#[test]
fn every_metric_that_is_asked_for_exists() {
    let metrics = words(&read("src/http/metrics.rs"), "yihu_");
    assert!(metrics.len() > 15, "{metrics:?}");
    for file in [
        "deploy/grafana/yihu.json",
        "deploy/prometheus/alerts.yml",
        "docs/operating.md",
    ] {
        let text = read(file)
            .replace("yihu_backup", "")
            .replace("yihu_dump", "");
        let asked = words(&text, "yihu_");
        let exists = |name: &String| {
            let parts = ["_bucket", "_sum", "_count"];
            let whole = parts.iter().find_map(|part| name.strip_suffix(part));
            metrics.contains(name) || whole.is_some_and(|whole| metrics.contains(whole))
        };
        let absent: Vec<_> = asked.iter().filter(|name| !exists(name)).collect();
        assert!(absent.is_empty(), "{file}: {absent:?}");
        assert!(
            file.ends_with(".md") || asked.len() > 5,
            "{file}: {asked:?}"
        );
    }
    serde_json::from_str::<serde_json::Value>(&read("deploy/grafana/yihu.json")).expect("JSON");
}

/// Prometheus joins two sides where all labels are the same, and says nothing where they never are.
#[test]
fn an_alert_says_by_which_labels_it_joins() {
    let alerts = read("deploy/prometheus/alerts.yml");
    let expressions = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "));
    let joined: Vec<_> = expressions
        .filter(|expression| expression.contains(" and "))
        .collect();
    assert!(!joined.is_empty());
    for expression in joined {
        let mut sides = expression.split(" and ").skip(1);
        assert!(sides.all(|side| side.starts_with("on(")), "{expression}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// While instances are replaced one by one, the tables are those of the newer program already.
    async fn an_instance_goes_on_beside_newer_tables(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::on(&db, folder.path(), &[], &[]);
        let app = program.app();
        let ready = async || app.http("GET", "/readyz").send().await.expect("an answer").status().as_u16();
        assert_eq!(ready().await, 200);
        db.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_of_a_newer_program', 0)").await;
        for _ in 0..3 {
            assert_eq!(ready().await, 200);
        }
        // Tables that lack something are another matter, whatever they have besides.
        db.execute("DELETE FROM seaql_migrations WHERE version = 'm20261121_000001_shared_reference'").await;
        assert_eq!(ready().await, 503);
        let printed = program.stop();
        assert_eq!(printed.matches("the tables are newer than this program").count(), 1, "{printed}");
        assert!(printed.contains("migrations are missing"), "{printed}");
    }
}

#[tokio::test]
async fn a_request_joins_the_trace_of_who_asks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (otlp, traces) = collector();
    let program = Program::demo(folder.path(), &[], &[("YIHU_TELEMETRY_OTLP", &otlp)]);
    let trace = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128;
    for parent in [
        format!("00-{trace:032x}-00f067aa0ba902b7-01"),
        "00-0-0-01".to_owned(),
    ] {
        let asked = program
            .app()
            .http("POST", "/graphql")
            .header("traceparent", parent);
        assert_eq!(asked.send().await.expect("an answer").status(), 401);
    }
    program.stop();
    let sent = traces.lock().expect("no panic");
    let joined = sent
        .windows(16)
        .filter(|part| **part == trace.to_be_bytes());
    assert_eq!(joined.count(), 1);
}

#[test]
fn the_plan_counts_the_tables_of_the_register() {
    let register = read("src/db/distribution.txt");
    let tables: Vec<_> = register
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    let of_households = tables
        .iter()
        .filter(|line| line.contains(" BY_HOUSEHOLD"))
        .count();
    let counted = format!("BY_HOUSEHOLD ({of_households} of {})", tables.len());
    assert!(read("docs/scaling.md").contains(&counted), "{counted}");
}

#[test]
fn every_option_that_is_set_exists() {
    let options: BTreeSet<String> = Config::options()
        .iter()
        .map(|option| option.variable())
        .collect();
    // Read from the environment alone, or by other programs.
    let others = [
        "YIHU_CONFIG",
        "YIHU_ENCRYPTION_KEYS",
        "YIHU_INDEX_KEY",
        "YIHU_SEAL_KEY",
        "YIHU_ENCRYPTION_KEYS_FILE",
        "YIHU_INDEX_KEY_FILE",
        "YIHU_SEAL_KEY_FILE",
        "YIHU_ONE",
        "YIHU_TWO",
        "YIHU_THREE",
    ];
    let files = [
        "deploy/yihu.service",
        "deploy/Containerfile",
        "deploy/haproxy.cfg",
        "docs/operating.md",
        "docs/scaling.md",
    ];
    for file in files {
        let set = words(&read(file), "YIHU_");
        let known = |name: &&String| options.contains(*name) || others.contains(&name.as_str());
        let absent: Vec<_> = set.iter().filter(|name| !known(name)).collect();
        assert!(absent.is_empty(), "{file}: {absent:?}");
    }
}
