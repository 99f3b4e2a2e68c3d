//! What the clients send (`examples/operations`), run as the right actor; and how many statements it costs.

use crate::harness::{Actor, App, both_dbs};
use entity::codes::{CodeList, Department, Role};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// An operation and who sends it.
struct Operation {
    name: String,
    text: String,
    actor: Value,
    variables: Value,
}

fn operations() -> Vec<Operation> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/operations");
    let mut operations: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of operations")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "graphql")
        })
        .map(|path| {
            let sent = fs::read_to_string(path.with_extension("json")).expect("who sends it");
            let mut sent: Value = serde_json::from_str(&sent).expect("JSON");
            Operation {
                name: path
                    .file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
                text: fs::read_to_string(&path).expect("an operation"),
                actor: sent["actor"].take(),
                variables: sent["variables"].take(),
            }
        })
        .collect();
    operations.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(operations.len() >= 12, "{}", operations.len());
    operations
}

fn actor(app: &App, who: &Value) -> Actor {
    let word = |key: &str| who[key].as_str().unwrap_or_default();
    let department = Department::of_word(word("department")).expect("a department");
    let role = Role::of_word(word("role")).expect("a role");
    match role {
        Role::Helper => app.helper(word("user"), word("region")),
        Role::Household => app.household(word("user"), word("region")),
        Role::Service => app.service(department, word("region"), word("purpose")),
        Role::Reader => app.reader(department, word("region")),
        _ if !who["institution"].is_null() => app.institution(department, word("institution")),
        _ => app.clerk(department, word("region")),
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// One snapshot for both databases: they answer alike to the byte.
    async fn every_operation_answers_as_committed(db: TestDatabase) {
        let app = App::start(&db).await;
        for operation in operations() {
            let answer = actor(&app, &operation.actor)
                .query(&operation.text, operation.variables.clone())
                .await;
            assert_eq!(answer.status(), 200, "{}: {}", operation.name, answer.json());
            insta::assert_snapshot!(operation.name.as_str(), answer.pretty());
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The length of a page does not change how many statements it costs; nor does the database.
    async fn a_page_costs_the_same_however_long(db: TestDatabase) {
        let app = App::start(&db).await;
        let mut counts = BTreeMap::new();
        // A mutation gives no pages, and sent again it is answered without a write.
        for operation in operations().into_iter().filter(|operation| operation.text.starts_with("query")) {
            let actor = actor(&app, &operation.actor);
            let mut of_lengths = Vec::new();
            // The first run finds the regions it names; they are known after it.
            actor.query(&operation.text, operation.variables.clone()).await;
            for first in [10, 50, 100] {
                let mut variables = operation.variables.clone();
                if operation.text.contains("$first") {
                    variables["first"] = first.into();
                }
                let before = app.statements();
                let answer = actor.query(&operation.text, variables).await;
                assert_eq!(answer.status(), 200, "{}: {}", operation.name, answer.json());
                of_lengths.push(app.statements() - before);
            }
            assert!(of_lengths.iter().all(|count| *count == of_lengths[0]), "{}: {of_lengths:?}", operation.name);
            counts.insert(operation.name, of_lengths[0]);
        }
        let text: String = counts.iter().map(|(name, count)| format!("{name}: {count}\n")).collect();
        insta::assert_snapshot!("statements", text);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A phone that heard two answers never: it sends until it hears one, at last twice at once.
    async fn a_visit_whose_answers_are_lost_is_recorded_once(db: TestDatabase) {
        let app = App::start(&db).await;
        let visit = operations().into_iter().find(|operation| operation.name == "helper-visit").expect("the visit");
        let helper = actor(&app, &visit.actor);
        let counts = async || {
            let mut counts = Vec::new();
            for table in ["help_visit", "request_record", "audit_record", "change_record"] {
                counts.push(db.number(&format!("SELECT COUNT(*) FROM {table}")).await);
            }
            counts
        };
        let before = counts().await;
        let send = || helper.query(&visit.text, visit.variables.clone());
        let first = send().await;
        let (second, third) = tokio::join!(send(), send());
        assert_eq!(first.data()["visitRecord"]["userErrors"], serde_json::json!([]));
        assert_eq!([&second.text, &third.text], [&first.text, &first.text]);
        let added: Vec<_> = counts().await.iter().zip(before).map(|(now, before)| now - before).collect();
        assert_eq!(added, [1, 1, 1, 1]);
    }
}
