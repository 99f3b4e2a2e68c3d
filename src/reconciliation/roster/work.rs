//! Matches a list that was sent, as a job: the copy of the file has beside each row what came of it.

use super::{
    find::{Asking, Matched, Registers, relation_code, told_sex},
    query::village_of_card,
    store::record,
    types::grade,
};
use crate::{
    authz::{Access, Policy, directory::UserDirectory},
    clock::Clock,
    db::{Database, DbError, Param},
    departments::Person,
    files::{Column, Kind, lines},
    graphql::{
        plan::{RootQuery, Rows},
        scalars::global_id,
    },
    importing::{At, Reader, SheetLine, still_allowed, told, unusable},
    jobs::{self, Order, Progress, Stretch, Trouble, Work},
    vault::Vault,
};
use entity::{
    codes::{CodeList as _, JobKind, JobProblem},
    household::codes::{RelationToHead, Sex},
    reconciliation::codes::RosterGrade,
    region_code::RegionCode,
};
use futures_util::future::BoxFuture;
use matching::{Decision, Ground, Language, Reason, Row, RowText, Scored};
use serde::{Deserialize, Serialize};
use sheets::{Cell, Kinds, Line, Value};
use std::{collections::HashMap, sync::Arc};

/// The kind of file, as `files/columns` names it.
const KIND: &str = "roster";
/// Lines that are kept at once.
const AT_ONCE: usize = 200;
/// The most rows of a list.
const MOST_ROWS: u64 = 200_000;
/// Rows that are read again before the job says that it still goes on.
const SKIPPED_AT_ONCE: u64 = 10_000;
/// What a line has besides its own cells.
const TOLD: [&str; 6] = ["匹配结果", "户编号", "姓名", "依据", "候选", "行标识"];

/// Matches lists.
pub struct RosterWork {
    pub policy: Arc<Policy>,
    pub database: Database,
    pub vault: Arc<Vault>,
    pub clock: Clock,
    pub kinds: Kinds,
    pub registers: Registers,
    pub directory: Arc<dyn UserDirectory>,
}

impl Work for RosterWork {
    fn kind(&self) -> JobKind {
        JobKind::Roster
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
}

/// A line of the list that waits for its answer.
struct Waiting {
    at: At,
    texts: Vec<String>,
    /// What is looked for, with what could not be read of the row; none: it is no row.
    row: Option<(Row, String)>,
}

/// One list on its way.
struct Taken<'w> {
    work: &'w RosterWork,
    order: &'w Order,
    progress: &'w mut Progress,
    kind: Arc<sheets::Kind>,
    access: Access,
    database: Database,
    waiting: Vec<Waiting>,
}

impl RosterWork {
    async fn take(&self, order: &Order, progress: &mut Progress) -> Result<Vec<Column>, Trouble> {
        let position = order.position.as_deref().map(jobs::read::<Position>);
        let position = position.transpose()?.unwrap_or_default();
        still_allowed(&self.directory, order).await?;
        let kind = self.kinds.kind(KIND, &order.region.to_string());
        let kind = kind.ok_or_else(|| unusable("no such kind"))?;
        let folder = tempfile::tempdir().map_err(jobs::no_room)?;
        let path = folder.path().join("input");
        // Removed since, or sent twice at once so that the pieces are of two files.
        let hash = jobs::spool(&self.database, order.job, &path).await?;
        if Some(hash.as_str()) != order.file_hash.as_deref() {
            return Err(unusable("the file is not there whole: send it again"));
        }
        let (mut reader, opened) = Reader::open(&path, kind.clone()).await?;
        progress.notice(&opened.notices).await?;
        let access = Access::new(Arc::new(order.viewer.clone()), self.policy.clone());
        let mut taken = Taken {
            work: self,
            order,
            progress,
            kind,
            database: self.database.within(access.span()),
            access,
            waiting: vec![],
        };
        taken.all(position.at, &mut reader).await?;
        let mut columns = opened.columns();
        columns.extend(TOLD.map(|name| Column::new(name, Kind::Text)));
        Ok(columns)
    }
}

impl Taken<'_> {
    async fn all(&mut self, before: At, reader: &mut Reader) -> Result<(), Trouble> {
        while let Some(line) = reader.lines.recv().await {
            let SheetLine { at, line, .. } = line.map_err(|problem| unusable(told(&problem)))?;
            if at <= before {
                if at.row.is_multiple_of(SKIPPED_AT_ONCE) {
                    self.progress.hold_on().await?;
                }
                continue;
            }
            let waiting = match line {
                Line::Row(row) => self.waiting(at, row)?,
                Line::Beside { texts, .. } => Waiting {
                    at,
                    texts,
                    row: None,
                },
            };
            self.waiting.push(waiting);
            if self.waiting.len() >= AT_ONCE {
                self.keep().await?;
            }
        }
        self.keep().await?;
        self.progress.set_total(self.progress.done()).await
    }

    fn waiting(&self, at: At, row: sheets::Row) -> Result<Waiting, Trouble> {
        if self.progress.done() + self.waiting.len() as u64 >= MOST_ROWS {
            let detail = format!("more than {MOST_ROWS} rows: send the list in parts");
            return Err(Trouble::Problem(JobProblem::TooLarge, detail));
        }
        let unread: Vec<String> = row
            .problems()
            .map(|problem| {
                let column = problem.column.as_deref().unwrap_or_default();
                format!("{column}未采用：{}", problem.chinese)
            })
            .collect();
        Ok(Waiting {
            at,
            row: Some((self.read(&row), unread.join(""))),
            texts: row.texts,
        })
    }

    /// What a row says; a cell that can't be read says nothing.
    fn read(&self, row: &sheets::Row) -> Row {
        let value = |name: &str| {
            let at = self
                .kind
                .columns
                .iter()
                .position(|column| &*column.name == name)?;
            match row.cells.get(at)? {
                Cell::Value(value) => Some(value),
                Cell::Absent | Cell::Empty | Cell::Wrong(_) => None,
            }
        };
        let text = |name: &str| match value(name) {
            Some(Value::Text(text)) => text.as_str(),
            Some(Value::Sensitive(text)) => text.reveal(),
            _ => "",
        };
        let code = |name: &str| match value(name) {
            Some(Value::Code(code)) => Some(&**code),
            _ => None,
        };
        let village = match value("village_code") {
            Some(Value::Village(code)) => RegionCode::parse(&code.to_string()).ok(),
            _ => village_of_card(text("card_number")),
        };
        let written = RowText {
            name: text("name"),
            number: text("citizen_number"),
            birth_date: match value("birth_date") {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            },
            sex: code("sex").and_then(Sex::of_word).and_then(told_sex),
            village: village.map(|village| village.get().unsigned_abs()),
            relation: code("relation")
                .and_then(RelationToHead::of_word)
                .and_then(relation_code),
        };
        Row::read(&written, self.work.clock.today())
    }

    /// Answers what waits, and keeps it.
    async fn keep(&mut self) -> Result<(), Trouble> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some(last) = waiting.last() else {
            return Ok(());
        };
        let position = Position { at: last.at };
        let rows: Vec<Row> = waiting
            .iter()
            .filter_map(|waiting| Some(waiting.row.as_ref()?.0.clone()))
            .collect();
        let now_ms = self.work.clock.now_ms();
        let asking = Asking {
            registers: &self.work.registers,
            reads: self.database.reads(),
            access: &self.access,
            vault: &self.work.vault,
            today: self.work.clock.today(),
            now_ms,
        };
        let matched = asking.matched(&rows).await?;
        let homes = self.homes(&matched).await?;
        let job = global_id("Job", self.order.job);
        let viewer = &self.access.viewer;
        record(&self.database, viewer, (Some(&job), now_ms), &matched).await?;
        let mut answers = matched.iter();
        let told: Vec<Vec<String>> = waiting
            .into_iter()
            .map(|waiting| self.line(waiting, &mut answers, &homes))
            .collect();
        let text = lines(self.order.format, &told).map_err(|error| jobs::unreadable(&error))?;
        let stretch = Stretch {
            text,
            lines: told.len(),
            done: self.progress.done() + told.len() as u64,
            position: jobs::text_of(&position)?,
            counts: None,
        };
        self.progress.add(stretch).await
    }

    /// Name and household card of the candidates.
    async fn homes(&self, matched: &[Matched]) -> Result<HashMap<i64, Home>, DbError> {
        let persons = matched.iter().flat_map(|row| row.homes.keys().copied());
        let persons: Vec<i64> = persons.collect();
        let mut query = RootQuery::scoped::<Person>(&self.access);
        query.limit = persons.len();
        query.any(self.database.reads(), "t.id", Param::I64s(persons.into()));
        let select = format!(
            "SELECT t.id, t.name, COALESCE(h.card_number, '') FROM {} JOIN household h ON h.id = t.household_id",
            <Person as Rows>::FROM
        );
        let mut session = self.database.reads().acquire().await?;
        let rows = session.one(query.statement(&select)).await?;
        rows.iter()
            .map(|row| {
                let home = Home {
                    name: row.cell(1).text()?.to_owned(),
                    card: row.cell(2).text()?.to_owned(),
                };
                Ok((row.cell(0).int()?, home))
            })
            .collect()
    }

    fn line<'m>(
        &self,
        waiting: Waiting,
        answers: &mut impl Iterator<Item = &'m Matched>,
        homes: &HashMap<i64, Home>,
    ) -> Vec<String> {
        let mut texts = waiting.texts;
        let answer = waiting
            .row
            .and_then(|(_, unread)| Some((answers.next()?, unread)));
        texts.extend(match answer {
            Some((matched, unread)) => cells(matched, unread, homes),
            None => {
                let mut cells: [String; TOLD.len()] = Default::default();
                "合计、说明或重复的表头，未比对。".clone_into(&mut cells[3]);
                cells
            }
        });
        texts
    }
}

/// A candidate as the copy of the file names it.
struct Home {
    name: String,
    card: String,
}

/// The cells of a row that was matched.
fn cells(matched: &Matched, unread: String, homes: &HashMap<i64, Home>) -> [String; TOLD.len()] {
    let found = &matched.found;
    let is = grade(found.grade);
    let home = |candidate: &Scored| homes.get(&candidate.key);
    // Whoever may be meant only stands among the candidates.
    let best = found.candidates.first().and_then(home);
    let best = best.filter(|_| matches!(is, RosterGrade::Exact | RosterGrade::Probable));
    let mut why: Vec<String> = told_of(&found.reasons);
    why.extend(Some(unread).filter(|unread| !unread.is_empty()));
    let candidates = found.candidates.iter().filter_map(|candidate| {
        let home = home(candidate)?;
        let percent = (candidate.probability * 100.0).round();
        Some(format!("{}（{}，{percent}%）", home.name, home.card))
    });
    [
        is.entry().chinese.to_owned(),
        best.map(|home| home.card.clone()).unwrap_or_default(),
        best.map(|home| home.name.clone()).unwrap_or_default(),
        why.join("；"),
        candidates.collect::<Vec<_>>().join("；"),
        hex::encode(matched.key.as_ref()),
    ]
}

fn told_of(reasons: &[Reason]) -> Vec<String> {
    let told = reasons.iter().filter_map(|reason| match reason.ground {
        // Of a row that is nobody's there is no candidate whom it was not.
        Ground::Decided(Decision::Different) => Some("人工已认定不在本地区名册".to_owned()),
        ground => ground.text(Language::Chinese),
    });
    told.collect()
}
