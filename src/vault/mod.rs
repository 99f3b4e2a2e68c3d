//! How sensitive values are kept: encrypted, found by a blind index, shown by a mask.
//!
//! A citizen number, disability certificate, bank card, phone or diagnosis is stored three times over: as a ciphertext
//! that is bound to its table, column and row, so that it can't be carried to another person; as a blind index (a keyed
//! hash of the one way to write it), which serves look-ups, joins and uniqueness; and as a mask, so that a list never
//! decrypts anything.
//!
//! A ciphertext is one byte for the suite, two for the key version, twelve of nonce, then the text and its tag of
//! sixteen. New keys and the other suite may come at any time: every value says what it was sealed with. The suite of
//! the blind indexes is fixed for a database, since a look-up can't try two.
//!
//! Invariant: the text of a sensitive value leaves only through a method named `reveal`.

mod keys;
mod kind;
mod mask;
mod suite;

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use zeroize::Zeroizing;

pub use keys::{ENCRYPTION_KEYS, INDEX_KEY, KeyError, KeyRing, read_key};
pub use kind::{Diagnosis, Kind, PhoneNumber, Sensitive, SensitiveText, UnreadableValue};
pub use mask::{mask_address, mask_name};
pub use suite::{Chinese, International, Suite, SuiteName};

use keys::Key;

const VERSION_END: usize = 3;
const NONCE_LENGTH: usize = 12;
const HEADER_LENGTH: usize = VERSION_END + NONCE_LENGTH;

/// Nothing sensitive is longer; a longer text is a mistake.
const LONGEST_TEXT: usize = 256;

/// Where a value is stored. A ciphertext opens only where it was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The key of the row.
    pub row: i64,
}

impl<'a> Place<'a> {
    /// A column of a row.
    pub const fn new(table: &'a str, column: &'a str, row: i64) -> Self {
        Place { table, column, row }
    }

    /// Unambiguous: two different places never give the same bytes.
    fn write(&self, out: &mut Vec<u8>) {
        for name in [self.table, self.column] {
            out.extend_from_slice(&(name.len() as u64).to_be_bytes());
            out.extend_from_slice(name.as_bytes());
        }
        out.extend_from_slice(&self.row.to_be_bytes());
    }
}

/// What is stored of a sensitive value.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The ciphertext with its header.
    pub cipher: Vec<u8>,
    /// The blind index.
    pub index: BlindIndex,
    /// What may be shown.
    pub mask: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("mask", &self.mask)
            .finish_non_exhaustive()
    }
}

/// A keyed hash of a value, the same for the same value of the same kind wherever it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct BlindIndex(pub [u8; 32]);

impl AsRef<[u8]> for BlindIndex {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Why a value could not be sealed or opened. Never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The bytes are no ciphertext of ours.
    #[error("the stored bytes are not a sealed value")]
    Unreadable,
    /// The key of this version is not in the key ring.
    #[error("the key of version {0} is not in the key ring")]
    UnknownKey(u16),
    /// The ciphertext was changed, or belongs to another row, column or table, or the key is another one.
    #[error("the sealed value is not the one that was stored here")]
    Tampered,
    /// Longer than any sensitive value is.
    #[error("the value is too long")]
    TooLong,
    /// The machine gave no random numbers.
    #[error("the machine gave no random numbers")]
    NoRandomness,
}

/// Seals and opens values with one key ring.
pub struct Vault {
    suite: SuiteName,
    newest: u16,
    international: Armed,
    chinese: Armed,
}

/// The keys of one suite, each derived for one purpose from the keys of the ring.
struct Armed {
    suite: &'static dyn Suite,
    encryption: BTreeMap<u16, Key>,
    /// In the order of [`Kind::ALL`].
    index: [Key; Kind::ALL.len()],
    digest: Key,
}

impl Armed {
    fn new(suite: &'static dyn Suite, ring: &KeyRing) -> Self {
        let derive =
            |key: &Key, purpose: &str| Key::new(suite.mac(key.bytes(), &[purpose.as_bytes()]));
        let encryption = ring
            .encryption()
            .iter()
            .map(|(version, key)| (*version, derive(key, "yihu encryption")));
        // One key for each kind: the same digits as a phone and as a card have nothing in common.
        let index =
            Kind::ALL.map(|kind| derive(ring.index(), &format!("yihu index {}", kind.as_str())));
        Armed {
            suite,
            encryption: encryption.collect(),
            index,
            digest: derive(ring.index(), "yihu digest"),
        }
    }
}

impl Vault {
    /// A vault that seals with `suite` and the newest key, and opens what either suite and any key of the ring sealed.
    pub fn new(suite: SuiteName, ring: &KeyRing) -> Self {
        Vault {
            suite,
            newest: ring.newest(),
            international: Armed::new(&International, ring),
            chinese: Armed::new(&Chinese, ring),
        }
    }

    /// The suite that new values are sealed with.
    pub fn suite(&self) -> SuiteName {
        self.suite
    }

    /// Seals a value for the place where it will be stored.
    pub fn seal(&self, place: Place<'_>, value: &impl Sensitive) -> Result<Sealed, VaultError> {
        Ok(Sealed {
            cipher: self.encrypt(place, value.reveal())?,
            index: self.index(value),
            mask: value.masked(),
        })
    }

    /// Opens what was sealed for this place.
    pub fn open(
        &self,
        kind: Kind,
        place: Place<'_>,
        cipher: &[u8],
    ) -> Result<SensitiveText, VaultError> {
        let (header, sealed) = cipher
            .split_at_checked(HEADER_LENGTH)
            .ok_or(VaultError::Unreadable)?;
        let &[suite, high, low, ref nonce @ ..] = header else {
            return Err(VaultError::Unreadable);
        };
        let nonce: &[u8; NONCE_LENGTH] = nonce.try_into().map_err(|_| VaultError::Unreadable)?;
        let armed = self.armed(SuiteName::from_byte(suite).ok_or(VaultError::Unreadable)?);
        let version = u16::from_be_bytes([high, low]);
        let key = armed
            .encryption
            .get(&version)
            .ok_or(VaultError::UnknownKey(version))?;
        let plain = armed.suite.decrypt(
            key.bytes(),
            nonce,
            &associated_data(suite, version, place),
            sealed,
        )?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Tampered)?;
        Ok(SensitiveText::new(kind, text))
    }

    /// The blind index of a value, for look-ups.
    pub fn index(&self, value: &impl Sensitive) -> BlindIndex {
        let armed = self.armed(self.suite);
        let key = &armed.index[value.kind() as usize];
        BlindIndex(armed.suite.mac(key.bytes(), &[value.reveal().as_bytes()]))
    }

    /// A keyed hash of any bytes, to know the same bytes again without keeping them.
    pub fn digest(&self, bytes: &[u8]) -> BlindIndex {
        let armed = self.armed(self.suite);
        BlindIndex(armed.suite.mac(armed.digest.bytes(), &[bytes]))
    }

    /// Whether a stored value was sealed with an older key or the other suite, and should be sealed anew.
    pub fn is_outdated(&self, cipher: &[u8]) -> bool {
        let [high, low] = self.newest.to_be_bytes();
        !cipher.starts_with(&[self.suite.byte(), high, low])
    }

    fn encrypt(&self, place: Place<'_>, text: &str) -> Result<Vec<u8>, VaultError> {
        if text.len() > LONGEST_TEXT {
            return Err(VaultError::TooLong);
        }
        let armed = self.armed(self.suite);
        let key = armed
            .encryption
            .get(&self.newest)
            .ok_or(VaultError::UnknownKey(self.newest))?;
        let mut nonce = [0; NONCE_LENGTH];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let byte = self.suite.byte();
        let sealed = armed.suite.encrypt(
            key.bytes(),
            &nonce,
            &associated_data(byte, self.newest, place),
            text.as_bytes(),
        )?;
        let [high, low] = self.newest.to_be_bytes();
        let mut cipher = Vec::with_capacity(HEADER_LENGTH + sealed.len());
        cipher.extend_from_slice(&[byte, high, low]);
        cipher.extend_from_slice(&nonce);
        cipher.extend_from_slice(&sealed);
        Ok(cipher)
    }

    fn armed(&self, suite: SuiteName) -> &Armed {
        match suite {
            SuiteName::International => &self.international,
            SuiteName::Chinese => &self.chinese,
        }
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("suite", &self.suite)
            .field("newest", &self.newest)
            .finish_non_exhaustive()
    }
}

/// What the tag covers besides the text: the header and the place.
fn associated_data(suite: u8, version: u16, place: Place<'_>) -> Vec<u8> {
    let mut data = Vec::with_capacity(64);
    data.push(suite);
    data.extend_from_slice(&version.to_be_bytes());
    place.write(&mut data);
    data
}

/// A text that is wiped when it goes.
type Secret = Zeroizing<String>;

#[cfg(test)]
mod tests;
