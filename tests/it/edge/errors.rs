//! Errors: coded, bilingual, without a word of the document; faults and panics.

use super::{Edge, demo_config};
use serde_json::json;

const NUMBER: &str = "152601198001011234";

#[tokio::test]
async fn errors_never_echo_the_document() {
    let edge = Edge::start().await;
    for (text, code) in [
        (format!("{{echo(text:\"{NUMBER}\")"), "SYNTAX"),
        (format!("{{name}} {NUMBER}"), "SYNTAX"),
        (format!("{{n{NUMBER}}}"), "VALIDATION"),
        (format!("{{echo(t{NUMBER}:1)}}"), "VALIDATION"),
        (format!("{{double(number:\"{NUMBER}\")}}"), "VALIDATION"),
        (format!("{{echo(text:{NUMBER})}}"), "VALIDATION"),
        (format!("{{name @d{NUMBER}}}"), "VALIDATION"),
        (format!("{{...f{NUMBER}}}"), "VALIDATION"),
        (format!("query($v{NUMBER}:Int){{name}}"), "VALIDATION"),
        (format!("query($v:T{NUMBER}){{name}}"), "VALIDATION"),
        (
            format!("query($v:Int=\"{NUMBER}\"){{double(number:$v)}}"),
            "VALIDATION",
        ),
        (
            format!("{{name}} fragment f{NUMBER} on Query{{name}}"),
            "VALIDATION",
        ),
        (
            format!("{{a{NUMBER}:name a{NUMBER}:department}}"),
            "VALIDATION",
        ),
        (format!("{{echo(text:$v{NUMBER})}}"), "VALIDATION"),
    ] {
        let answer = edge.refused(edge.document(&text), 400, code).await;
        assert!(!answer.text.contains("1526011"), "{}", answer.text);
        assert!(
            answer.json["errors"][0]["locations"][0]["line"].is_u64(),
            "{text} {}",
            answer.text
        );
    }
    let answer = edge
        .refused(edge.document("{me{nmae}}"), 400, "VALIDATION")
        .await;
    assert_eq!(
        answer.json["errors"][0]["message"],
        "此类型没有这个字段（Query）。"
    );
    let english = edge
        .document("{me{nmae}}")
        .header("accept-language", "en-GB,en;q=0.9");
    let answer = edge.refused(english, 400, "VALIDATION").await;
    assert_eq!(
        answer.json["errors"][0]["message"],
        "The type has no such field (Query)."
    );
}

#[tokio::test]
async fn faults_are_a_code_and_a_request_id() {
    let edge = Edge::start().await;
    let answer = edge.answer(edge.document("{name fails forbidden}")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json["data"],
        json!({ "name": "一户", "fails": null, "forbidden": null })
    );
    let errors = answer.json["errors"].as_array().expect("errors");
    let fault = errors
        .iter()
        .find(|error| error["path"][0] == "fails")
        .expect("the fault");
    assert_eq!(
        fault["extensions"],
        json!({ "code": "INTERNAL", "requestId": answer.headers["x-request-id"] })
    );
    assert!(!answer.text.contains("张三丰"));
    let ours = errors
        .iter()
        .find(|error| error["path"][0] == "forbidden")
        .expect("the refusal");
    assert_eq!(
        (&ours["message"], &ours["extensions"]["code"]),
        (&json!("不可读"), &json!("FORBIDDEN"))
    );
    edge.goes_on().await;
}

#[tokio::test]
async fn a_panic_ends_one_answer() {
    let edge = Edge::start().await;
    for _ in 0..3 {
        let answer = edge
            .refused(edge.document("{name panics}"), 500, "INTERNAL")
            .await;
        assert_eq!(
            answer.extension("requestId"),
            answer.headers["x-request-id"].as_str()
        );
        assert!(!answer.text.contains("152601"));
    }
}

#[tokio::test]
async fn a_query_ends_in_time() {
    let mut config = demo_config();
    config.http.query_seconds = 1;
    let edge = Edge::with(config).await;
    edge.refused(edge.document("{slow(ms:5000)}"), 503, "TIMEOUT")
        .await;
}
