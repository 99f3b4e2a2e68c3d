//! Reads the sheets of a file that was sent, on a thread of its own.

use crate::{
    files::{Column, Kind},
    jobs::Trouble,
};
use entity::codes::JobProblem;
use serde::{Deserialize, Serialize};
use sheets::{Limits, Line, Problem, Sheets};
use std::{path::Path, sync::Arc};
use tokio::sync::{mpsc, oneshot};

/// Rows that are read ahead.
const AHEAD: usize = 100;
/// The most notices that are told, of however many columns and sheets.
const MOST_NOTICES: usize = 20;

/// A place in a file: the sheet, from 0, and the row as a spreadsheet shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At {
    #[serde(default)]
    pub sheet: usize,
    pub row: u64,
}

/// A line of one of the sheets. Its texts stand under the columns of the copy.
pub struct SheetLine {
    pub at: At,
    /// The name of the sheet, where it has one.
    pub sheet: Option<Arc<str>>,
    pub line: Line,
}

/// The lines of a file.
pub struct Reader {
    pub lines: mpsc::Receiver<Result<SheetLine, Problem>>,
}

/// What is known of a file before its rows.
pub struct Opened {
    /// The headings of its first sheet, as they stand there.
    headings: Vec<Arc<str>>,
    /// Whether rows come from several sheets, and the copy tells from which.
    several: bool,
    /// What is not read, in both languages.
    pub notices: Vec<String>,
}

impl Opened {
    /// The columns that the copy of the file begins with.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let headings = self.headings.iter();
        let mut columns: Vec<_> = headings
            .map(|name| Column::named(name.to_string(), Kind::Text))
            .collect();
        columns.extend(self.several.then(|| Column::new("工作表", Kind::Text)));
        columns
    }
}

/// A sheet that has the headings of the kind.
struct Found {
    at: usize,
    name: Option<Arc<str>>,
    headings: Vec<Arc<str>>,
}

impl Reader {
    /// Begins to read a file of a kind.
    ///
    /// # Errors
    /// What is wrong with the file as a whole.
    pub async fn open(path: &Path, kind: Arc<sheets::Kind>) -> Result<(Self, Opened), Trouble> {
        let (told, opened) = oneshot::channel();
        let (send, lines) = mpsc::channel(AHEAD);
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || read(&path, &kind, told, &send));
        let opened = opened
            .await
            .map_err(|_| unusable("the file can't be read"))?;
        let opened = opened.map_err(|problems| unusable(told_all(&problems).join("\n")))?;
        Ok((Reader { lines }, opened))
    }
}

/// Reads all sheets that have the headings of the kind, one after the other.
fn read(
    path: &Path,
    kind: &Arc<sheets::Kind>,
    told: oneshot::Sender<Result<Opened, Vec<Problem>>>,
    send: &mpsc::Sender<Result<SheetLine, Problem>>,
) {
    let mut sheets = match Sheets::open(path, Limits::default()) {
        Ok(sheets) => sheets,
        Err(problem) => return drop(told.send(Err(vec![problem]))),
    };
    let (found, problems) = look(&mut sheets, kind);
    let Some(first) = found.first() else {
        return drop(told.send(Err(problems)));
    };
    let opened = Opened {
        headings: first.headings.clone(),
        several: found.len() > 1,
        notices: told_all(&problems),
    };
    if told.send(Ok(opened)).is_err() {
        return;
    }
    for sheet in &found {
        if !read_sheet(&mut sheets, kind, (first, sheet, found.len() > 1), send) {
            return;
        }
    }
}

/// The sheets that are read, and what is not: of those the unknown headings, and the other sheets that are shown.
fn look(sheets: &mut Sheets, kind: &Arc<sheets::Kind>) -> (Vec<Found>, Vec<Problem>) {
    let all_hidden = sheets.sheets().iter().all(|sheet| sheet.hidden);
    let shown: Vec<_> = sheets
        .sheets()
        .iter()
        .enumerate()
        .filter(|(_, sheet)| all_hidden || !sheet.hidden)
        .map(|(at, sheet)| (at, sheet.name.clone()))
        .collect();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (at, name) in shown {
        match sheets.table(kind, at) {
            Ok(table) => {
                problems.extend_from_slice(table.notices());
                found.push(Found {
                    at,
                    name: (!name.is_empty()).then(|| name.as_str().into()),
                    headings: table.headings().1.to_vec(),
                });
            }
            Err(of_sheet) => problems.extend(of_sheet),
        }
    }
    (found, problems)
}

/// Whether the reading goes on.
fn read_sheet(
    sheets: &mut Sheets,
    kind: &Arc<sheets::Kind>,
    (first, sheet, several): (&Found, &Found, bool),
    send: &mpsc::Sender<Result<SheetLine, Problem>>,
) -> bool {
    let table = match sheets.table(kind, sheet.at) {
        Ok(table) => table,
        // It could be read a moment ago.
        Err(problems) => {
            let problems = problems.into_iter();
            return problems.map(Err).all(|one| send.blocking_send(one).is_ok());
        }
    };
    let layout = Layout::of(first, sheet, several);
    for line in table {
        let line = line.map(|mut line| {
            let (number, texts) = match &mut line {
                Line::Row(row) => (row.number, &mut row.texts),
                Line::Beside { number, texts, .. } => (*number, texts),
            };
            layout.arrange(texts);
            let at = At {
                sheet: sheet.at,
                row: number,
            };
            SheetLine {
                at,
                sheet: sheet.name.clone(),
                line,
            }
        });
        if send.blocking_send(line).is_err() {
            return false;
        }
    }
    true
}

/// Where the cells of a sheet stand in the copy, whose columns are those of the first sheet.
struct Layout {
    width: usize,
    /// For each column of the sheet its place in the copy; empty where they are the same.
    places: Vec<Option<usize>>,
    sheet: Option<String>,
}

impl Layout {
    fn of(first: &Found, sheet: &Found, several: bool) -> Self {
        let name = sheet.name.as_deref().unwrap_or_default();
        let mut free: Vec<Option<&Arc<str>>> = first.headings.iter().map(Some).collect();
        let mut place = |heading: &Arc<str>| {
            let at = free.iter().position(|one| *one == Some(heading))?;
            free[at] = None;
            Some(at)
        };
        let places = match first.headings == sheet.headings {
            true => vec![],
            false => sheet.headings.iter().map(&mut place).collect(),
        };
        Layout {
            width: first.headings.len(),
            places,
            sheet: several.then(|| name.to_owned()),
        }
    }

    /// What has no column of its own stands in the last one, and is not lost.
    fn arrange(&self, texts: &mut Vec<String>) {
        let mut cells = vec![String::new(); self.width];
        let mut beyond = Vec::new();
        for (at, text) in texts.drain(..).enumerate() {
            let place = match self.places.is_empty() {
                true => Some(at),
                false => self.places.get(at).copied().flatten(),
            };
            match place.and_then(|place| cells.get_mut(place)) {
                Some(cell) => *cell = text,
                None => beyond.push(text),
            }
        }
        beyond.retain(|text| !text.is_empty());
        if let Some(last) = cells.last_mut().filter(|_| !beyond.is_empty()) {
            beyond.insert(0, std::mem::take(last));
            *last = beyond.join(" ");
        }
        cells.extend(self.sheet.clone());
        *texts = cells;
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

fn told_all(problems: &[Problem]) -> Vec<String> {
    let mut all: Vec<_> = problems.iter().take(MOST_NOTICES).map(told).collect();
    if let Some(more) = problems.len().checked_sub(MOST_NOTICES + 1) {
        all.push(format!("and {} more (另有{}项)", more + 1, more + 1));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(headings: &[&str]) -> Found {
        Found {
            at: 0,
            name: Some("二村".into()),
            headings: headings.iter().map(|text| (*text).into()).collect(),
        }
    }

    fn arranged(first: &[&str], sheet: &[&str], several: bool, texts: &[&str]) -> Vec<String> {
        let mut texts = texts.iter().map(ToString::to_string).collect();
        Layout::of(&found(first), &found(sheet), several).arrange(&mut texts);
        texts
    }

    #[test]
    fn no_cell_is_lost_on_the_way_into_the_copy() {
        let first = ["姓名", "证件号码"];
        assert_eq!(arranged(&first, &first, false, &["张"]), ["张", ""]);
        assert_eq!(
            arranged(&first, &first, false, &["张", "1", "", "旁注"]),
            ["张", "1 旁注"]
        );
        assert_eq!(
            arranged(
                &first,
                &["证件号码", "备注", "姓名"],
                true,
                &["1", "新", "张"]
            ),
            ["张", "1 新", "二村"]
        );
    }
}
