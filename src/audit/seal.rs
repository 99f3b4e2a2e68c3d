//! A seal: what it says, how it is signed and checked, and its line in the seal file.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    canonical::{self, Field},
    keys::{PublicKeys, SealKey},
    tree::{Hash, Hasher},
    verify::Fault,
};
use crate::{
    db::{BadCell, Cell, Row},
    vault::SuiteName,
};

const SIGNED_DOMAIN: &str = "yihu audit seal 1";
const HASHED_DOMAIN: &str = "yihu audit signed seal 1";

/// The columns for a SELECT, in the order that [`Seal::of_row`] reads them.
pub(super) const COLUMNS: &str = "number, from_transaction, to_transaction, records, root, previous, sealed_at_ms, \
     algorithm, key_id, signature";

/// Bytes that JSON shows in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes<const LENGTH: usize>(pub [u8; LENGTH]);

impl<const LENGTH: usize> Serialize for Bytes<LENGTH> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de, const LENGTH: usize> Deserialize<'de> for Bytes<LENGTH> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).map_err(de::Error::custom)?;
        let length = |_| de::Error::custom("another length");
        bytes.as_slice().try_into().map(Bytes).map_err(length)
    }
}

impl<const LENGTH: usize> Bytes<LENGTH> {
    fn of_cell(cell: Cell<'_>) -> Result<Self, BadCell> {
        let bytes = cell.bytes()?.try_into();
        bytes.map(Bytes).map_err(|_| BadCell::UNKNOWN)
    }
}

/// How seals are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Ed25519Sha256,
    Ed25519Sm3,
}

impl Algorithm {
    pub(super) const fn of_suite(suite: SuiteName) -> Self {
        match suite {
            SuiteName::International => Algorithm::Ed25519Sha256,
            SuiteName::Chinese => Algorithm::Ed25519Sm3,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Algorithm::Ed25519Sha256 => "ED25519-SHA256",
            Algorithm::Ed25519Sm3 => "ED25519-SM3",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Algorithm::Ed25519Sha256, Algorithm::Ed25519Sm3]
            .into_iter()
            .find(|algorithm| algorithm.word() == word)
    }

    pub(super) const fn hasher(self) -> Hasher {
        match self {
            Algorithm::Ed25519Sha256 => Hasher::Sha256,
            Algorithm::Ed25519Sm3 => Hasher::Sm3,
        }
    }
}

/// A seal over the records of a range of transactions, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// 1, 2, 3 and so on.
    pub number: i64,
    /// The range of transactions, half-open, and how many records it holds.
    pub from_transaction: i64,
    pub to_transaction: i64,
    pub records: i64,
    /// The root of the tree over the records.
    pub root: Bytes<32>,
    /// The hash of the seal before; zeros in the first one.
    pub previous: Bytes<32>,
    /// When, epoch milliseconds.
    pub sealed_at_ms: i64,
    /// How, and with which key.
    pub algorithm: String,
    pub key_id: String,
    pub signature: Bytes<64>,
}

/// What is sealed.
pub(super) struct Sealed {
    pub(super) to_transaction: i64,
    pub(super) records: i64,
    pub(super) root: Hash,
}

impl Seal {
    /// The seal after `previous`.
    pub(super) fn sign(
        previous: Option<&Seal>,
        sealed: &Sealed,
        sealed_at_ms: i64,
        algorithm: Algorithm,
        key: &SealKey,
    ) -> Self {
        let mut seal = Seal {
            number: previous.map_or(0, |seal| seal.number) + 1,
            from_transaction: previous.map_or(0, |seal| seal.to_transaction),
            to_transaction: sealed.to_transaction,
            records: sealed.records,
            root: Bytes(sealed.root),
            previous: Bytes(hash_of(previous, algorithm.hasher())),
            sealed_at_ms,
            algorithm: algorithm.word().to_owned(),
            key_id: key.id(),
            signature: Bytes([0; 64]),
        };
        seal.signature = Bytes(key.sign(&seal.signed_bytes()));
        seal
    }

    pub(super) fn of_row(row: &Row) -> Result<Self, BadCell> {
        Ok(Seal {
            number: row.cell(0).int()?,
            from_transaction: row.cell(1).int()?,
            to_transaction: row.cell(2).int()?,
            records: row.cell(3).int()?,
            root: Bytes::of_cell(row.cell(4))?,
            previous: Bytes::of_cell(row.cell(5))?,
            sealed_at_ms: row.cell(6).int()?,
            algorithm: row.cell(7).text()?.to_owned(),
            key_id: row.cell(8).text()?.to_owned(),
            signature: Bytes::of_cell(row.cell(9))?,
        })
    }

    /// Its line in the seal file, without the end of the line.
    ///
    /// # Errors
    /// None that a seal could cause.
    pub fn line(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Whether one of the keys signed it as it stands.
    pub(super) fn check_signature(&self, keys: &PublicKeys) -> Result<Algorithm, Fault> {
        let number = self.number;
        let algorithm = Algorithm::of_word(&self.algorithm).ok_or(Fault::Algorithm { number })?;
        match keys.verify(&self.key_id, &self.signed_bytes(), &self.signature.0) {
            Some(true) => Ok(algorithm),
            Some(false) => Err(Fault::Signature { number }),
            None => Err(Fault::Key { number }),
        }
    }

    /// Whether it is over the seal before it.
    pub(super) fn follows(&self, previous: Option<&Seal>, algorithm: Algorithm) -> bool {
        self.previous.0 == hash_of(previous, algorithm.hasher())
    }

    fn fields(&self) -> [(&str, Field<'_>); 9] {
        [
            ("number", Field::Number(self.number)),
            ("from_transaction", Field::Number(self.from_transaction)),
            ("to_transaction", Field::Number(self.to_transaction)),
            ("records", Field::Number(self.records)),
            ("root", Field::Bytes(&self.root.0)),
            ("previous", Field::Bytes(&self.previous.0)),
            ("sealed_at_ms", Field::Number(self.sealed_at_ms)),
            ("algorithm", Field::Text(&self.algorithm)),
            ("key_id", Field::Text(&self.key_id)),
        ]
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        canonical::write(&mut bytes, SIGNED_DOMAIN, self.fields());
        bytes
    }
}

/// What the next seal says of a seal, its signature included.
fn hash_of(seal: Option<&Seal>, hasher: Hasher) -> Hash {
    let Some(seal) = seal else {
        return [0; 32];
    };
    let mut bytes = Vec::new();
    let signature = [("signature", Field::Bytes(&seal.signature.0))];
    let fields = seal.fields().into_iter().chain(signature);
    canonical::write(&mut bytes, HASHED_DOMAIN, fields);
    hasher.hash(&[&bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_survives_its_line_and_no_change_survives_the_signature() {
        let key = SealKey::demo();
        let mut keys = PublicKeys::default();
        keys.insert(&key);
        let sealed = Sealed {
            to_transaction: 12,
            records: 3,
            root: [5; 32],
        };
        let first = Seal::sign(None, &sealed, 7, Algorithm::Ed25519Sm3, &key);
        assert_eq!((first.number, first.from_transaction), (1, 0));
        assert_eq!(first.check_signature(&keys), Ok(Algorithm::Ed25519Sm3));
        let line = first.line().unwrap();
        assert_eq!(serde_json::from_str::<Seal>(&line).unwrap(), first);
        let second = Seal::sign(Some(&first), &sealed, 8, Algorithm::Ed25519Sha256, &key);
        assert_eq!((second.number, second.from_transaction), (2, 12));
        assert!(second.follows(Some(&first), Algorithm::Ed25519Sha256));
        assert!(!second.follows(Some(&first), Algorithm::Ed25519Sm3));
        assert!(!second.follows(None, Algorithm::Ed25519Sha256));
        let number = 1;
        for (change, fault) in [
            (
                (|seal| seal.records += 1) as fn(&mut Seal),
                Fault::Signature { number },
            ),
            (|seal| seal.root.0[31] ^= 1, Fault::Signature { number }),
            (|seal| seal.signature.0[0] ^= 1, Fault::Signature { number }),
            (
                |seal| seal.algorithm = "ED25519-SHA256".to_owned(),
                Fault::Signature { number },
            ),
            (|seal| seal.algorithm.push('3'), Fault::Algorithm { number }),
            (|seal| seal.key_id.push('3'), Fault::Key { number }),
        ] {
            let mut changed = first.clone();
            change(&mut changed);
            assert_eq!(changed.check_signature(&keys), Err(fault));
            assert!(!second.follows(Some(&changed), Algorithm::Ed25519Sha256));
        }
    }
}
