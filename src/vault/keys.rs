//! The keys, as the configuration gives them.

use std::{collections::BTreeMap, fmt, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::Secret;

/// 32 bytes, wiped when they go.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Key(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        Some(Key::new(bytes.as_slice().try_into().ok()?))
    }

    fn is_flat(&self) -> bool {
        self.bytes().iter().all(|byte| *byte == self.bytes()[0])
    }
}

/// The encryption keys by their version, and the key of the blind indexes.
///
/// A new version is added and becomes the newest; older ones stay until nothing is sealed with them. The index key never
/// changes without computing all indexes anew.
#[derive(Clone)]
pub struct KeyRing {
    encryption: BTreeMap<u16, Key>,
    newest: u16,
    index: Key,
    demo: bool,
}

/// Why the keys can't be used. Never repeats one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A setting is absent.
    #[error("{0} is not set (nor {0}_FILE)")]
    Missing(&'static str),
    /// A file can't be read.
    #[error("the file named by {0}_FILE can't be read")]
    File(&'static str),
    /// Both the setting and its file are given.
    #[error("both {0} and {0}_FILE are set: which one holds?")]
    Both(&'static str),
    /// An entry is not `version:key`.
    #[error("{0} must hold entries of the form version:key, apart by commas or lines")]
    Form(&'static str),
    /// A key is not 32 bytes in base64.
    #[error("{0} holds a key that is not 32 bytes in base64")]
    Length(&'static str),
    /// A version is there twice.
    #[error("the encryption key of version {0} is there twice")]
    Twice(u16),
    /// A key serves two purposes, or all its bytes are the same.
    #[error("each key must be random and serve one purpose")]
    Weak,
}

/// The setting that holds the encryption keys; with `_FILE` behind it, the path of a file that does.
pub const ENCRYPTION_KEYS: &str = "YIHU_ENCRYPTION_KEYS";

/// The setting that holds the index key; with `_FILE` behind it, the path of a file that does.
pub const INDEX_KEY: &str = "YIHU_INDEX_KEY";

impl KeyRing {
    /// Reads the keys from settings, `look_up` being the environment or a test's stand-in:
    /// `YIHU_ENCRYPTION_KEYS=1:base64,2:base64` and `YIHU_INDEX_KEY=base64`, or the files that the same names with
    /// `_FILE` point to.
    pub fn read(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, KeyError> {
        let entries = setting(&look_up, ENCRYPTION_KEYS)?;
        let index = setting(&look_up, INDEX_KEY)?;
        let index = Key::parse(&index).ok_or(KeyError::Length(INDEX_KEY))?;
        let mut encryption = BTreeMap::new();
        for entry in entries
            .split([',', '\n'])
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            let (version, key) = entry
                .split_once(':')
                .ok_or(KeyError::Form(ENCRYPTION_KEYS))?;
            let version = version
                .trim()
                .parse()
                .map_err(|_| KeyError::Form(ENCRYPTION_KEYS))?;
            let key = Key::parse(key).ok_or(KeyError::Length(ENCRYPTION_KEYS))?;
            if encryption.insert(version, key).is_some() {
                return Err(KeyError::Twice(version));
            }
        }
        let newest = *encryption
            .last_key_value()
            .ok_or(KeyError::Form(ENCRYPTION_KEYS))?
            .0;
        let ring = KeyRing {
            encryption,
            newest,
            index,
            demo: false,
        };
        ring.check()?;
        Ok(ring)
    }

    /// Keys that everybody knows, for the demonstration and for tests only.
    pub fn demo() -> Self {
        let key = |text: &[u8; 32]| Key::new(*text);
        KeyRing {
            encryption: BTreeMap::from([(1, key(b"yihu demonstration, encryption 1"))]),
            newest: 1,
            index: key(b"yihu demonstration, blind index "),
            demo: true,
        }
    }

    /// Whether these are the keys that everybody knows; a server outside of the demonstration refuses them.
    pub fn is_demo(&self) -> bool {
        let known = KeyRing::demo();
        self.demo
            || self
                .encryption
                .values()
                .chain([&self.index])
                .any(|key| known.all().any(|demo| demo == key))
    }

    /// The versions of the encryption keys; the last one encrypts.
    pub fn versions(&self) -> impl Iterator<Item = u16> {
        self.encryption.keys().copied()
    }

    pub(super) fn newest(&self) -> u16 {
        self.newest
    }

    pub(super) fn encryption(&self) -> &BTreeMap<u16, Key> {
        &self.encryption
    }

    pub(super) fn index(&self) -> &Key {
        &self.index
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        self.encryption.values().chain([&self.index])
    }

    fn check(&self) -> Result<(), KeyError> {
        let keys: Vec<&Key> = self.all().collect();
        let shared = keys
            .iter()
            .enumerate()
            .any(|(i, key)| keys[..i].contains(key));
        match shared || keys.iter().any(|key| key.is_flat()) {
            true => Err(KeyError::Weak),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("versions", &self.encryption.keys())
            .finish_non_exhaustive()
    }
}

/// One key of 32 bytes from a setting, for what else is kept with keys: `NAME=base64`, or the file that `NAME_FILE` points
/// to.
pub fn read_key(
    look_up: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let key = Key::parse(&setting(look_up, name)?).ok_or(KeyError::Length(name))?;
    match key.is_flat() {
        true => Err(KeyError::Weak),
        false => Ok(key.0),
    }
}

fn setting(
    look_up: impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Secret, KeyError> {
    let path = match (look_up(name), look_up(&format!("{name}_FILE"))) {
        (Some(_), Some(_)) => return Err(KeyError::Both(name)),
        (Some(text), None) => return Ok(Zeroizing::new(text)),
        (None, Some(path)) => path,
        (None, None) => return Err(KeyError::Missing(name)),
    };
    fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::File(name))
}
