//! The rows of one sheet as values.

use crate::{
    cell, fold,
    heading::{self, Headings, SEARCHED_ROWS},
    kind::Kind,
    problem::{Code, Problem},
    source::{RawRow, Source},
    value::{Raw, Value},
};
use std::{collections::VecDeque, fmt, sync::Arc};

/// What a cell of a row comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The file has no such column.
    Absent,
    Empty,
    Value(Value),
    Wrong(Problem),
}

/// A row of values.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet shows it, from 1. A run that was cut off goes on behind it ([`Table::skip_to`]).
    pub number: u64,
    /// All cells as they stand in the file, in their order, up to the last that is filled.
    pub texts: Vec<String>,
    /// One for each column of the kind.
    pub cells: Vec<Cell>,
    /// What is wrong with the row as a whole.
    pub problem: Option<Problem>,
}

impl Row {
    /// Everything that is wrong with it.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        let cells = self.cells.iter().filter_map(|cell| match cell {
            Cell::Wrong(problem) => Some(problem),
            _ => None,
        });
        self.problem.iter().chain(cells)
    }
}

impl fmt::Debug for Row {
    /// Without the texts: they hold numbers of persons and cards in full.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Row");
        shown
            .field("number", &self.number)
            .field("cells", &self.cells);
        shown
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

/// Why a line below the headings is no row of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// 合计, 小计.
    Total,
    /// 填表人, 审核, 注.
    Note,
    /// The headings once more, as at the top of a printed page.
    Headings,
}

/// A line below the headings. Blank lines are left out.
#[derive(Clone, PartialEq, Eq)]
pub enum Line {
    Row(Row),
    Beside {
        number: u64,
        texts: Vec<String>,
        what: Beside,
    },
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Row(row) => row.fmt(f),
            Line::Beside { number, what, .. } => write!(f, "{what:?}({number})"),
        }
    }
}

/// The lines of a sheet. Ends after the first error: what comes after it can't be read.
pub struct Table<'s> {
    kind: Arc<Kind>,
    sheet: Option<Arc<str>>,
    source: Box<dyn Source + 's>,
    /// Rows that were read to find the headings.
    ahead: VecDeque<RawRow>,
    above: Vec<(u64, Vec<String>)>,
    headings: Headings,
    /// The headings as they are compared with lines that repeat them.
    folded: Vec<String>,
    skipped_to: u64,
    /// An error that was met among the rows read ahead, told in its turn.
    fault: Option<Problem>,
    ended: bool,
}

impl<'s> Table<'s> {
    pub(crate) fn new(
        kind: &Arc<Kind>,
        sheet: Option<Arc<str>>,
        mut source: Box<dyn Source + 's>,
    ) -> Result<Self, Vec<Problem>> {
        let place = |problem: Problem| problem.on_sheet(sheet.as_ref());
        let (mut rows, mut fault, mut ended) = (Vec::new(), None, false);
        while rows
            .last()
            .is_none_or(|row: &RawRow| row.number < SEARCHED_ROWS)
        {
            match source.next_row() {
                Ok(Some(row)) => rows.push(row),
                Ok(None) => {
                    ended = true;
                    break;
                }
                Err(problem) => {
                    fault = Some(place(problem));
                    break;
                }
            }
        }
        let searched = rows.partition_point(|row| row.number <= SEARCHED_ROWS);
        let found = heading::find(&rows[..searched], kind);
        let (at, mut headings) = found.map_err(|problems| match fault.take() {
            // Why the headings were not reached.
            Some(fault) => vec![fault],
            None => problems.into_iter().map(place).collect(),
        })?;
        headings.notices = headings.notices.into_iter().map(place).collect();
        let mut ahead: VecDeque<RawRow> = rows.into();
        let above = ahead
            .drain(..at)
            .map(|row| (row.number, texts(&row)))
            .collect();
        ahead.pop_front();
        let folded = headings.texts.iter().map(|text| fold::word(text)).collect();
        Ok(Table {
            folded,
            kind: kind.clone(),
            sheet,
            source,
            ahead,
            above,
            headings,
            skipped_to: 0,
            fault,
            ended,
        })
    }

    /// The headings as they stand in the file, and their row.
    #[must_use]
    pub fn headings(&self) -> (u64, &[Arc<str>]) {
        (self.headings.row, &self.headings.texts)
    }
    /// What stands above the headings, with its rows.
    #[must_use]
    pub fn above(&self) -> &[(u64, Vec<String>)] {
        &self.above
    }
    /// Headings that are not known: their columns are not read.
    #[must_use]
    pub fn notices(&self) -> &[Problem] {
        &self.headings.notices
    }
    /// Leaves out the rows up to this one, which an earlier run has dealt with.
    pub fn skip_to(&mut self, row: u64) {
        self.skipped_to = row;
    }

    fn next_raw(&mut self) -> Result<Option<RawRow>, Problem> {
        if let Some(row) = self.ahead.pop_front() {
            return Ok(Some(row));
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        match self.ended {
            true => Ok(None),
            false => self.source.next_row(),
        }
    }

    fn line(&self, row: &RawRow) -> Line {
        let texts = texts(row);
        match self.beside(row, &texts) {
            Some(what) => Line::Beside {
                number: row.number,
                texts,
                what,
            },
            None => Line::Row(Row {
                number: row.number,
                cells: self.cells(row),
                problem: self.shifted(row),
                texts,
            }),
        }
    }

    fn cells(&self, row: &RawRow) -> Vec<Cell> {
        let columns = self.kind.columns.iter().zip(&self.headings.places);
        let cell = |(column, place): (&crate::Column, &Option<(usize, i64)>)| {
            let Some((at, parts)) = place else {
                return Cell::Absent;
            };
            let raw = row.cells.get(*at).unwrap_or(&Raw::Empty);
            let wrong = |problem: Problem| {
                let heading = fold::told(&self.headings.texts[*at]).into();
                Cell::Wrong(
                    problem
                        .on_sheet(self.sheet.as_ref())
                        .at_row(row.number)
                        .at_column(&heading),
                )
            };
            match cell::read(raw, column, *parts) {
                Ok(Some(value)) => Cell::Value(value),
                Ok(None) if column.required => wrong(required()),
                Ok(None) => Cell::Empty,
                Err(problem) => wrong(problem),
            }
        };
        columns.map(cell).collect()
    }

    fn shifted(&self, row: &RawRow) -> Option<Problem> {
        let filled = row.cells.iter().rposition(|cell| !cell.is_blank())? + 1;
        let headings = self.headings.texts.len();
        (filled > headings).then(|| {
            Problem::new(
                Code::RowShifted,
                format!("the row has {filled} cells under {headings} headings: a comma or a quote in a cell has moved the rest"),
                format!("该行有{filled}个单元格，表头只有{headings}列：可能因单元格内的逗号或引号错位，请核对"),
            )
            .on_sheet(self.sheet.as_ref())
            .at_row(row.number)
        })
    }

    /// What a line is that holds no values.
    fn beside(&self, row: &RawRow, texts: &[String]) -> Option<Beside> {
        let words = || {
            texts
                .iter()
                .map(|text| match text.len() > fold::LONGER_THAN_WORDS {
                    true => "…".to_owned(),
                    false => fold::word(text),
                })
        };
        if words().eq(self.folded.iter().take(texts.len()).cloned()) {
            return Some(Beside::Headings);
        }
        let first = words().find(|word| !word.is_empty())?;
        let is_one_of = |words: &[String]| {
            let begins = |word: &String| {
                first
                    .strip_prefix(word.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '(']))
            };
            words.iter().any(begins)
        };
        let what = match () {
            () if is_one_of(&self.kind.totals) => Beside::Total,
            () if is_one_of(&self.kind.notes) => Beside::Note,
            () => return None,
        };
        // Whatever its first word is, a line that names a person, a card or a household behind it is a row.
        let first_at = row.cells.iter().position(|cell| !cell.is_blank());
        let columns = self.kind.columns.iter().zip(&self.headings.places);
        let somebody = columns.filter(|(column, _)| column.is.names_somebody());
        let mut places = somebody.filter_map(|(_, place)| place.map(|(at, _)| at));
        let names = places.any(|at| {
            let digits = |cell: &Raw| cell.text().chars().filter(char::is_ascii_digit).count();
            Some(at) != first_at
                && row
                    .cells
                    .get(at)
                    .is_some_and(|cell| digits(cell) >= DIGITS_OF_A_NUMBER)
        });
        (!names).then_some(what)
    }
}

impl Iterator for Table<'_> {
    type Item = Result<Line, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.next_raw() {
                Ok(Some(row)) if row.number <= self.skipped_to => {}
                Ok(Some(row)) => return Some(Ok(self.line(&row))),
                Ok(None) => return None,
                Err(problem) => {
                    self.ended = true;
                    return Some(Err(problem.on_sheet(self.sheet.as_ref())));
                }
            }
        }
    }
}

/// More digits than a day has, and fewer than what numbers a person, a card or a household.
const DIGITS_OF_A_NUMBER: usize = 10;

fn texts(row: &RawRow) -> Vec<String> {
    row.cells
        .iter()
        .map(|cell| cell.text().into_owned())
        .collect()
}

fn required() -> Problem {
    Problem::new(
        Code::Required,
        "the cell is empty and has to be filled; where cells are merged, each row needs its own value",
        "此项必填；如为合并单元格，请取消合并并逐行填写",
    )
}
