//! Who may import whom: the rules of the house, read from the sources. Each rule has a control, a made-up text that
//! breaks it, so that a rule which no longer sees anything is noticed.

mod source;

use source::Source;
use std::fs;
use std::path::Path;

/// The modules from the ground up: a module imports its own rank and the ranks below, never one above.
const RANKS: &[&[&str]] = &[
    &[
        "clock",
        "config",
        "identifiers",
        "matching",
        "metrics",
        "options",
        "policy",
        "text",
    ],
    &["audit", "crypto", "db", "secret", "vault"],
    // The building blocks of the graph (scalars, pages, compiled reads), and who may read what: no read is without.
    &["authz", "graphql", "writing"],
    &[
        "changes",
        "corrections",
        "demo",
        "departments",
        "disclosure",
        "entitlement",
        "exporting",
        "facts",
        "files",
        "history",
        "household",
        "importing",
        "jobs",
        "reconciliation",
        "resealing",
        "room",
    ],
    &["schema"],
    &["telemetry", COMPOSITION],
    &["http"],
    &["cli"],
    &["main", "lib"],
];

/// Files put together from what others declare: the schema from the rooms, the configuration from the options of those
/// it configures. They import from far above where others import them.
const COMPOSITION: &str = "a composition";
const COMPOSING_FILES: [&str; 1] = ["src/config.rs"];

const ROOM_FILES: [&str; 13] = [
    "mod", "types", "query", "mutation", "service", "store", "loader", "facts", "totals", "demo",
    "imports", "exports", "matrix",
];

type Rule = fn(&Source, &Departments) -> Vec<String>;

/// The names of the folders under `src/departments`.
struct Departments(Vec<String>);

impl Departments {
    fn read() -> Departments {
        let folders = fs::read_dir(root().join("src/departments"))
            .into_iter()
            .flatten()
            .flatten();
        let rooms = folders.filter(|entry| entry.path().is_dir());
        Departments(
            rooms
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect(),
        )
    }

    /// The department that a path names, by its room or by its tables.
    fn named_by<'path>(&self, path: &'path [String]) -> Option<&'path str> {
        let name = match path {
            [root, departments, name, ..] if root == "crate" && departments == "departments" => {
                name
            }
            [entity, name, ..] if entity == "entity" => name,
            _ => return None,
        };
        self.0.contains(name).then_some(name)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|modules| modules.contains(&module))
}

fn violations(source: &Source, complaint: &str, of: impl Fn(&[String]) -> bool) -> Vec<String> {
    source
        .paths
        .iter()
        .filter(|path| of(path))
        .map(|path| format!("{}: {} {complaint}", source.file, path.join("::")))
        .collect()
}

fn names_crate(path: &[String], crates: &[&str]) -> bool {
    path.first()
        .is_some_and(|first| crates.contains(&first.as_str()))
}

fn imports_point_downwards(source: &Source, _: &Departments) -> Vec<String> {
    let module = match COMPOSING_FILES.contains(&source.file.as_str()) {
        true => COMPOSITION,
        false => source.module.first().map_or("lib", String::as_str),
    };
    let Some(own) = rank(module) else {
        return vec![format!(
            "{}: {module} has no rank: give it one in RANKS",
            source.file
        )];
    };
    violations(source, "points upwards", |path| match path {
        [root, module, ..] if root == "crate" => rank(module).is_some_and(|rank| rank > own),
        _ => false,
    })
}

fn rooms_never_import_each_other(source: &Source, departments: &Departments) -> Vec<String> {
    let [above, own, ..] = source.module.as_slice() else {
        return Vec::new();
    };
    if above != "departments" {
        return Vec::new();
    }
    violations(source, "is another room", |path| {
        departments.named_by(path).is_some_and(|name| name != own)
    })
}

fn shared_code_names_no_department(source: &Source, departments: &Departments) -> Vec<String> {
    if source.file.starts_with("src/departments/") {
        return Vec::new();
    }
    violations(source, "is one department, named in shared code", |path| {
        departments.named_by(path).is_some()
    })
}

fn actix_stays_at_the_edge(source: &Source, _: &Departments) -> Vec<String> {
    if source.is_in(&["src/http/", "src/cli/", "src/main.rs"]) {
        return Vec::new();
    }
    violations(source, "belongs to src/http", |path| {
        names_crate(
            path,
            &[
                "actix",
                "actix_rt",
                "actix_web",
                "actix_ws",
                "tracing_actix_web",
            ],
        )
    })
}

fn the_database_stays_behind_its_doors(source: &Source, _: &Departments) -> Vec<String> {
    let file_name = source.file.rsplit('/').next().unwrap_or_default();
    if source.is_in(&["src/db/", "src/writing/"]) {
        return Vec::new();
    }
    let crates: &[&str] = match file_name {
        "store.rs" | "demo.rs" => &["sqlx", "tokio_postgres", "deadpool_postgres"],
        _ => &[
            "sea_orm",
            "sea_query",
            "sqlx",
            "tokio_postgres",
            "deadpool_postgres",
        ],
    };
    violations(source, "belongs to src/db or a store.rs", |path| {
        names_crate(path, crates)
    })
}

fn pure_modules_stay_pure(source: &Source, _: &Departments) -> Vec<String> {
    let is_pure = |name: &String| ["identifiers", "matching", "policy"].contains(&name.as_str());
    if !source.module.iter().any(is_pure) {
        return Vec::new();
    }
    violations(
        source,
        "does not belong into a pure module",
        |path| match path {
            [root, module, ..] if root == "crate" => {
                ["authz", "clock", "db", "graphql", "http"].contains(&module.as_str())
            }
            _ => names_crate(
                path,
                &[
                    "actix_web",
                    "async_graphql",
                    "deadpool_postgres",
                    "sea_orm",
                    "sqlx",
                    "tokio",
                    "tokio_postgres",
                ],
            ),
        },
    )
}

fn only_the_clock_reads_the_clock(source: &Source, _: &Departments) -> Vec<String> {
    if source.file == "src/clock.rs" {
        return Vec::new();
    }
    violations(source, "is the business of src/clock.rs", |path| {
        let ends = |with: &[&str]| {
            path.ends_with(
                &with
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        ends(&["now_utc"])
            || ends(&["now_local"])
            || ends(&["SystemTime", "now"])
            || ends(&["Utc", "now"])
    })
}

fn rooms_have_the_same_files(source: &Source, _: &Departments) -> Vec<String> {
    let Some(stem) = source
        .file
        .strip_suffix(".rs")
        .and_then(|path| path.rsplit('/').next())
    else {
        return Vec::new();
    };
    let in_room = source.file.starts_with("src/household/")
        || source
            .file
            .strip_prefix("src/departments/")
            .is_some_and(|rest| rest.contains('/'));
    match in_room && !ROOM_FILES.contains(&stem) {
        true => vec![format!(
            "{}: a room has {}",
            source.file,
            ROOM_FILES.join(", ")
        )],
        false => Vec::new(),
    }
}

fn holds(rule: Rule) {
    let departments = Departments::read();
    let found: Vec<String> = source::read_all(root())
        .iter()
        .flat_map(|source| rule(source, &departments))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The rule refuses each of the texts that break it, and none of those that don't.
fn sees(rule: Rule, breaking: &[(&str, &str)], keeping: &[(&str, &str)]) {
    let departments = Departments(["health", "housing"].map(str::to_owned).to_vec());
    for (file, text) in breaking {
        let found = rule(&Source::of(file, text), &departments);
        assert!(!found.is_empty(), "{file} with {text}");
    }
    for (file, text) in keeping {
        let found = rule(&Source::of(file, text), &departments);
        assert!(found.is_empty(), "{found:?}");
    }
}

macro_rules! rules {
    ($($rule:ident breaks $breaking:tt keeps $keeping:tt)+) => { $(
        mod $rule {
            #[test]
            fn holds() {
                super::holds(super::$rule);
            }
            #[test]
            fn control() {
                super::sees(super::$rule, &$breaking, &$keeping);
            }
        }
    )+ };
}

rules! {
    imports_point_downwards
        breaks [
            ("src/household/service.rs", "use crate::http::start;"),
            ("src/db/mod.rs", "pub(crate) use crate::{clock, household::{types, query as q}};"),
            ("src/authz/matrix.rs", "fn f() { crate::schema::Graph::new() }"),
            ("src/graphql/plan/write.rs", "use super::super::super::departments::Room;"),
            ("src/clock.rs", "use crate::db;"),
            ("src/config.rs", "use crate::http::Admission;"),
            ("src/bathroom/mod.rs", "fn f() {}"),
        ]
        keeps [
            ("src/http/mod.rs", "use crate::graphql::Query;"),
            ("src/schema/mod.rs", "use crate::departments::RoomsQuery;"),
            ("src/household/types.rs", "use crate::{authz::Viewer, graphql::scalars::Yuan};"),
            ("src/db/mod.rs", "// use crate::http;\n/* crate::http::x */ const A: &str = \"crate::http::x\";"),
            ("src/db/mod.rs", "#[cfg(test)] mod tests { use crate::http::start; }"),
            ("src/main.rs", "use yihu::http;"),
            ("src/config.rs", "use crate::authz::token::TokenOptions;"),
            ("src/authz/token.rs", "use crate::config::section;"),
        ]

    rooms_never_import_each_other
        breaks [
            ("src/departments/housing/store.rs", "use crate::departments::health::facts::Claims;"),
            ("src/departments/housing/store.rs", "use super::super::health::facts;"),
            ("src/departments/housing/mod.rs", "use super::{health, Room};"),
            ("src/departments/housing/store.rs", "use ::entity::health::claim;"),
            ("src/departments/housing/store.rs", "fn f() -> entity::health::claim::Model {}"),
        ]
        keeps [
            ("src/departments/housing/store.rs", "use crate::departments::{Room, housing::facts};"),
            ("src/departments/housing/store.rs", "use entity::housing::house; use super::types;"),
            ("src/departments/mod.rs", "mod health; mod housing; use health::Health;"),
        ]

    shared_code_names_no_department
        breaks [
            ("src/household/types.rs", "use crate::departments::health::HealthOnHousehold;"),
            ("src/reconciliation/store.rs", "use entity::{household, housing::house};"),
            ("src/cli/demo.rs", "fn f() { yihu::departments::housing::demo::fill() }"),
        ]
        keeps [
            ("src/http/mod.rs", "mod health; use crate::http::health::ready; use self::health::live;"),
            ("src/graphql/mod.rs", "use crate::departments::{OnHousehold, register};"),
            ("src/departments/mod.rs", "use crate::departments::health::Health;"),
        ]

    actix_stays_at_the_edge
        breaks [
            ("src/graphql/limits.rs", "use actix_web::HttpRequest;"),
            ("src/departments/health/query.rs", "fn f(request: &actix_web::HttpRequest) {}"),
        ]
        keeps [("src/http/mod.rs", "use actix_web::App;"), ("src/main.rs", "#[actix_web::main] async fn main() {}")]

    the_database_stays_behind_its_doors
        breaks [
            ("src/household/service.rs", "use sea_orm::EntityTrait;"),
            ("src/departments/health/types.rs", "use ::sea_orm::{self as orm};"),
            ("src/departments/health/store.rs", "fn f(client: &tokio_postgres::Client) {}"),
            ("src/authz/mask.rs", "use sqlx::Row;"),
        ]
        keeps [
            ("src/household/store.rs", "use sea_orm::EntityTrait;"),
            ("src/departments/health/demo.rs", "use sea_orm::EntityTrait;"),
            ("src/writing/door.rs", "use sea_orm::Condition;"),
            ("src/db/read.rs", "use tokio_postgres::Client;"),
        ]

    pure_modules_stay_pure
        breaks [
            ("src/policy/bands.rs", "use crate::clock::Clock;"),
            ("src/policy/mod.rs", "use async_graphql::SimpleObject;"),
            ("src/reconciliation/matching.rs", "use crate::db::Database;"),
            ("src/identifiers.rs", "use sea_orm::Value;"),
        ]
        keeps [
            ("src/policy/mod.rs", "use crate::policy::bands; use entity::codes::Department; use time::Date;"),
            ("src/reconciliation/service.rs", "use crate::db::Database;"),
        ]

    only_the_clock_reads_the_clock
        breaks [
            ("src/household/service.rs", "fn f() { let now = time::OffsetDateTime::now_utc(); }"),
            ("src/authz/token.rs", "fn f() { std::time::SystemTime::now() }"),
            ("src/authz/token.rs", "fn f() { SystemTime::now() }"),
        ]
        keeps [
            ("src/clock.rs", "fn f() { OffsetDateTime::now_utc() }"),
            ("src/http/graphql.rs", "fn f(clock: &Clock) { clock.now(); std::time::Instant::now(); }"),
        ]

    rooms_have_the_same_files
        breaks [
            ("src/departments/health/helpers.rs", ""),
            ("src/departments/health/claims/utils.rs", ""),
            ("src/household/model.rs", ""),
        ]
        keeps [
            ("src/departments/health/claims/store.rs", ""),
            ("src/departments/register.rs", ""),
            ("src/household/facts.rs", ""),
        ]
}

#[test]
fn the_sources_are_read() {
    let sources = source::read_all(root());
    let graphql = sources
        .iter()
        .find(|source| source.file == "src/schema/mod.rs")
        .expect("the schema's module");
    assert!(
        graphql
            .paths
            .iter()
            .any(|path| path.starts_with(&["crate".to_owned(), "authz".to_owned()]))
    );
}
