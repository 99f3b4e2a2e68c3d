//! A list is asked for as a file.

use super::{
    reading::{Columns, Narrowed, columns},
    reveal::Reveal,
};
use crate::{
    authz::Access,
    clock::Clock,
    db::DbError,
    departments,
    files::{By, Export},
    graphql::{
        plan::{Outcome, Refusal},
        scalars::{Day, RegionId, RequestId},
        shape::SchemaShape,
    },
    household::known as known_region,
    jobs::{self, FileState, Job, JobRequest, TOO_MANY_JOBS},
    text::is_plain,
    writing::{Action, Call, Code, Done, Door, INVALID_VALUE, Mistake, Payload, Stop, change},
};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::codes::{FileFormat, JobKind, RevealPurpose, SensitiveField};
use serde::{Deserialize, Serialize};
use std::{ops::RangeInclusive, sync::Arc};

/// Characters of the reason for which full values are asked, and of the number of the case.
const REASON: RangeInclusive<usize> = 10..=200;
const CASE_NUMBER: RangeInclusive<usize> = 1..=64;

const UNKNOWN_KIND: Code = Code::new(
    "UNKNOWN_KIND",
    "没有这一名单：请从 exportKinds 中选取。",
    "There is no such list for you: take one from exportKinds.",
);
const NOT_NARROWED: Code = Code::new(
    "NOT_NARROWED_BY_THIS",
    "该名单不能按此条件筛选：请查看 exportKinds。",
    "This list is not narrowed by that: see exportKinds.",
);
const NO_SUCH_FORMAT: Code = Code::new(
    "NO_SUCH_FORMAT",
    "名单只能导出为 CSV 或 XLSX 文件。",
    "A list goes out as CSV or XLSX.",
);
const NOT_YOURS_IN_FULL: Code = Code::new(
    "NOT_YOURS_IN_FULL",
    "只有该名单的主管部门（旗县及以下）可导出完整信息：请导出隐去后的名单，或逐一查看。",
    "Only the department that keeps this list, in one county, has it with full values: take it with masks, or look at single ones.",
);

pub struct ExportBegin;
impl Action for ExportBegin {
    const NAME: &'static str = "exportBegin";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[
        &UNKNOWN_KIND,
        &NOT_NARROWED,
        &NO_SUCH_FORMAT,
        &NOT_YOURS_IN_FULL,
        &TOO_MANY_JOBS,
    ];
    const BELOW_HOUSEHOLD: bool = false;
}

/// A list that is wanted as a file (导出名单).
#[derive(InputObject)]
pub struct ExportBeginInput {
    /// The list (名单), such as "medical_enrolment": see `exportKinds`.
    pub kind: String,
    /// The region (行政区划), inside of yours.
    pub region: RegionId,
    /// The day of the roll (在册日期), of a list that has one: today unless told.
    pub as_of: Option<Day>,
    /// Only of this year (年度), of a list that has one: all unless told.
    pub year: Option<i32>,
    /// Only in one of these states (状态), of a list that has them: all unless told.
    pub state: Option<Vec<String>>,
    /// The format of the file (文件格式).
    #[graphql(default_with = "FileFormat::Xlsx")]
    pub format: FileFormat,
    /// Full values in place of masks (完整信息). None unless told.
    pub reveal: Option<ExportRevealInput>,
}

/// Full values in place of masks (完整敏感信息): each person is recorded as for `sensitiveReveal`, before the file is there.
#[derive(InputObject)]
pub struct ExportRevealInput {
    /// Which values (字段) of those that the list masks.
    pub fields: Vec<SensitiveField>,
    /// What for (用途).
    pub purpose: RevealPurpose,
    /// The number of the case (案件编号), at most 64 characters.
    pub case_number: String,
    /// Why the whole list is needed (理由), 10 to 200 characters.
    pub reason: String,
}

/// What is asked of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wanted {
    pub kind: String,
    pub region: String,
    #[serde(flatten)]
    pub narrowed: Narrowed,
    /// The day on which it was asked for.
    pub today: String,
    /// The columns of the file, and those that who asked may not read.
    pub columns: Vec<String>,
    pub withheld: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Reveal>,
}

/// A list that goes out as a file (导出名单类型).
#[derive(SimpleObject)]
pub struct ExportKind {
    /// The list (名单).
    name: &'static str,
    /// What it is called (名单名称).
    title: &'static str,
    /// The list of the graph that it is read from (数据来源).
    list: &'static str,
    /// Its columns that you may read (导出列).
    columns: Vec<&'static str>,
    /// Those that you may not (不可导出列): the file is without them.
    withheld: Vec<&'static str>,
    /// Whether it is that of a day (可否按日期).
    by_day: bool,
    /// Whether it is narrowed to a year (可否按年度).
    by_year: bool,
    /// The code list of its states (状态代码表). Null: it is not narrowed by them.
    states: Option<&'static str>,
    /// Whether you may have it with full values (可否导出完整信息).
    may_reveal: bool,
}

/// What can be asked of exports.
#[derive(Default)]
pub struct Query;

#[Object(name = "ExportQuery")]
impl Query {
    /// The lists that you may have as files (可导出名单), with the columns that you may read.
    async fn export_kinds(&self, ctx: &Context<'_>) -> Vec<ExportKind> {
        let access = ctx.data_unchecked::<Access>();
        let exports = departments::exports().into_iter();
        exports
            .filter_map(|export| Some(shown(&export, access, readable(ctx, &export)?)))
            .collect()
    }
}

fn shown(export: &Export, access: &Access, of: Columns) -> ExportKind {
    let names = |columns: Vec<&'static crate::files::ExportColumn>| {
        columns.iter().map(|column| column.name).collect()
    };
    let by = |wanted: By| {
        export
            .conditions
            .iter()
            .any(|condition| condition.by == wanted)
    };
    ExportKind {
        name: export.kind,
        title: export.chinese,
        list: export.list,
        may_reveal: may_reveal(export, access)
            && of.readable.iter().any(|column| column.masks.is_some()),
        columns: names(of.readable),
        withheld: names(of.withheld),
        by_day: by(By::AsOf),
        by_year: by(By::Year),
        states: states(export),
    }
}

/// The columns of an export for who asks.
fn readable(ctx: &Context<'_>, export: &Export) -> Option<Columns> {
    let shape = ctx.data_unchecked::<Arc<SchemaShape>>();
    let types = |of: &str, field: &str| Some(shape.field(of, field)?.ty.clone());
    columns(export, ctx.data_unchecked(), &types)
}

/// The code list by which an export is narrowed.
fn states(export: &Export) -> Option<&'static str> {
    let mut conditions = export.conditions.iter();
    conditions.find_map(|condition| match condition.by {
        By::State(list) => Some(list),
        By::AsOf | By::Year => None,
    })
}

/// Whether the list is kept by who asks, where they write and not from above.
fn may_reveal(export: &Export, access: &Access) -> bool {
    export.owners.contains(&access.viewer.department)
        && access.is_at_own_level()
        && access.may_read("Mutation", "sensitiveReveal")
}

/// What can be done with lists.
#[derive(Default)]
pub struct Mutation;

#[Object(name = "ExportMutation")]
impl Mutation {
    /// Begins a job that writes a list to a file (导出), with the rows, values and masks of your own queries. See `job`; the file is
    /// for you alone.
    async fn export_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "The list (导出名单).")] input: ExportBeginInput,
    ) -> Outcome<Payload<ExportBegin>> {
        let call = Call::new(request_id, dry_run);
        begin(ctx, call, input).await.into()
    }
}

async fn begin(
    ctx: &Context<'_>,
    call: Call,
    input: ExportBeginInput,
) -> Result<Payload<ExportBegin>, Refusal> {
    known_region(ctx, input.region, &["input", "region"]).await?;
    jobs::in_scope(ctx, input.region.0, &["input", "region"])?;
    let exports = departments::exports().into_iter();
    let mut of_kind = exports.filter(|export| export.kind == input.kind);
    let found = of_kind.next().and_then(|export| {
        let columns = readable(ctx, &export)?;
        Some((export, columns))
    });
    let today = ctx.data_unchecked::<Clock>().today().to_string();
    let (input, found, today) = (&input, &found, &today);
    change(ctx, call, |door| enter(door, input, found.as_ref(), today)).await
}

async fn enter(
    door: Door,
    input: &ExportBeginInput,
    found: Option<&(Export, Columns)>,
    today: &str,
) -> Result<Done, Stop> {
    let (export, columns) = found.ok_or_else(|| Mistake::new(&UNKNOWN_KIND, &["input", "kind"]))?;
    if input.format == FileFormat::Parquet {
        return Err(Mistake::new(&NO_SUCH_FORMAT, &["input", "format"]).into());
    }
    let reveal = match &input.reveal {
        Some(reveal) => Some(checked(reveal, (export, columns), door.access())?),
        None => None,
    };
    let names = |columns: &[&crate::files::ExportColumn]| {
        columns
            .iter()
            .map(|column| column.name.to_owned())
            .collect()
    };
    let wanted = Wanted {
        kind: export.kind.to_owned(),
        region: input.region.0.to_string(),
        narrowed: narrowed(export, input, today)?,
        today: today.to_owned(),
        columns: names(&columns.readable),
        withheld: names(&columns.withheld),
        reveal,
    };
    let request = JobRequest {
        kind: JobKind::Export,
        region: input.region.0,
        file_name: format!("{}-{}-{today}", export.kind, wanted.region),
        input: serde_json::to_string(&wanted).map_err(|error| DbError::fault(error.to_string()))?,
        format: input.format,
        file: FileState::None,
    };
    jobs::request(&door, request).await
}

fn narrowed(export: &Export, input: &ExportBeginInput, today: &str) -> Result<Narrowed, Mistake> {
    let by = |wanted: By| {
        export
            .conditions
            .iter()
            .any(|condition| condition.by == wanted)
    };
    let not_by = |field: &str| Mistake::new(&NOT_NARROWED, &["input", field]);
    let (has_day, has_year) = (by(By::AsOf), by(By::Year));
    if input.as_of.is_some() && !has_day {
        return Err(not_by("asOf"));
    }
    if input.year.is_some() && !has_year {
        return Err(not_by("year"));
    }
    if input
        .year
        .is_some_and(|year| !(1949..=2199).contains(&year))
    {
        return Err(Mistake::new(&INVALID_VALUE, &["input", "year"]));
    }
    let state = input.state.clone().unwrap_or_default();
    if !state.is_empty() {
        let name = states(export).ok_or_else(|| not_by("state"))?;
        let lists = departments::code_lists();
        let list = lists.iter().find(|(of, ..)| *of == name);
        let entries = list.map_or(&[][..], |(_, _, entries)| entries);
        let is_known = |word: &String| entries.iter().any(|entry| entry.word == word);
        if !state.iter().all(is_known) {
            return Err(Mistake::new(&INVALID_VALUE, &["input", "state"]));
        }
    }
    let today = has_day.then(|| today.to_owned());
    Ok(Narrowed {
        as_of: input.as_of.map(|day| day.0.to_string()).or(today),
        year: input.year,
        state,
    })
}

/// Full values are asked for by who keeps them, of what the list masks, with a case and a reason.
fn checked(
    reveal: &ExportRevealInput,
    (export, columns): (&Export, &Columns),
    access: &Access,
) -> Result<Reveal, Mistake> {
    if !may_reveal(export, access) {
        return Err(Mistake::new(&NOT_YOURS_IN_FULL, &["input", "reveal"]));
    }
    let masked = |field: &SensitiveField| {
        let mut columns = columns.readable.iter();
        columns.any(|column| column.masks == Some(*field))
    };
    let wrong = |field: &str| Mistake::new(&INVALID_VALUE, &["input", "reveal", field]);
    if reveal.fields.is_empty() || !reveal.fields.iter().all(masked) {
        return Err(wrong("fields"));
    }
    let (case_number, reason) = (reveal.case_number.trim(), reveal.reason.trim());
    let fits = |text: &str, length: RangeInclusive<usize>| {
        length.contains(&text.chars().count()) && is_plain(text)
    };
    if !fits(case_number, CASE_NUMBER) {
        return Err(wrong("caseNumber"));
    }
    if !fits(reason, REASON) {
        return Err(wrong("reason"));
    }
    Ok(Reveal::new(
        &reveal.fields,
        reveal.purpose,
        (case_number, reason),
    ))
}
