//! A job.

use crate::{
    graphql::{
        plan::{Record, Ref, codes},
        scalars::{Moment, NodeId},
    },
    household::Region,
};
use async_graphql::SimpleObject;
use entity::codes::{Department, FileFormat, JobKind, JobProblem, JobState};

codes!(JobKind, JobState, JobProblem, FileFormat);

/// Work that takes longer than a request (后台任务): what was asked, how far it is, and where the file is that came of it. For the
/// department that asked, and for audit.
#[derive(SimpleObject, Record)]
#[record(
    entity = "shared::job",
    of_region,
    order = "t.requested_at_ms DESC, t.id DESC",
    bounds(
        Poverty,
        Township,
        Village,
        Civil,
        Medins,
        Health,
        Edu,
        Housing,
        Reloc,
        Finance,
        Hrss,
        Forestry,
        Agri,
        Dpf,
        Police,
        Women,
        Land = "t.department = {department}",
        School,
        Bank,
        Insurer = "t.department = {department} AND t.institution_code = {institution}"
    )
)]
pub struct Job {
    /// The global id (全局编号).
    id: NodeId<Job>,
    /// What it does (任务类型).
    kind: JobKind,
    /// The region it is about (行政区划).
    #[record(column = "t.region_code")]
    region: Ref<Region>,
    /// The department that asked for it (申请部门).
    department: Department,
    /// What was asked (申请内容), as JSON.
    input: String,
    /// The state (任务状态).
    state: JobState,
    /// Why it could not be done (失败原因). Null: it did not fail.
    problem: Option<JobProblem>,
    /// What a technician needs to know of that (失败详情). Null: nothing.
    problem_detail: Option<String>,
    /// What of the file was not read (提示), a line each: columns with a heading that is not known, with the nearest that is, and
    /// sheets. Null: nothing.
    notices: Option<String>,
    /// How much there is to do (总数), such as households. Null: not known yet.
    total: Option<i32>,
    /// How much of it is done (完成数).
    done: i32,
    /// How many rows the result has so far (结果行数).
    lines: i32,
    /// Of a file that is taken over: how many rows have changed something, or would (变更行数). Null: of other work.
    changed: Option<i32>,
    /// How many rows say what is on record already (无变化行数). Null: of other work.
    unchanged: Option<i32>,
    /// How many rows can't be taken over (未导入行数); the file says why, row by row. Null: of other work.
    refused: Option<i32>,
    /// The SHA-256 of the file that was sent (文件摘要), hexadecimal. Null: none was.
    file_hash: Option<String>,
    /// The format of the file (文件格式).
    format: FileFormat,
    /// The name of the file (文件名).
    file_name: String,
    /// Where the file is fetched with the same token (下载路径): a GET of this path. Null: there is none (yet).
    file_path: Option<String>,
    /// How many bytes the file has (文件大小); of a job that runs, what is stored so far.
    bytes: i32,
    /// When it was asked for (申请时间).
    #[graphql(name = "requestedAt")]
    requested_at_ms: Moment,
    /// When it was begun (开始时间). Null: it waits.
    #[graphql(name = "startedAt")]
    started_at_ms: Option<Moment>,
    /// When it ended (结束时间). Null: it has not.
    #[graphql(name = "endedAt")]
    ended_at_ms: Option<Moment>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}
