//! The rules of jobs.

use super::store;
use crate::{
    authz::{Access, Purpose, Roles, Viewer},
    db::DbError,
    graphql::plan::Refusal,
    writing::{Code, Done, Door, Mistake, Stop},
};
use async_graphql::Context;
use entity::{
    codes::{CodeList as _, FileFormat, JobKind, JobState, Role},
    region_code::RegionCode,
    shared::job,
};

use serde::{Deserialize, Serialize};

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
    pub file: FileState,
}

/// The file that work is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is about none.
    None,
    /// It will be sent.
    Awaited,
    /// It was sent for another job; its hash.
    Hashed(String),
}

/// The rest of who asked: with these rights the work is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sender {
    client: String,
    roles: Vec<String>,
    region: (i64, i64),
    institution: Option<String>,
    purpose: Option<String>,
}

impl Sender {
    fn of(viewer: &Viewer) -> Self {
        let roles = viewer.roles.to_vec();
        Sender {
            client: viewer.client.clone(),
            roles: roles.iter().map(|role| role.word().to_owned()).collect(),
            region: viewer.region,
            institution: viewer.institution.clone(),
            purpose: viewer.purpose.as_ref().map(|purpose| purpose.0.clone()),
        }
    }

    /// Who asked for a job.
    pub(super) fn viewer(self, job: &job::Model) -> Viewer {
        let roles: Vec<Role> = self
            .roles
            .iter()
            .filter_map(|word| Role::of_word(word))
            .collect();
        Viewer {
            user: job.user_id.clone(),
            client: self.client,
            department: job.department,
            roles: Roles::of(&roles),
            region: self.region,
            institution: self.institution,
            purpose: self.purpose.map(Purpose),
        }
    }
}

/// Refuses a region that is not the viewer's.
///
/// # Errors
/// `OUT_OF_SCOPE` at this path.
pub fn in_scope(ctx: &Context<'_>, region: RegionCode, path: &[&str]) -> Result<(), Refusal> {
    let (lo, hi) = ctx.data_unchecked::<Access>().span();
    let (first, last) = region.range();
    if lo <= first && last <= hi {
        return Ok(());
    }
    Err(Refusal::argument(
        "OUT_OF_SCOPE",
        path,
        "该地区不在您的辖区内。",
        "This region does not lie in yours.",
    ))
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
    let extension = match wanted.format {
        FileFormat::Csv | FileFormat::CsvGb18030 => "csv",
        FileFormat::Xlsx => "xlsx",
        FileFormat::Parquet => "parquet",
    };
    let sender = serde_json::to_string(&Sender::of(viewer));
    let (state, file_hash) = match wanted.file {
        FileState::None => (JobState::Queued, None),
        FileState::Awaited => (JobState::AwaitingFile, None),
        FileState::Hashed(hash) => (JobState::Queued, Some(hash)),
    };
    let job = job::Model {
        id: door.new_key::<job::Entity>().await?,
        region_code: wanted.region.get(),
        county_code: wanted.region.get() / 1_000_000,
        kind: wanted.kind,
        department: viewer.department,
        user_id: viewer.user.clone(),
        sender: sender.map_err(|error| DbError::fault(error.to_string()))?,
        institution_code: viewer.institution.clone().unwrap_or_default(),
        file_hash,
        changed: None,
        unchanged: None,
        refused: None,
        input: wanted.input,
        format: wanted.format,
        file_name: format!("{}.{extension}", wanted.file_name),
        state,
        problem: None,
        problem_detail: None,
        notices: None,
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
    if !matches!(
        job.state,
        JobState::AwaitingFile | JobState::Queued | JobState::Running
    ) {
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
