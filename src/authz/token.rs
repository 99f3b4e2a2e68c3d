//! Tokens: who a bearer is, from keys that only local configuration names.
//!
//! Nothing in the header of a token is trusted. Its key id picks a key that we already hold, and the algorithm belongs
//! to that key: a header that says another one is refused, `jku`, `jwk` and `x5u` are never looked at. Claims are read
//! from the JSON itself, because a library that coerces `"exp": "99"` accepts what the issuer never wrote.

use super::{Purpose, Roles, Viewer, keys::KeySet};
use crate::{
    options::{BadOption, section},
    text::is_plain,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{
    codes::{CodeList, Department, Role},
    region_code::RegionCode,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value, json};
use std::{fmt, path::PathBuf};

/// The key id, issuer and audience of the demonstration.
pub const DEMO_KEY_ID: &str = "demo";
pub const DEMO_ISSUER: &str = "yihu-demo";
pub const AUDIENCE: &str = "yihu";
/// Public on purpose: it opens demonstrations only, and production refuses it.
pub const DEMO_SECRET: &str = "yihu-demo-key-known-to-everybody-never-for-real-data";
/// Seconds a demonstration token lives at most.
const DEMO_LIFE_SECONDS: i64 = 366 * 24 * 3600;
/// Longer bearer values are not looked at.
const LONGEST_TOKEN: usize = 8 * 1024;
const SHORTEST_SECRET: usize = 32;
const WHOLE_COUNTRY: (i64, i64) = (0, 999_999_999_999);
/// Types of a header that an access token may say, in lower case (RFC 7519, RFC 9068).
const HEADER_TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];
/// Claims in which issuers say what kind of token it is, and the kinds that give access, in lower case.
const KIND_CLAIMS: [&str; 3] = ["typ", "token_type", "token_use"];
const ACCESS_KINDS: [&str; 4] = ["bearer", "access", "jwt", "at+jwt"];

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The exact `iss` claim.
    pub issuer: String,
    /// The exact `aud` claim of tokens for this server.
    #[serde(default = "audience")]
    pub audience: String,
    /// The algorithm of every key of this issuer: "EdDSA", "ES256" or "RS256".
    pub algorithm: KeyAlgorithm,
    /// A JWKS file.
    #[serde(default)]
    pub keys_file: Option<PathBuf>,
    /// The https address of a JWKS.
    #[serde(default)]
    pub keys_url: Option<String>,
    /// Only these key ids of the set; all where empty.
    #[serde(default)]
    pub key_ids: Vec<String>,
}

fn audience() -> String {
    AUDIENCE.to_owned()
}

/// An algorithm of an issuer's keys. HMAC is not among them: a shared secret can also sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum KeyAlgorithm {
    EdDSA,
    ES256,
    RS256,
}

impl KeyAlgorithm {
    pub(super) fn of_header(self) -> Algorithm {
        match self {
            KeyAlgorithm::EdDSA => Algorithm::EdDSA,
            KeyAlgorithm::ES256 => Algorithm::ES256,
            KeyAlgorithm::RS256 => Algorithm::RS256,
        }
    }
}

section! {
    /// Which tokens are accepted.
    TokenOptions {
        /// Issuers: {issuer, audience, algorithm, keys_file or keys_url, key_ids}. See docs/tokens.md.
        issuers: Vec<Issuer> = Vec::new();
        /// Seconds by which clocks may differ; at most 30.
        leeway_seconds: i64 = 30;
        /// Seconds from iat to exp a token may live; at most 900.
        life_seconds: i64 = 900;
        /// Seconds between two readings of a key set: a key that it holds no longer is out after them.
        refresh_seconds: u64 = 30;
        /// Seconds for which what the user table says is remembered, and between two looks of an open socket at its
        /// token; at most 30. A disabled user is out within twice this time.
        recall_seconds: u64 = 20;
    }
}

impl TokenOptions {
    pub(crate) fn check(&self, demo: bool) -> Result<(), BadOption> {
        let bad =
            |path: &str, problem: &str| Err(BadOption::of(&format!("tokens.{path}"), problem));
        if !(0..=30).contains(&self.leeway_seconds) {
            return bad("leeway_seconds", "0 to 30");
        }
        if !(1..=900).contains(&self.life_seconds) {
            return bad("life_seconds", "1 to 900");
        }
        if self.refresh_seconds < 10 {
            return bad("refresh_seconds", "at least 10");
        }
        if !(1..=30).contains(&self.recall_seconds) {
            return bad("recall_seconds", "1 to 30");
        }
        if self.issuers.is_empty() && !demo {
            return bad(
                "issuers",
                "no issuer, so nobody could sign in; name one, or start with --demo",
            );
        }
        for (at, issuer) in self.issuers.iter().enumerate() {
            let same = |other: &Issuer| other.issuer == issuer.issuer;
            if self.issuers[..at].iter().any(same) {
                return bad("issuers", "each issuer is named once, with all its keys");
            }
            if issuer.issuer == DEMO_ISSUER || issuer.key_ids.iter().any(|id| id == DEMO_KEY_ID) {
                return bad("issuers", "the name of the demonstration's issuer or key");
            }
            if issuer.keys_file.is_some() == issuer.keys_url.is_some() {
                return bad("issuers", "each issuer has either keys_file or keys_url");
            }
            let plain = issuer
                .keys_url
                .as_deref()
                .is_some_and(|url| !url.starts_with("https://") && !is_loopback(url));
            if plain {
                return bad(
                    "issuers.keys_url",
                    "https only: whoever answers this address decides who signs in",
                );
            }
        }
        Ok(())
    }
}

fn is_loopback(url: &str) -> bool {
    ["http://127.0.0.1:", "http://[::1]:"]
        .iter()
        .any(|start| url.starts_with(start))
}

/// Why a token is refused. The words are for the operator's log and the client's developer; no claim's value is in
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("no bearer token")]
    Missing,
    #[error("not a signed token")]
    Malformed,
    #[error("no such key")]
    UnknownKey,
    #[error("not the algorithm of this key")]
    Algorithm,
    #[error("not an access token")]
    Type,
    #[error("the signature does not fit")]
    Signature,
    #[error("the claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    #[error("expired")]
    Expired,
    #[error("not valid yet")]
    NotYetValid,
    #[error("lives longer than allowed")]
    Life,
    #[error("not the issuer of this key")]
    Issuer,
    #[error("for another audience")]
    Audience,
    #[error("the user is disabled")]
    UserDisabled,
    #[error("claims more than the user has")]
    UserRights,
    #[error("the user table cannot be read")]
    DirectoryDown,
}

impl TokenError {
    /// The stable reason code.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            TokenError::Missing => "TOKEN_MISSING",
            TokenError::Malformed => "TOKEN_MALFORMED",
            TokenError::UnknownKey => "TOKEN_KEY_UNKNOWN",
            TokenError::Algorithm => "TOKEN_ALGORITHM",
            TokenError::Type => "TOKEN_TYPE",
            TokenError::Signature => "TOKEN_SIGNATURE",
            TokenError::Claim(_) => "TOKEN_CLAIM",
            TokenError::Expired => "TOKEN_EXPIRED",
            TokenError::NotYetValid => "TOKEN_NOT_YET_VALID",
            TokenError::Life => "TOKEN_LIFE",
            TokenError::Issuer => "TOKEN_ISSUER",
            TokenError::Audience => "TOKEN_AUDIENCE",
            TokenError::UserDisabled => "USER_DISABLED",
            TokenError::UserRights => "USER_RIGHTS",
            TokenError::DirectoryDown => "DIRECTORY_DOWN",
        }
    }

    /// The claim that is wrong, where it is one.
    #[must_use]
    pub fn claim(self) -> Option<&'static str> {
        match self {
            TokenError::Claim(claim) => Some(claim),
            _ => None,
        }
    }
}

/// A key that verifies tokens.
#[derive(Clone)]
pub struct VerifyingKey {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
    pub(super) issuer: String,
    pub(super) audience: String,
    /// Seconds a token of this key may live.
    pub(super) life_seconds: i64,
}

impl VerifyingKey {
    /// The key of the demonstration.
    #[must_use]
    pub fn demo() -> Self {
        VerifyingKey {
            algorithm: Algorithm::HS256,
            key: DecodingKey::from_secret(DEMO_SECRET.as_bytes()),
            issuer: DEMO_ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            life_seconds: DEMO_LIFE_SECONDS,
        }
    }
}

const _: () = assert!(DEMO_SECRET.len() >= SHORTEST_SECRET);

/// Verifies a bearer token at a time (Unix seconds).
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(
    token: &str,
    keys: &KeySet,
    leeway_seconds: i64,
    now: i64,
) -> Result<Viewer, TokenError> {
    verify_until(token, keys, leeway_seconds, now).map(|(viewer, _)| viewer)
}

/// As [`verify`]; says too when the token expires (Unix seconds), for what outlasts a request.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify_until(
    token: &str,
    keys: &KeySet,
    leeway_seconds: i64,
    now: i64,
) -> Result<(Viewer, i64), TokenError> {
    if token.len() > LONGEST_TOKEN {
        return Err(TokenError::Malformed);
    }
    if let Some(verified) = keys.recall(token) {
        verified.times.check(leeway_seconds, now)?;
        return Ok((verified.viewer.clone(), verified.times.expires));
    }
    verify_anew(token, keys, leeway_seconds, now)
}

/// What a token said whose signature and claims have passed. What the clock decides is not part of it.
pub(super) struct Verified {
    viewer: Viewer,
    times: Times,
}

fn verify_anew(
    token: &str,
    keys: &KeySet,
    leeway_seconds: i64,
    now: i64,
) -> Result<(Viewer, i64), TokenError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| header_error(token))?;
    if header.crit.is_some() || header.enc.is_some() || header.zip.is_some() {
        return Err(TokenError::Malformed);
    }
    let key_id = header.kid.as_deref().ok_or(TokenError::UnknownKey)?;
    let key = keys.find(key_id).ok_or(TokenError::UnknownKey)?;
    if header.alg != key.algorithm {
        return Err(TokenError::Algorithm);
    }
    let typed = header.typ.as_deref().is_none_or(is_header_type);
    if !typed {
        return Err(TokenError::Type);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    // Only the signature is the library's: it would coerce claims before we see them.
    let genuine =
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.key, key.algorithm);
    if !genuine.unwrap_or(false) {
        return Err(TokenError::Signature);
    }
    let payload = message
        .split_once('.')
        .map(|(_, payload)| URL_SAFE_NO_PAD.decode(payload));
    let Some(Ok(payload)) = payload else {
        return Err(TokenError::Malformed);
    };
    let payload: Distinct = serde_json::from_slice(&payload).map_err(|_| TokenError::Malformed)?;
    let claims = Claims(&payload.0);
    claims.check_kind()?;
    claims.check_parties(&key)?;
    let times = claims.times()?;
    times.check(leeway_seconds, now)?;
    times.check_life(key.life_seconds)?;
    let viewer = claims.viewer()?;
    let until = times.expires;
    keys.remember(
        token,
        (key_id, &key),
        Verified {
            viewer: viewer.clone(),
            times,
        },
    );
    Ok((viewer, until))
}

/// When a token holds, Unix seconds.
struct Times {
    expires: i64,
    not_before: i64,
    issued: i64,
}

impl Times {
    fn check(&self, leeway: i64, now: i64) -> Result<(), TokenError> {
        if self.expires.saturating_add(leeway) <= now {
            return Err(TokenError::Expired);
        }
        let begins = self.not_before.max(self.issued);
        if begins.saturating_sub(leeway) > now {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }

    fn check_life(&self, longest: i64) -> Result<(), TokenError> {
        let life = self.expires.saturating_sub(self.issued);
        if !(1..=longest).contains(&life) || self.expires <= self.not_before {
            return Err(TokenError::Life);
        }
        Ok(())
    }
}

/// A header with an algorithm that the library does not know, such as `none`, is no header for it.
fn header_error(token: &str) -> TokenError {
    let header = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD
        .decode(header)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let alg = json
        .as_ref()
        .and_then(|json| json.get("alg"))
        .and_then(Value::as_str);
    match alg {
        Some(alg) if token.split('.').count() == 3 && alg.parse::<Algorithm>().is_err() => {
            TokenError::Algorithm
        }
        _ => TokenError::Malformed,
    }
}

fn is_header_type(typed: &str) -> bool {
    HEADER_TYPES.contains(&typed.to_ascii_lowercase().as_str())
}

/// An object in which no name stands twice: of two claims one reader takes the first, another the last.
struct Distinct(Map<String, Value>);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Distinct;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Distinct, A::Error> {
        let mut object = Map::new();
        while let Some((name, value)) = entries.next_entry()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Distinct(object))
    }
}

struct Claims<'a>(&'a Map<String, Value>);

impl<'a> Claims<'a> {
    fn time(&self, claim: &'static str) -> Result<i64, TokenError> {
        self.0
            .get(claim)
            .and_then(Value::as_i64)
            .ok_or(TokenError::Claim(claim))
    }

    fn word(&self, claim: &'static str) -> Result<&'a str, TokenError> {
        self.optional_word(claim)?.ok_or(TokenError::Claim(claim))
    }

    fn optional_word(&self, claim: &'static str) -> Result<Option<&'a str>, TokenError> {
        match self.0.get(claim) {
            None => Ok(None),
            Some(Value::String(word)) if is_word(word) => Ok(Some(word)),
            Some(_) => Err(TokenError::Claim(claim)),
        }
    }

    /// What refreshes, or only tells a client who has signed in, opens nothing.
    fn check_kind(&self) -> Result<(), TokenError> {
        for claim in KIND_CLAIMS {
            let kind = self.optional_word(claim)?;
            let gives = |kind: &str| ACCESS_KINDS.contains(&kind.to_ascii_lowercase().as_str());
            if !kind.is_none_or(gives) {
                return Err(TokenError::Type);
            }
        }
        Ok(())
    }

    /// The issuer is the key's, and the token is for us.
    fn check_parties(&self, key: &VerifyingKey) -> Result<(), TokenError> {
        if self.word("iss")? != key.issuer {
            return Err(TokenError::Issuer);
        }
        let for_us = match self.0.get("aud") {
            Some(Value::String(audience)) => *audience == key.audience,
            Some(Value::Array(audiences)) if audiences.iter().all(Value::is_string) => {
                audiences.iter().any(|audience| *audience == key.audience)
            }
            _ => return Err(TokenError::Claim("aud")),
        };
        if !for_us {
            return Err(TokenError::Audience);
        }
        Ok(())
    }

    fn times(&self) -> Result<Times, TokenError> {
        Ok(Times {
            expires: self.time("exp")?,
            not_before: self.time("nbf")?,
            issued: self.time("iat")?,
        })
    }

    fn viewer(&self) -> Result<Viewer, TokenError> {
        let issuer = self.word("iss")?;
        let subject = self.word("sub")?;
        let department =
            Department::of_word(self.word("department")?).ok_or(TokenError::Claim("department"))?;
        let roles = self.roles(department)?;
        let institution = self.optional_word("org")?.map(str::to_owned);
        let bound = matches!(
            department,
            Department::School | Department::Bank | Department::Insurer
        );
        if bound && institution.is_none() {
            return Err(TokenError::Claim("org"));
        }
        let region = match self.optional_word("region")? {
            Some(code) => RegionCode::parse(code)
                .map_err(|_| TokenError::Claim("region"))?
                .range(),
            None if bound || matches!(department, Department::Audit | Department::Public) => {
                WHOLE_COUNTRY
            }
            None => return Err(TokenError::Claim("region")),
        };
        let purpose = self
            .optional_word("purpose")?
            .map(|purpose| Purpose(purpose.to_owned()));
        if roles.has(Role::Service) && purpose.is_none() {
            return Err(TokenError::Claim("purpose"));
        }
        Ok(Viewer {
            user: format!("{issuer}|{subject}"),
            client: self.optional_word("azp")?.unwrap_or("unnamed").to_owned(),
            department,
            roles,
            region,
            institution,
            purpose,
        })
    }

    fn roles(&self, department: Department) -> Result<Roles, TokenError> {
        let refused = TokenError::Claim("roles");
        let Some(Value::Array(words)) = self.0.get("roles") else {
            return Err(refused);
        };
        if words.is_empty() || words.len() > 16 {
            return Err(refused);
        }
        let mut roles = Vec::with_capacity(words.len());
        for word in words {
            let role = word.as_str().and_then(Role::of_word).ok_or(refused)?;
            let home = match role {
                Role::Helper => Some(Department::Helper),
                Role::Household => Some(Department::Household),
                Role::Auditor => Some(Department::Audit),
                _ => None,
            };
            if home.is_some_and(|home| home != department) {
                return Err(refused);
            }
            roles.push(role);
        }
        Ok(Roles::of(&roles))
    }
}

/// A claim that is a word: short, and the same to whoever reads it in a log.
fn is_word(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.trim() == text && is_plain(text)
}

/// What a demonstration token says.
#[derive(Clone, Debug)]
pub struct DemoClaims {
    pub department: String,
    pub roles: Vec<String>,
    pub region: Option<String>,
    pub org: Option<String>,
    pub purpose: Option<String>,
    pub subject: String,
    pub client: String,
    pub life_seconds: i64,
}

impl DemoClaims {
    /// The token, signed with the key of the demonstration.
    ///
    /// # Errors
    /// When the server would refuse it, with the claim that is wrong.
    pub fn sign(&self, now: i64) -> Result<String, TokenError> {
        let mut claims = json!({
            "iss": DEMO_ISSUER, "aud": AUDIENCE, "sub": self.subject, "azp": self.client,
            "iat": now, "nbf": now, "exp": now.saturating_add(self.life_seconds),
            "department": self.department, "roles": self.roles,
        });
        for (claim, value) in [
            ("region", &self.region),
            ("org", &self.org),
            ("purpose", &self.purpose),
        ] {
            if let Some(value) = value {
                claims[claim] = json!(value);
            }
        }
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(DEMO_KEY_ID.to_owned());
        let key = EncodingKey::from_secret(DEMO_SECRET.as_bytes());
        let token =
            jsonwebtoken::encode(&header, &claims, &key).map_err(|_| TokenError::Malformed)?;
        verify(&token, &KeySet::demo(), 0, now)?;
        Ok(token)
    }
}
