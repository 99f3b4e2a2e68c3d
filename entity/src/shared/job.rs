//! Work that takes longer than a request (后台任务): what is asked, how far it is, and what came of it.

use sea_orm::entity::prelude::*;

use crate::codes::{Department, FileFormat, JobKind, JobProblem, JobState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Key, handed out by the application.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The region it is about, of any level, 12 digits, and its first 6 digits (generated).
    pub region_code: i64,
    pub county_code: i64,
    /// What it does, and for whom: department and user, issuer and subject of the token (任务类型、申请部门、申请人).
    pub kind: JobKind,
    pub department: Department,
    pub user_id: String,
    /// The rest of who asked, as JSON: the work is done with these rights. And the institution, empty for none (机构代码).
    pub sender: String,
    pub institution_code: String,
    /// What is asked, as JSON, and the file that is to come of it (内容、文件格式、文件名).
    pub input: String,
    pub format: FileFormat,
    pub file_name: String,
    /// SHA-256 of the file that was sent, hexadecimal, where the work is about one (文件摘要).
    pub file_hash: Option<String>,
    /// How it stands (任务状态); where it failed why, and what a technician needs to know.
    pub state: JobState,
    pub problem: Option<JobProblem>,
    pub problem_detail: Option<String>,
    /// What of the file was not read, a line each (提示).
    pub notices: Option<String>,
    /// How much there is to do, where that is known, and how much is done (总数、完成数).
    pub total: Option<i64>,
    pub done: i64,
    /// Rows of the result so far, and bytes of the parts that are stored (结果行数、字节数).
    pub lines: i64,
    pub bytes: i64,
    /// Rows that changed something or would, that changed nothing, and that were refused, of work that is about a file.
    pub changed: Option<i32>,
    pub unchanged: Option<i32>,
    pub refused: Option<i32>,
    /// Where it goes on, as JSON.
    pub position: Option<String>,
    /// Which process does it, and until when it need not be asked whether it still does, epoch milliseconds.
    pub holder: Option<String>,
    pub lease_until_ms: Option<i64>,
    /// How many times it was begun or gone on with.
    pub attempts: i32,
    /// Where the file can be fetched, once it is there.
    pub file_path: Option<String>,
    /// Moments, epoch milliseconds: asked, begun, ended (申请、开始、结束时间).
    pub requested_at_ms: i64,
    pub started_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
    /// Version for optimistic locking, and the moment of the last change in epoch milliseconds.
    pub version: i32,
    pub recorded_at_ms: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
