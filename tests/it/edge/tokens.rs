//! Tokens, forged and false.

use super::{Answer, Edge, JSON, claims, demo_config, graph, now};
use crate::harness::{App, Engine, Program, Socket, both_dbs};
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::Engine as _;
use entity::codes::{Department, Role};
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use yihu::{
    authz::{
        Roles,
        directory::{DirectoryDown, Listed, UserDirectory},
        token::{Issuer, KeyAlgorithm, TokenOptions},
        users::UserTable,
    },
    clock::Clock,
    db::{Database, Settings},
    http::Services,
};

impl Edge {
    async fn as_bearer(&self, token: &str) -> Answer {
        let request = self.anonymous(Method::POST, "/graphql").bearer_auth(token);
        self.answer(
            request
                .header("content-type", JSON)
                .body("{\"query\":\"{department}\"}"),
        )
        .await
    }

    async fn denied(&self, token: &str, reason: &str) -> Answer {
        let answer = self.as_bearer(token).await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "UNAUTHENTICATED"),
            "{}",
            answer.text
        );
        assert_eq!(answer.extension("reason"), reason, "{}", answer.text);
        let challenge = format!(
            "Bearer realm=\"yihu\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        assert_eq!(answer.headers["www-authenticate"], challenge);
        self.goes_on().await;
        answer
    }
}

pub(super) fn demo_payload() -> Value {
    json!({
        "iss": "yihu-demo", "aud": "yihu", "sub": "a", "iat": now(), "nbf": now(), "exp": now() + 600,
        "department": "CIVIL", "roles": ["CLERK"], "region": "150921",
    })
}

pub(super) fn header(algorithm: Algorithm, key_id: &str) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(key_id.to_owned());
    header
}

/// Keys of three algorithms, as an issuer has them, and the configuration that names them.
pub(super) struct Issuers {
    folder: tempfile::TempDir,
    pub(super) ed: EncodingKey,
    pub(super) es: EncodingKey,
    pub(super) rs: EncodingKey,
    pub(super) rs_public_der: Vec<u8>,
}

impl Issuers {
    pub(super) fn new() -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let ed = Ed25519KeyPair::generate_pkcs8v1(&random).expect("a key");
        let es =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let rs = KeyPair::generate(KeySize::Rsa2048).expect("a key");
        let rs_der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rs.as_der().expect("a key");
        let rs_pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            base64::engine::general_purpose::STANDARD.encode(rs_der.as_ref())
        );
        let public = aws_lc_rs::signature::KeyPair::public_key(&rs)
            .as_ref()
            .to_vec();
        let issuers = Issuers {
            folder: tempfile::tempdir().expect("a folder"),
            ed: EncodingKey::from_ed_der(ed.as_ref()),
            es: EncodingKey::from_ec_der(es.as_ref()),
            rs: EncodingKey::from_rsa_pem(rs_pem.as_bytes()).expect("a key"),
            rs_public_der: public,
        };
        issuers.write("ed", &["ed"], &issuers.ed, Algorithm::EdDSA);
        issuers.write("es", &["es"], &issuers.es, Algorithm::ES256);
        issuers.write("rs", &["rs"], &issuers.rs, Algorithm::RS256);
        issuers
    }

    pub(super) fn path(&self, id: &str) -> PathBuf {
        self.folder.path().join(format!("{id}.json"))
    }

    pub(super) fn jwk(id: &str, key: &EncodingKey, algorithm: Algorithm) -> Value {
        let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a jwk");
        jwk.common.key_id = Some(id.to_owned());
        serde_json::to_value(jwk).expect("json")
    }

    /// The key set of an issuer, in which one key has these ids.
    pub(super) fn write(
        &self,
        issuer: &str,
        ids: &[&str],
        key: &EncodingKey,
        algorithm: Algorithm,
    ) {
        let mut keys = vec![json!({ "kty": "unheard-of", "kid": "x" })];
        keys.extend(ids.iter().map(|id| Issuers::jwk(id, key, algorithm)));
        std::fs::write(self.path(issuer), json!({ "keys": keys }).to_string()).expect("a key set");
    }

    fn of(&self, id: &str, algorithm: KeyAlgorithm) -> Issuer {
        Issuer {
            issuer: format!("https://{id}.example"),
            audience: "yihu".to_owned(),
            algorithm,
            keys_file: Some(self.path(id)),
            keys_url: None,
            key_ids: Vec::new(),
        }
    }

    async fn edge(&self) -> Edge {
        let mut config = demo_config();
        config.tokens.issuers = vec![
            self.of("ed", KeyAlgorithm::EdDSA),
            self.of("es", KeyAlgorithm::ES256),
            self.of("rs", KeyAlgorithm::RS256),
        ];
        Edge::with(config).await
    }
}

pub(super) fn payload(issuer: &str) -> Value {
    let mut payload = demo_payload();
    payload["iss"] = json!(format!("https://{issuer}.example"));
    payload
}

#[tokio::test]
async fn real_issuers_of_three_algorithms() {
    let issuers = Issuers::new();
    let edge = issuers.edge().await;
    for (id, algorithm, key) in [
        ("ed", Algorithm::EdDSA, &issuers.ed),
        ("es", Algorithm::ES256, &issuers.es),
        ("rs", Algorithm::RS256, &issuers.rs),
    ] {
        let token = |payload: &Value| {
            jsonwebtoken::encode(&header(algorithm, id), payload, key).expect("a token")
        };
        let answer = edge.as_bearer(&token(&payload(id))).await;
        assert_eq!(
            answer.json["data"]["department"], "CIVIL",
            "{id} {}",
            answer.text
        );
        // Another issuer's name under this issuer's key.
        edge.denied(&token(&payload("else")), "TOKEN_ISSUER").await;
        edge.denied(&token(&demo_payload()), "TOKEN_ISSUER").await;
        let mut long = payload(id);
        long["exp"] = json!(now() + 901);
        edge.denied(&token(&long), "TOKEN_LIFE").await;
    }
}

#[tokio::test]
async fn production_knows_no_demo_key() {
    let issuers = Issuers::new();
    let mut config = demo_config();
    config.demo = false;
    config.tokens.issuers = vec![issuers.of("ed", KeyAlgorithm::EdDSA)];
    let edge = Edge::with(config).await;
    let answer = edge
        .as_bearer(&claims().sign(now()).expect("a token"))
        .await;
    assert_eq!(
        (answer.status, answer.extension("reason")),
        (401, &json!("TOKEN_KEY_UNKNOWN"))
    );
}

/// A user table whose answer a test sets.
struct Table(Mutex<Result<Listed, ()>>);

impl UserDirectory for Table {
    fn find<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Listed, DirectoryDown>> {
        assert!(user.starts_with("yihu-demo|"));
        let answer = self.0.lock().expect("no panic").clone();
        Box::pin(async move { answer.map_err(|()| DirectoryDown) })
    }
}

#[tokio::test]
async fn the_user_table_narrows_and_disables() {
    let table = Arc::new(Table(Mutex::new(Ok(Listed::No))));
    let edge = Edge::on(
        demo_config(),
        Services {
            directory: table.clone(),
            ..Services::of(Arc::new(graph::graph()))
        },
    )
    .await;
    let rights = |department, roles: &[Role], region| Listed::Rights {
        department,
        roles: Roles::of(roles),
        region: Some(region),
        institution: None,
    };
    let county = (150_921_000_000, 150_921_999_999);
    // Each answer is for another user, because an answer is remembered for a minute.
    for (subject, listed, expected) in [
        ("a", Ok(Listed::No), None),
        (
            "b",
            Ok(rights(
                Department::Civil,
                &[Role::Clerk, Role::Reader],
                county,
            )),
            None,
        ),
        ("c", Ok(Listed::Disabled), Some("USER_DISABLED")),
        (
            "d",
            Ok(rights(Department::Health, &[Role::Clerk], county)),
            Some("USER_RIGHTS"),
        ),
        (
            "e",
            Ok(rights(Department::Civil, &[Role::Reader], county)),
            Some("USER_RIGHTS"),
        ),
        (
            "f",
            Ok(rights(
                Department::Civil,
                &[Role::Clerk],
                (150_921_101_000, 150_921_101_999),
            )),
            Some("USER_RIGHTS"),
        ),
        ("g", Err(()), Some("DIRECTORY_DOWN")),
    ] {
        *table.0.lock().expect("no panic") = listed;
        let mut claims = claims();
        claims.subject = subject.to_owned();
        let answer = edge.as_bearer(&claims.sign(now()).expect("a token")).await;
        match expected {
            None => assert_eq!(answer.status, 200, "{subject} {}", answer.text),
            Some("DIRECTORY_DOWN") => {
                assert_eq!((answer.status, answer.code()), (503, "UNAVAILABLE"))
            }
            Some(reason) => assert_eq!(
                (answer.status, answer.extension("reason")),
                (401, &json!(reason))
            ),
        }
    }
}

/// Asks again until the answer is the reason; the seconds it took.
async fn seconds_until(reason: &str, mut ask: impl AsyncFnMut() -> Answer) -> u64 {
    let begun = Instant::now();
    while ask().await.extension("reason") != reason {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{reason} not within a minute"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed().as_secs()
}

#[tokio::test]
async fn a_key_that_is_retired_opens_nothing_any_more() {
    let issuers = Issuers::new();
    let mut config = demo_config();
    config.tokens.issuers = vec![
        issuers.of("ed", KeyAlgorithm::EdDSA),
        issuers.of("es", KeyAlgorithm::ES256),
    ];
    (config.tokens.refresh_seconds, config.tokens.recall_seconds) = (1, 1);
    let edge = Edge::with(config).await;
    let app = App::at(edge.server.address());
    let token = |algorithm, id: &str, issuer: &str, key| {
        jsonwebtoken::encode(&header(algorithm, id), &payload(issuer), key).expect("a token")
    };
    let old = token(Algorithm::EdDSA, "ed", "ed", &issuers.ed);
    let new = token(Algorithm::EdDSA, "new", "ed", &issuers.ed);
    let other = token(Algorithm::ES256, "es", "es", &issuers.es);
    let mut socket = signed_in(&app, &old).await;
    let mut stays = signed_in(&app, &other).await;
    assert_eq!(edge.as_bearer(&old).await.status, 200);
    // What is no key set changes nothing.
    std::fs::write(issuers.path("ed"), "<html>").expect("a file");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(edge.as_bearer(&old).await.status, 200);
    issuers.write("ed", &["new"], &issuers.ed, Algorithm::EdDSA);
    assert!(seconds_until("TOKEN_KEY_UNKNOWN", async || edge.as_bearer(&old).await).await <= 5);
    let retired = (4403, "Forbidden: TOKEN_KEY_UNKNOWN".to_owned());
    assert_eq!(socket.closed().await, retired);
    assert_eq!(edge.as_bearer(&new).await.status, 200);
    // A set without any key retires all.
    std::fs::write(issuers.path("ed"), "{\"keys\":[]}").expect("a file");
    assert!(seconds_until("TOKEN_KEY_UNKNOWN", async || edge.as_bearer(&new).await).await <= 5);
    assert_eq!(edge.as_bearer(&other).await.status, 200);
    stays.assert_quiet().await;
}

#[tokio::test]
async fn a_token_that_has_been_verified_still_ends() {
    let clock = Clock::fixed_ms(now() * 1_000);
    let edge = Edge::on(
        demo_config(),
        Services {
            clock: clock.clone(),
            ..Services::of(Arc::new(graph::graph()))
        },
    )
    .await;
    let token = claims().sign(now()).expect("a token");
    assert_eq!(edge.as_bearer(&token).await.status, 200);
    assert_eq!(edge.as_bearer(&token).await.status, 200);
    // What differs from it in one character is another token.
    let last = if token.ends_with('A') { 'E' } else { 'A' };
    let other = format!("{}{last}", &token[..token.len() - 1]);
    edge.denied(&other, "TOKEN_SIGNATURE").await;
    // It lives ten minutes, and clocks may differ by half of one.
    clock.advance(Duration::from_secs(620));
    assert_eq!(edge.as_bearer(&token).await.status, 200);
    clock.advance(Duration::from_secs(20));
    let answer = edge.as_bearer(&token).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(answer.extension("reason"), "TOKEN_EXPIRED");
}

async fn signed_in(app: &App, token: &str) -> Socket {
    let mut socket = Socket::silent(app).await;
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    socket
        .send(json!({ "type": "connection_init", "payload": payload }))
        .await;
    assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
    socket
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Two servers over one PostgreSQL, one over a file.
    async fn a_user_who_is_disabled_is_out_on_every_instance(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let count = if db.engine == Engine::Postgres { 2 } else { 1 };
        let start = || Program::on(&db, folder.path(), &[], &[("YIHU_TOKENS_RECALL_SECONDS", "1")]);
        let programs: Vec<_> = (0..count).map(|_| start()).collect();
        let follow = "subscription { sliceChanged(slices: [CIVIL]) { cursor } }";
        let mut open = Vec::new();
        for program in &programs {
            let app = program.app();
            for user in ["disabled", "narrowed", "stays"] {
                let clerk = app.clerk(Department::Civil, "150921").named(user);
                let mut socket = Socket::of(&app, &clerk).await;
                socket.subscribe("one", follow, json!({})).await;
                assert_eq!(clerk.query("{ viewer { department } }", json!({})).await.status(), 200);
                open.push((user, clerk, socket));
            }
        }
        let insert = "INSERT INTO app_user (id, department, roles, region_code, institution_code, disabled, updated_at_ms) VALUES";
        for row in [
            "('yihu-demo|disabled', 'CIVIL', 'CLERK', 150921000000, NULL, TRUE, 0)",
            "('yihu-demo|narrowed', 'CIVIL', 'READER', 150921000000, NULL, FALSE, 0)",
            "('yihu-demo|stays', 'CIVIL', 'CLERK', 150921000000, NULL, FALSE, 0)",
        ] {
            db.execute(&format!("{insert} {row}")).await;
        }
        for (user, clerk, mut socket) in open {
            let reason = match user {
                "disabled" => "USER_DISABLED",
                "narrowed" => "USER_RIGHTS",
                _ => {
                    socket.assert_quiet().await;
                    assert_eq!(clerk.query("{ viewer { department } }", json!({})).await.status(), 200);
                    continue;
                }
            };
            let begun = Instant::now();
            assert_eq!(socket.closed().await, (4403, format!("Forbidden: {reason}")));
            // Twice the time for which the table's word is remembered, and some for the machine.
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
            let answer = clerk.query("{ viewer { department } }", json!({})).await;
            assert_eq!((answer.status(), &answer.errors()[0]["extensions"]["reason"]), (401, &json!(reason)));
        }
        assert!(2 * TokenOptions::default().recall_seconds <= 60);
    }
}

/// A server of key sets that answers every connection with the same bytes.
fn key_server(answer: Vec<u8>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/keys", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().take(3) {
            use std::io::{Read, Write};
            let mut stream = stream.expect("a connection");
            let mut request = [0; 2048];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
        }
    });
    url
}

fn http_answer(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn keys_from_an_address_within_limits() {
    let issuers = Issuers::new();
    let set = std::fs::read_to_string(issuers.path("ed")).expect("a set");
    let padded = format!("{}{}", set, " ".repeat(300 * 1024));
    let redirect =
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
            .to_vec();
    for (answer, works) in [
        (http_answer(&set), true),
        (http_answer(&padded), false),
        (redirect, false),
    ] {
        let mut config = demo_config();
        config.demo = false;
        let mut issuer = issuers.of("ed", KeyAlgorithm::EdDSA);
        (issuer.keys_file, issuer.keys_url) = (None, Some(key_server(answer)));
        config.tokens.issuers = vec![issuer];
        let edge = Edge::with(config).await;
        let token =
            jsonwebtoken::encode(&header(Algorithm::EdDSA, "ed"), &payload("ed"), &issuers.ed)
                .expect("a token");
        let expected = if works { (200, 200) } else { (401, 503) };
        let ready = edge.answer(edge.anonymous(Method::GET, "/readyz")).await;
        assert_eq!(
            (edge.as_bearer(&token).await.status, ready.status),
            expected,
            "{}",
            ready.text
        );
    }
}

both_dbs! {
    async fn the_user_table_of_the_database(db: TestDatabase) {
        let connection = db.connect().await;
        let insert = "INSERT INTO app_user (id, department, roles, region_code, institution_code, disabled, updated_at_ms) VALUES ";
        for row in [
            "('i|open', 'CIVIL', 'CLERK READER', 150921000000, NULL, FALSE, 0)",
            "('i|out', 'CIVIL', 'CLERK', 150921000000, NULL, TRUE, 0)",
            "('i|odd', 'CIVIL', 'CLERK KING', 150921000000, NULL, FALSE, 0)",
            "('i|bank', 'BANK', 'CLERK', NULL, 'B-1', FALSE, 0)",
        ] {
            connection.execute_unprepared(&format!("{insert}{row}")).await.expect("a row");
        }
        let database = Database::connect(&db.url, &Settings::default()).await.expect("a database");
        let table = UserTable::new(database.reads().clone());
        let find = |user: &'static str| table.find(user);
        assert_eq!(find("i|nobody").await.expect("read"), Listed::No);
        assert_eq!(find("i|out").await.expect("read"), Listed::Disabled);
        assert_eq!(find("i|odd").await.expect("read"), Listed::Disabled);
        let county = Some((150_921_000_000, 150_921_999_999));
        let roles = Roles::of(&[Role::Clerk, Role::Reader]);
        let open = Listed::Rights { department: Department::Civil, roles, region: county, institution: None };
        assert_eq!(find("i|open").await.expect("read"), open);
        let roles = Roles::of(&[Role::Clerk]);
        let institution = Some("B-1".to_owned());
        let bank = Listed::Rights { department: Department::Bank, roles, region: None, institution };
        assert_eq!(find("i|bank").await.expect("read"), bank);
    }
}
