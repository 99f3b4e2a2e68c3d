//! Does the jobs, one after another.

use super::{
    JobOptions,
    results::piece,
    store::{self, End, Hold, Stage, Step},
    work::{Order, Progress, Trouble, Work, no_room, unreadable},
};
use crate::{
    clock::Clock,
    db::{Class, Database, DbError, Opening, Param, Statement},
    files::{self, Column},
};
use entity::{codes::JobProblem, shared::job};
use std::{
    convert::Infallible,
    fs::File,
    io::{Read as _, Write as _},
    path::Path,
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// How soon a job is found that waits.
const LOOK: Duration = Duration::from_secs(1);
/// How often a job is begun or gone on with before it is taken for one that can't be done.
const MOST_ATTEMPTS: i32 = 10;
/// Bytes of a piece of a file.
const PIECE: usize = 1 << 20;

/// Does the jobs. Every instance has one; each job is done by one of them.
#[derive(Clone)]
pub struct Runner {
    database: Database,
    clock: Clock,
    works: Arc<[Arc<dyn Work>]>,
    holder: String,
    lease: Duration,
    /// Only this job.
    only: Option<i64>,
}

/// What a look for work came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    Nothing,
    /// A job ended, or could not be gone on with here.
    Once,
}

impl Runner {
    /// A runner that knows these kinds of work.
    #[must_use]
    pub fn new(
        database: Database,
        clock: Clock,
        works: Vec<Arc<dyn Work>>,
        options: &JobOptions,
    ) -> Self {
        Runner {
            database,
            clock,
            works: works.into(),
            holder: Uuid::new_v4().to_string(),
            lease: Duration::from_secs(options.lease_seconds),
            only: None,
        }
    }

    /// Another one beside it.
    #[must_use]
    pub fn another(&self) -> Self {
        Runner {
            holder: Uuid::new_v4().to_string(),
            ..self.clone()
        }
    }

    /// Leaves all jobs but this one to others.
    #[must_use]
    pub fn only(self, job: i64) -> Self {
        Runner {
            only: Some(job),
            ..self
        }
    }

    /// Does what there is to do until it is dropped. What goes wrong is logged, and tried again.
    pub async fn run(self) -> Infallible {
        loop {
            match self.once().await {
                Ok(Worked::Once) => {}
                Ok(Worked::Nothing) => tokio::time::sleep(LOOK).await,
                Err(error) => {
                    tracing::error!(%error, "jobs can't be done");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Does a job, if one waits.
    ///
    /// # Errors
    /// The database. The job goes on when its lease has ended.
    pub async fn once(&self) -> Result<Worked, DbError> {
        let Some(job) = store::take(&self.database, &self.hold(), self.only).await? else {
            return Ok(Worked::Nothing);
        };
        let (id, kind, attempt) = (job.id, job.kind, job.attempts);
        tracing::info!(id, ?kind, attempt, "a job is begun");
        let end = match self.work(&job).await {
            Ok(bytes) => End::Done(bytes),
            Err(Trouble::Lost) => return Ok(Worked::Once),
            Err(Trouble::Database(error)) if attempt < MOST_ATTEMPTS => return Err(error),
            Err(Trouble::Database(error)) => End::Failed(JobProblem::GaveUp, error.to_string()),
            Err(Trouble::Problem(problem, detail)) => End::Failed(problem, detail),
        };
        store::end(&self.database, (id, &self.hold()), &end).await?;
        tracing::info!(id, ?kind, ?end, "a job has ended");
        Ok(Worked::Once)
    }

    fn hold(&self) -> Hold {
        Hold::new(&self.holder, &self.clock, self.lease)
    }

    /// Does a job, and tells the size of its file.
    async fn work(&self, job: &job::Model) -> Result<i64, Trouble> {
        if job.attempts > MOST_ATTEMPTS {
            let detail = format!("begun {MOST_ATTEMPTS} times");
            return Err(Trouble::Problem(JobProblem::GaveUp, detail));
        }
        let known = self.works.iter().find(|work| work.kind() == job.kind);
        let known = known.zip(Order::of(job));
        let (work, order) = known.ok_or_else(|| unknown("not known to this version"))?;
        let held = (self.holder.clone(), self.lease);
        let parts = self.parts(job.id).await?;
        let mut progress =
            Progress::of(self.database.clone(), self.clock.clone(), held, job, parts);
        let columns = work.run(&order, &mut progress).await?;
        self.file(columns, &order, &progress).await
    }

    /// How many pieces of lines there are.
    async fn parts(&self, job: i64) -> Result<i32, DbError> {
        let sql = "SELECT COUNT(*) FROM job_part WHERE job_id = $1 AND stage = $2";
        let stage = Param::Text(Stage::Lines.word().into());
        let params = vec![Param::I64(job), stage];
        let reads = self.database.reads().opened(Opening::Jobs);
        let mut session = reads.acquire().await?;
        let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
        let count = rows.first().map_or(Ok(0), |row| row.cell(0).int())?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// Makes the file of the lines, and tells its size. One that was cut off here is made anew.
    async fn file(
        &self,
        columns: Vec<Column>,
        order: &Order,
        progress: &Progress,
    ) -> Result<i64, Trouble> {
        let folder = tempfile::tempdir().map_err(no_room)?;
        let part = folder.path().join("part");
        let format = order.format;
        let head = files::head(format, &columns).map_err(|error| unreadable(&error))?;
        self.spool(&part, head, progress.parts, order.job).await?;
        let whole = folder.path().join("whole");
        let made = whole.clone();
        let made = tokio::task::spawn_blocking(move || files::made(&part, &made, format, &columns));
        let made = still_held(progress, made).await?;
        let made = made.map_err(|error| unreadable(&error))?;
        made.map_err(|error| Trouble::Problem(JobProblem::TooLarge, error.to_string()))?;
        progress
            .step(Step {
                without_file: true,
                ..Step::default()
            })
            .await?;
        store_file(&whole, progress).await
    }

    /// Writes the lines to a file of this machine.
    async fn spool(&self, path: &Path, head: Vec<u8>, parts: i32, job: i64) -> Result<(), Trouble> {
        let mut file = File::create(path).map_err(no_room)?;
        file.write_all(&head).map_err(no_room)?;
        for number in 0..parts {
            let piece = piece(&self.database, (job, Stage::Lines), number).await?;
            let piece = piece.ok_or_else(|| unknown("a piece is absent"))?;
            file.write_all(&piece).map_err(no_room)?;
        }
        file.sync_all().map_err(no_room)
    }
}

/// Waits for something that takes long, and keeps the job meanwhile.
async fn still_held<T>(progress: &Progress, work: impl Future<Output = T>) -> Result<T, Trouble> {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok(done),
            () = tokio::time::sleep(progress.half_lease()) => progress.step(Step::default()).await?,
        }
    }
}

/// Puts the file into the database, and tells its size.
async fn store_file(path: &Path, progress: &Progress) -> Result<i64, Trouble> {
    let mut file = File::open(path).map_err(no_room)?;
    let mut size = 0;
    for number in 0.. {
        let mut content = Vec::with_capacity(PIECE);
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let read = (&mut file)
            .take(limit)
            .read_to_end(&mut content)
            .map_err(no_room)?;
        if read == 0 {
            break;
        }
        size += i64::try_from(read).unwrap_or(i64::MAX);
        progress
            .step(Step {
                parts: vec![progress.part(Stage::File, number, content)],
                ..Step::default()
            })
            .await?;
    }
    Ok(size)
}

fn unknown(detail: &str) -> Trouble {
    Trouble::Problem(JobProblem::Unreadable, detail.to_owned())
}
