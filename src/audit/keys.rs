//! The key that signs seals, and the public keys that seals are checked with.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::tree::Hasher;
use crate::vault::{KeyError, read_key};

/// The setting that holds the key; with `_FILE` behind it, the path of a file that does.
pub const SEAL_KEY: &str = "YIHU_SEAL_KEY";

/// Bytes of the public key's hash that name it.
const ID_BYTES: usize = 8;

/// Signs seals (Ed25519). Wiped when it goes.
pub struct SealKey(SigningKey);

impl SealKey {
    /// Reads the key from settings, `look_up` being the environment or a test's stand-in.
    ///
    /// # Errors
    /// It is absent, or not 32 bytes in base64.
    pub fn read(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, KeyError> {
        let key = read_key(look_up, SEAL_KEY)?;
        Ok(SealKey(SigningKey::from_bytes(&key)))
    }

    /// A key that everybody knows, for the demonstration and for tests only.
    #[must_use]
    pub fn demo() -> Self {
        SealKey(SigningKey::from_bytes(b"yihu demonstration, audit seals "))
    }

    /// Whether this is the key that everybody knows; a server outside of the demonstration refuses it.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.0 == SealKey::demo().0
    }

    /// What seals are checked with, for whoever checks them.
    #[must_use]
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.0.verifying_key().as_bytes())
    }

    /// What seals call this key.
    #[must_use]
    pub fn id(&self) -> String {
        id(&self.0.verifying_key())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// A text is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key is the 32 bytes of an Ed25519 key in base64")]
pub struct BadPublicKey;

/// The keys whose seals are believed.
#[derive(Clone, Debug, Default)]
pub struct PublicKeys(BTreeMap<String, VerifyingKey>);

impl PublicKeys {
    /// Reads the keys as [`SealKey::public_key`] writes them.
    ///
    /// # Errors
    /// One of them is no key.
    pub fn read<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<Self, BadPublicKey> {
        let mut keys = PublicKeys::default();
        for text in texts {
            let bytes = STANDARD.decode(text.trim()).map_err(|_| BadPublicKey)?;
            let bytes = bytes.as_slice().try_into().map_err(|_| BadPublicKey)?;
            let key = VerifyingKey::from_bytes(bytes).map_err(|_| BadPublicKey)?;
            keys.0.insert(id(&key), key);
        }
        Ok(keys)
    }

    /// Believes the seals of this key too.
    pub fn insert(&mut self, key: &SealKey) {
        self.0.insert(key.id(), key.0.verifying_key());
    }

    /// Whether no seal would be believed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key of this id signed the bytes; none where it is not among them.
    pub(super) fn verify(&self, id: &str, bytes: &[u8], signature: &[u8; 64]) -> Option<bool> {
        let key = self.0.get(id)?;
        let signature = Signature::from_bytes(signature);
        Some(key.verify_strict(bytes, &signature).is_ok())
    }
}

fn id(key: &VerifyingKey) -> String {
    let hash = Hasher::Sha256.hash(&[key.as_bytes()]);
    hex::encode(&hash[..ID_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 1: its secret key in base64.
    const KEY: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

    fn key(text: &str) -> Result<SealKey, KeyError> {
        SealKey::read(|name| (name == SEAL_KEY).then(|| text.to_owned()))
    }

    #[test]
    fn a_known_key_signs_as_known() {
        let key = key(KEY).unwrap();
        assert_eq!(
            key.public_key(),
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        );
        let signature = key.sign(b"");
        assert_eq!(signature[..4], [0xe5, 0x56, 0x43, 0x00]);
        let keys = PublicKeys::read(&[key.public_key()]).unwrap();
        assert_eq!(keys.verify(&key.id(), b"", &signature), Some(true));
        assert_eq!(keys.verify(&key.id(), b"a", &signature), Some(false));
        assert_eq!(keys.verify("other", b"", &signature), None);
        assert!(!key.is_demo());
        assert!(!format!("{key:?}").contains("9d61"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(key("short").unwrap_err(), KeyError::Length(SEAL_KEY));
        let flat = STANDARD.encode([7; 32]);
        assert_eq!(key(&flat).unwrap_err(), KeyError::Weak);
        assert_eq!(
            SealKey::read(|_| None).unwrap_err(),
            KeyError::Missing(SEAL_KEY)
        );
        assert!(
            key(&STANDARD.encode(b"yihu demonstration, audit seals "))
                .unwrap()
                .is_demo()
        );
        assert!(PublicKeys::read(&["no key".to_owned()]).is_err());
    }
}
