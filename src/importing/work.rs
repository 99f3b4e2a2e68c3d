//! Takes a file over as a job.

use super::{
    begin::Wanted,
    importer::{FileRun, Importer, Taking},
    outcome::{Counts, Outcome},
    reader::{At, Reader, SheetLine, told, unusable},
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
use sheets::{Line, Row};
use std::{sync::Arc, time::Duration};

/// Lines that are kept at once.
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
    #[serde(flatten)]
    at: At,
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
        let (mut reader, opened) = Reader::open(&path, taking.kind.clone()).await?;
        progress.notice(&opened.notices).await?;
        let mut taken = Taken {
            order,
            progress,
            applied: wanted.apply,
            position,
            lines: vec![],
        };
        taken.all(&mut taking, &mut reader).await?;
        let mut columns = opened.columns();
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

/// The rows that were taken, on their way into the copy of the file.
struct Taken<'o> {
    order: &'o Order,
    progress: &'o mut Progress,
    applied: bool,
    position: Position,
    lines: Vec<Vec<String>>,
}

/// Groups of rows of one sheet that wait to be taken over, each group's last row being where it ends.
#[derive(Default)]
struct Waiting {
    sheet: Option<Arc<str>>,
    at: usize,
    groups: Vec<Vec<Row>>,
}

impl Waiting {
    /// How many of the groups, the first ones, an earlier run has dealt with.
    fn done(&self, before: At) -> usize {
        let end = |group: &Vec<Row>| At {
            sheet: self.at,
            row: group.last().map_or(0, |row| row.number),
        };
        self.groups.partition_point(|group| end(group) <= before)
    }
}

impl Taken<'_> {
    async fn all(&mut self, taking: &mut Taking<'_>, reader: &mut Reader) -> Result<(), Trouble> {
        let before = self.position.at;
        let mut waiting = Waiting::default();
        while let Some(line) = reader.lines.recv().await {
            let SheetLine { at, sheet, line } = line.map_err(|problem| unusable(told(&problem)))?;
            if at <= before && at.row.is_multiple_of(SKIPPED_AT_ONCE) {
                self.progress.hold_on().await?;
            }
            if at.sheet != waiting.at {
                self.take(taking, &mut waiting, before).await?;
                waiting.at = at.sheet;
            }
            waiting.sheet = sheet;
            match line {
                Line::Row(row) => {
                    let group = waiting.groups.last_mut().filter(|group| {
                        let last = group.last().filter(|_| group.len() < MOST_TOGETHER);
                        last.is_some_and(|last| taking.belong_together(last, &row))
                    });
                    if let Some(group) = group {
                        group.push(row);
                        continue;
                    }
                    if waiting.groups.len() >= taking.at_once() {
                        self.take(taking, &mut waiting, before).await?;
                    }
                    waiting.groups.push(vec![row]);
                }
                Line::Beside { texts, .. } => {
                    self.take(taking, &mut waiting, before).await?;
                    if at > before {
                        self.line(at, texts, &Outcome::Beside);
                    }
                }
            }
            if waiting.groups.is_empty() && self.lines.len() >= AT_ONCE {
                self.keep().await?;
            }
        }
        self.take(taking, &mut waiting, before).await?;
        self.keep().await?;
        self.progress.set_total(self.progress.done()).await
    }

    /// Takes groups of rows over that belong together, and keeps what is done also where it can't go on. What an earlier run has
    /// dealt with is only remembered.
    async fn take(
        &mut self,
        taking: &mut Taking<'_>,
        waiting: &mut Waiting,
        before: At,
    ) -> Result<(), Trouble> {
        let done = waiting.done(before);
        for group in waiting.groups.drain(..done) {
            taking.remember(&group);
        }
        if waiting.groups.is_empty() {
            return Ok(());
        }
        let mut outcomes = Vec::with_capacity(waiting.groups.len());
        let taken = taking
            .take(waiting.sheet.as_deref(), &waiting.groups, &mut outcomes)
            .await;
        for (group, outcome) in waiting.groups.drain(..).zip(&outcomes) {
            for row in group {
                let at = At {
                    sheet: waiting.at,
                    row: row.number,
                };
                self.line(at, row.texts, outcome);
            }
        }
        if taken.is_err() || taking.at_once() > 1 || self.lines.len() >= AT_ONCE {
            self.keep().await?;
        }
        Ok(taken?)
    }

    fn line(&mut self, at: At, mut texts: Vec<String>, outcome: &Outcome) {
        self.position.counts.count(outcome);
        self.position.at = at;
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
