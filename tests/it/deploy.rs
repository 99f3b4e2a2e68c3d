//! What is handed to operators holds together: a dashboard and alerts ask for metrics that exist, files name options that exist.

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
