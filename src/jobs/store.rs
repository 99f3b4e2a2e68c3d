//! The rows of jobs. What their runner writes is no business action: how far a job is stands in no audit record, who asked for
//! it does.

use super::types::Job;
use crate::{
    clock::Clock,
    db::{Database, DbError, Opening, Transaction},
    graphql::scalars::global_id,
    writing::{Door, Stop, written},
};
use ::entity::{
    codes::{JobProblem, JobState},
    shared::{job, job_part},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set, UpdateMany,
    sea_query::{Expr, SimpleExpr, Value},
};
use std::time::Duration;

written! {
    Core: job => Job;
}

/// How many jobs of a user wait or run.
pub(super) async fn unfinished(door: &Door, user: &str) -> Result<u64, Stop> {
    let of_user = job::Entity::find()
        .filter(job::Column::UserId.eq(user))
        .filter(job::Column::State.is_in([
            JobState::AwaitingFile,
            JobState::Queued,
            JobState::Running,
        ]));
    Ok(of_user
        .count(door.transaction())
        .await
        .map_err(DbError::from)?)
}

/// Of what a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The file that was sent.
    Input,
    /// Lines of which a file will be made.
    Lines,
    /// The file that can be fetched.
    File,
}

impl Stage {
    pub(super) fn word(self) -> &'static str {
        match self {
            Stage::Input => "INPUT",
            Stage::Lines => "LINES",
            Stage::File => "FILE",
        }
    }
}

/// Who does a job, and since when its lease counts.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub holder: String,
    pub now_ms: i64,
    pub lease_ms: i64,
}

impl Hold {
    pub(super) fn new(holder: &str, clock: &Clock, lease: Duration) -> Self {
        Hold {
            holder: holder.to_owned(),
            now_ms: clock.now_ms(),
            lease_ms: i64::try_from(lease.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

/// Takes the oldest job that waits, or that nobody holds any more.
pub(super) async fn take(
    database: &Database,
    hold: &Hold,
    only: Option<i64>,
) -> Result<Option<job::Model>, DbError> {
    let free = job::Column::State
        .eq(JobState::Queued)
        .or(job::Column::State
            .eq(JobState::Running)
            .and(job::Column::LeaseUntilMs.lt(hold.now_ms)));
    let free = match only {
        Some(job) => job::Column::Id.eq(job).and(free),
        None => free,
    };
    let database = &database.opened(Opening::Jobs);
    let found = |transaction: Transaction, free: SimpleExpr| async move {
        let oldest = job::Entity::find()
            .filter(free)
            .order_by_asc(job::Column::Id);
        oldest.one(&*transaction).await.map_err(DbError::from)
    };
    database
        .write("take a job", |transaction| {
            let free = free.clone();
            async move {
                let Some(job) = found(transaction.clone(), free).await? else {
                    return Ok(None);
                };
                let taken = job::Model {
                    state: JobState::Running,
                    holder: Some(hold.holder.clone()),
                    lease_until_ms: Some(hold.now_ms + hold.lease_ms),
                    attempts: job.attempts + 1,
                    started_at_ms: job.started_at_ms.or(Some(hold.now_ms)),
                    version: job.version + 1,
                    recorded_at_ms: hold.now_ms,
                    ..job.clone()
                };
                // Somebody else may have read the same row: one of the two finds the other version.
                let done = job::Entity::update_many()
                    .col_expr(job::Column::State, value(taken.state))
                    .col_expr(job::Column::Holder, value(taken.holder.clone()))
                    .col_expr(job::Column::LeaseUntilMs, value(taken.lease_until_ms))
                    .col_expr(job::Column::Attempts, value(taken.attempts))
                    .col_expr(job::Column::StartedAtMs, value(taken.started_at_ms))
                    .col_expr(job::Column::Version, value(taken.version))
                    .col_expr(job::Column::RecordedAtMs, value(taken.recorded_at_ms))
                    .filter(job::Column::Id.eq(job.id))
                    .filter(job::Column::Version.eq(job.version))
                    .exec(&*transaction)
                    .await?;
                Ok((done.rows_affected == 1).then_some(taken))
            }
        })
        .await
}

/// A step of a job: what of its row changes, and the pieces that are added and removed with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub changes: Vec<(job::Column, Value)>,
    pub parts: Vec<job_part::Model>,
    /// Remove what there is of the file.
    pub without_file: bool,
}

impl Step {
    pub(super) fn set(mut self, column: job::Column, to: impl Into<Value>) -> Self {
        self.changes.push((column, to.into()));
        self
    }
}

/// Makes a step, if the job is still held. False: it was given up, or another process does it.
pub(super) async fn step(
    database: &Database,
    (job, hold): (i64, &Hold),
    step: Step,
) -> Result<bool, DbError> {
    let step = &step;
    database
        .opened(Opening::Jobs)
        .write("go on with a job", |transaction| async move {
            let mut update = held(job, hold)
                .col_expr(job::Column::RecordedAtMs, value(hold.now_ms))
                .col_expr(
                    job::Column::LeaseUntilMs,
                    value(hold.now_ms + hold.lease_ms),
                );
            for (column, to) in &step.changes {
                update = update.col_expr(*column, Expr::value(to.clone()));
            }
            if update.exec(&*transaction).await?.rows_affected != 1 {
                return Ok(false);
            }
            if step.without_file {
                remove_parts(&transaction, job, Stage::File).await?;
            }
            for part in &step.parts {
                let mut part = part.clone().into_active_model().reset_all();
                part.not_set(job_part::Column::CountyCode);
                let added = job_part::Entity::insert(part);
                added.exec_without_returning(&*transaction).await?;
            }
            Ok(true)
        })
        .await
}

/// How a job ends.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// With a file of so many bytes: it takes the place of the lines.
    Done(i64),
    Failed(JobProblem, String),
}

/// Ends a job that is still held.
pub(super) async fn end(
    database: &Database,
    (job, hold): (i64, &Hold),
    end: &End,
) -> Result<bool, DbError> {
    database
        .opened(Opening::Jobs)
        .write("end a job", |transaction| async move {
            let ended = match end {
                End::Done(bytes) => {
                    let path = format!("/jobs/{}/file", global_id("Job", job));
                    held(job, hold)
                        .col_expr(job::Column::State, value(JobState::Done))
                        .col_expr(job::Column::FilePath, value(path))
                        .col_expr(job::Column::Bytes, value(*bytes))
                }
                End::Failed(problem, detail) => held(job, hold)
                    .col_expr(job::Column::State, value(JobState::Failed))
                    .col_expr(job::Column::Problem, value(*problem))
                    .col_expr(job::Column::ProblemDetail, value(detail.as_str())),
            };
            let ended = ended
                .col_expr(job::Column::Holder, value(None::<String>))
                .col_expr(job::Column::LeaseUntilMs, value(None::<i64>))
                .col_expr(job::Column::EndedAtMs, value(hold.now_ms))
                .col_expr(job::Column::RecordedAtMs, value(hold.now_ms))
                .exec(&*transaction)
                .await?;
            if ended.rows_affected == 1 && matches!(end, End::Done(_)) {
                remove_parts(&transaction, job, Stage::Lines).await?;
            }
            Ok(ended.rows_affected == 1)
        })
        .await
}

/// An update of a job that changes it only while it is held.
fn held(job: i64, hold: &Hold) -> UpdateMany<job::Entity> {
    job::Entity::update_many()
        .col_expr(
            job::Column::Version,
            Expr::col(job::Column::Version).add(1_i32),
        )
        .filter(job::Column::Id.eq(job))
        .filter(job::Column::State.eq(JobState::Running))
        .filter(job::Column::Holder.eq(hold.holder.as_str()))
}

fn value(of: impl Into<Value>) -> SimpleExpr {
    Expr::value(of)
}

async fn remove_parts(transaction: &Transaction, job: i64, stage: Stage) -> Result<(), DbError> {
    let parts = job_part::Entity::delete_many()
        .filter(job_part::Column::JobId.eq(job))
        .filter(job_part::Column::Stage.eq(stage.word()));
    parts.exec(&**transaction).await?;
    Ok(())
}

const DAY_MS: i64 = 86_400_000;

/// Pieces removed in one write: each may be a megabyte.
const PARTS: u64 = 50;

/// Removes the pieces of jobs that ended before a moment, some at a time. Whether there may be more.
pub(super) async fn remove_old(
    database: &Database,
    before_ms: i64,
    now_ms: i64,
) -> Result<bool, DbError> {
    database
        .opened(Opening::Jobs)
        .write("purge jobs", |transaction| async move {
            // A file that has not come within a day does not come.
            job::Entity::update_many()
                .col_expr(job::Column::State, value(JobState::Cancelled))
                .col_expr(job::Column::EndedAtMs, value(now_ms))
                .col_expr(
                    job::Column::Version,
                    Expr::col(job::Column::Version).add(1_i32),
                )
                .filter(job::Column::State.eq(JobState::AwaitingFile))
                .filter(job::Column::RequestedAtMs.lt(now_ms - DAY_MS))
                .exec(&*transaction)
                .await?;
            // What was given up or failed is of no use to anybody.
            let over = job::Column::State
                .is_in([JobState::Cancelled, JobState::Failed])
                .or(job::Column::EndedAtMs.lt(before_ms));
            let parts: Vec<job_part::Model> = job_part::Entity::find()
                .filter(
                    job_part::Column::JobId.in_subquery(sea_orm::QueryTrait::into_query(
                        job::Entity::find()
                            .select_only()
                            .column(job::Column::Id)
                            .filter(over),
                    )),
                )
                .limit(PARTS)
                .all(&*transaction)
                .await?;
            for part in &parts {
                let key = (part.job_id, part.stage.clone(), part.number);
                job_part::Entity::delete_by_id(key)
                    .exec(&*transaction)
                    .await?;
            }
            job::Entity::update_many()
                .col_expr(job::Column::State, value(JobState::Expired))
                .col_expr(job::Column::FilePath, value(None::<String>))
                .col_expr(
                    job::Column::Version,
                    Expr::col(job::Column::Version).add(1_i32),
                )
                .filter(job::Column::State.eq(JobState::Done))
                .filter(job::Column::EndedAtMs.lt(before_ms))
                .exec(&*transaction)
                .await?;
            Ok(parts.len() as u64 == PARTS)
        })
        .await
}

/// Whether a job awaits its file from this user; what an earlier try has left is removed.
pub(super) async fn begin_input(
    database: &Database,
    job: i64,
    user: &str,
) -> Result<bool, DbError> {
    database
        .opened(Opening::Jobs)
        .write("begin a file", |transaction| async move {
            let awaits = job::Entity::find_by_id(job)
                .filter(job::Column::State.eq(JobState::AwaitingFile))
                .filter(job::Column::UserId.eq(user));
            let awaits = awaits.count(&*transaction).await? == 1;
            if awaits {
                remove_parts(&transaction, job, Stage::Input).await?;
            }
            Ok(awaits)
        })
        .await
}

pub(super) async fn add_input(
    database: &Database,
    (job, number): (i64, i32),
    content: Vec<u8>,
) -> Result<(), DbError> {
    let content = &content;
    database
        .opened(Opening::Jobs)
        .write("add to a file", |transaction| async move {
            let of = job::Entity::find_by_id(job)
                .filter(job::Column::State.eq(JobState::AwaitingFile))
                .one(&*transaction)
                .await?;
            let Some(of) = of else {
                return Ok(());
            };
            let part = job_part::ActiveModel {
                job_id: Set(job),
                stage: Set(Stage::Input.word().to_owned()),
                number: Set(number),
                region_code: Set(of.region_code),
                content: Set(content.clone()),
                ..Default::default()
            };
            job_part::Entity::insert(part)
                .exec_without_returning(&*transaction)
                .await?;
            Ok(())
        })
        .await
}

pub(super) async fn end_input(
    database: &Database,
    (job, hash): (i64, &str),
    now_ms: i64,
) -> Result<bool, DbError> {
    database
        .opened(Opening::Jobs)
        .write("end a file", |transaction| async move {
            let done = job::Entity::update_many()
                .col_expr(job::Column::State, value(JobState::Queued))
                .col_expr(job::Column::FileHash, value(hash))
                .col_expr(job::Column::RecordedAtMs, value(now_ms))
                .col_expr(
                    job::Column::Version,
                    Expr::col(job::Column::Version).add(1_i32),
                )
                .filter(job::Column::Id.eq(job))
                .filter(job::Column::State.eq(JobState::AwaitingFile))
                .exec(&*transaction)
                .await?;
            Ok(done.rows_affected == 1)
        })
        .await
}
