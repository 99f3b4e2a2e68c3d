//! The proof that one record is under a seal: it needs no database, and shows no other record.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    keys::PublicKeys,
    record::{Record, RecordKey},
    seal::{Bytes, Seal},
    store::{self, WalkError},
    tree::root_of_path,
    verify::Fault,
};
use crate::db::{DbError, Opening, Reads};

/// A record, its place and path in the tree, and the seal over the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The columns of the record.
    pub record: Map<String, Value>,
    /// How many records of the seal stand before it.
    pub index: u64,
    /// The hashes beside its way up to the root.
    pub path: Vec<Bytes<32>>,
    pub seal: Seal,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("there is no record {0}")]
    NoRecord(RecordKey),
    #[error("the record {0} is not sealed yet")]
    NotSealed(RecordKey),
    #[error("fault: {0}")]
    Fault(#[from] Fault),
}

/// The proof for a record.
///
/// # Errors
/// The record is absent or not sealed yet, or the records are not those that were sealed.
pub async fn prove(reads: &Reads, keys: &PublicKeys, key: RecordKey) -> Result<Proof, ProofError> {
    let reads = &reads.opened(Opening::Verification);
    let row = store::record(reads, key).await?;
    let row = row.ok_or(ProofError::NoRecord(key))?;
    let record = Record::of_row(&row).map_err(|_| Fault::NoRecord)?;
    let seal = store::seal_over(reads, key.transaction_id).await?;
    let seal = seal.ok_or(ProofError::NotSealed(key))?;
    let hasher = seal.check_signature(keys)?.hasher();
    let before = store::count_records_before(reads, seal.from_transaction, key).await?;
    let index = before.cast_unsigned();
    let range = seal.from_transaction..seal.to_transaction;
    let tree = match store::tree(reads, hasher, range, Some(index)).await {
        Ok(tree) => tree,
        Err(WalkError::Database(error)) => return Err(error.into()),
        Err(WalkError::Unreadable(after)) => {
            let number = seal.number;
            return Err(Fault::RecordUnreadable { number, after }.into());
        }
    };
    let proof = Proof {
        record: record.to_json(),
        index,
        path: tree.finish().1.into_iter().map(Bytes).collect(),
        seal,
    };
    proof.check(keys)?;
    Ok(proof)
}

impl Proof {
    /// Whether one of the keys sealed this record; its key.
    ///
    /// # Errors
    /// What is wrong with the proof.
    pub fn check(&self, keys: &PublicKeys) -> Result<RecordKey, Fault> {
        let record = Record::of_json(&self.record).ok_or(Fault::NoRecord)?;
        let key = record.key().ok_or(Fault::NoRecord)?;
        let hasher = self.seal.check_signature(keys)?.hasher();
        let leaf = record.leaf(hasher, &mut Vec::new());
        let path: Vec<_> = self.path.iter().map(|hash| hash.0).collect();
        let size = self.seal.records.cast_unsigned();
        let root = root_of_path(hasher, self.index, size, leaf, &path);
        let range = self.seal.from_transaction..self.seal.to_transaction;
        match root == Some(self.seal.root.0) && range.contains(&key.transaction_id) {
            true => Ok(key),
            false => Err(Fault::NotUnder {
                number: self.seal.number,
            }),
        }
    }
}
