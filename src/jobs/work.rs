//! What a job does, and how it tells how far it is.

use super::{
    service::Sender,
    store::{self, Hold, Stage, Step},
};
use crate::{
    authz::Viewer,
    clock::Clock,
    db::{Database, DbError},
    files::{Column, Format},
};
use entity::{
    codes::{FileFormat, JobKind, JobProblem},
    region_code::RegionCode,
    shared::{job, job_part},
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{io, time::Duration};

/// The most bytes of the lines of a job.
const MOST_BYTES: i64 = 1 << 30;

/// Work of one kind.
pub trait Work: Send + Sync {
    fn kind(&self) -> JobKind;
    /// Does it from where the order says, a stretch at a time, and gives the columns of the table that came of it.
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>>;
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Order {
    pub job: i64,
    pub region: RegionCode,
    /// Who asked for it.
    pub viewer: Viewer,
    /// The hash of the file that it is about, hexadecimal.
    pub file_hash: Option<String>,
    /// What was asked, as JSON.
    pub input: String,
    pub format: Format,
    /// Where it goes on, as JSON. None: at the beginning.
    pub position: Option<String>,
    /// When it was asked for, epoch milliseconds, where it was begun before.
    pub resumed_since_ms: Option<i64>,
}

impl Order {
    pub(super) fn of(job: &job::Model) -> Option<Self> {
        Some(Order {
            job: job.id,
            region: RegionCode::try_from(job.region_code).ok()?,
            viewer: serde_json::from_str::<Sender>(&job.sender)
                .ok()?
                .viewer(job),
            file_hash: job.file_hash.clone(),
            input: job.input.clone(),
            format: format_of(job.format),
            position: job.position.clone(),
            resumed_since_ms: (job.attempts > 1).then_some(job.requested_at_ms),
        })
    }
}

fn format_of(format: FileFormat) -> Format {
    match format {
        FileFormat::Csv => Format::Csv,
        FileFormat::CsvGb18030 => Format::CsvGb18030,
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
    /// Of a file that is taken over: how many rows have changed something, have changed nothing, were refused so far.
    pub counts: Option<[i32; 3]>,
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
        Hold::new(&self.holder, &self.clock, self.lease)
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

    /// Says what of the file is not read.
    ///
    /// # Errors
    /// The job is not this process's any more; the database.
    pub async fn notice(&self, notices: &[String]) -> Result<(), Trouble> {
        if notices.is_empty() {
            return Ok(());
        }
        self.step(Step::default().set(job::Column::Notices, notices.join("\n")))
            .await
    }

    /// Says that the job still goes on, where nothing is to be kept for long.
    ///
    /// # Errors
    /// The job is not this process's any more; the database.
    pub async fn hold_on(&self) -> Result<(), Trouble> {
        self.step(Step::default()).await
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
        // What gets on is not what is cut off again and again.
        let mut step = Step::default()
            .set(job::Column::Attempts, 1_i32)
            .set(job::Column::Done, done)
            .set(job::Column::Lines, lines)
            .set(job::Column::Bytes, bytes)
            .set(job::Column::Position, stretch.position);
        if let Some([changed, unchanged, refused]) = stretch.counts {
            step = step
                .set(job::Column::Changed, changed)
                .set(job::Column::Unchanged, unchanged)
                .set(job::Column::Refused, refused);
        }
        let has_text = !stretch.text.is_empty();
        if has_text {
            step.parts = vec![self.part(Stage::Lines, self.parts, stretch.text)];
        }
        self.step(step).await?;
        (self.done, self.lines, self.bytes) = (stretch.done, lines, bytes);
        self.parts += i32::from(has_text);
        Ok(())
    }

    pub(super) fn part(&self, stage: Stage, number: i32, content: Vec<u8>) -> job_part::Model {
        job_part::Model {
            job_id: self.job,
            stage: stage.word().to_owned(),
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

/// Reads what a job holds as JSON.
///
/// # Errors
/// Another version of the server wrote it.
pub fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Trouble> {
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

/// What a job holds, as JSON.
///
/// # Errors
/// None that a position could cause.
pub fn text_of(value: &impl Serialize) -> Result<String, Trouble> {
    serde_json::to_string(value).map_err(|error| unreadable(&error))
}

/// What can't be read or written.
#[must_use]
pub fn unreadable(error: &dyn std::error::Error) -> Trouble {
    Trouble::Problem(JobProblem::Unreadable, error.to_string())
}

/// The disk of this machine: another one may have room.
#[must_use]
pub fn no_room(error: io::Error) -> Trouble {
    DbError::unavailable(format!("a file of this machine: {error}")).into()
}
