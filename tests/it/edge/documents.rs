//! Limits of documents, persisted and trusted documents.

use super::{Edge, demo_config};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use yihu::{
    config::DocumentRule,
    graphql::trusted::{ManifestError, TrustedDocuments},
};

fn bomb(levels: usize, fan_out: usize) -> String {
    let mut text = "{me{...F0}}".to_owned();
    for level in 0..levels {
        text += &format!(
            "fragment F{level} on Query{{{}}}",
            format!("...F{} ", level + 1).repeat(fan_out)
        );
    }
    text + &format!("fragment F{levels} on Query{{name}}")
}

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn bombs_go_out() {
    let edge = Edge::start().await;
    let mut slowest = Duration::ZERO;
    for levels in [12, 18, 24, 31] {
        for fan_out in [2, 3, 7, 20, 50] {
            let text = bomb(levels, fan_out);
            let started = Instant::now();
            let answer = edge.answer(edge.document(&text)).await;
            slowest = slowest.max(started.elapsed());
            assert_eq!(answer.status, 400);
            assert!(
                matches!(
                    answer.code(),
                    "LIMIT_FIELDS" | "LIMIT_NESTING" | "LIMIT_TOKENS"
                ),
                "{}",
                answer.text
            );
        }
    }
    edge.goes_on().await;
    // With HTTP, on a shared machine, without optimisation.
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
}

#[tokio::test]
async fn each_limit_has_a_code_a_value_and_a_remedy() {
    let edge = Edge::start().await;
    let names = |count: usize| {
        (0..count)
            .map(|n| format!("a{n}:name "))
            .collect::<String>()
    };
    for (text, code, limit) in [
        (
            format!("{{me{{{}}}}}", names(20_000)),
            "LIMIT_TOKENS",
            2_000,
        ),
        (format!("{{me{{{}}}}}", names(31)), "LIMIT_ALIASES", 30),
        (format!("{{{}}}", names(11)), "LIMIT_ROOT_FIELDS", 10),
        (
            format!("{{name{}}}", " @skip(if:false)".repeat(51)),
            "LIMIT_DIRECTIVES",
            50,
        ),
        (
            "{me".repeat(15) + "{name" + &"}".repeat(16),
            "LIMIT_DEPTH",
            15,
        ),
        ("{".repeat(100_000), "LIMIT_BRACKETS", 48),
        (
            format!("{{echo(text:{}", "[".repeat(100_000)),
            "LIMIT_BRACKETS",
            48,
        ),
        (
            format!("{{{}name{}}}", "...{".repeat(40), "}".repeat(40)),
            "LIMIT_NESTING",
            30,
        ),
        (
            "{households(first:120000){id}}".to_owned(),
            "LIMIT_COST",
            120_000,
        ),
        (
            "{households(first:9000000000000000000){id cardNumber}}".to_owned(),
            "LIMIT_COST",
            120_000,
        ),
    ] {
        let answer = edge.refused(edge.document(&text), 400, code).await;
        assert_eq!(answer.extension("limit"), limit, "{}", answer.text);
        assert!(
            answer.extension("value").as_u64() > Some(limit),
            "{}",
            answer.text
        );
        assert!(
            answer.json["errors"][0]["message"]
                .as_str()
                .is_some_and(|message| message.contains("请"))
        );
        assert_eq!(answer.json["extensions"]["cost"]["limit"], 120_000);
    }
    let cycle = "{me{...A}} fragment A on Query{me{...A}}";
    edge.refused(edge.document(cycle), 400, "FRAGMENT_CYCLE")
        .await;
}

#[tokio::test]
async fn cost_follows_the_variables() {
    let edge = Edge::start().await;
    let page = |first: serde_json::Value| {
        edge.body(&json!({ "query": "query($n:Int){households(first:$n){id cardNumber}}", "variables": { "n": first } }))
    };
    for (first, used) in [(json!(1), 3), (json!(100), 201)] {
        let answer = edge.answer(page(first)).await;
        assert_eq!(
            answer.json["extensions"]["cost"],
            json!({ "used": used, "limit": 120_000 })
        );
    }
    let answer = edge.refused(page(json!(90_000)), 400, "LIMIT_COST").await;
    assert_eq!(answer.json["extensions"]["cost"]["used"], 180_001);
}

#[tokio::test]
async fn introspection_of_graphiql_fits_and_can_be_off() {
    let edge = Edge::start().await;
    let type_ref = "kind name ofType{".repeat(9) + "kind name" + &"}".repeat(9);
    let text = format!(
        "query I{{__schema{{queryType{{name}} types{{...T}} directives{{name args{{...V}}}}}}}} \
         fragment T on __Type{{name fields(includeDeprecated:true){{name args{{...V}} type{{...R}}}} inputFields{{...V}}}} \
         fragment V on __InputValue{{name type{{...R}} defaultValue}} fragment R on __Type{{{type_ref}}}"
    );
    let answer = edge.answer(edge.document(&text)).await;
    assert_eq!(
        answer.json["data"]["__schema"]["queryType"]["name"], "Query",
        "{}",
        answer.text
    );
    let mut config = demo_config();
    config.graphql.introspection = yihu::config::Introspection::Admin;
    let closed = Edge::with(config).await;
    closed
        .refused(closed.document(&text), 400, "INTROSPECTION")
        .await;
    closed
        .refused(
            closed.document("{me{...A}} fragment A on Query{me{__type(name:\"Query\"){name}}}"),
            400,
            "INTROSPECTION",
        )
        .await;
    // The subgraph of Federation tells as much.
    closed
        .refused(closed.document("{_service{sdl}}"), 400, "INTROSPECTION")
        .await;
    assert_eq!(
        closed.answer(closed.document("{__typename}")).await.status,
        200
    );
}

#[tokio::test]
async fn operations_are_chosen_by_name() {
    let edge = Edge::start().await;
    let two = "query A{name} query B{department}";
    edge.refused(edge.document(two), 400, "OPERATION_NAME")
        .await;
    edge.refused(
        edge.body(&json!({ "query": two, "operationName": "C" })),
        400,
        "OPERATION_NAME",
    )
    .await;
    let answer = edge
        .answer(edge.body(&json!({ "query": two, "operationName": "B" })))
        .await;
    assert_eq!(answer.json["data"], json!({ "department": "CIVIL" }));
    edge.refused(edge.document("subscription{name}"), 400, "OPERATION_KIND")
        .await;
}

#[tokio::test]
async fn variables_are_checked_each_time() {
    let edge = Edge::start().await;
    let grant = |variables| {
        edge.body(&json!({ "query": "mutation($i:GrantInput!){grant(input:$i)}", "variables": variables }))
    };
    let answer = edge.answer(grant(json!({ "i": { "amount": 3 } }))).await;
    assert_eq!(answer.json["data"], json!({ "grant": 3 }));
    // Now the document is validated, and only variables are looked at.
    for wrong in [
        json!({}),
        json!({ "i": null }),
        json!({ "i": {} }),
        json!({ "i": { "amount": "3" } }),
        json!({ "i": { "amount": 1.5 } }),
        json!({ "i": { "amount": 1, "amuont": 2 } }),
        json!({ "i": [] }),
        json!({ "i": { "amount": 1, "note": 5 } }),
    ] {
        let answer = edge.refused(grant(wrong), 400, "VARIABLES").await;
        assert!(
            answer.json["errors"][0]["message"]
                .as_str()
                .is_some_and(|message| message.contains("$i")),
            "{}",
            answer.text
        );
    }
    // An inner variable that was absent must not let a wrong literal through later.
    let inner = |variables| {
        edge.body(&json!({ "query": "mutation($n:String){grant(input:{amount:1,wrong:2,note:$n})}", "variables": variables }))
    };
    edge.answer(inner(json!({}))).await;
    edge.refused(inner(json!({ "n": "a" })), 400, "VALIDATION")
        .await;
    let big = edge.body(&json!({ "query": "query($n:Int!){double(number:$n)}", "variables": { "n": 152_601_198_001_011_234_i64 } }));
    let answer = edge.answer(big).await;
    assert_eq!(answer.code(), "ARGUMENT");
    assert!(!answer.text.contains("15260119"), "{}", answer.text);
}

#[tokio::test]
async fn documents_by_hash() {
    let edge = Edge::start().await;
    let text = "{department}";
    let by_hash = |hash: &str| {
        edge.body(
            &json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } }),
        )
    };
    let unknown = edge
        .refused(by_hash(&hash(text)), 400, "PERSISTED_QUERY_NOT_FOUND")
        .await;
    // By this message urql knows that the text is to be sent.
    assert_eq!(
        unknown.json["errors"][0]["message"],
        "PersistedQueryNotFound"
    );
    edge.refused(by_hash("abc"), 400, "BAD_REQUEST").await;
    let both = |hash: &str| {
        edge.body(&json!({ "query": text, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } }))
    };
    edge.refused(both(&hash("{name}")), 400, "BAD_REQUEST")
        .await;
    assert_eq!(
        edge.answer(both(&hash(text))).await.json["data"]["department"],
        "CIVIL"
    );
    assert_eq!(
        edge.answer(by_hash(&hash(text))).await.json["data"]["department"],
        "CIVIL"
    );
    let extensions =
        json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(text) } }).to_string();
    let answer = edge
        .answer(edge.get_with(&[("extensions", &extensions)]))
        .await;
    assert_eq!(answer.json["data"]["department"], "CIVIL");
}

#[tokio::test]
async fn only_trusted_documents_of_the_client() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("tests")).expect("a folder");
    std::fs::write(folder.path().join("tests/name.graphql"), "{name}").expect("a document");
    let manifest = json!({ hash("{department}"): "{department}" }).to_string();
    std::fs::write(folder.path().join("other.json"), manifest).expect("a manifest");
    let mut config = demo_config();
    config.graphql.documents = DocumentRule::Trusted;
    config.graphql.manifest = Some(folder.path().to_owned());
    let edge = Edge::with(config.clone()).await;
    edge.goes_on().await;
    edge.refused(edge.document("{department}"), 400, "DOCUMENT_NOT_TRUSTED")
        .await;
    edge.refused(edge.document("{ name }"), 400, "DOCUMENT_NOT_TRUSTED")
        .await;
    let by_hash = |text| json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash(text) } } });
    let answer = edge.answer(edge.body(&by_hash("{name}"))).await;
    assert_eq!(answer.json["data"]["name"], "一户");
    edge.refused(
        edge.body(&by_hash("{me{name}}")),
        400,
        "DOCUMENT_NOT_TRUSTED",
    )
    .await;
    // As `generate-persisted-query-manifest` and Apollo's code generators for phones write it.
    let manifest = |id| {
        json!({ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": id, "name": "Me", "type": "query", "body": "{me{name}}" }] })
    };
    let file = folder.path().join("tests.json");
    std::fs::write(&file, manifest(hash("{me{name}}")).to_string()).expect("a manifest");
    let edge = Edge::with(config).await;
    let answer = edge.answer(edge.body(&by_hash("{me{name}}"))).await;
    assert_eq!(answer.json["data"]["me"]["name"], "一户");
    std::fs::write(&file, manifest(hash("{name}")).to_string()).expect("a manifest");
    let wrong = TrustedDocuments::read(folder.path()).err();
    assert!(
        matches!(wrong, Some(ManifestError::Hash { entry: 0, .. })),
        "{wrong:?}"
    );
}
