//! `yihu audit`: checks the seals over the audit records, and proves single records to others. Nothing is changed.

use super::{
    DatabaseProblem, Options, complain,
    compose::{ComposeError, seal_key},
    doctor::absent_file,
};
use crate::{
    audit::{
        BadPublicKey, Checked, Fault, Proof, ProofError, PublicKeys, RecordKey, VerifyError, prove,
        verify,
    },
    config::{Config, ConfigError},
    db::{Database, Settings},
    vault::KeyError,
};
use clap::{Args, Subcommand};
use std::{fs, io, path::PathBuf, process::ExitCode};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Larger than any proof: a path has 64 hashes at most.
const LARGEST_PROOF: u64 = 16 << 20;

/// What is to be done.
#[derive(Subcommand)]
pub(super) enum Wanted {
    /// Check every seal and every record, and say what is wrong first.
    Verify {
        #[command(flatten)]
        options: Options,
        /// The seal file; without it the one of the configuration.
        #[arg(long)]
        seals: Option<PathBuf>,
        #[command(flatten)]
        keys: Keys,
    },
    /// Print a proof of a record, as JSON.
    Prove {
        #[command(flatten)]
        options: Options,
        /// <transaction>/<ordinal>, for example 1204/0.
        #[arg(long)]
        record: RecordKey,
        #[command(flatten)]
        keys: Keys,
    },
    /// Check a proof, without a database.
    CheckProof {
        file: PathBuf,
        /// The public key that is believed; may be given more than once.
        #[arg(long, required = true)]
        public_key: Vec<String>,
    },
    /// Print the public key of the configured key.
    PublicKey(Options),
}

/// Which seals are believed.
#[derive(Args)]
pub(super) struct Keys {
    /// A public key that is believed; may be given more than once. Without one: the configured key and audit.public_keys.
    #[arg(long)]
    public_key: Vec<String>,
}

/// Why nothing could be checked, or what is wrong.
#[derive(Debug, thiserror::Error)]
enum AuditProblem {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error("no public key: give --public-key, audit.public_keys or YIHU_SEAL_KEY")]
    NoKey,
    #[error("--public-key: {0}")]
    PublicKey(#[from] BadPublicKey),
    #[error("database {0}: no such file")]
    NoDatabase(String),
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(transparent)]
    Proof(#[from] ProofError),
    #[error("fault: {0}")]
    Fault(#[from] Fault),
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("{}: not a proof: {error}", path.display())]
    NoProof {
        path: PathBuf,
        error: serde_json::Error,
    },
    #[error("{0}")]
    Runtime(#[from] io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let said = match wanted {
        Wanted::Verify {
            options,
            seals,
            keys,
        } => verified(options, seals, &keys),
        Wanted::Prove {
            options,
            record,
            keys,
        } => proved(options, record, &keys),
        Wanted::CheckProof { file, public_key } => checked(file, &public_key),
        Wanted::PublicKey(options) => public_key(options),
    };
    match said {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}

fn verified(options: Options, seals: Option<PathBuf>, keys: &Keys) -> Result<String, AuditProblem> {
    let config = options.read()?;
    let keys = keys.read(&config)?;
    let seals = seals.or_else(|| config.audit.seal_file.clone());
    let checked = runtime()?.block_on(async {
        let database = database(&config).await?;
        let checked = verify(database.reads(), &keys, seals.as_deref()).await;
        checked.map_err(AuditProblem::from)
    })?;
    let told = told(&checked);
    match checked.fault {
        None => Ok(told),
        Some(fault) => {
            println!("{told}");
            Err(fault.into())
        }
    }
}

/// What was found right.
fn told(checked: &Checked) -> String {
    let (seals, records) = (checked.seals(), checked.records);
    let mut told = format!("checked: {seals} seals over {records} records");
    if let Some(seal) = &checked.newest {
        let (to, at, key) = (
            seal.to_transaction,
            instant(seal.sealed_at_ms),
            &seal.key_id,
        );
        told += &format!("\nnewest: seal {seals}, to before transaction {to}, of {at}, key {key}");
    }
    if checked.fault.is_none() {
        told += &format!("\nnot sealed yet: {} records", checked.unsealed);
    }
    told
}

fn proved(options: Options, record: RecordKey, keys: &Keys) -> Result<String, AuditProblem> {
    let config = options.read()?;
    let keys = keys.read(&config)?;
    let proof = runtime()?.block_on(async {
        let database = database(&config).await?;
        let proof = prove(database.reads(), &keys, record).await;
        proof.map_err(AuditProblem::from)
    })?;
    Ok(serde_json::to_string_pretty(&proof)?)
}

fn checked(path: PathBuf, public_keys: &[String]) -> Result<String, AuditProblem> {
    let keys = PublicKeys::read(public_keys)?;
    let text = match read_proof(&path) {
        Ok(text) => text,
        Err(error) => return Err(AuditProblem::File { path, error }),
    };
    let proof: Proof = match serde_json::from_str(&text) {
        Ok(proof) => proof,
        Err(error) => return Err(AuditProblem::NoProof { path, error }),
    };
    let (key, seal) = (proof.check(&keys)?, &proof.seal);
    let (number, at, by) = (seal.number, instant(seal.sealed_at_ms), &seal.key_id);
    Ok(format!(
        "the record {key} is under seal {number}, of {at}, key {by}"
    ))
}

fn read_proof(path: &PathBuf) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST_PROOF {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    fs::read_to_string(path)
}

fn public_key(options: Options) -> Result<String, AuditProblem> {
    Ok(seal_key(&options.read()?)?.public_key())
}

impl Keys {
    fn read(&self, config: &Config) -> Result<PublicKeys, AuditProblem> {
        if !self.public_key.is_empty() {
            return Ok(PublicKeys::read(&self.public_key)?);
        }
        let mut keys = PublicKeys::read(&config.audit.public_keys)?;
        match seal_key(config) {
            Ok(key) => keys.insert(&key),
            // Who checks need not be able to seal.
            Err(ComposeError::SealKey(KeyError::Missing(_))) => {}
            Err(error) => return Err(error.into()),
        }
        match keys.is_empty() {
            true => Err(AuditProblem::NoKey),
            false => Ok(keys),
        }
    }
}

async fn database(config: &Config) -> Result<Database, AuditProblem> {
    // Opening a file that is not there would make one.
    if let Some(path) = absent_file(&config.database) {
        return Err(AuditProblem::NoDatabase(path));
    }
    let settings = Settings::from(&config.pool);
    let database = Database::connect(&config.database, &settings).await;
    Ok(database.map_err(DatabaseProblem::of(config))?)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn instant(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|instant| instant.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{at_ms} ms"))
}
