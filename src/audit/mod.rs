//! The sealing of the audit records: whoever changes, removes or adds one later is found out.
//!
//! Each seal is over the records of a range of transactions, each range begins where the one before ends, and each seal
//! signs the root of a Merkle tree over its records together with the hash of the seal before. So one signature stands
//! for everything up to it, and a single record can be shown with its path, without the others.
//!
//! Writing is not slowed: records are sealed behind the writers, below the oldest running transaction, where none can
//! appear any more. Until then, up to a minute, a record is not protected. A seal that is cut off together with its
//! records is only missed by who has seen it: that is what the seal file is for, which belongs on another machine.
//!
//! Invariant: a record below the end of the newest seal never changes, and none is added there.

mod canonical;
mod file;
mod keys;
mod proof;
mod record;
mod seal;
mod sealer;
mod store;
mod tree;
mod verify;

pub use keys::{BadPublicKey, PublicKeys, SEAL_KEY, SealKey};
pub use proof::{Proof, ProofError, prove};
pub use record::RecordKey;
pub use seal::{Bytes, Seal};
pub use sealer::{SealError, Sealer, Seals};
pub use tree::{Hash, Hasher, Tree, root_of_path};
pub use verify::{Checked, Fault, VerifyError, verify};

use crate::options::{BadOption, section};
use std::path::PathBuf;

section! {
    /// How the audit records are sealed. The key is in YIHU_SEAL_KEY, or in the file that YIHU_SEAL_KEY_FILE points to.
    AuditOptions {
        /// Seconds between two seals over the audit records; at most 60.
        seal_seconds: u64 = 60;
        /// File that each seal is appended to, one line of JSON. None by default; best on another machine.
        seal_file: Option<PathBuf> = None;
        /// Public keys of earlier seals, as `yihu audit public-key` printed them.
        public_keys: Vec<String> = Vec::new();
    }
}

impl AuditOptions {
    pub(crate) fn check(&self) -> Result<(), BadOption> {
        if !(1..=60).contains(&self.seal_seconds) {
            return Err(BadOption::of("audit.seal_seconds", "1 to 60"));
        }
        match PublicKeys::read(&self.public_keys) {
            Ok(_) => Ok(()),
            Err(error) => Err(BadOption::of("audit.public_keys", &error.to_string())),
        }
    }
}
