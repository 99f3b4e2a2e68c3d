//! Tokens, forged and false.

use super::{Answer, Edge, JSON, claims, demo_config, graph, now};
use crate::harness::both_dbs;
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::codes::{Department, Role};
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};
use yihu::{
    authz::{
        Roles,
        directory::{DirectoryDown, Listed, UserDirectory},
        token::{DEMO_SECRET, Issuer, KeyAlgorithm},
        users::UserTable,
    },
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

fn demo_payload() -> Value {
    json!({
        "iss": "yihu-demo", "aud": "yihu", "sub": "a", "iat": now(), "nbf": now(), "exp": now() + 600,
        "department": "CIVIL", "roles": ["CLERK"], "region": "150921",
    })
}

fn header(algorithm: Algorithm, key_id: &str) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some(key_id.to_owned());
    header
}

fn demo_token(payload: &Value) -> String {
    let key = EncodingKey::from_secret(DEMO_SECRET.as_bytes());
    jsonwebtoken::encode(&header(Algorithm::HS256, "demo"), payload, &key).expect("a token")
}

fn raw_token(header: &Value, payload: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(payload))
}

/// Keys of three algorithms, as an issuer has them, and the configuration that names them.
struct Issuers {
    folder: tempfile::TempDir,
    ed: EncodingKey,
    es: EncodingKey,
    rs: EncodingKey,
    rs_public_der: Vec<u8>,
}

impl Issuers {
    fn new() -> Self {
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
        issuers.write("ed", &issuers.ed, Algorithm::EdDSA);
        issuers.write("es", &issuers.es, Algorithm::ES256);
        issuers.write("rs", &issuers.rs, Algorithm::RS256);
        issuers
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.path().join(format!("{id}.json"))
    }

    fn jwk(id: &str, key: &EncodingKey, algorithm: Algorithm) -> Value {
        let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a jwk");
        jwk.common.key_id = Some(id.to_owned());
        serde_json::to_value(jwk).expect("json")
    }

    fn write(&self, id: &str, key: &EncodingKey, algorithm: Algorithm) {
        let set = json!({ "keys": [{ "kty": "unheard-of", "kid": "x" }, Issuers::jwk(id, key, algorithm)] });
        std::fs::write(self.path(id), set.to_string()).expect("a key set");
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

fn payload(issuer: &str) -> Value {
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
async fn nothing_in_the_header_is_trusted() {
    let issuers = Issuers::new();
    let edge = issuers.edge().await;
    let none = json!({ "alg": "none", "kid": "demo" });
    edge.denied(&raw_token(&none, &demo_payload(), ""), "TOKEN_ALGORITHM")
        .await;
    edge.denied(
        &raw_token(
            &json!({ "alg": "None", "kid": "ed" }),
            &payload("ed"),
            "AAAA",
        ),
        "TOKEN_ALGORITHM",
    )
    .await;
    let hmac = |secret: &[u8], id: &str, payload: &Value| {
        jsonwebtoken::encode(
            &header(Algorithm::HS256, id),
            payload,
            &EncodingKey::from_secret(secret),
        )
        .expect("a token")
    };
    // The public key of RS256 as the secret of HS256, in each form an attacker can have it.
    let jwk = std::fs::read(issuers.path("rs")).expect("the key set");
    for secret in [issuers.rs_public_der.as_slice(), jwk.as_slice()] {
        edge.denied(&hmac(secret, "rs", &payload("rs")), "TOKEN_ALGORITHM")
            .await;
        edge.denied(&hmac(secret, "demo", &demo_payload()), "TOKEN_SIGNATURE")
            .await;
    }
    // The key id of another algorithm, another key, none, an unknown one.
    let with = |algorithm, id: &str, key: &EncodingKey, payload: &Value| {
        jsonwebtoken::encode(&header(algorithm, id), payload, key).expect("a token")
    };
    edge.denied(
        &with(Algorithm::EdDSA, "rs", &issuers.ed, &payload("rs")),
        "TOKEN_ALGORITHM",
    )
    .await;
    edge.denied(
        &with(Algorithm::ES256, "demo", &issuers.es, &demo_payload()),
        "TOKEN_ALGORITHM",
    )
    .await;
    edge.denied(
        &with(Algorithm::EdDSA, "nobody", &issuers.ed, &payload("ed")),
        "TOKEN_KEY_UNKNOWN",
    )
    .await;
    edge.denied(
        &with(Algorithm::EdDSA, "x", &issuers.ed, &payload("ed")),
        "TOKEN_KEY_UNKNOWN",
    )
    .await;
    let unnamed = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &payload("ed"), &issuers.ed)
        .expect("a token");
    edge.denied(&unnamed, "TOKEN_KEY_UNKNOWN").await;
    // A key of the attacker's own, carried in the header.
    let stranger = Issuers::new();
    let mut own = header(Algorithm::EdDSA, "ed");
    own.jwk = serde_json::from_value(Issuers::jwk("ed", &stranger.ed, Algorithm::EdDSA)).ok();
    own.jku = Some("http://127.0.0.1:1/keys".to_owned());
    own.x5u = own.jku.clone();
    assert!(own.jwk.is_some());
    let token = jsonwebtoken::encode(&own, &payload("ed"), &stranger.ed).expect("a token");
    edge.denied(&token, "TOKEN_SIGNATURE").await;
    let mut critical = header(Algorithm::HS256, "demo");
    critical.crit = Some(vec!["exp".to_owned()]);
    let key = EncodingKey::from_secret(DEMO_SECRET.as_bytes());
    edge.denied(
        &jsonwebtoken::encode(&critical, &demo_payload(), &key).expect("a token"),
        "TOKEN_MALFORMED",
    )
    .await;
}

#[tokio::test]
async fn claims_are_complete_and_of_their_type() {
    let edge = Edge::start().await;
    for claim in [
        "iss",
        "aud",
        "sub",
        "iat",
        "nbf",
        "exp",
        "department",
        "roles",
        "region",
    ] {
        let mut missing = demo_payload();
        missing.as_object_mut().expect("an object").remove(claim);
        let answer = edge.denied(&demo_token(&missing), "TOKEN_CLAIM").await;
        assert_eq!(answer.extension("claim"), claim);
    }
    let far = now() + 600;
    for (claim, value, reason) in [
        ("exp", json!(far.to_string()), "TOKEN_CLAIM"),
        ("exp", json!(far as f64 + 0.5), "TOKEN_CLAIM"),
        ("exp", json!([far]), "TOKEN_CLAIM"),
        ("exp", json!(null), "TOKEN_CLAIM"),
        ("nbf", json!("0"), "TOKEN_CLAIM"),
        ("exp", json!(now() - 31), "TOKEN_EXPIRED"),
        ("nbf", json!(now() + 60), "TOKEN_NOT_YET_VALID"),
        ("iat", json!(now() + 60), "TOKEN_NOT_YET_VALID"),
        ("exp", json!(now() + 400 * 24 * 3600), "TOKEN_LIFE"),
        ("exp", json!(i64::MAX), "TOKEN_LIFE"),
        ("iss", json!("somebody"), "TOKEN_ISSUER"),
        ("aud", json!("another"), "TOKEN_AUDIENCE"),
        ("aud", json!(["another"]), "TOKEN_AUDIENCE"),
        ("aud", json!(1), "TOKEN_CLAIM"),
        ("sub", json!(""), "TOKEN_CLAIM"),
        ("sub", json!(7), "TOKEN_CLAIM"),
        ("department", json!("civil"), "TOKEN_CLAIM"),
        ("department", json!("SCHOOL"), "TOKEN_CLAIM"),
        ("roles", json!("CLERK"), "TOKEN_CLAIM"),
        ("roles", json!([]), "TOKEN_CLAIM"),
        ("roles", json!(["CLERK", "KING"]), "TOKEN_CLAIM"),
        ("roles", json!(["HELPER"]), "TOKEN_CLAIM"),
        ("roles", json!(["HOUSEHOLD"]), "TOKEN_CLAIM"),
        ("roles", json!(["AUDITOR"]), "TOKEN_CLAIM"),
        ("roles", json!(["SERVICE"]), "TOKEN_CLAIM"),
        ("region", json!("15092"), "TOKEN_CLAIM"),
        ("region", json!("15092x"), "TOKEN_CLAIM"),
        ("region", json!(150_921), "TOKEN_CLAIM"),
        ("org", json!(1), "TOKEN_CLAIM"),
    ] {
        let mut wrong = demo_payload();
        wrong[claim] = value;
        edge.denied(&demo_token(&wrong), reason).await;
    }
    for good in [
        json!({ "exp": now() - 20, "iat": now() - 100 }),
        json!({ "aud": ["another", "yihu"] }),
        json!({ "department": "SCHOOL", "org": "S-1", "region": null }),
        json!({ "department": "AUDIT", "roles": ["AUDITOR"], "region": null }),
        json!({ "roles": ["SERVICE"], "purpose": "ROLL_EXCHANGE" }),
        json!({ "region": "15" }),
        json!({ "region": "150921101201" }),
    ] {
        let mut payload = demo_payload();
        for (claim, value) in good.as_object().expect("an object") {
            match value {
                Value::Null => payload.as_object_mut().expect("an object").remove(claim),
                value => payload
                    .as_object_mut()
                    .expect("an object")
                    .insert(claim.clone(), value.clone()),
            };
        }
        let answer = edge.as_bearer(&demo_token(&payload)).await;
        assert_eq!(answer.status, 200, "{payload} {}", answer.text);
    }
}

#[tokio::test]
async fn no_token_is_asked_for_one() {
    let edge = Edge::start().await;
    for authorization in [None, Some("Basic YTpi"), Some("Bearer")] {
        let mut request = edge.anonymous(Method::POST, "/graphql");
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        // The body is not read, so its type does not matter.
        let answer = edge
            .refused(request.body("x".repeat(300_000)), 401, "UNAUTHENTICATED")
            .await;
        assert_eq!(answer.extension("reason"), "TOKEN_MISSING");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"yihu\"");
    }
    for token in ["a", "a.b", "a.b.c", "....", "é.é.é", &"a".repeat(10_000)] {
        edge.denied(token, "TOKEN_MALFORMED").await;
    }
    let twice = edge.document("{name}").header("authorization", "Bearer x");
    edge.refused(twice, 401, "UNAUTHENTICATED").await;
    let token = demo_token(&demo_payload());
    let (text, signature) = token.rsplit_once('.').expect("three parts");
    let forged = format!("{text}.{}", signature.chars().rev().collect::<String>());
    edge.denied(&forged, "TOKEN_SIGNATURE").await;
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
                assert_eq!((answer.status, answer.code()), (503, "OVERLOADED"))
            }
            Some(reason) => assert_eq!(
                (answer.status, answer.extension("reason")),
                (401, &json!(reason))
            ),
        }
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
