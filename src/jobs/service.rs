//! The rules of jobs.

use super::store;
use crate::writing::{Code, Done, Door, Mistake, Stop};
use entity::{
    codes::{CodeList as _, FileFormat, JobKind, JobState},
    region_code::RegionCode,
    shared::job,
};

/// How many jobs of one user may wait or run.
const MOST_UNFINISHED: u64 = 5;

/// Others have to end first.
pub const TOO_MANY_JOBS: Code = Code::new(
    "TOO_MANY_JOBS",
    "您已有 5 个任务在排队或进行中：请等待其完成，或取消其中一个。",
    "Five jobs of yours wait or run: wait for one to end, or cancel one.",
);
pub(super) const JOB_ENDED: Code = Code::new(
    "JOB_ENDED",
    "任务已结束，不能取消。",
    "The job has ended: there is nothing to cancel.",
);

/// Work that is asked for.
#[derive(Clone, Debug)]
pub struct JobRequest {
    pub kind: JobKind,
    /// The region it is about. The caller has seen that it is the viewer's.
    pub region: RegionCode,
    /// What the work reads, and the department is shown.
    pub input: String,
    pub format: FileFormat,
    /// The name of the file without its extension.
    pub file_name: String,
}

/// Enters a job for the viewer.
///
/// # Errors
/// Too many are unfinished; the database.
pub async fn request(door: &Door, wanted: JobRequest) -> Result<Done, Stop> {
    let viewer = &door.access().viewer;
    if store::unfinished(door, &viewer.user).await? >= MOST_UNFINISHED {
        return Err(Mistake::new(&TOO_MANY_JOBS, &[]).into());
    }
    let extension = wanted.format.word().to_lowercase();
    let job = job::Model {
        id: door.new_key::<job::Entity>().await?,
        region_code: wanted.region.get(),
        county_code: wanted.region.get() / 1_000_000,
        kind: wanted.kind,
        department: viewer.department,
        user_id: viewer.user.clone(),
        input: wanted.input,
        format: wanted.format,
        file_name: format!("{}.{extension}", wanted.file_name),
        state: JobState::Queued,
        problem: None,
        problem_detail: None,
        total: None,
        done: 0,
        lines: 0,
        bytes: 0,
        position: None,
        holder: None,
        lease_until_ms: None,
        attempts: 0,
        file_path: None,
        requested_at_ms: door.now_ms(),
        started_at_ms: None,
        ended_at_ms: None,
        version: 1,
        recorded_at_ms: door.now_ms(),
    };
    let job = door.insert::<job::Entity>(job).await?;
    Ok(Done::of(job.id))
}

pub(super) async fn cancel(door: Door, id: &str) -> Result<Done, Stop> {
    let job = door.find::<job::Entity>(id, &["id"]).await?;
    if !matches!(job.state, JobState::Queued | JobState::Running) {
        return Err(Mistake::new(&JOB_ENDED, &["id"]).into());
    }
    let after = job::Model {
        state: JobState::Cancelled,
        holder: None,
        lease_until_ms: None,
        ended_at_ms: Some(door.now_ms()),
        ..job.clone()
    };
    let job = door.update::<job::Entity>(&job, after).await?;
    Ok(Done::of(job.id))
}
