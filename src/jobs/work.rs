//! What a job does, and how it tells how far it is.

use super::store::{self, Hold, Step};
use crate::{
    clock::Clock,
    db::{Database, DbError},
    files::{Column, Format},
};
use entity::{
    codes::{Department, FileFormat, JobKind, JobProblem},
    region_code::RegionCode,
    shared::{job, job_part},
};
use futures_util::future::BoxFuture;
use std::time::Duration;

/// The most bytes of the lines of a job.
const MOST_BYTES: i64 = 1 << 30;

/// Work of one kind.
pub trait Work: Send + Sync {
    fn kind(&self) -> JobKind;
    /// The columns of the table that comes of it.
    fn columns(&self) -> &'static [Column];
    /// Does it from where the order says, a stretch at a time.
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<(), Trouble>>;
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Order {
    pub job: i64,
    pub region: RegionCode,
    pub department: Department,
    /// What was asked, as JSON.
    pub input: String,
    pub format: Format,
    /// Where it goes on, as JSON. None: at the beginning.
    pub position: Option<String>,
}

impl Order {
    pub(super) fn of(job: &job::Model) -> Option<Self> {
        Some(Order {
            job: job.id,
            region: RegionCode::try_from(job.region_code).ok()?,
            department: job.department,
            input: job.input.clone(),
            format: format_of(job.format),
            position: job.position.clone(),
        })
    }
}

fn format_of(format: FileFormat) -> Format {
    match format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Xlsx => Format::Xlsx,
        FileFormat::Parquet => Format::Parquet,
    }
}

/// Why a job does not go on here.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("it was given up, or another process does it")]
    Lost,
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("{1}")]
    Problem(JobProblem, String),
}

/// A stretch that is done.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Its lines, as the text of a table.
    pub text: Vec<u8>,
    pub lines: usize,
    /// How much is done now, the stretch included.
    pub done: u64,
    /// Where the next one begins, as JSON.
    pub position: String,
}

/// Keeps how far a job is.
pub struct Progress {
    database: Database,
    clock: Clock,
    holder: String,
    lease: Duration,
    job: i64,
    region_code: i64,
    pub(super) done: u64,
    lines: i64,
    bytes: i64,
    /// How many pieces of lines there are.
    pub(super) parts: i32,
}

impl Progress {
    pub(super) fn of(
        database: Database,
        clock: Clock,
        (holder, lease): (String, Duration),
        job: &job::Model,
        parts: i32,
    ) -> Self {
        Progress {
            database,
            clock,
            holder,
            lease,
            job: job.id,
            region_code: job.region_code,
            done: job.done.unsigned_abs(),
            lines: job.lines,
            bytes: job.bytes,
            parts,
        }
    }

    pub(super) fn hold(&self) -> Hold {
        Hold {
            holder: self.holder.clone(),
            now_ms: self.clock.now_ms(),
            lease_ms: i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX),
        }
    }

    pub(super) fn half_lease(&self) -> Duration {
        self.lease / 2
    }

    /// How much is done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Says how much there is to do.
    ///
    /// # Errors
    /// The job is not this process's any more; the database.
    pub async fn set_total(&self, total: u64) -> Result<(), Trouble> {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        self.step(Step::default().set(job::Column::Total, total))
            .await
    }

    /// Keeps a stretch: from here the job goes on if it is cut off.
    ///
    /// # Errors
    /// The job is not this process's any more; too many bytes; the database.
    pub async fn add(&mut self, stretch: Stretch) -> Result<(), Trouble> {
        let size = i64::try_from(stretch.text.len()).unwrap_or(i64::MAX);
        let (lines, bytes) = (
            self.lines + i64::try_from(stretch.lines).unwrap_or(i64::MAX),
            self.bytes + size,
        );
        if bytes > MOST_BYTES {
            let detail = format!("more than {MOST_BYTES} bytes of lines");
            return Err(Trouble::Problem(JobProblem::TooLarge, detail));
        }
        let done = i64::try_from(stretch.done).unwrap_or(i64::MAX);
        let mut step = Step::default()
            .set(job::Column::Done, done)
            .set(job::Column::Lines, lines)
            .set(job::Column::Bytes, bytes)
            .set(job::Column::Position, stretch.position);
        let has_text = !stretch.text.is_empty();
        if has_text {
            step.parts = vec![self.part(false, self.parts, stretch.text)];
        }
        self.step(step).await?;
        (self.done, self.lines, self.bytes) = (stretch.done, lines, bytes);
        self.parts += i32::from(has_text);
        Ok(())
    }

    pub(super) fn part(&self, is_file: bool, number: i32, content: Vec<u8>) -> job_part::Model {
        job_part::Model {
            job_id: self.job,
            is_file,
            number,
            region_code: self.region_code,
            county_code: self.region_code / 1_000_000,
            content,
        }
    }

    pub(super) async fn step(&self, step: Step) -> Result<(), Trouble> {
        let hold = self.hold();
        match store::step(&self.database, (self.job, &hold), step).await? {
            true => Ok(()),
            false => Err(Trouble::Lost),
        }
    }
}
