//! Methods, media types, bodies and addresses.

use super::{Answer, Edge, JSON, RESPONSE, demo_config};
use reqwest::Method;
use serde_json::json;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

#[tokio::test]
async fn bodies_are_json_of_one_operation() {
    let edge = Edge::start().await;
    let query = json!({ "query": "{name}" }).to_string();
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=gbk",
        "application/graphql-response+json",
    ] {
        edge.refused(
            edge.post()
                .header("content-type", media)
                .body(query.clone()),
            415,
            "MEDIA_TYPE",
        )
        .await;
    }
    edge.refused(edge.post().body(query.clone()), 415, "MEDIA_TYPE")
        .await;
    let zipped = edge
        .post()
        .header("content-type", JSON)
        .header("content-encoding", "gzip")
        .body(query.clone());
    edge.refused(zipped, 415, "MEDIA_TYPE").await;
    edge.refused(edge.body(&json!([{ "query": "{name}" }])), 400, "BATCH")
        .await;
    for bad in [
        "",
        "{",
        "1",
        "\"{name}\"",
        "{\"query\":1}",
        "{\"query\":null}",
        "{}",
        "{\"query\":\"{name}\",\"variables\":[]}",
        "{\"query\":\"{name}\",\"extensions\":\"\"}",
        "{\"query\":\"{name}\",\"operationName\":1}",
    ] {
        let request = edge.post().header("content-type", JSON).body(bad);
        edge.refused(request, 400, "BAD_REQUEST").await;
    }
    let deep = format!(
        "{{\"query\":\"{{name}}\",\"variables\":{}",
        "[".repeat(100_000)
    );
    edge.refused(
        edge.post().header("content-type", JSON).body(deep),
        400,
        "BAD_REQUEST",
    )
    .await;
    let request = edge
        .post()
        .header("content-type", "application/json; charset=utf-8")
        .body(query)
        .header("accept", "text/html");
    edge.refused(request, 406, "NOT_ACCEPTABLE").await;
}

#[tokio::test]
async fn bodies_are_small() {
    let edge = Edge::start().await;
    let large =
        json!({ "query": "{name}", "variables": { "a": "x".repeat(300 * 1024) } }).to_string();
    let declared = edge.post().header("content-type", JSON).body(large.clone());
    let answer = edge.refused(declared, 413, "BODY_TOO_LARGE").await;
    assert_eq!(answer.extension("limit"), 262_144);
    // In chunks, without a length.
    let mut stream = TcpStream::connect(edge.server.address()).expect("a connection");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        edge.token
    );
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(head.as_bytes()).expect("a header");
        for chunk in large.as_bytes().chunks(16 * 1024) {
            let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            if stream.write_all(&chunk).is_err() {
                break;
            }
        }
        read_some(&mut stream)
    });
    assert!(answer.await.expect("read").starts_with("HTTP/1.1 413"));
    edge.goes_on().await;
    let fits = json!({ "query": "{name}", "variables": { "a": "x".repeat(255 * 1024) } });
    assert_eq!(edge.answer(edge.body(&fits)).await.status, 200);
}

#[tokio::test]
async fn a_body_of_one_byte_a_second_is_cut() {
    let mut config = demo_config();
    config.http.body_seconds = 1;
    let edge = Edge::with(config).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
        edge.token
    );
    let mut stream = TcpStream::connect(edge.server.address()).expect("a connection");
    let started = Instant::now();
    let answer = tokio::task::spawn_blocking(move || {
        stream.write_all(head.as_bytes()).expect("a header");
        let mut slow = stream.try_clone().expect("a second handle");
        std::thread::spawn(move || {
            while slow.write_all(b" ").is_ok() && started.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        read_some(&mut stream)
    })
    .await
    .expect("read");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("BODY_TIMEOUT"), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(4));
    edge.goes_on().await;
}

#[tokio::test]
async fn a_header_that_never_ends_is_cut() {
    let mut config = demo_config();
    config.http.header_seconds = 1;
    let edge = Edge::with(config).await;
    let mut stream = TcpStream::connect(edge.server.address()).expect("a connection");
    let started = Instant::now();
    tokio::task::spawn_blocking(move || {
        stream
            .write_all(b"POST /graphql HTTP/1.1\r\nhost: a\r\n")
            .expect("half a header");
        stream
            .set_read_timeout(Some(Duration::from_secs(6)))
            .expect("a timeout");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("closed by the server");
    })
    .await
    .expect("cut");
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    edge.goes_on().await;
}

fn read_some(stream: &mut TcpStream) -> String {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = stream.read(&mut buffer) {
        text.extend_from_slice(&buffer[..count]);
        if count == 0 || text.ends_with(b"}") {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn get_is_for_queries_without_numbers_of_persons() {
    let edge = Edge::start().await;
    let answer = edge.answer(edge.get("query=%7Bname%7D")).await;
    assert_eq!(
        (answer.status, answer.json["data"]["name"].as_str()),
        (200, Some("一户"))
    );
    let mutation = "query=mutation%7Bgrant(input:%7Bamount:1%7D)%7D";
    let answer = edge.refused(edge.get(mutation), 405, "METHOD").await;
    assert_eq!(answer.headers["allow"], "POST");
    edge.refused(
        edge.get("query=%7Bname%7D").header("cookie", "a=b"),
        400,
        "COOKIE",
    )
    .await;
    edge.refused(
        edge.get("query=%7Bname%7D&query=%7Bname%7D"),
        400,
        "BAD_REQUEST",
    )
    .await;
    edge.refused(
        edge.get("query=%7Bname%7D&variables=%5B"),
        400,
        "BAD_REQUEST",
    )
    .await;
    for sensitive in [
        "152601198001011234",
        "15260119800101123X",
        "152601800101123",
        "6222020200112233445",
        "13812345678",
        "\\u0031\\u0033812345678",
    ] {
        for variables in [
            json!({ "t": sensitive }).to_string().replace("\\\\", "\\"),
            format!("{{\"t\":[[\"号{sensitive}\"]]}}"),
        ] {
            let address = [
                ("query", "query($t:String!){echo(text:$t)}"),
                ("variables", variables.as_str()),
            ];
            let request = edge.get_with(&address);
            let answer = edge.refused(request, 400, "SENSITIVE_ADDRESS").await;
            assert!(!answer.text.contains("138123"), "{}", answer.text);
        }
    }
    let inline = [("query", "{echo(text:\"152601198001011234\")}")];
    edge.refused(edge.get_with(&inline), 400, "SENSITIVE_ADDRESS")
        .await;
    edge.refused(
        edge.get("variables=%7B%22t%22%3A13812345678%7D&query=%7Bname%7D"),
        400,
        "SENSITIVE_ADDRESS",
    )
    .await;
    edge.refused(
        edge.get(&format!("query={}", "a".repeat(20_000))),
        414,
        "ADDRESS_TOO_LONG",
    )
    .await;
    let other = edge
        .anonymous(Method::PUT, "/graphql")
        .bearer_auth(&edge.token);
    assert_eq!(
        edge.refused(other, 405, "METHOD").await.headers["allow"],
        "GET, POST"
    );
}

#[tokio::test]
async fn the_status_follows_the_media_type() {
    let edge = Edge::start().await;
    let ask = |text: &str, accept: &str| {
        edge.post()
            .header("content-type", JSON)
            .header("accept", accept.to_owned())
            .body(json!({ "query": text }).to_string())
    };
    for wrong in ["{", "{unknown}", "{name @skip}", "{a b c"] {
        assert_eq!(edge.answer(ask(wrong, JSON)).await.status, 200);
        let answer = edge.answer(ask(wrong, RESPONSE)).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.json.get("data").is_none());
    }
    let answer = edge.answer(ask("{name}", RESPONSE)).await;
    assert_eq!(
        answer.headers["content-type"],
        "application/graphql-response+json; charset=utf-8"
    );
    let answer = edge.answer(ask("{name}", "*/*")).await;
    assert_eq!(
        answer.headers["content-type"],
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let edge = Edge::start().await;
    let stranger = edge.anonymous(Method::POST, "/graphql");
    for request in [
        edge.document("{name}"),
        edge.document("{"),
        stranger,
        edge.anonymous(Method::GET, "/nowhere"),
    ] {
        let answer = edge.answer(request).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(answer.headers["content-security-policy"].contains("frame-ancestors 'none'"));
        assert_eq!(answer.headers["x-request-id"].len(), 36);
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    let page = edge.answer(edge.anonymous(Method::GET, "/")).await;
    assert_eq!(page.status, 200);
    assert!(page.headers["content-security-policy"].contains("script-src 'self';"));
}

#[tokio::test]
async fn origins_only_where_they_are_named() {
    let mut config = demo_config();
    config.http.origins = vec!["https://portal.example".to_owned()];
    let edge = Edge::with(config).await;
    let preflight = |origin: &str| {
        edge.anonymous(Method::OPTIONS, "/graphql")
            .header("origin", origin.to_owned())
            .header("access-control-request-method", "POST")
    };
    let answer = edge.answer(preflight("https://portal.example")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.headers["access-control-allow-origin"],
        "https://portal.example"
    );
    let answer = edge.answer(preflight("https://evil.example")).await;
    assert_eq!((answer.status, answer.code()), (405, "METHOD"));
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
    edge.goes_on().await;
}

#[tokio::test]
async fn answers_are_compressed_on_demand() {
    let edge = Edge::start().await;
    for encoding in ["gzip", "zstd"] {
        let request = edge
            .document("{households(first:100){id cardNumber}}")
            .header("accept-encoding", encoding);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-encoding"], encoding);
    }
}

#[tokio::test]
async fn health_and_metrics() {
    let edge = Edge::start().await;
    edge.goes_on().await;
    assert_eq!(
        edge.answer(edge.anonymous(Method::GET, "/livez"))
            .await
            .text,
        "ok"
    );
    let ready: Answer = edge.answer(edge.anonymous(Method::GET, "/readyz")).await;
    assert_eq!(
        (ready.status, ready.text.as_str()),
        (
            200,
            r#"{"ready":true,"checks":{"serving":true,"keys":true}}"#
        )
    );
    let named = json!({ "query": "query Q152601198001011234{name}" });
    assert_eq!(edge.answer(edge.body(&named)).await.status, 200);
    let metrics = edge
        .answer(edge.anonymous(Method::GET, "/metrics"))
        .await
        .text;
    assert!(
        metrics.contains("yihu_operations_total{operation=\"unnamed\",outcome=\"done\"} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("yihu_operations_total{operation=\"other\",outcome=\"done\"} 1"),
        "{metrics}"
    );
    assert!(!metrics.contains("1526011980"));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let mut config = demo_config();
    config.http.write_seconds = 1;
    let edge = Edge::with(config).await;
    let body = json!({ "query": "{households(first:20000){id cardNumber}}" }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        edge.token,
        body.len()
    );
    let mut stream = TcpStream::connect(edge.server.address()).expect("a connection");
    let whole = tokio::task::spawn_blocking(move || {
        // More answers than both sides' buffers hold.
        stream
            .write_all(request.repeat(60).as_bytes())
            .expect("requests");
        std::thread::sleep(Duration::from_secs(5));
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .expect("a timeout");
        let mut rest = Vec::new();
        let ended = stream.read_to_end(&mut rest);
        (
            rest.windows(8).filter(|bytes| bytes == b"HTTP/1.1").count(),
            ended.is_err(),
        )
    });
    let (answers, _) = whole.await.expect("read");
    assert!(
        answers < 60,
        "{answers} answers were kept for a client that did not read"
    );
    edge.goes_on().await;
}
