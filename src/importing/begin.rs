//! A file is announced, sent, looked at, and taken over: two jobs, the first of which changes nothing.

use crate::{
    departments,
    graphql::{
        plan::{Outcome, Refusal},
        scalars::{RegionId, RequestId},
    },
    household::known as known_region,
    jobs::{self, FileState, Job, JobRequest, TOO_MANY_JOBS},
    writing::{Action, Call, Code, Done, Door, Mistake, Payload, Stop, change},
};
use async_graphql::{Context, ID, InputObject, Object};
use entity::codes::{FileFormat, JobKind};
use entity::shared::job;
use serde::{Deserialize, Serialize};

/// The most characters of the name of a file.
const MOST_NAME: usize = 100;

/// No such kind of file.
const UNKNOWN_KIND: Code = Code::new(
    "UNKNOWN_KIND",
    "没有这一文件类型：请从 importKinds 中选取。",
    "There is no such kind of file: take one from importKinds.",
);
const NOT_YOURS: Code = Code::new(
    "KIND_NOT_YOURS",
    "您的部门不能办理该类文件中的事项。",
    "Your department does not do what the rows of such a file become.",
);
const BAD_NAME: Code = Code::new(
    "BAD_FILE_NAME",
    "文件名应为 1 至 100 个字符，不含路径。",
    "A file's name has 1 to 100 characters and no path.",
);
const NO_IMPORT: Code = Code::new(
    "NO_PREVIEW",
    "该任务不是已完成的导入预览，或文件已过期：请重新上传。",
    "This is no preview of an import that is done, or its file was removed: send the file again.",
);

pub struct ImportBegin;
impl Action for ImportBegin {
    const NAME: &'static str = "importBegin";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[&UNKNOWN_KIND, &NOT_YOURS, &BAD_NAME, &TOO_MANY_JOBS];
}

pub struct ImportApply;
impl Action for ImportApply {
    const NAME: &'static str = "importApply";
    type Changed = Job;
    const CODES: &'static [&'static Code] =
        &[&NO_IMPORT, &UNKNOWN_KIND, &NOT_YOURS, &TOO_MANY_JOBS];
}

/// A file that will be sent (导入文件).
#[derive(InputObject)]
pub struct ImportBeginInput {
    /// The kind of file (文件类型), such as "medical_enrolment": see `importKinds`.
    pub kind: String,
    /// The region that it is about (行政区划): its own words for columns are known, and the job is listed there.
    pub region: RegionId,
    /// The name of the file (文件名), at most 100 characters.
    pub file_name: String,
    /// The format of the copy with results (结果文件格式).
    #[graphql(default_with = "FileFormat::Xlsx")]
    pub format: FileFormat,
}

/// What is asked of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    pub kind: String,
    pub file_name: String,
    /// Whether rows are taken over; else only looked at.
    pub apply: bool,
    /// The job whose file it is, where it is not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_of: Option<i64>,
}

/// What can be asked of imports.
#[derive(Default)]
pub struct Query;

/// A kind of file that can be taken over (导入文件类型).
#[derive(async_graphql::SimpleObject)]
pub struct ImportKind {
    /// The kind (文件类型).
    name: &'static str,
    /// The mutation that each row becomes (办理事项).
    mutation: &'static str,
}

#[Object(name = "ImportQuery")]
impl Query {
    /// The kinds of files that are taken over (导入文件类型), and what their rows become. Who may do that may have the file taken
    /// over.
    async fn import_kinds(&self) -> Vec<ImportKind> {
        let imports = departments::imports().into_iter();
        imports
            .map(|import| ImportKind {
                name: import.kind,
                mutation: import.mutation,
            })
            .collect()
    }
}

/// What can be done with files of others.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "ImportMutation")]
impl Mutation {
    /// Begins the look at a file (导入预览): send the file by PUT to `/jobs/{id}/input`, with the same token; the job then tells
    /// row by row what taking it over would change, and changes nothing. See `job`.
    async fn import_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The file (导入文件).")] input: ImportBeginInput,
    ) -> Outcome<Payload<ImportBegin>> {
        let call = Call::new(request_id, dry_run);
        begin(ctx, call, input).await.into()
    }

    /// Takes over the valid rows of a file that was looked at (执行导入), as another job; rows that can't be are told with the
    /// reason.
    async fn import_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The job that looked at the file (预览任务), by global id.")] id: ID,
    ) -> Outcome<Payload<ImportApply>> {
        let (call, id) = (Call::new(request_id, dry_run), &id);
        change(ctx, call, |door| apply(door, id)).await.into()
    }
}

async fn begin(
    ctx: &Context<'_>,
    call: Call,
    input: ImportBeginInput,
) -> Result<Payload<ImportBegin>, Refusal> {
    known_region(ctx, input.region, &["input", "region"]).await?;
    jobs::in_scope(ctx, input.region.0, &["input", "region"])?;
    let input = &input;
    change(ctx, call, |door| announce(door, input)).await
}

async fn announce(door: Door, input: &ImportBeginInput) -> Result<Done, Stop> {
    may_take(&door, &input.kind, &["input", "kind"])?;
    let name = input.file_name.trim();
    let is_name = (1..=MOST_NAME).contains(&name.chars().count())
        && !name.contains(['/', '\\', '\0'])
        && crate::text::is_plain(name);
    if !is_name {
        return Err(Mistake::new(&BAD_NAME, &["input", "fileName"]).into());
    }
    let wanted = Wanted {
        kind: input.kind.clone(),
        file_name: name.to_owned(),
        apply: false,
        file_of: None,
    };
    let request = JobRequest {
        kind: JobKind::Import,
        region: input.region.0,
        input: text_of(&wanted)?,
        format: input.format,
        file_name: format!("result-{}", input.kind),
        file: FileState::Awaited,
    };
    jobs::request(&door, request).await
}

/// Else a file would tell who is on record to somebody who has no business with it.
fn may_take(door: &Door, kind: &str, path: &[&str]) -> Result<(), Mistake> {
    let imports = departments::imports();
    let import = imports.iter().find(|import| import.kind == kind);
    let import = import.ok_or_else(|| Mistake::new(&UNKNOWN_KIND, path))?;
    match door.access().may_read("Mutation", import.mutation) {
        true => Ok(()),
        false => Err(Mistake::new(&NOT_YOURS, path)),
    }
}

async fn apply(door: Door, id: &str) -> Result<Done, Stop> {
    let preview = door.find::<job::Entity>(id, &["id"]).await?;
    let wanted = serde_json::from_str::<Wanted>(&preview.input).ok();
    let looked_at = preview.kind == JobKind::Import && preview.file_path.is_some();
    // The copy repeats what was sent, so a colleague's preview is none.
    let is_own = preview.user_id == door.access().viewer.user;
    let Some(wanted) = wanted.filter(|wanted| looked_at && is_own && !wanted.apply) else {
        return Err(Mistake::new(&NO_IMPORT, &["id"]).into());
    };
    may_take(&door, &wanted.kind, &["id"])?;
    let wanted = Wanted {
        apply: true,
        file_of: Some(preview.id),
        ..wanted
    };
    let region = entity::region_code::RegionCode::try_from(preview.region_code);
    let request = JobRequest {
        kind: JobKind::Import,
        region: region.map_err(|_| Mistake::new(&NO_IMPORT, &["id"]))?,
        input: text_of(&wanted)?,
        format: preview.format,
        file_name: format!("applied-{}", wanted.kind),
        file: FileState::Hashed(preview.file_hash.unwrap_or_default()),
    };
    jobs::request(&door, request).await
}

fn text_of(wanted: &Wanted) -> Result<String, Stop> {
    serde_json::to_string(wanted)
        .map_err(|error| crate::db::DbError::fault(error.to_string()).into())
}
