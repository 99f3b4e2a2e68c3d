//! Files as departments send them, read to the value.

#[path = "../files/bombs.rs"]
mod bombs;
mod csv;
mod formats;
mod kinds;
mod laws;
#[path = "../files/samples.rs"]
mod samples;
mod workbook;

use sheets::{Cell, Kind, Kinds, Limits, Line, Problem, Row, Sheets};
use std::{io::Cursor, path::PathBuf, sync::Arc};

/// The kind of this name, without extensions.
pub fn kind(name: &str) -> Arc<Kind> {
    let kinds = Kinds::embedded().expect("kinds");
    kinds.kind(name, "").expect("a kind of this name")
}

pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All lines of the first sheet.
pub fn lines(bytes: &[u8], kind: &Arc<Kind>) -> Result<Vec<Result<Line, Problem>>, Vec<Problem>> {
    let mut sheets = Sheets::of(Cursor::new(bytes.to_vec()), Limits::default())
        .map_err(|problem| vec![problem])?;
    Ok(sheets.table(kind, 0)?.collect())
}

/// All rows of the first sheet, where nothing is wrong with the file.
pub fn rows(bytes: &[u8], kind: &Arc<Kind>) -> Vec<Row> {
    let lines = lines(bytes, kind).unwrap_or_else(|problems| panic!("{problems:?}"));
    let rows = lines.into_iter().filter_map(|line| match line {
        Ok(Line::Row(row)) => Some(row),
        Ok(Line::Beside { .. }) => None,
        Err(problem) => panic!("{problem}"),
    });
    rows.collect()
}

/// Why a file is not read at all.
pub fn refusal(bytes: &[u8], kind: &Arc<Kind>) -> Vec<Problem> {
    match lines(bytes, kind) {
        Err(problems) => problems,
        Ok(lines) => lines.into_iter().filter_map(Result::err).collect(),
    }
}

pub fn codes(problems: &[Problem]) -> Vec<&'static str> {
    problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect()
}

/// The cell of a column.
pub fn cell<'r>(row: &'r Row, kind: &Kind, name: &str) -> &'r Cell {
    &row.cells[kind.column(name).expect("a column of this name")]
}

/// The cells that are there, in words: `name=Text("张三")`.
pub fn told(row: &Row, kind: &Kind) -> String {
    let cells = kind
        .columns
        .iter()
        .zip(&row.cells)
        .filter_map(|(column, cell)| {
            let name = &column.name;
            Some(match cell {
                Cell::Absent | Cell::Empty => return None,
                Cell::Wrong(problem) => format!("{name}!{}", problem.code.as_str()),
                Cell::Value(sheets::Value::Sensitive(value)) => {
                    format!("{name}={}", value.reveal())
                }
                Cell::Value(value) => format!("{name}={value:?}"),
            })
        });
    cells.collect::<Vec<_>>().join(" ")
}
