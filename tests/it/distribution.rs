//! Every statement is registered as one by household, by scope, by identity, of reference or of a job: what it would cost on
//! tables that are distributed by household. Reads are so by their type; writes are by the table that they write
//! (`src/db/distribution.txt`), and those that are written as text are counted here.

use crate::harness::{Engine, both_dbs};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use yihu::db::Class;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Tables with their class and the reason.
fn registered() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(root().join("src/db/distribution.txt")).expect("the register");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let said = lines.map(|line| {
        let mut words = line.splitn(3, ' ').map(str::trim);
        let table = words.next().unwrap_or_default().to_owned();
        let rest = line[table.len()..].trim();
        let (class, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        (table, (class.to_owned(), reason.trim().to_owned()))
    });
    said.collect()
}

both_dbs! {
    async fn every_table_says_where_its_rows_would_lie(db: TestDatabase) {
        let registered = registered();
        let (tables, belonging) = match db.engine {
            Engine::Sqlite => (
                "SELECT group_concat(name, ' ') FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                "SELECT group_concat(t.name, ' ') FROM sqlite_schema t, pragma_table_info(t.name) c \
                 WHERE t.type = 'table' AND c.name = 'household_id' AND c.\"notnull\"",
            ),
            Engine::Postgres => (
                "SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
                "SELECT string_agg(relname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r' \
                 AND c.relnamespace = current_schema()::regnamespace AND a.attname = 'household_id' AND a.attnotnull",
            ),
        };
        let set = |text: String| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        let (tables, belonging) = (set(db.text(tables).await), set(db.text(belonging).await));
        assert_eq!(registered.keys().cloned().collect::<BTreeSet<_>>(), tables);
        let words: Vec<_> = Class::ALL.iter().map(|class| class.word()).collect();
        for (table, (class, reason)) in &registered {
            assert!(words.contains(&class.as_str()), "{table}: {class}");
            // Whatever belongs to a household lies with it, and says why where it does not.
            let lies_with_it = belonging.contains(table) || table == "household";
            assert_eq!(class == "BY_HOUSEHOLD", lies_with_it, "{table}");
            assert!(lies_with_it || !reason.is_empty(), "{table}: why?");
        }
    }
}

/// Statements written as text beside the typed read side: the file, how many, and where their rows lie.
const WRITTEN: [(&str, usize, &str); 15] = [
    (
        "src/audit/store.rs",
        1,
        "BY_SCOPE: locks the chain of seals",
    ),
    ("src/db/ids.rs", 2, "REFERENCE: a block of keys"),
    ("src/db/load.rs", 1, "JOB: fills an empty database"),
    (
        "src/db/mod.rs",
        6,
        "REFERENCE: migrations; statements that others hand over",
    ),
    ("src/db/row_security.rs", 1, "REFERENCE: the catalog"),
    ("src/db/wake.rs", 1, "REFERENCE: tells other processes"),
    (
        "src/db/write.rs",
        10,
        "none: the range of the second wall; statements handed on to a driver",
    ),
    (
        "src/db/write/postgres.rs",
        7,
        "none: statements handed on to the driver",
    ),
    (
        "src/db/write/postgres/values.rs",
        1,
        "none: a text that nobody runs",
    ),
    (
        "src/departments/health/claims/settlement/store.rs",
        1,
        "BY_IDENTITY: a statement with a class, inside of a write",
    ),
    (
        "src/departments/health/claims/store.rs",
        1,
        "BY_HOUSEHOLD: a statement with a class, inside of a write",
    ),
    (
        "src/resealing/store.rs",
        4,
        "JOB: all rows, one after the other",
    ),
    (
        "src/writing/door.rs",
        1,
        "as its statement, which has a class",
    ),
    (
        "src/writing/journal.rs",
        1,
        "BY_SCOPE: log and feed, with the request's number",
    ),
    (
        "src/writing/request.rs",
        2,
        "BY_IDENTITY: a request's number",
    ),
];

/// What makes a statement of a text.
const MAKERS: [&str; 9] = [
    "execute_unprepared(",
    "execute_raw(",
    "query_one_raw(",
    "query_all_raw(",
    "raw_sql(",
    "orm_values(",
    "orm_text(",
    "from_sql_and_values(",
    "from_string(",
];

#[test]
fn every_statement_of_text_is_registered() {
    let mut found = BTreeMap::new();
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).expect("a source");
        let makes = |line: &&str| MAKERS.iter().any(|maker| line.contains(maker));
        let count = text.lines().filter(makes).count();
        let name = file
            .strip_prefix(root())
            .expect("of this folder")
            .display()
            .to_string();
        let is_test = name.ends_with("tests.rs") || name.ends_with("scratch.rs");
        if count > 0 && !is_test {
            found.insert(name, count);
        }
    }
    let registered: BTreeMap<_, _> = WRITTEN
        .iter()
        .map(|(file, count, _)| ((*file).to_owned(), *count))
        .collect();
    assert_eq!(
        found, registered,
        "a statement as text: say here where its rows lie"
    );
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
