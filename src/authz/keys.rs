//! The keys that verify tokens: read from files and addresses that local configuration names, kept when they vanish.

use super::token::{DEMO_KEY_ID, Issuer, KeyAlgorithm, TokenOptions, Verified, VerifyingKey};
use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Notify;

/// Bytes a key set may have.
const LARGEST_SET: usize = 256 * 1024;
/// Keys of one set that are looked at.
const MOST_KEYS: usize = 100;
/// Seconds in which an address must answer.
const FETCH_SECONDS: u64 = 5;
/// Seconds between two readings that unknown key ids ask for.
const EARLY_REFRESH_SECONDS: u64 = 30;
/// Base64 characters of the modulus of an RSA key with 2048 bits.
const SHORTEST_MODULUS: usize = 342;

/// Tokens remembered at once; some megabytes.
const MOST_TOKENS: usize = 10_000;

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the key set of issuer {issuer} cannot be read: {problem}")]
    Unreadable { issuer: String, problem: String },
    #[error("the key set of issuer {issuer} holds no key for {algorithm:?}")]
    NoKey {
        issuer: String,
        algorithm: KeyAlgorithm,
    },
}

/// All keys that are accepted now, by key id.
#[derive(Default)]
pub struct KeySet {
    keys: RwLock<HashMap<String, Arc<VerifyingKey>>>,
    /// Tokens that these keys have verified, by their hash: a signature costs more than many a request. All are
    /// forgotten when a key set is read again.
    verified: Mutex<HashMap<TokenHash, Arc<Verified>>>,
    unknown_id: Notify,
}

type TokenHash = [u8; 32];

fn hash_of(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

impl KeySet {
    /// The one key of the demonstration.
    #[must_use]
    pub fn demo() -> Self {
        let demo = Arc::new(VerifyingKey::demo());
        KeySet {
            keys: RwLock::new(HashMap::from([(DEMO_KEY_ID.to_owned(), demo)])),
            ..KeySet::default()
        }
    }

    /// Reads the keys of every issuer, and the demonstration's where this is one.
    ///
    /// # Errors
    /// When a file cannot be used. An address that does not answer is only logged: it is asked again, and until then
    /// readiness says that there are no keys.
    pub async fn fetch(options: &TokenOptions, demo: bool) -> Result<Arc<Self>, KeyError> {
        let set = if demo {
            KeySet::demo()
        } else {
            KeySet::default()
        };
        for issuer in &options.issuers {
            match read_set(issuer).await {
                Ok(text) => set.replace(issuer, options, &text)?,
                Err(error) if issuer.keys_url.is_some() => tracing::warn!(%error, "key set"),
                Err(error) => return Err(error),
            }
        }
        Ok(Arc::new(set))
    }

    /// What is wrong with the sets, one for each issuer: an address that does not answer is a problem here.
    pub async fn problems(options: &TokenOptions) -> Vec<KeyError> {
        let set = KeySet::default();
        let mut problems = Vec::new();
        for issuer in &options.issuers {
            let read = read_set(issuer)
                .await
                .and_then(|text| set.replace(issuer, options, &text));
            problems.extend(read.err());
        }
        problems
    }

    /// The key of an id. An unknown id asks for an early reading of the addresses.
    pub(super) fn find(&self, id: &str) -> Option<Arc<VerifyingKey>> {
        let key = self
            .keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned();
        if key.is_none() {
            self.unknown_id.notify_one();
        }
        key
    }

    /// What a token said when the keys of now verified it.
    pub(super) fn recall(&self, token: &str) -> Option<Arc<Verified>> {
        self.verified().get(&hash_of(token)).cloned()
    }

    /// Remembers what a token said, unless the key that verified it has been read again meanwhile.
    pub(super) fn remember(
        &self,
        token: &str,
        (id, key): (&str, &Arc<VerifyingKey>),
        said: Verified,
    ) {
        // Held to the end, so that no key is replaced between the look at it and the note.
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        if !keys.get(id).is_some_and(|now| Arc::ptr_eq(now, key)) {
            return;
        }
        let mut verified = self.verified();
        if verified.len() >= MOST_TOKENS {
            verified.clear();
        }
        verified.insert(hash_of(token), Arc::new(said));
    }

    fn verified(&self) -> MutexGuard<'_, HashMap<TokenHash, Arc<Verified>>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody could sign in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Reads files and addresses again and again, for as long as the set is used. What cannot be read keeps its keys.
    pub async fn keep_fresh(self: Arc<Self>, options: TokenOptions) {
        if options.issuers.is_empty() {
            return;
        }
        loop {
            tokio::time::sleep(Duration::from_secs(
                EARLY_REFRESH_SECONDS.min(options.refresh_seconds),
            ))
            .await;
            let rest = options
                .refresh_seconds
                .saturating_sub(EARLY_REFRESH_SECONDS);
            let _ =
                tokio::time::timeout(Duration::from_secs(rest), self.unknown_id.notified()).await;
            for issuer in &options.issuers {
                let read = read_set(issuer)
                    .await
                    .and_then(|text| self.replace(issuer, &options, &text));
                if let Err(error) = read {
                    tracing::warn!(%error, "key set");
                }
            }
        }
    }

    /// Replaces the keys of one issuer. A set without keys retires them all; what is no set leaves them.
    fn replace(&self, issuer: &Issuer, options: &TokenOptions, text: &str) -> Result<(), KeyError> {
        let fresh = keys_of(issuer, options, text)?;
        let none = fresh.is_empty();
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        self.verified().clear();
        keys.retain(|_, key| key.issuer != issuer.issuer);
        for (id, key) in fresh {
            // A key id belongs to the issuer that is named first: no issuer can take another's place.
            keys.entry(id).or_insert_with(|| Arc::new(key));
        }
        if none {
            return Err(KeyError::NoKey {
                issuer: issuer.issuer.clone(),
                algorithm: issuer.algorithm,
            });
        }
        Ok(())
    }
}

/// The usable keys of a set: signing keys of the issuer's one algorithm.
fn keys_of(
    issuer: &Issuer,
    options: &TokenOptions,
    text: &str,
) -> Result<HashMap<String, VerifyingKey>, KeyError> {
    let unreadable = |problem: &str| KeyError::Unreadable {
        issuer: issuer.issuer.clone(),
        problem: problem.to_owned(),
    };
    let set: Value = serde_json::from_str(text).map_err(|_| unreadable("not JSON"))?;
    let list = set
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| unreadable("no member \"keys\""))?;
    let mut keys = HashMap::new();
    for jwk in list.iter().take(MOST_KEYS) {
        // A key of a kind we do not know must not make the others unusable.
        let Ok(jwk) = serde_json::from_value::<Jwk>(jwk.clone()) else {
            continue;
        };
        let Some(id) = jwk.common.key_id.clone().filter(|id| id != DEMO_KEY_ID) else {
            continue;
        };
        let listed = issuer.key_ids.is_empty() || issuer.key_ids.contains(&id);
        if !listed || !fits(&jwk, issuer.algorithm) {
            continue;
        }
        let Ok(key) = DecodingKey::from_jwk(&jwk) else {
            continue;
        };
        keys.insert(
            id,
            VerifyingKey {
                algorithm: issuer.algorithm.of_header(),
                key,
                issuer: issuer.issuer.clone(),
                audience: issuer.audience.clone(),
                life_seconds: options.life_seconds,
            },
        );
    }
    Ok(keys)
}

fn fits(jwk: &Jwk, algorithm: KeyAlgorithm) -> bool {
    if jwk
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|of| *of != PublicKeyUse::Signature)
    {
        return false;
    }
    let said = jwk.common.key_algorithm.map(|of| of.to_string());
    if said.is_some_and(|said| said != format!("{algorithm:?}")) {
        return false;
    }
    match (&jwk.algorithm, algorithm) {
        (AlgorithmParameters::OctetKeyPair(key), KeyAlgorithm::EdDSA) => {
            key.curve == EllipticCurve::Ed25519
        }
        (AlgorithmParameters::EllipticCurve(key), KeyAlgorithm::ES256) => {
            key.curve == EllipticCurve::P256
        }
        (AlgorithmParameters::RSA(key), KeyAlgorithm::RS256) => key.n.len() >= SHORTEST_MODULUS,
        _ => false,
    }
}

async fn read_set(issuer: &Issuer) -> Result<String, KeyError> {
    let unreadable = |problem: String| KeyError::Unreadable {
        issuer: issuer.issuer.clone(),
        problem,
    };
    if let Some(path) = &issuer.keys_file {
        let length = std::fs::metadata(path)
            .map_err(|error| unreadable(error.kind().to_string()))?
            .len();
        if length > LARGEST_SET as u64 {
            return Err(unreadable("too large".to_owned()));
        }
        return std::fs::read_to_string(path).map_err(|error| unreadable(error.kind().to_string()));
    }
    let url = issuer.keys_url.as_deref().unwrap_or_default();
    fetch_set(url).await.map_err(unreadable)
}

async fn fetch_set(url: &str) -> Result<String, String> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(FETCH_SECONDS))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|_| "no client".to_owned())?;
    let mut response = client
        .get(url)
        .send()
        .await
        .map_err(|error| kind_of(&error))?;
    if !response.status().is_success() {
        return Err(format!("status {}", response.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| kind_of(&error))? {
        if body.len() + chunk.len() > LARGEST_SET {
            return Err("too large".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body).map_err(|_| "not UTF-8".to_owned())
}

/// The kind of a failure, without the address: it may hold a password.
fn kind_of(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else {
        "broken answer"
    };
    kind.to_owned()
}
