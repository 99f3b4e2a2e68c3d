//! Room, rates and the end of the server.

use super::{Edge, demo_config};
use reqwest::Method;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_full_house_refuses_at_once() {
    let mut config = demo_config();
    config.admission.cost = 120_000;
    config.admission.queue = 1;
    config.admission.queue_ms = 2_000;
    let edge = Arc::new(Edge::with(config).await);
    let heavy = "{slow(ms:4000) households(first:59000){id}}";
    let running: Vec<_> = (0..2)
        .map(|_| {
            let edge = edge.clone();
            tokio::spawn(async move { edge.answer(edge.document(heavy)).await.status })
        })
        .collect();
    edge.until_running(2).await;
    let waiting = {
        let edge = edge.clone();
        tokio::spawn(async move { edge.answer(edge.document(heavy)).await })
    };
    edge.until_running(3).await;
    // Far below the queue's own deadline, so that a busy machine does not fail the test.
    let started = Instant::now();
    let refused = edge.answer(edge.document(heavy)).await;
    assert!(
        started.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
    assert_eq!((refused.status, refused.code()), (503, "OVERLOADED"));
    assert_eq!(refused.headers["retry-after"], "1");
    let waited = waiting.await.expect("an answer");
    assert_eq!((waited.status, waited.code()), (503, "OVERLOADED"));
    for running in running {
        assert_eq!(running.await.expect("an answer"), 200);
    }
    edge.goes_on().await;
}

#[tokio::test]
async fn rates_are_for_a_user_and_for_an_address() {
    let mut config = demo_config();
    (config.admission.rate, config.admission.burst) = (1, 5);
    (
        config.admission.anonymous_rate,
        config.admission.anonymous_burst,
    ) = (1, 3);
    let edge = Edge::with(config).await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(edge.answer(edge.document("{name}")).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    let limited = edge.answer(edge.document("{name}")).await;
    assert_eq!(
        (limited.code(), limited.headers["retry-after"].as_str()),
        ("RATE_LIMITED", "1")
    );
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(
            edge.answer(edge.anonymous(Method::POST, "/graphql"))
                .await
                .status,
        );
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    // Another user of the same address is not held back.
    let mut other = super::claims();
    other.subject = "clerk-2".to_owned();
    let token = other.sign(super::now()).expect("a token");
    let request = edge.anonymous(Method::POST, "/graphql").bearer_auth(token);
    let answer = edge
        .answer(
            request
                .header("content-type", super::JSON)
                .body("{\"query\":\"{name}\"}"),
        )
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_stop_lets_requests_finish() {
    let edge = Arc::new(Edge::start().await);
    edge.goes_on().await;
    let slow = {
        let edge = edge.clone();
        tokio::spawn(async move { edge.answer(edge.document("{slow(ms:700)}")).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    edge.server.stop().await;
    edge.server.wait().await;
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "{:?}",
        started.elapsed()
    );
    let answer = slow.await.expect("an answer");
    assert_eq!(
        (answer.status, answer.json["data"]["slow"].as_bool()),
        (200, Some(true))
    );
    assert!(edge.document("{name}").send().await.is_err());
}

#[tokio::test]
async fn a_stop_answers_who_is_connected_and_refuses_who_comes() {
    let edge = Arc::new(Edge::start().await);
    let address = edge.server.address();
    let mut connected = tokio::net::TcpStream::connect(address)
        .await
        .expect("connects");
    assert!(!livez(&mut connected).await.contains("connection: close"));
    let stopping = {
        let edge = edge.clone();
        tokio::spawn(async move { edge.server.stop().await })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    let refused = tokio::net::TcpStream::connect(address).await;
    assert_eq!(
        refused.map_err(|error| error.kind()).err(),
        Some(std::io::ErrorKind::ConnectionRefused)
    );
    let last = livez(&mut connected).await;
    assert!(
        last.starts_with("HTTP/1.1 200") && last.contains("connection: close"),
        "{last}"
    );
    let mut rest = Vec::new();
    connected.read_to_end(&mut rest).await.expect("the end");
    assert!(rest.is_empty());
    stopping.await.expect("stops");
    edge.server.wait().await;
}

async fn livez(stream: &mut tokio::net::TcpStream) -> String {
    stream
        .write_all(b"GET /livez HTTP/1.1\r\nhost: yihu\r\n\r\n")
        .await
        .expect("sent");
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer[..length])
        .to_ascii_lowercase()
        .replacen("http", "HTTP", 1)
}
