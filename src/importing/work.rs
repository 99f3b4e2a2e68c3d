//! Takes a file over as a job.

use super::{
    begin::Wanted,
    importer::{FileRun, Importer, Taking},
    outcome::{Counts, Outcome},
};
use crate::{
    authz::{
        directory::{RememberedDirectory, UserDirectory},
        token::TokenError,
    },
    db::{Database, DbError},
    files::{Column, Kind, lines},
    jobs::{self, Order, Progress, Stretch, Trouble, Work},
};
use entity::codes::{JobKind, JobProblem};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sheets::{Limits, Line, Problem, Row, Sheets};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Rows that are read ahead, and lines that are kept at once.
const AHEAD: usize = 100;
const AT_ONCE: usize = 50;
/// The most rows that become one mutation.
const MOST_TOGETHER: usize = 200;
/// Rows that are read again before the job says that it still goes on.
const SKIPPED_AT_ONCE: u64 = 10_000;

/// Takes files over.
pub struct ImportWork {
    pub importer: Arc<Importer>,
    pub database: Database,
    pub directory: Arc<dyn UserDirectory>,
}

impl Work for ImportWork {
    fn kind(&self) -> JobKind {
        JobKind::Import
    }
    fn run<'a>(
        &'a self,
        order: &'a Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>> {
        Box::pin(self.take(order, progress))
    }
}

/// Where it goes on.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Position {
    row: u64,
    counts: Counts,
}

impl ImportWork {
    async fn take(&self, order: &Order, progress: &mut Progress) -> Result<Vec<Column>, Trouble> {
        let wanted: Wanted = jobs::read(&order.input)?;
        let position = order.position.as_deref().map(jobs::read::<Position>);
        let position = position.transpose()?.unwrap_or_default();
        still_allowed(&self.directory, order).await?;
        let import = self.importer.import(&wanted.kind);
        let import = import.ok_or_else(|| unusable("no such kind"))?;
        let hash = order.file_hash.as_deref().unwrap_or_default();
        let viewer = Arc::new(order.viewer.clone());
        let run = FileRun {
            apply: wanted.apply,
            resumed_since_ms: order.resumed_since_ms,
        };
        let taking = self.importer.taking(
            (import, order.region),
            viewer,
            (&wanted.file_name, hash),
            run,
        );
        let mut taking = taking.ok_or_else(|| unusable("no such kind"))?;
        let folder = tempfile::tempdir().map_err(jobs::no_room)?;
        let path = folder.path().join("input");
        let of = wanted.file_of.unwrap_or(order.job);
        // Removed since, or sent twice at once so that the pieces are of two files.
        if jobs::spool(&self.database, of, &path).await? != hash {
            return Err(unusable("the file is not there whole: send it again"));
        }
        let mut reader = Reader::open(&path, taking.kind.clone());
        let headings = reader.headings().await?;
        let mut taken = Taken {
            order,
            progress,
            applied: wanted.apply,
            position,
            lines: vec![],
            width: headings.len(),
            sheet: reader.sheet.clone(),
        };
        taken.all(&mut taking, &mut reader).await?;
        let mut columns: Vec<Column> = headings
            .into_iter()
            .map(|name| Column::named(name, Kind::Text))
            .collect();
        columns.extend(["处理结果", "说明"].map(|name| Column::new(name, Kind::Text)));
        Ok(columns)
    }
}

/// Who sent the file may have been locked out since.
///
/// # Errors
/// That, or the user table can't be read.
pub async fn still_allowed(
    directory: &Arc<dyn UserDirectory>,
    order: &Order,
) -> Result<(), Trouble> {
    let directory = RememberedDirectory::new(directory.clone(), Duration::ZERO);
    match directory.check(&order.viewer).await {
        Ok(()) => Ok(()),
        Err(TokenError::DirectoryDown) => {
            Err(DbError::unavailable("the user table can't be read").into())
        }
        Err(_) => Err(Trouble::Problem(
            JobProblem::NotAllowed,
            "the account has no such rights any more".to_owned(),
        )),
    }
}

/// The file can't be used, for this reason.
pub fn unusable(detail: impl Into<String>) -> Trouble {
    Trouble::Problem(JobProblem::FileUnusable, detail.into())
}

/// A problem of the file as a whole, in both languages.
pub fn told(problem: &Problem) -> String {
    let (code, chinese) = (problem.code.as_str(), &problem.chinese);
    format!("{code}: {problem} ({chinese})")
}

/// The lines of a file, read on a thread of their own.
pub struct Reader {
    pub lines: mpsc::Receiver<Result<Line, Problem>>,
    opened: Option<tokio::sync::oneshot::Receiver<Result<Opened, Vec<Problem>>>>,
    pub sheet: Option<String>,
}

/// What is known of a file before its rows.
struct Opened {
    sheet: Option<String>,
    headings: Vec<String>,
}

impl Reader {
    /// Begins to read a file of a kind.
    pub fn open(path: &Path, kind: Arc<sheets::Kind>) -> Self {
        let (told, opened) = tokio::sync::oneshot::channel();
        let (send, lines) = mpsc::channel(AHEAD);
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || read(&path, &kind, told, &send));
        Reader {
            lines,
            opened: Some(opened),
            sheet: None,
        }
    }

    /// The headings, once they are found.
    ///
    /// # Errors
    /// What is wrong with the file as a whole.
    pub async fn headings(&mut self) -> Result<Vec<String>, Trouble> {
        let opened = self.opened.take().ok_or_else(|| unusable("read twice"))?;
        let opened = opened
            .await
            .map_err(|_| unusable("the file can't be read"))?;
        let opened = opened.map_err(|problems| {
            let told: Vec<_> = problems.iter().map(told).collect();
            unusable(told.join("\n"))
        })?;
        self.sheet = opened.sheet;
        Ok(opened.headings)
    }
}

/// Reads the first sheet that has the headings of the kind.
fn read(
    path: &Path,
    kind: &Arc<sheets::Kind>,
    told: tokio::sync::oneshot::Sender<Result<Opened, Vec<Problem>>>,
    send: &mpsc::Sender<Result<Line, Problem>>,
) {
    let mut sheets = match Sheets::open(path, Limits::default()) {
        Ok(sheets) => sheets,
        Err(problem) => return drop(told.send(Err(vec![problem]))),
    };
    let names: Vec<Option<String>> = sheets
        .sheets()
        .iter()
        .map(|sheet| (!sheet.name.is_empty()).then(|| sheet.name.clone()))
        .collect();
    let mut problems = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let table = match sheets.table(kind, at) {
            Ok(table) => table,
            Err(found) => {
                problems.extend(found);
                continue;
            }
        };
        let (_, headings) = table.headings();
        let opened = Opened {
            sheet: name,
            headings: headings.iter().map(ToString::to_string).collect(),
        };
        if told.send(Ok(opened)).is_err() {
            return;
        }
        for line in table {
            if send.blocking_send(line).is_err() {
                return;
            }
        }
        return;
    }
    drop(told.send(Err(problems)));
}

/// The rows that were taken, on their way into the copy of the file.
struct Taken<'o> {
    order: &'o Order,
    progress: &'o mut Progress,
    applied: bool,
    position: Position,
    lines: Vec<Vec<String>>,
    width: usize,
    sheet: Option<String>,
}

impl Taken<'_> {
    async fn all(&mut self, taking: &mut Taking<'_>, reader: &mut Reader) -> Result<(), Trouble> {
        let before = self.position.row;
        let mut groups: Vec<Vec<Row>> = Vec::new();
        while let Some(line) = reader.lines.recv().await {
            let line = line.map_err(|problem| unusable(told(&problem)))?;
            match line {
                Line::Row(row) if row.number <= before => {
                    taking.remember(&row);
                    if row.number.is_multiple_of(SKIPPED_AT_ONCE) {
                        self.progress.hold_on().await?;
                    }
                }
                Line::Beside { number, .. } if number <= before => {}
                Line::Row(row) => {
                    let group = groups.last_mut().filter(|group| {
                        let last = group.last().filter(|_| group.len() < MOST_TOGETHER);
                        last.is_some_and(|last| taking.belong_together(last, &row))
                    });
                    if let Some(group) = group {
                        group.push(row);
                        continue;
                    }
                    if groups.len() >= taking.at_once() {
                        self.take(taking, &mut groups).await?;
                    }
                    groups.push(vec![row]);
                }
                Line::Beside { number, texts, .. } => {
                    self.take(taking, &mut groups).await?;
                    self.line(number, texts, &Outcome::Beside);
                }
            }
            if groups.is_empty() && self.lines.len() >= AT_ONCE {
                self.keep().await?;
            }
        }
        self.take(taking, &mut groups).await?;
        self.keep().await?;
        self.progress.set_total(self.progress.done()).await
    }

    /// Takes groups of rows over that belong together, and keeps what is done also where it can't go on.
    async fn take(
        &mut self,
        taking: &mut Taking<'_>,
        groups: &mut Vec<Vec<Row>>,
    ) -> Result<(), Trouble> {
        let mut outcomes = Vec::with_capacity(groups.len());
        let taken = taking
            .take(self.sheet.as_deref(), groups, &mut outcomes)
            .await;
        for (group, outcome) in groups.drain(..).zip(&outcomes) {
            for row in group {
                self.line(row.number, row.texts, outcome);
            }
        }
        if taken.is_err() || taking.at_once() > 1 || self.lines.len() >= AT_ONCE {
            self.keep().await?;
        }
        Ok(taken?)
    }

    fn line(&mut self, number: u64, mut texts: Vec<String>, outcome: &Outcome) {
        self.position.counts.count(outcome);
        self.position.row = number;
        // What stands beyond the last heading has no column of its own, and is not lost.
        if texts.len() > self.width {
            let beyond = texts.split_off(self.width.saturating_sub(1));
            texts.push(beyond.join(" "));
        }
        texts.resize(self.width, String::new());
        texts.extend(outcome.cells(self.applied));
        self.lines.push(texts);
    }

    async fn keep(&mut self) -> Result<(), Trouble> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let text =
            lines(self.order.format, &self.lines).map_err(|error| jobs::unreadable(&error))?;
        let Counts {
            changed,
            unchanged,
            refused,
        } = self.position.counts;
        let stretch = Stretch {
            text,
            lines: self.lines.len(),
            done: self.progress.done() + self.lines.len() as u64,
            position: jobs::text_of(&self.position)?,
            counts: Some([changed, unchanged, refused]),
        };
        self.lines.clear();
        self.progress.add(stretch).await
    }
}
