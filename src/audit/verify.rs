//! Checks the whole chain of seals against the records, the signatures and the seal file, and tells the first fault.

use std::{io, path::Path};

use super::{
    file::Lines,
    keys::PublicKeys,
    seal::Seal,
    store::{self, WalkError},
};
use crate::db::{BadCell, DbError, Opening, Reads};

/// What is wrong with a seal or with what it is over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("seal {expected} is absent: seal {found} stands in its place")]
    Absent { expected: i64, found: i64 },
    #[error("the seal after seal {after} can't be read")]
    SealUnreadable { after: i64 },
    #[error("seal {number} names an algorithm that does not exist")]
    Algorithm { number: i64 },
    #[error("seal {number} is signed with a key that is not among the public keys")]
    Key { number: i64 },
    #[error("the signature of seal {number} does not fit: the seal was changed or forged")]
    Signature { number: i64 },
    #[error("seal {number} is not over the seal before it")]
    Previous { number: i64 },
    #[error("seal {number} begins at transaction {found}, the seal before it ends at {expected}")]
    Range {
        number: i64,
        expected: i64,
        found: i64,
    },
    #[error(
        "seal {number} is over {expected} records of transactions {from} to before {to}; there are {found}"
    )]
    Count {
        number: i64,
        from: i64,
        to: i64,
        expected: i64,
        found: u64,
    },
    #[error(
        "the records of transactions {from} to before {to} are not those that seal {number} is over"
    )]
    Root { number: i64, from: i64, to: i64 },
    #[error("under seal {number} the record after the first {after} can't be read")]
    RecordUnreadable { number: i64, after: u64 },
    #[error("{count} records stand before the first transaction")]
    RecordsBefore { count: i64 },
    #[error("{count} seals stand beside the chain")]
    SealsBeside { count: i64 },
    #[error("line {line} of the seal file is no seal")]
    Line { line: u64 },
    #[error("line {line} of the seal file is not seal {number} as the database has it")]
    Differs { line: u64, number: i64 },
    #[error("seal {number} is in the database and not in the seal file")]
    NotInFile { number: i64 },
    #[error("seal {number} is in the seal file and not in the database")]
    NotInTable { number: i64 },
    #[error("the proof holds no audit record")]
    NoRecord,
    #[error("the record of the proof is not under seal {number}")]
    NotUnder { number: i64 },
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("database: {0}")]
    Database(#[from] DbError),
    #[error("seal file: {0}")]
    File(#[from] io::Error),
}

/// What was checked, up to the first fault.
#[derive(Debug, Default)]
pub struct Checked {
    /// The newest seal that is right.
    pub newest: Option<Seal>,
    /// Records under the seals that are right.
    pub records: u64,
    /// Records that no seal is over yet; counted when all seals are right.
    pub unsealed: i64,
    pub fault: Option<Fault>,
}

impl Checked {
    /// How many seals are right.
    #[must_use]
    pub fn seals(&self) -> i64 {
        self.newest.as_ref().map_or(0, |seal| seal.number)
    }
}

/// Checks everything with these public keys and, where there is one, against a seal file.
///
/// # Errors
/// The database or the file can't be read at all.
pub async fn verify(
    reads: &Reads,
    keys: &PublicKeys,
    seal_file: Option<&Path>,
) -> Result<Checked, VerifyError> {
    let mut chain = Chain {
        reads: &reads.opened(Opening::Verification),
        keys,
        lines: seal_file.map(Lines::open).transpose()?,
        checked: Checked::default(),
    };
    match chain.check().await {
        Ok(()) => {}
        Err(Stop::Fault(fault)) => chain.checked.fault = Some(fault),
        Err(Stop::Error(error)) => return Err(error),
    }
    Ok(chain.checked)
}

/// Why a check goes no further.
enum Stop {
    Fault(Fault),
    Error(VerifyError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl<E: Into<VerifyError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

/// The chain as far as it is checked.
struct Chain<'a> {
    reads: &'a Reads,
    keys: &'a PublicKeys,
    lines: Option<Lines>,
    checked: Checked,
}

impl Chain<'_> {
    async fn check(&mut self) -> Result<(), Stop> {
        loop {
            let seals = store::seals_after(self.reads, self.checked.seals()).await?;
            if seals.is_empty() {
                break;
            }
            for seal in seals {
                self.check_seal(seal).await?;
            }
        }
        self.check_rest_of_file()?;
        let seals = self.checked.seals();
        let count = store::count_seals_to(self.reads, seals).await? - seals;
        if count != 0 {
            return Err(Fault::SealsBeside { count }.into());
        }
        let count = store::count_records_below(self.reads, 0).await?;
        if count != 0 {
            return Err(Fault::RecordsBefore { count }.into());
        }
        self.checked.unsealed = store::count_records_from(self.reads, self.end()).await?;
        Ok(())
    }

    async fn check_seal(&mut self, seal: Result<Seal, BadCell>) -> Result<(), Stop> {
        let after = self.checked.seals();
        let seal = seal.map_err(|_| Fault::SealUnreadable { after })?;
        let (number, expected) = (seal.number, after + 1);
        if number != expected {
            let found = number;
            return Err(Fault::Absent { expected, found }.into());
        }
        let algorithm = seal.check_signature(self.keys)?;
        if !seal.follows(self.checked.newest.as_ref(), algorithm) {
            return Err(Fault::Previous { number }.into());
        }
        let (from, to) = (seal.from_transaction, seal.to_transaction);
        if from != self.end() {
            let (expected, found) = (self.end(), from);
            return Err(Fault::Range {
                number,
                expected,
                found,
            }
            .into());
        }
        self.check_line(&seal)?;
        let tree = match store::tree(self.reads, algorithm.hasher(), from..to, None).await {
            Ok(tree) => tree,
            Err(WalkError::Unreadable(after)) => {
                return Err(Fault::RecordUnreadable { number, after }.into());
            }
            Err(WalkError::Database(error)) => return Err(error.into()),
        };
        let (found, expected) = (tree.size(), seal.records);
        if found.cast_signed() != expected {
            return Err(Fault::Count {
                number,
                from,
                to,
                expected,
                found,
            }
            .into());
        }
        if tree.finish().0 != seal.root.0 {
            return Err(Fault::Root { number, from, to }.into());
        }
        self.checked.records += found;
        self.checked.newest = Some(seal);
        Ok(())
    }

    /// The next line of the seal file must be this seal.
    fn check_line(&mut self, seal: &Seal) -> Result<(), Stop> {
        let Some(lines) = &mut self.lines else {
            return Ok(());
        };
        let (next, number) = (lines.next()?, seal.number);
        let line = lines.line();
        match next {
            None => Err(Fault::NotInFile { number }.into()),
            Some(None) => Err(Fault::Line { line }.into()),
            Some(Some(of_file)) if of_file != *seal => Err(Fault::Differs { line, number }.into()),
            Some(Some(_)) => Ok(()),
        }
    }

    fn check_rest_of_file(&mut self) -> Result<(), Stop> {
        let Some(lines) = &mut self.lines else {
            return Ok(());
        };
        let next = lines.next()?;
        let line = lines.line();
        match next {
            None => Ok(()),
            Some(None) => Err(Fault::Line { line }.into()),
            Some(Some(seal)) => Err(Fault::NotInTable {
                number: seal.number,
            }
            .into()),
        }
    }

    /// Where the range of the next seal must begin.
    fn end(&self) -> i64 {
        let newest = self.checked.newest.as_ref();
        newest.map_or(0, |seal| seal.to_transaction)
    }
}
