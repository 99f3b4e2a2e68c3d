//! The edge, attacked: each refusal has its exact status and code, and the next ordinary query answers as before.

mod admission;
mod documents;
mod errors;
mod forged;
mod graph;
mod process;
mod tokens;
mod transport;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use yihu::{
    authz::token::DemoClaims,
    clock::Clock,
    config::{Config, Introspection},
    http::{self, Server, Services},
};

pub(crate) const JSON: &str = "application/json";
pub(crate) const RESPONSE: &str = "application/graphql-response+json";

/// A server of its own for one test, with a small graph that can fail in every way.
pub(crate) struct Edge {
    pub(crate) server: Server,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
}

pub(crate) fn demo_config() -> Config {
    let mut config = Config {
        demo: true,
        ..Config::default()
    };
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.http.workers = 1;
    config.graphql.introspection = Introspection::On;
    config.admission.burst = 1_000_000;
    config.admission.anonymous_burst = 1_000_000;
    config
}

pub(crate) fn now() -> i64 {
    Clock::system().now_ms() / 1_000
}

pub(crate) fn claims() -> DemoClaims {
    DemoClaims {
        department: "CIVIL".to_owned(),
        roles: vec!["CLERK".to_owned()],
        region: Some("150921".to_owned()),
        org: None,
        purpose: None,
        subject: "clerk-1".to_owned(),
        client: "tests".to_owned(),
        life_seconds: 600,
    }
}

impl Edge {
    pub(crate) async fn start() -> Edge {
        Edge::with(demo_config()).await
    }

    pub(crate) async fn with(config: Config) -> Edge {
        Edge::on(config, Services::of(Arc::new(graph::graph()))).await
    }

    pub(crate) async fn on(config: Config, services: Services) -> Edge {
        let server = http::start(config, services).await.expect("starts");
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        Edge {
            server,
            client,
            token: claims().sign(now()).expect("a token"),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Waits until so many requests have come in, and gives them time to pass the door.
    pub(crate) async fn until_running(&self, requests: usize) {
        for _ in 0..300 {
            let metrics = self.anonymous(Method::GET, "/metrics").send().await;
            let metrics = metrics.expect("an answer").text().await.expect("a text");
            let running = metrics
                .lines()
                .find_map(|line| line.strip_prefix("yihu_requests_running "))
                .expect("a gauge");
            tokio::time::sleep(Duration::from_millis(100)).await;
            // The one that asks is running too.
            if running.parse::<usize>().expect("a number") > requests {
                return;
            }
        }
        panic!("{requests} requests do not come");
    }

    /// A POST without a body, as the usual clerk.
    pub(crate) fn post(&self) -> RequestBuilder {
        self.anonymous(Method::POST, "/graphql")
            .bearer_auth(&self.token)
    }

    pub(crate) fn get(&self, address: &str) -> RequestBuilder {
        self.anonymous(Method::GET, &format!("/graphql?{address}"))
            .bearer_auth(&self.token)
    }

    pub(crate) fn get_with(&self, pairs: &[(&str, &str)]) -> RequestBuilder {
        let encoded = |text: &str| {
            text.bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect::<String>()
        };
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        self.get(&pairs.join("&"))
    }

    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// A POST of a document.
    pub(crate) fn document(&self, text: &str) -> RequestBuilder {
        self.body(&json!({ "query": text }))
    }

    pub(crate) fn body(&self, body: &Value) -> RequestBuilder {
        self.post()
            .header("content-type", JSON)
            .header("accept", RESPONSE)
            .body(body.to_string())
    }

    /// The request is refused in exactly this way, and the server goes on.
    pub(crate) async fn refused(&self, request: RequestBuilder, status: u16, code: &str) -> Answer {
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        assert_eq!(
            (answer.status, answer.code()),
            (status, code),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains("\"data\""), "{}", answer.text);
        self.goes_on().await;
        answer
    }

    pub(crate) async fn goes_on(&self) {
        let answer = Answer::of(self.document("{name}").send().await.expect("an answer")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.text,
            r#"{"data":{"name":"一户"},"extensions":{"cost":{"used":1,"limit":120000}}}"#
        );
    }

    pub(crate) async fn answer(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.expect("an answer")).await
    }
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Answer {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    value.to_str().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        let text = response.text().await.expect("a text");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            text,
            json,
        }
    }

    pub(crate) fn code(&self) -> &str {
        self.json["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
    }

    pub(crate) fn extension(&self, key: &str) -> &Value {
        &self.json["errors"][0]["extensions"][key]
    }
}
