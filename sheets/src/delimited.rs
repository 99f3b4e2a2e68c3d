//! CSV: rows of a text.

use crate::{
    encoding::{Decoded, Encoding, not_readable},
    problem::{Code, Problem},
    source::{Limits, RawRow, Source},
    value::Raw,
};
use std::io::Read;

/// What may stand between the cells of a row.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];
/// How much of a text tells what stands between its cells.
const PROBED_BYTES: u64 = 64 << 10;
const PROBED_LINES: usize = 30;

/// The sign between the cells of a text.
///
/// # Errors
/// The stream, or its character set.
pub fn delimiter(bytes: impl Read, encoding: Encoding) -> Result<u8, Problem> {
    let mut text = Vec::new();
    let mut decoded = Decoded::new(bytes, encoding, usize::MAX);
    let read = decoded.by_ref().take(PROBED_BYTES).read_to_end(&mut text);
    if let (Err(error), None) = (read, decoded.fault()) {
        return Err(not_readable(&error));
    }
    let named = text.strip_prefix(b"sep=").and_then(|rest| rest.first());
    if let Some(named) = named.filter(|named| DELIMITERS.contains(named)) {
        return Ok(*named);
    }
    let mut lines = vec![[0_usize; DELIMITERS.len()]];
    let mut quoted = false;
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' if lines.len() == PROBED_LINES => break,
            b'\n' | b'\r' => lines.push([0; DELIMITERS.len()]),
            _ => {
                if let (Some(at), Some(line)) = (
                    DELIMITERS.iter().position(|of| *of == byte),
                    lines.last_mut(),
                ) {
                    line[at] += 1;
                }
            }
        }
    }
    // The sign that the most lines have the same number of; of those, the one there are more of.
    let weight = |at: usize| {
        let same = |count: usize| lines.iter().filter(|line| line[at] == count).count();
        let counts = lines.iter().map(|line| line[at]).filter(|count| *count > 0);
        counts.map(|count| same(count) * count).max().unwrap_or(0)
    };
    let best = (0..DELIMITERS.len()).rev().max_by_key(|at| weight(*at));
    Ok(best.map_or(b',', |at| DELIMITERS[at]))
}

/// The rows of a text.
pub struct Delimited<R> {
    reader: csv::Reader<Decoded<R>>,
    record: csv::StringRecord,
    delimiter: u8,
    limits: Limits,
    row: u64,
    /// How many cells the widest row so far has.
    width: usize,
}

impl<R: Read> Delimited<R> {
    pub fn new(text: Decoded<R>, delimiter: u8, limits: Limits) -> Self {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text);
        Delimited {
            reader,
            record: csv::StringRecord::new(),
            delimiter,
            limits,
            row: 0,
            width: 0,
        }
    }

    /// Reads the next record and counts the row it stands in.
    fn advance(&mut self) -> Result<bool, Problem> {
        self.reader.get_mut().mark();
        let line = self.reader.position().line();
        let more = self.reader.read_record(&mut self.record);
        let more = more.map_err(|error| {
            let told = self.reader.get_mut().fault();
            let told = told.unwrap_or_else(|| not_readable(&std::io::Error::other(error)));
            told.at_row(self.row + 1)
        })?;
        let inside = self
            .record
            .iter()
            .map(|cell| cell.matches('\n').count() as u64)
            .sum::<u64>();
        // Blank lines before the record are rows of a spreadsheet too.
        let blank = (self.reader.position().line() - line).saturating_sub(1 + inside);
        self.row += 1 + blank;
        Ok(more)
    }

    fn check(&self, filled: usize) -> Result<(), Problem> {
        let wrong = |problem: Problem| Err(problem.at_row(self.row));
        if filled > self.limits.columns {
            return wrong(too_many_columns(self.limits.columns));
        }
        let most = self.limits.cell_characters;
        if self
            .record
            .iter()
            .any(|cell| cell.len() > most && cell.chars().count() > most)
        {
            return wrong(cell_too_long(most));
        }
        // A line within a cell that looks like a row: the quote before it should have been closed.
        let delimiter = char::from(self.delimiter);
        let is_row = |line: &str| line.matches(delimiter).count() >= (self.width.max(4) / 2).max(2);
        if self
            .record
            .iter()
            .any(|cell| cell.contains('\n') && cell.lines().any(is_row))
        {
            return wrong(Problem::new(
                Code::BrokenQuote,
                "a quote that is opened in this row is not closed in it: take it away, or double it inside of a text",
                "该行的引号没有成对，请删除多余的引号，文字内部的引号应写两个",
            ));
        }
        Ok(())
    }
}

impl<R: Read> Source for Delimited<R> {
    fn next_row(&mut self) -> Result<Option<RawRow>, Problem> {
        while self.advance()? {
            let cells = self.record.iter().enumerate();
            let last = cells.filter(|(_, cell)| !cell.trim().is_empty()).last();
            let filled = last.map_or(0, |(last, _)| last + 1);
            self.check(filled)?;
            let names_delimiter = self.row == 1 && self.record.as_slice().starts_with("sep=");
            if filled == 0 || names_delimiter {
                continue;
            }
            self.width = self.width.max(filled);
            let cells = self.record.iter().take(filled).map(|cell| match cell {
                "" => Raw::Empty,
                text => Raw::Text(text.to_owned()),
            });
            return Ok(Some(RawRow {
                number: self.row,
                cells: cells.collect(),
            }));
        }
        Ok(None)
    }
}

pub fn too_many_columns(most: usize) -> Problem {
    Problem::new(
        Code::TooManyColumns,
        format!("the row has more than {most} columns: is this the right file?"),
        format!("该行超过{most}列，请确认文件是否正确"),
    )
}

pub fn cell_too_long(most: usize) -> Problem {
    Problem::new(
        Code::CellTooLong,
        format!("a cell has more than {most} characters, which no spreadsheet holds"),
        format!("单元格超过{most}个字符，请缩短内容"),
    )
}
