//! Seals the audit records as they come, and tells when that has not happened for too long.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{
    AuditOptions,
    file::SealFile,
    keys::SealKey,
    seal::{Algorithm, Seal, Sealed},
    store::{self, WalkError},
};
use crate::{
    clock::Clock,
    db::{Database, DbError, Opening, Reads},
    vault::SuiteName,
};

/// How long a record may be without a seal before money and decisions are refused.
const OVERDUE_AFTER_MS: i64 = 4 * 3_600_000;

/// Why nothing could be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("an audit record can't be read: {0}")]
    Unreadable(String),
    #[error("the seal file: {0}")]
    File(#[from] io::Error),
    #[error(
        "seal {0} of the seal file is absent from the database or another one there: run `yihu audit verify`"
    )]
    Disagree(i64),
    #[error(
        "transactions are numbered from {horizon}, below the end of the newest seal: raise transaction_clock.added by at \
         least {}", sealed_to - horizon
    )]
    ClockBehind { horizon: i64, sealed_to: i64 },
}

impl From<WalkError> for SealError {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Database(error) => SealError::Database(error),
            WalkError::Unreadable(_) => SealError::Unreadable(error.to_string()),
        }
    }
}

/// Seals what has been written. Every instance has one; they don't get into each other's way.
pub struct Sealer {
    database: Database,
    clock: Clock,
    key: SealKey,
    algorithm: Algorithm,
    file: Option<SealFile>,
    every: Duration,
}

impl Sealer {
    /// A sealer that hashes as `suite` does.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Clock,
        key: SealKey,
        suite: SuiteName,
        options: &AuditOptions,
    ) -> Self {
        Sealer {
            database,
            clock,
            key,
            algorithm: Algorithm::of_suite(suite),
            file: options.seal_file.clone().map(SealFile::new),
            every: Duration::from_secs(options.seal_seconds),
        }
    }

    /// Seals again and again until it is dropped. What goes wrong is logged, and tried again.
    pub async fn run(self) -> Infallible {
        loop {
            match self.seal().await {
                Ok(Some(seal)) => {
                    let (number, records) = (seal.number, seal.records);
                    tracing::info!(number, records, "audit records sealed");
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "audit records are not sealed"),
            }
            tokio::time::sleep(self.every).await;
        }
    }

    /// Seals the records of all transactions that have ended since the newest seal. None where there are none, or where
    /// another instance was faster.
    ///
    /// # Errors
    /// The database or the seal file can't be used, or contradict each other.
    pub async fn seal(&self) -> Result<Option<Seal>, SealError> {
        self.check_file().await?;
        let reads = &self.database.reads().opened(Opening::Sealing);
        let newest = store::newest(reads).await?;
        let from = newest.as_ref().map_or(0, |seal| seal.to_transaction);
        let horizon = self.database.horizon().await?;
        if horizon < from {
            return Err(SealError::ClockBehind {
                horizon,
                sealed_to: from,
            });
        }
        // Outside of the write: below the horizon nothing changes any more.
        let tree = store::tree(reads, self.algorithm.hasher(), from..horizon, None).await?;
        let sealed = match tree.size() {
            0 => None,
            records => {
                let sealed = Sealed {
                    to_transaction: horizon,
                    records: records.cast_signed(),
                    root: tree.finish().0,
                };
                self.add(newest.as_ref(), &sealed).await?
            }
        };
        self.fill_file().await?;
        Ok(sealed)
    }

    async fn add(&self, newest: Option<&Seal>, sealed: &Sealed) -> Result<Option<Seal>, DbError> {
        let now_ms = self.clock.now_ms();
        let seal = Seal::sign(newest, sealed, now_ms, self.algorithm, &self.key);
        let added = store::add(&self.database, newest, &seal).await?;
        Ok(added.then_some(seal))
    }

    /// A table whose end was cut off gets no further seal: the file remembers what was there.
    async fn check_file(&self) -> Result<(), SealError> {
        let Some(file) = self.file.clone() else {
            return Ok(());
        };
        let Some(last) = blocking(move || file.last()).await? else {
            return Ok(());
        };
        let stored = store::numbered(self.database.reads(), last.number).await?;
        match stored.is_some_and(|seal| seal == last) {
            true => Ok(()),
            false => Err(SealError::Disagree(last.number)),
        }
    }

    /// Appends what the table has and the file lacks: this seal, those of other instances, and those before a crash.
    async fn fill_file(&self) -> Result<(), SealError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        loop {
            let last = file.clone();
            let last = blocking(move || last.last()).await?;
            let number = last.map_or(0, |seal| seal.number);
            let seals = store::seals_after(self.database.reads(), number).await?;
            let seals: Vec<Seal> = seals
                .into_iter()
                .collect::<Result<_, _>>()
                .map_err(DbError::from)?;
            if seals.is_empty() {
                return Ok(());
            }
            let file = file.clone();
            blocking(move || file.append(&seals)).await?;
        }
    }
}

/// Files are waited for on a thread of their own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Whether records are sealed in time, for those who write money and decisions. Cheap to clone and to ask.
#[derive(Clone)]
pub struct Seals {
    reads: Reads,
    /// Until when nothing can be overdue, by what was seen last.
    safe_until_ms: Arc<AtomicI64>,
}

impl Seals {
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Seals {
            reads: database.reads().opened(Opening::Sealing),
            safe_until_ms: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// When the oldest record was written that has no seal, epoch milliseconds.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn unsealed_since_ms(&self) -> Result<Option<i64>, DbError> {
        store::oldest_unsealed_ms(&self.reads).await
    }

    /// Whether a record has been without a seal for 4 hours. While sealing works this reads one row in 4 hours, and
    /// nothing else.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn overdue(&self, now_ms: i64) -> Result<bool, DbError> {
        if now_ms < self.safe_until_ms.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let oldest = store::oldest_unsealed_ms(&self.reads).await?;
        let safe_until_ms = oldest.unwrap_or(now_ms).saturating_add(OVERDUE_AFTER_MS);
        self.safe_until_ms.store(safe_until_ms, Ordering::Relaxed);
        Ok(now_ms >= safe_until_ms)
    }
}
