//! Forged tokens: what attackers try, in one table with what each is told. Over HTTP and over the socket, against the real
//! program, of which nothing may print what a token holds.

use super::tokens::{Issuers, demo_payload, header, payload};
use super::{Answer, JSON, now};
use crate::harness::{App, Engine, Program, Seed, Socket, TestDatabase, run};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Value, json};
use yihu::authz::token::DEMO_SECRET;

/// Stands in what a forged token claims; nothing may repeat it.
const CANARY: &str = "canary-7f3a91";
const QUERY: &str = "{\"query\":\"{viewer{department}}\"}";

/// A token that must not open anything.
struct Forgery {
    attack: String,
    token: String,
    reason: &'static str,
    claim: Option<&'static str>,
}

/// What an attacker holds: the public keys, a key of his own, genuine tokens; and where the issuer itself is deceived, its key.
struct Forge {
    issuers: Issuers,
    stranger: Issuers,
    table: Vec<Forgery>,
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// A token of these texts, whatever they are.
fn signed(
    header: &str,
    payload: impl AsRef<[u8]>,
    key: &EncodingKey,
    algorithm: Algorithm,
) -> String {
    let message = format!("{}.{}", encoded(header), encoded(payload));
    let signature = sign(message.as_bytes(), key, algorithm).expect("a signature");
    format!("{message}.{signature}")
}

fn demo_key() -> EncodingKey {
    EncodingKey::from_secret(DEMO_SECRET.as_bytes())
}

/// A token that the demonstration's issuer signs, with this payload.
fn demo(payload: impl AsRef<[u8]>) -> String {
    let header = r#"{"alg":"HS256","kid":"demo"}"#;
    signed(header, payload, &demo_key(), Algorithm::HS256)
}

fn claiming(mut payload: Value) -> Value {
    payload["sub"] = json!(CANARY);
    payload
}

/// The payload of the demonstration's clerk with these claims changed; null leaves one out.
fn changed(changes: &Value) -> String {
    let mut payload = claiming(demo_payload());
    let claims = payload.as_object_mut().expect("an object");
    for (claim, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => claims.remove(claim),
            value => claims.insert(claim.clone(), value.clone()),
        };
    }
    payload.to_string()
}

impl Forge {
    /// Times are near to the borders: only to be made when the server is up.
    fn of(issuers: Issuers) -> Forge {
        let mut forge = Forge {
            issuers,
            stranger: Issuers::new(),
            table: Vec::new(),
        };
        forge.unsigned();
        forge.of_other_algorithms();
        forge.with_public_keys();
        forge.of_foreign_keys();
        forge.of_broken_signatures();
        forge.of_broken_encodings();
        forge.of_odd_headers();
        forge.of_odd_key_ids();
        forge.of_odd_json();
        forge.of_odd_times();
        forge.of_odd_names();
        forge.of_raised_rights();
        forge.of_the_user_table();
        forge
    }

    fn add(&mut self, attack: impl Into<String>, token: String, reason: &'static str) {
        let claim = None;
        let attack = attack.into();
        self.table.push(Forgery {
            attack,
            token,
            reason,
            claim,
        });
    }

    /// A claim that no issuer should write, under a genuine signature.
    fn claim(&mut self, claim: &'static str, value: Value) {
        let token = demo(changed(&json!({ claim: value })));
        self.add(format!("{claim} {value}"), token, "TOKEN_CLAIM");
        self.table.last_mut().expect("one").claim = Some(claim);
    }

    fn claims(&mut self, changes: Value, reason: &'static str) {
        self.add(changes.to_string(), demo(changed(&changes)), reason);
    }

    /// A genuine token of an issuer.
    fn genuine(&self, id: &str) -> String {
        let (key, algorithm) = self.key(id);
        let header = header(algorithm, id);
        jsonwebtoken::encode(&header, &claiming(payload(id)), key).expect("a token")
    }

    fn key(&self, id: &str) -> (&EncodingKey, Algorithm) {
        match id {
            "ed" => (&self.issuers.ed, Algorithm::EdDSA),
            "es" => (&self.issuers.es, Algorithm::ES256),
            _ => (&self.issuers.rs, Algorithm::RS256),
        }
    }

    fn unsigned(&mut self) {
        let genuine = self.genuine("ed");
        let signature = genuine.rsplit('.').next().expect("a signature");
        for alg in [
            "none", "None", "NONE", "nOnE", "none ", "", "null", "hs256", "EDDSA",
        ] {
            let header = encoded(json!({ "alg": alg, "kid": "ed" }).to_string());
            let message = format!("{header}.{}", encoded(claiming(payload("ed")).to_string()));
            self.add(
                format!("alg {alg:?}, no signature"),
                format!("{message}."),
                "TOKEN_ALGORITHM",
            );
            let token = format!("{message}.{signature}");
            self.add(
                format!("alg {alg:?}, a genuine signature"),
                token,
                "TOKEN_ALGORITHM",
            );
        }
        for header in [
            json!({ "kid": "ed" }),
            json!({ "alg": null }),
            json!({ "alg": 0 }),
            json!({ "alg": ["EdDSA", "none"] }),
        ] {
            let token = format!(
                "{}.{}.",
                encoded(header.to_string()),
                encoded(claiming(payload("ed")).to_string())
            );
            self.add(header.to_string(), token, "TOKEN_MALFORMED");
        }
    }

    fn of_other_algorithms(&mut self) {
        use Algorithm as A;
        let body = |id: &str| claiming(payload(id)).to_string();
        for algorithm in [A::RS384, A::RS512, A::PS256, A::PS384, A::PS512] {
            let header = json!({ "alg": algorithm, "kid": "rs" }).to_string();
            let token = signed(&header, body("rs"), &self.issuers.rs, algorithm);
            self.add(
                format!("{algorithm:?} under RS256's key"),
                token,
                "TOKEN_ALGORITHM",
            );
            let disguised = r#"{"alg":"RS256","kid":"rs"}"#;
            let token = signed(disguised, body("rs"), &self.issuers.rs, algorithm);
            self.add(
                format!("{algorithm:?} called RS256"),
                token,
                "TOKEN_SIGNATURE",
            );
        }
        for algorithm in [A::HS384, A::HS512] {
            let header = json!({ "alg": algorithm, "kid": "demo" }).to_string();
            let token = signed(&header, changed(&json!({})), &demo_key(), algorithm);
            self.add(
                format!("{algorithm:?} under HS256's key"),
                token,
                "TOKEN_ALGORITHM",
            );
        }
        for alg in ["ES384", "ES256K", "ES512"] {
            let header = json!({ "alg": alg, "kid": "es" }).to_string();
            let token = signed(&header, body("es"), &self.issuers.es, A::ES256);
            self.add(format!("{alg} under ES256's key"), token, "TOKEN_ALGORITHM");
        }
        for (id, other) in [("rs", "ed"), ("ed", "es"), ("es", "rs"), ("demo", "ed")] {
            let (key, algorithm) = self.key(other);
            let header = json!({ "alg": algorithm, "kid": id }).to_string();
            let token = signed(&header, body(id), key, algorithm);
            self.add(
                format!("{algorithm:?} under the key {id}"),
                token,
                "TOKEN_ALGORITHM",
            );
        }
    }

    /// HS256 with what everybody can know of the keys, as if it were a secret.
    fn with_public_keys(&mut self) {
        let der = self.issuers.rs_public_der.clone();
        let pem = |name: &str| {
            let base64 = base64::engine::general_purpose::STANDARD.encode(&der);
            format!("-----BEGIN {name}-----\n{base64}\n-----END {name}-----\n").into_bytes()
        };
        let set = |id: &str| std::fs::read(self.issuers.path(id)).expect("the key set");
        let jwk =
            |id: &str| serde_json::from_slice::<Value>(&set(id)).expect("JSON")["keys"][1].take();
        let raw = |id: &str, part: &str| {
            URL_SAFE_NO_PAD
                .decode(jwk(id)[part].as_str().expect("text"))
                .expect("bytes")
        };
        let secrets = [
            ("rs", "DER", der.clone()),
            ("rs", "PEM", pem("RSA PUBLIC KEY")),
            ("rs", "PEM of another name", pem("PUBLIC KEY")),
            ("rs", "key set", set("rs")),
            ("rs", "JWK", jwk("rs").to_string().into_bytes()),
            ("rs", "modulus", raw("rs", "n")),
            ("ed", "point", raw("ed", "x")),
            ("ed", "JWK", jwk("ed").to_string().into_bytes()),
            ("es", "x", raw("es", "x")),
            ("es", "key set", set("es")),
            ("ed", "nothing", Vec::new()),
        ];
        for (id, form, secret) in secrets {
            let key = EncodingKey::from_secret(&secret);
            let header = json!({ "alg": "HS256", "kid": id }).to_string();
            let token = signed(
                &header,
                claiming(payload(id)).to_string(),
                &key,
                Algorithm::HS256,
            );
            self.add(
                format!("HS256 with {id}'s {form}"),
                token,
                "TOKEN_ALGORITHM",
            );
            let header = json!({ "alg": "HS256", "kid": "demo" }).to_string();
            let token = signed(&header, changed(&json!({})), &key, Algorithm::HS256);
            self.add(
                format!("HS256 with {id}'s {form}, as the demonstration"),
                token,
                "TOKEN_SIGNATURE",
            );
        }
    }

    /// Keys that the header carries or points to, and those of another issuer.
    fn of_foreign_keys(&mut self) {
        let jwk = Issuers::jwk("ed", &self.stranger.ed, Algorithm::EdDSA);
        for (name, value) in [
            ("jwk", jwk),
            ("jku", json!("http://127.0.0.1:1/keys")),
            ("x5u", json!("http://127.0.0.1:1/chain")),
            ("x5c", json!(["MIIB"])),
            ("x5t", json!("AAAA")),
            ("url", json!("http://127.0.0.1:1/")),
        ] {
            let header = json!({ "alg": "EdDSA", "kid": "ed", name: value }).to_string();
            let token = signed(
                &header,
                claiming(payload("ed")).to_string(),
                &self.stranger.ed,
                Algorithm::EdDSA,
            );
            self.add(format!("{name} in the header"), token, "TOKEN_SIGNATURE");
        }
        for (id, key, algorithm) in [
            ("ed", &self.stranger.ed, Algorithm::EdDSA),
            ("es", &self.stranger.es, Algorithm::ES256),
            ("rs", &self.stranger.rs, Algorithm::RS256),
        ] {
            let header = json!({ "alg": algorithm, "kid": id }).to_string();
            let token = signed(&header, claiming(payload(id)).to_string(), key, algorithm);
            self.table.push(Forgery {
                attack: format!("a key of another's under {id}"),
                token,
                reason: "TOKEN_SIGNATURE",
                claim: None,
            });
        }
        for (id, of) in [("es", "ed"), ("ed", "rs"), ("rs", "es")] {
            let (key, algorithm) = self.key(id);
            let header = json!({ "alg": algorithm, "kid": id }).to_string();
            let token = signed(&header, claiming(payload(of)).to_string(), key, algorithm);
            self.add(
                format!("{of}'s name under {id}'s key"),
                token,
                "TOKEN_ISSUER",
            );
        }
        let (key, algorithm) = self.key("ed");
        let as_demo = signed(
            r#"{"alg":"EdDSA","kid":"ed"}"#,
            changed(&json!({})),
            key,
            algorithm,
        );
        self.add(
            "the demonstration's name under a real key",
            as_demo,
            "TOKEN_ISSUER",
        );
    }

    fn of_broken_signatures(&mut self) {
        for id in ["ed", "es", "rs"] {
            let genuine = self.genuine(id);
            let (message, signature) = genuine.rsplit_once('.').expect("three parts");
            let bytes = URL_SAFE_NO_PAD.decode(signature).expect("bytes");
            let (half, mut flipped) = (bytes.len() / 2, bytes.clone());
            flipped[half] ^= 1;
            let swapped = [&bytes[half..], &bytes[..half]].concat();
            let mut other = claiming(payload(id));
            other["roles"] = json!(["CLERK", "APPROVER"]);
            let raised = encoded(other.to_string());
            let head = message.split('.').next().expect("a header");
            for (attack, token) in [
                ("empty", format!("{message}.")),
                ("a bit flipped", format!("{message}.{}", encoded(flipped))),
                (
                    "its halves swapped",
                    format!("{message}.{}", encoded(swapped)),
                ),
                (
                    "one byte short",
                    format!("{message}.{}", encoded(&bytes[1..])),
                ),
                ("twice", format!("{message}.{signature}{signature}")),
                (
                    "zeros",
                    format!("{message}.{}", encoded(vec![0; bytes.len()])),
                ),
                ("of other claims", format!("{head}.{raised}.{signature}")),
                (
                    "in the other alphabet",
                    format!("{message}.+/{}", STANDARD_NO_PAD.encode(&bytes[2..])),
                ),
                (
                    "as hex",
                    format!(
                        "{message}.{}",
                        bytes
                            .iter()
                            .map(|byte| format!("{byte:02x}"))
                            .collect::<String>()
                    ),
                ),
            ] {
                self.add(
                    format!("{id}'s signature {attack}"),
                    token,
                    "TOKEN_SIGNATURE",
                );
            }
            self.add(
                format!("{id}'s signature left off"),
                message.to_owned(),
                "TOKEN_MALFORMED",
            );
        }
        let genuine = self.genuine("es");
        let (message, signature) = genuine.rsplit_once('.').expect("three parts");
        let bytes = URL_SAFE_NO_PAD.decode(signature).expect("bytes");
        let integer = |part: &[u8]| [&[2, 33, 0], part].concat();
        let parts = [integer(&bytes[..32]), integer(&bytes[32..])].concat();
        let der = [&[0x30, 70], parts.as_slice()].concat();
        self.add(
            "es's signature in DER",
            format!("{message}.{}", encoded(der)),
            "TOKEN_SIGNATURE",
        );
        let genuine = self.genuine("ed");
        let (message, signature) = genuine.rsplit_once('.').expect("three parts");
        let token = format!(
            "{message}.{}",
            encoded(plus_order(
                &URL_SAFE_NO_PAD.decode(signature).expect("bytes")
            ))
        );
        self.add("ed's signature with S + L", token, "TOKEN_SIGNATURE");
    }

    fn of_broken_encodings(&mut self) {
        let genuine = self.genuine("ed");
        let parts: Vec<_> = genuine.split('.').collect();
        let [head, body, signature] = parts[..] else {
            panic!("three parts")
        };
        for (attack, token, reason) in [
            (
                "padding of the signature",
                format!("{genuine}=="),
                "TOKEN_SIGNATURE",
            ),
            (
                "bits behind the signature's end",
                with_other_last_bits(&genuine),
                "TOKEN_SIGNATURE",
            ),
            (
                "padding of the header",
                format!("{head}=.{body}.{signature}"),
                "TOKEN_MALFORMED",
            ),
            (
                "padding of the claims",
                format!("{head}.{body}=.{signature}"),
                "TOKEN_SIGNATURE",
            ),
            ("a part in front", format!("x.{genuine}"), "TOKEN_MALFORMED"),
            ("a part behind", format!("{genuine}.x"), "TOKEN_MALFORMED"),
            (
                "an empty part behind",
                format!("{genuine}."),
                "TOKEN_MALFORMED",
            ),
            (
                "an empty part in front",
                format!(".{genuine}"),
                "TOKEN_MALFORMED",
            ),
            (
                "an empty header",
                format!(".{body}.{signature}"),
                "TOKEN_MALFORMED",
            ),
            (
                "empty claims",
                format!("{head}..{signature}"),
                "TOKEN_SIGNATURE",
            ),
            (
                "five parts of an encrypted one",
                format!("{head}.{body}.{signature}.{head}.{body}"),
                "TOKEN_MALFORMED",
            ),
            (
                "header and claims swapped",
                format!("{body}.{head}.{signature}"),
                "TOKEN_MALFORMED",
            ),
            (
                "a space inside",
                format!("{head}. {body}.{signature}"),
                "TOKEN_SIGNATURE",
            ),
            (
                "dots escaped",
                genuine.replace('.', "%2E"),
                "TOKEN_MALFORMED",
            ),
            (
                "as JSON",
                json!({ "payload": body, "signature": signature }).to_string(),
                "TOKEN_MALFORMED",
            ),
            (
                "plain text of claims",
                claiming(payload("ed")).to_string(),
                "TOKEN_MALFORMED",
            ),
            (
                "two tokens",
                format!("{genuine} {genuine}"),
                "TOKEN_MALFORMED",
            ),
            (
                "two tokens with a comma",
                format!("{genuine},{genuine}"),
                "TOKEN_MALFORMED",
            ),
            ("one letter", "a".to_owned(), "TOKEN_MALFORMED"),
            ("dots", "....".to_owned(), "TOKEN_MALFORMED"),
            ("three letters", "a.b.c".to_owned(), "TOKEN_MALFORMED"),
            ("no ASCII", "é.é.é".to_owned(), "TOKEN_MALFORMED"),
            ("too long", "a".repeat(10_000), "TOKEN_MALFORMED"),
            (
                "too long, and genuine",
                demo(changed(&json!({ "more": "x".repeat(9_000) }))),
                "TOKEN_MALFORMED",
            ),
        ] {
            self.add(attack, token, reason);
        }
    }

    fn of_odd_headers(&mut self) {
        for (more, reason) in [
            (json!({ "crit": ["exp"] }), "TOKEN_MALFORMED"),
            (json!({ "crit": [] }), "TOKEN_MALFORMED"),
            (json!({ "crit": ["b64"], "b64": false }), "TOKEN_MALFORMED"),
            (json!({ "enc": "A256GCM" }), "TOKEN_MALFORMED"),
            (json!({ "zip": "DEF" }), "TOKEN_MALFORMED"),
            (json!({ "typ": "refresh+jwt" }), "TOKEN_TYPE"),
            (json!({ "typ": "Refresh" }), "TOKEN_TYPE"),
            (json!({ "typ": "logout+jwt" }), "TOKEN_TYPE"),
            (json!({ "typ": "dpop+jwt" }), "TOKEN_TYPE"),
            (json!({ "typ": "secevent+jwt" }), "TOKEN_TYPE"),
            (json!({ "typ": "JWE" }), "TOKEN_TYPE"),
            (json!({ "typ": "" }), "TOKEN_TYPE"),
            (json!({ "typ": 1 }), "TOKEN_MALFORMED"),
        ] {
            let mut header = json!({ "alg": "HS256", "kid": "demo" });
            for (name, value) in more.as_object().expect("an object") {
                header[name] = value.clone();
            }
            let token = signed(
                &header.to_string(),
                changed(&json!({})),
                &demo_key(),
                Algorithm::HS256,
            );
            self.add(format!("header {more}"), token, reason);
        }
        for header in [
            "\u{feff}{\"alg\":\"HS256\",\"kid\":\"demo\"}",
            r#"{"alg":"HS256","kid":"ed","kid":"demo"}"#,
            r#"{"alg":"none","alg":"HS256","kid":"demo"}"#,
            r#"["HS256","demo"]"#,
            "",
            "{}",
            r#"{"alg":"HS256","kid":"demo"}{}"#,
        ] {
            let token = signed(header, changed(&json!({})), &demo_key(), Algorithm::HS256);
            self.add(format!("header {header:?}"), token, "TOKEN_MALFORMED");
        }
        for kind in [
            json!({ "typ": "Refresh" }),
            json!({ "typ": "ID" }),
            json!({ "token_use": "id" }),
            json!({ "token_type": "refresh" }),
        ] {
            self.claims(kind, "TOKEN_TYPE");
        }
        self.claim("typ", json!(1));
    }

    fn of_odd_key_ids(&mut self) {
        for id in [
            json!(null),
            json!(""),
            json!("nobody"),
            json!("x"),
            json!("DEMO"),
            json!("demo "),
            json!("dem\u{43e}"),
            json!("demo\u{0}"),
            json!("ed/../demo"),
            json!("../../../../dev/null"),
            json!("/proc/self/environ"),
            json!("' OR '1'='1"),
            json!("demo'; DROP TABLE app_user; --"),
            json!("$(id)"),
            json!("http://127.0.0.1:1/keys#demo"),
            json!("k".repeat(3_000)),
        ] {
            let header = json!({ "alg": "HS256", "kid": id }).to_string();
            let token = signed(&header, changed(&json!({})), &demo_key(), Algorithm::HS256);
            self.add(format!("kid {id:.40}"), token, "TOKEN_KEY_UNKNOWN");
        }
        let retired = signed(
            r#"{"alg":"EdDSA","kid":"retired"}"#,
            claiming(payload("ed")).to_string(),
            &self.issuers.ed,
            Algorithm::EdDSA,
        );
        self.add("a retired key", retired, "TOKEN_KEY_UNKNOWN");
        let unnamed = signed(
            r#"{"alg":"HS256"}"#,
            changed(&json!({})),
            &demo_key(),
            Algorithm::HS256,
        );
        self.add("no kid", unnamed, "TOKEN_KEY_UNKNOWN");
        for id in [json!(0), json!(["demo"]), json!({ "demo": 1 })] {
            let header = json!({ "alg": "HS256", "kid": id }).to_string();
            let token = signed(&header, changed(&json!({})), &demo_key(), Algorithm::HS256);
            self.add(format!("kid {id}"), token, "TOKEN_MALFORMED");
        }
    }

    fn of_odd_json(&mut self) {
        let good = changed(&json!({}));
        let twice = |entry: &str| good.replacen('{', &format!("{{{entry},"), 1);
        for (attack, payload) in [
            ("BOM", format!("\u{feff}{good}")),
            ("NaN", twice("\"more\":NaN")),
            ("Infinity", twice("\"more\":Infinity")),
            ("a number beyond floats", twice("\"more\":1e999")),
            ("a comma at the end", good.replace('}', ",}")),
            ("a comment", good.replacen('{', "{/**/", 1)),
            ("single quotes", good.replace('"', "'")),
            ("a list", format!("[{good}]")),
            ("a text", json!(good).to_string()),
            ("null", "null".to_owned()),
            ("nothing", String::new()),
            ("something behind", format!("{good}{good}")),
            ("a NUL behind", format!("{good}\0")),
            (
                "deep nesting",
                twice(&format!(
                    "\"more\":{}{}",
                    "[".repeat(1_000),
                    "]".repeat(1_000)
                )),
            ),
            ("sub twice", twice("\"sub\":\"chief\"")),
            ("sub twice, once escaped", twice("\"\\u0073ub\":\"chief\"")),
            ("exp twice", twice("\"exp\":0")),
            ("roles twice", twice("\"roles\":[\"READER\"]")),
            ("department twice", twice("\"department\":\"POVERTY\"")),
            ("half a surrogate", good.replace(CANARY, "\\ud800")),
        ] {
            self.add(
                format!("claims: {attack}"),
                demo(payload),
                "TOKEN_MALFORMED",
            );
        }
        let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.add("claims: UTF-16", demo(utf16), "TOKEN_MALFORMED");
        self.add(
            "claims: no UTF-8",
            demo(
                good.replace(CANARY, "?")
                    .into_bytes()
                    .iter()
                    .map(|byte| if *byte == b'?' { 0xff } else { *byte })
                    .collect::<Vec<u8>>(),
            ),
            "TOKEN_MALFORMED",
        );
    }

    fn of_odd_times(&mut self) {
        let far = now() + 600;
        for claim in ["exp", "nbf", "iat"] {
            let odd = [
                json!(far.to_string()),
                json!(far as f64 + 0.5),
                json!(far as f64),
                json!([far]),
                json!({ "at": far }),
                json!(true),
                json!(""),
                json!(u64::MAX),
                json!(1e30),
            ];
            for value in odd {
                self.claim(claim, value);
            }
            let null = demo(
                changed(&json!({ claim: 0 }))
                    .replace(&format!("\"{claim}\":0"), &format!("\"{claim}\":null")),
            );
            self.add(format!("{claim} null"), null, "TOKEN_CLAIM");
            self.table.last_mut().expect("one").claim = Some(claim);
        }
        for (changes, reason) in [
            (json!({ "exp": now() - 31 }), "TOKEN_EXPIRED"),
            (json!({ "exp": 0 }), "TOKEN_EXPIRED"),
            (json!({ "exp": -1 }), "TOKEN_EXPIRED"),
            (json!({ "exp": i64::MIN }), "TOKEN_EXPIRED"),
            (json!({ "nbf": now() + 300 }), "TOKEN_NOT_YET_VALID"),
            (json!({ "nbf": i64::MAX }), "TOKEN_NOT_YET_VALID"),
            (json!({ "iat": now() + 300 }), "TOKEN_NOT_YET_VALID"),
            (json!({ "iat": i64::MAX }), "TOKEN_NOT_YET_VALID"),
            (json!({ "exp": i64::MAX }), "TOKEN_LIFE"),
            (json!({ "exp": now() + 400 * 24 * 3600 }), "TOKEN_LIFE"),
            (json!({ "iat": 0 }), "TOKEN_LIFE"),
            (json!({ "iat": i64::MIN }), "TOKEN_LIFE"),
            (
                json!({ "iat": now() + 20, "exp": now() + 10 }),
                "TOKEN_LIFE",
            ),
            (
                json!({ "nbf": now() + 20, "exp": now() + 10 }),
                "TOKEN_LIFE",
            ),
        ] {
            self.claims(changes, reason);
        }
        let mut long = claiming(payload("ed"));
        long["exp"] = json!(now() + 1_000);
        let token = signed(
            r#"{"alg":"EdDSA","kid":"ed"}"#,
            long.to_string(),
            &self.issuers.ed,
            Algorithm::EdDSA,
        );
        self.add("longer than a real issuer's may live", token, "TOKEN_LIFE");
    }

    fn of_odd_names(&mut self) {
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
            self.add(
                format!("no {claim}"),
                demo(changed(&json!({ claim: null }))),
                "TOKEN_CLAIM",
            );
            self.table.last_mut().expect("one").claim = Some(claim);
        }
        for issuer in [
            "somebody",
            "YIHU-DEMO",
            "yihu-demo/",
            "yihu-dem\u{43e}",
            "https://ed.example",
        ] {
            self.claims(json!({ "iss": issuer }), "TOKEN_ISSUER");
        }
        for value in [
            json!(["yihu-demo"]),
            json!({ "iss": "yihu-demo" }),
            json!(""),
            json!(1),
            json!(" yihu-demo"),
            json!("yihu-demo\0"),
        ] {
            self.claim("iss", value);
        }
        for audience in [
            json!("another"),
            json!("Yihu"),
            json!("yihu "),
            json!("yihu another"),
            json!([]),
            json!(["another"]),
            json!(""),
        ] {
            self.claims(json!({ "aud": audience }), "TOKEN_AUDIENCE");
        }
        for value in [
            json!(1),
            json!({ "aud": "yihu" }),
            json!([["yihu"]]),
            json!(["yihu", 1]),
            json!(true),
        ] {
            self.claim("aud", value);
        }
        for value in [
            json!(""),
            json!(7),
            json!(["a"]),
            json!({ "sub": "a" }),
            json!(false),
            json!(" a"),
            json!("a\0"),
            json!("a\n"),
            json!("\u{1b}[31ma"),
            json!("a\u{202e}b"),
            json!("a\u{200b}"),
            json!("a".repeat(201)),
        ] {
            self.claim("sub", value);
        }
        self.claim("azp", json!(1));
        self.claim("azp", json!("a\nb"));
    }

    fn of_raised_rights(&mut self) {
        for value in [
            json!("civil"),
            json!("KING"),
            json!(""),
            json!("СIVIL"),
            json!("ＣＩＶＩＬ"),
            json!("CIVIL "),
            json!(["CIVIL"]),
            json!(0),
            json!("CIVIL\0"),
            json!("*"),
        ] {
            self.claim("department", value);
        }
        for value in [
            json!("CLERK"),
            json!([]),
            json!(["CLERK", "KING"]),
            json!(["clerk"]),
            json!([["CLERK"]]),
            json!([1]),
            json!({ "CLERK": true }),
            json!(["CLERK READER"]),
            json!([""]),
            json!(["HELPER"]),
            json!(["HOUSEHOLD"]),
            json!(["AUDITOR"]),
            json!(["CLERK", "AUDITOR"]),
            json!(["CLЕRK"]),
            json!(vec!["CLERK"; 17]),
        ] {
            self.claim("roles", value);
        }
        for value in [
            json!("15092"),
            json!("15092x"),
            json!(150_921),
            json!(["150921"]),
            json!(""),
            json!("%"),
            json!("15%"),
            json!("１５０９２１"),
            json!("-15"),
            json!("150921 "),
            json!("000000000000"),
            json!("150921101201000"),
            json!("15' OR 1=1"),
        ] {
            self.claim("region", value);
        }
        for value in [
            json!(1),
            json!(["B-1"]),
            json!(""),
            json!(" "),
            json!("B\0"),
        ] {
            self.claim("org", value);
        }
        for (changes, claim) in [
            (json!({ "department": "SCHOOL" }), "org"),
            (json!({ "department": "BANK", "region": null }), "org"),
            (json!({ "department": "INSURER", "org": "" }), "org"),
            (json!({ "department": "STATS", "region": null }), "region"),
            (
                json!({ "department": "HOUSEHOLD", "region": null, "roles": ["HOUSEHOLD"] }),
                "region",
            ),
            (
                json!({ "department": "AUDIT", "roles": ["HELPER"] }),
                "roles",
            ),
            (
                json!({ "department": "HOUSEHOLD", "roles": ["HOUSEHOLD", "HELPER"] }),
                "roles",
            ),
            (json!({ "roles": ["SERVICE"] }), "purpose"),
            (json!({ "roles": ["SERVICE"], "purpose": "" }), "purpose"),
            (json!({ "roles": ["SERVICE"], "purpose": " " }), "purpose"),
            (
                json!({ "roles": ["SERVICE"], "purpose": ["CLAIMS"] }),
                "purpose",
            ),
        ] {
            self.claims(changes, "TOKEN_CLAIM");
            self.table.last_mut().expect("one").claim = Some(claim);
        }
    }

    /// Tokens that are genuine, of users who have less or nothing: [`listed`].
    fn of_the_user_table(&mut self) {
        for (changes, reason) in [
            (json!({ "sub": "canary-disabled" }), "USER_DISABLED"),
            (json!({ "sub": "canary-odd" }), "USER_DISABLED"),
            (
                json!({ "sub": "canary-reader", "roles": ["READER", "CLERK"] }),
                "USER_RIGHTS",
            ),
            (
                json!({ "sub": "canary-reader", "roles": ["READER"], "region": "1509" }),
                "USER_RIGHTS",
            ),
            (
                json!({ "sub": "canary-reader", "roles": ["READER"], "region": "150922" }),
                "USER_RIGHTS",
            ),
            (
                json!({ "sub": "canary-reader", "roles": ["READER"], "department": "POVERTY" }),
                "USER_RIGHTS",
            ),
            (
                json!({ "sub": "canary-bank", "department": "BANK", "org": "B-2", "region": null }),
                "USER_RIGHTS",
            ),
            (
                json!({ "sub": "canary-bank", "department": "SCHOOL", "org": "B-1", "region": null }),
                "USER_RIGHTS",
            ),
        ] {
            self.claims(changes, reason);
        }
    }
}

/// An Ed25519 signature whose S is greater by the group's order: the same point, for whoever doesn't look.
fn plus_order(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (mut sum, mut carry) = (signature.to_vec(), 0);
    for (byte, more) in sum[32..].iter_mut().zip(ORDER) {
        let value = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = ((value & 0xff) as u8, value >> 8);
    }
    sum
}

/// The last character of 64 bytes holds two bits; the other four are nothing's.
fn with_other_last_bits(token: &str) -> String {
    let last = match token.chars().last().expect("a character") {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        _ => 'x',
    };
    format!("{}{last}", &token[..token.len() - 1])
}

async fn list_users(db: &TestDatabase) {
    for row in [
        "('yihu-demo|canary-disabled', 'CIVIL', 'CLERK', 150921000000, NULL, TRUE, 0)",
        "('yihu-demo|canary-odd', 'CIVIL', 'CLERK KING', 150921000000, NULL, FALSE, 0)",
        "('yihu-demo|canary-reader', 'CIVIL', 'READER', 150921000000, NULL, FALSE, 0)",
        "('yihu-demo|canary-bank', 'BANK', 'CLERK', NULL, 'B-1', FALSE, 0)",
    ] {
        let insert = "INSERT INTO app_user (id, department, roles, region_code, institution_code, disabled, updated_at_ms) VALUES";
        db.execute(&format!("{insert} {row}")).await;
    }
}

/// The server's configuration: three issuers, one of whose sets holds a key that is not to be used any more.
fn configure(folder: &std::path::Path, issuers: &Issuers) {
    issuers.write("ed", &["retired", "ed"], &issuers.ed, Algorithm::EdDSA);
    let mut text = String::new();
    for (id, algorithm) in [("ed", "EdDSA"), ("es", "ES256"), ("rs", "RS256")] {
        text += &format!(
            "[[tokens.issuers]]\nissuer = 'https://{id}.example'\nalgorithm = '{algorithm}'\nkey_ids = ['{id}']\nkeys_file = '{}'\n",
            issuers.path(id).display()
        );
    }
    std::fs::write(folder.join("yihu.toml"), text).expect("a file");
}

async fn ask(app: &App, authorization: &[&str]) -> Answer {
    let mut request = app.http("POST", "/graphql").header("content-type", JSON);
    request = request.header("accept-language", "en");
    for value in authorization {
        request = request.header("authorization", *value);
    }
    Answer::of(request.body(QUERY).send().await.expect("an answer")).await
}

impl Forgery {
    /// Refused with exactly this, and not a word more.
    async fn is_refused(&self, app: &App) {
        let answer = ask(app, &[&format!("Bearer {}", self.token)]).await;
        let mut errors = answer.json["errors"].clone();
        assert!(
            answer.status == 401 && errors[0]["extensions"]["requestId"].is_string(),
            "{}: {}",
            self.attack,
            answer.text
        );
        errors[0]["extensions"]
            .as_object_mut()
            .expect("an object")
            .remove("requestId");
        let mut extensions = json!({ "code": "UNAUTHENTICATED", "reason": self.reason });
        if let Some(claim) = self.claim {
            extensions["claim"] = json!(claim);
        }
        let expected = json!([{ "message": "The token is not accepted; sign in again.", "extensions": extensions }]);
        assert_eq!(errors, expected, "{}", self.attack);
        assert_eq!(
            answer
                .json
                .as_object()
                .expect("an object")
                .keys()
                .collect::<Vec<_>>(),
            ["errors", "extensions"]
        );
        let challenge = format!(
            "Bearer realm=\"yihu\", error=\"invalid_token\", error_description=\"{}\"",
            self.reason
        );
        assert_eq!(
            answer.headers["www-authenticate"], challenge,
            "{}",
            self.attack
        );
    }

    async fn opens_no_socket(&self, app: &App) {
        let authorization = format!("Bearer {}", self.token);
        let mut socket = Socket::silent(app).await;
        socket
            .send(
                json!({ "type": "connection_init", "payload": { "Authorization": authorization } }),
            )
            .await;
        let expected = (4403, format!("Forbidden: {}", self.reason));
        assert_eq!(socket.closed().await, expected, "{}", self.attack);
        if self.token.is_ascii() {
            let headers = [
                ("sec-websocket-protocol", "graphql-transport-ws"),
                ("authorization", authorization.as_str()),
            ];
            assert_eq!(
                Socket::open(app, &headers).await.err(),
                Some(401),
                "{}",
                self.attack
            );
        }
    }
}

/// The same builders without a forgery.
async fn genuine_ones_are_accepted(app: &App, forge: &Forge) {
    let demo_token = demo(changed(&json!({ "sub": "control" })));
    let mut tokens: Vec<_> = ["ed", "es", "rs"].map(|id| forge.genuine(id)).into();
    for header in [
        r#"{"alg":"HS256","kid":"demo","typ":"JWT"}"#,
        r#"{"kid":"demo","alg":"HS256","typ":"at+JWT","more":[1]}"#,
    ] {
        tokens.push(signed(
            header,
            changed(&json!({ "sub": "control" })),
            &demo_key(),
            Algorithm::HS256,
        ));
    }
    for changes in [
        json!({ "exp": now() - 20, "iat": now() - 100, "nbf": now() - 100 }),
        json!({ "iat": now() + 20 }),
        json!({ "aud": ["another", "yihu"] }),
        json!({ "typ": "Bearer" }),
        json!({ "department": "SCHOOL", "org": "S-1", "region": null }),
        json!({ "department": "AUDIT", "roles": ["AUDITOR"], "region": null }),
        json!({ "roles": ["SERVICE"], "purpose": "ROLL_EXCHANGE" }),
        json!({ "region": "15" }),
        json!({ "region": "150921101201" }),
        json!({ "sub": "canary-reader", "roles": ["READER"] }),
        json!({ "sub": "canary-bank", "department": "BANK", "org": "B-1", "region": null }),
    ] {
        tokens.push(demo(changed(&changes)));
    }
    for token in &tokens {
        let answer = ask(app, &[&format!("Bearer {token}")]).await;
        assert!(
            answer.status == 200 && answer.json["data"]["viewer"]["department"].is_string(),
            "{token} {}",
            answer.text
        );
    }
    for scheme in ["bearer", "BEARER"] {
        assert_eq!(
            ask(app, &[&format!("{scheme} {demo_token}")]).await.status,
            200
        );
    }
}

/// A genuine token that is not where a token stands.
async fn in_other_places(app: &App) {
    let token = demo(changed(&json!({ "sub": "canary-elsewhere" })));
    let bearer = format!("Bearer {token}");
    for (authorization, reason) in [
        (vec![bearer.as_str(), bearer.as_str()], "TOKEN_MALFORMED"),
        (vec!["Bearer x", bearer.as_str()], "TOKEN_MALFORMED"),
        (vec![token.as_str()], "TOKEN_MISSING"),
        (vec![&bearer.replace(' ', "\t")], "TOKEN_MISSING"),
        (vec![&bearer.replace("Bearer", "Basic")], "TOKEN_MISSING"),
        (vec!["Bearer"], "TOKEN_MISSING"),
        (vec![""], "TOKEN_MISSING"),
        (vec![], "TOKEN_MISSING"),
    ] {
        let answer = ask(app, &authorization).await;
        assert_eq!(
            (answer.status, answer.code(), answer.extension("reason")),
            (401, "UNAUTHENTICATED", &json!(reason)),
            "{authorization:?}"
        );
    }
    let post = |path: &str| app.http("POST", path).header("content-type", JSON);
    for request in [
        post(&format!("/graphql?access_token={token}")).body(QUERY),
        post("/graphql").header("cookie", format!("token={token}; Authorization={bearer}")).body(QUERY),
        post("/graphql").header("x-authorization", &bearer).header("proxy-authorization", &bearer).body(QUERY),
        post("/graphql").body(json!({ "query": "{viewer{department}}", "access_token": token, "extensions": { "Authorization": bearer } }).to_string()),
        app.http("GET", &format!("/graphql?query=%7B__typename%7D&access_token={token}")),
    ] {
        let answer = Answer::of(request.send().await.expect("an answer")).await;
        assert_eq!((answer.status, answer.extension("reason")), (401, &json!("TOKEN_MISSING")), "{}", answer.text);
    }
    // A megabyte is refused below GraphQL, and nobody waits for it.
    let huge = app
        .http("POST", "/graphql")
        .bearer_auth("a".repeat(1 << 20))
        .body(QUERY)
        .send()
        .await;
    let refused = match &huge {
        Ok(answer) => answer.status().is_client_error(),
        Err(error) => !error.is_timeout(),
    };
    assert!(refused, "{huge:?}");
}

#[test]
fn no_forged_token_is_accepted() {
    run(Engine::Sqlite, Seed::Demo, async |db| {
        let folder = tempfile::tempdir().expect("a folder");
        let issuers = Issuers::new();
        configure(folder.path(), &issuers);
        list_users(&db).await;
        let program = Program::on(&db, folder.path(), &["--config", "yihu.toml"], &[]);
        let app = program.app();
        let forge = Forge::of(issuers);
        assert!(forge.table.len() >= 300, "{}", forge.table.len());
        for forgery in &forge.table {
            forgery.is_refused(&app).await;
            forgery.opens_no_socket(&app).await;
        }
        genuine_ones_are_accepted(&app, &forge).await;
        // Last: it ends with a connection that is reset, which a client must not use again.
        in_other_places(&app).await;
        let printed = program.stop();
        for forgery in &forge.table {
            for part in forgery.token.split('.').filter(|part| part.len() > 30) {
                assert!(!printed.contains(part), "{}", forgery.attack);
            }
        }
        assert!(!printed.contains("canary-"));
        // The control: what is printed of a request would be seen.
        assert!(printed.contains("UNAUTHENTICATED"), "{printed}");
    });
}
