//! Where the headings of a table stand, and what each of its columns is.

use crate::{
    cell::FEN_OF_TEN_THOUSAND_YUAN,
    fold,
    kind::{Kind, Known, Type},
    problem::{Code, Problem},
    source::RawRow,
};
use std::sync::Arc;

/// How many rows may stand above the headings, theirs included.
pub const SEARCHED_ROWS: u64 = 30;

/// What the columns of a table are.
#[derive(Debug)]
pub struct Headings {
    /// The row they stand in.
    pub row: u64,
    /// As they stand there.
    pub texts: Vec<Arc<str>>,
    /// For each column of the kind: its place in the file, and how many of the smallest unit one of its unit has.
    pub places: Vec<Option<(usize, i64)>>,
    /// Headings that the kind does not know.
    pub notices: Vec<Problem>,
}

/// Finds the row of the headings among the first rows of a sheet, and tells its place among them.
///
/// # Errors
/// Everything that keeps the table from being read.
pub fn find(rows: &[RawRow], kind: &Kind) -> Result<(usize, Headings), Vec<Problem>> {
    let matches = |row: &RawRow| {
        let known = row
            .cells
            .iter()
            .filter(|cell| column_of(&cell.text(), kind).is_some());
        known.count()
    };
    let counts: Vec<usize> = rows.iter().map(matches).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    let Some(at) = counts
        .iter()
        .position(|count| *count == most)
        .filter(|_| most >= 2)
    else {
        return Err(vec![no_heading(kind)]);
    };
    let headings = mapped(&rows[at], kind, money_unit(&rows[..at]));
    headings.map(|headings| (at, headings)).map_err(|problems| {
        let missing = |row: &RawRow| {
            row.cells
                .iter()
                .filter_map(|cell| column_of(&cell.text(), kind))
                .any(|(column, _)| {
                    let heading = &kind.columns[column].heading;
                    problems.iter().any(|problem| {
                        problem.code == Code::MissingColumn
                            && problem.column.as_ref() == Some(heading)
                    })
                })
        };
        let beside = [at.checked_sub(1), Some(at + 1)];
        let beside = beside.into_iter().flatten().filter_map(|at| rows.get(at));
        match beside.into_iter().any(missing) {
            true => vec![two_rows(rows[at].number)],
            false => problems,
        }
    })
}

fn no_heading(kind: &Kind) -> Problem {
    let required: Vec<_> = kind
        .columns
        .iter()
        .filter(|column| column.required)
        .map(|column| &*column.heading)
        .collect();
    Problem::new(
        Code::NoHeading,
        format!(
            "none of the first {SEARCHED_ROWS} rows has the headings of {}: it needs {}",
            kind.english,
            required.join(", ")
        ),
        format!(
            "前{SEARCHED_ROWS}行中找不到“{}”的表头，至少应有：{}",
            kind.chinese,
            required.join("、")
        ),
    )
}

fn two_rows(row: u64) -> Problem {
    Problem::new(
        Code::TwoRowHeading,
        "the headings stand in two rows: put each column's heading into one cell of one row",
        "表头分成了两行，请合并为一行，每列一个表头",
    )
    .at_row(row)
}

/// A column of the kind by its heading, and the unit that stands with it.
fn column_of(text: &str, kind: &Kind) -> Option<(usize, Option<String>)> {
    match known(text, kind)? {
        (Known::Column(column), unit) => Some((column, unit)),
        (Known::Ignored, _) => None,
    }
}

fn known(text: &str, kind: &Kind) -> Option<(Known, Option<String>)> {
    if text.len() > fold::LONGER_THAN_WORDS {
        return None;
    }
    let heading = fold::heading(text);
    if heading.whole.is_empty() {
        return None;
    }
    let inside = heading.inside.first().cloned();
    if let Some(known) = kind
        .known(&heading.whole)
        .or_else(|| kind.known(&heading.bare))
    {
        return Some((known, inside));
    }
    let units = ["万元", "元", "㎡", "平方米", "公里", "米", "%"];
    units.into_iter().find_map(|unit| {
        let bare = heading.bare.strip_suffix(unit)?;
        Some((kind.known(bare)?, Some(unit.to_owned())))
    })
}

fn mapped(row: &RawRow, kind: &Kind, money: Option<i64>) -> Result<Headings, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut headings = Headings {
        row: row.number,
        texts: row.cells.iter().map(|cell| cell.text().into()).collect(),
        places: vec![None; kind.columns.len()],
        notices: vec![],
    };
    for (at, cell) in row.cells.iter().enumerate() {
        let text: Arc<str> = fold::told(&cell.text()).into();
        if cell.is_blank() {
            continue;
        }
        let Some((known, unit)) = known(&cell.text(), kind) else {
            headings
                .notices
                .push(unknown(&text, kind).at_row(row.number).at_column(&text));
            continue;
        };
        let Known::Column(column) = known else {
            continue;
        };
        let is = &kind.columns[column].is;
        let Some(parts) = parts_of(is, unit.as_deref(), money) else {
            problems.push(unknown_unit(is).at_row(row.number).at_column(&text));
            continue;
        };
        match headings.places[column] {
            None => headings.places[column] = Some((at, parts)),
            Some((first, _)) => {
                let first = fold::told(&headings.texts[first]);
                problems.push(twice(&first, &text).at_row(row.number).at_column(&text));
            }
        }
    }
    for (column, place) in kind.columns.iter().zip(&headings.places) {
        let is_told = || {
            problems
                .iter()
                .any(|problem| problem.code == Code::UnknownUnit)
        };
        if column.required && place.is_none() && !is_told() {
            problems.push(
                missing(&column.heading)
                    .at_row(row.number)
                    .at_column(&column.heading),
            );
        }
    }
    match problems.is_empty() {
        true => Ok(headings),
        false => Err(problems.into_iter().chain(headings.notices).collect()),
    }
}

fn unknown(text: &str, kind: &Kind) -> Problem {
    let folded = fold::heading(text).bare;
    let (meant, of_meant) = match nearest(&folded, kind.headings()) {
        Some(heading) => (
            format!(", do you mean {heading}?"),
            format!("（是否应为“{heading}”）"),
        ),
        None => Default::default(),
    };
    Problem::new(
        Code::UnknownHeading,
        format!("the heading is not known{meant}: the column is left out"),
        format!("无法识别的表头{of_meant}，该列不读取"),
    )
}

fn twice(first: &str, second: &str) -> Problem {
    Problem::new(
        Code::DuplicateHeading,
        format!("`{first}` and `{second}` say the same: take one of both columns away"),
        format!("“{first}”与“{second}”含义相同，请删去其中一列"),
    )
}

fn missing(heading: &str) -> Problem {
    Problem::new(
        Code::MissingColumn,
        format!("the column {heading} is missing"),
        format!("缺少必需的“{heading}”列"),
    )
}

fn unknown_unit(is: &Type) -> Problem {
    let units = match is {
        Type::Distance => "米、公里",
        Type::Area => "平方米",
        Type::Rate => "%",
        _ => "元、万元",
    };
    Problem::new(
        Code::UnknownUnit,
        format!("write in brackets behind the heading in which unit the column is: {units}"),
        format!("请在表头后的括号内注明单位：{units}"),
    )
}

/// How many of the smallest unit one of the heading's has; none where that is not known.
fn parts_of(is: &Type, unit: Option<&str>, money: Option<i64>) -> Option<i64> {
    // `元/月`, `元／人·年`: the amount is in yuan.
    let first = unit.map(|unit| {
        unit.split(['/', '·', ',', '、', '每'])
            .next()
            .unwrap_or(unit)
    });
    match (is, first) {
        (Type::Yuan, None) => Some(money.unwrap_or(FEN_OF_A_YUAN)),
        (Type::Yuan, Some(unit)) => match money_parts(unit) {
            Some(parts) => Some(parts),
            // What stands in the brackets speaks of something else.
            None if !unit.contains(['元', '角', '分']) => Some(money.unwrap_or(FEN_OF_A_YUAN)),
            None => None,
        },
        (Type::Area, None | Some("平方米" | "㎡" | "M2" | "M²" | "平米")) => Some(100),
        (Type::Distance, Some("米" | "M")) => Some(1),
        (Type::Distance, Some("公里" | "千米" | "KM")) => Some(1_000),
        (Type::Area | Type::Distance, _) => None,
        (Type::Rate, Some(unit)) if unit.contains(['‰', '月', '日', '厘']) => None,
        _ => Some(1),
    }
}

const FEN_OF_A_YUAN: i64 = 100;

fn money_parts(unit: &str) -> Option<i64> {
    let unit = unit
        .strip_prefix("单位:")
        .or_else(|| unit.strip_prefix("单位"))
        .unwrap_or(unit);
    let unit = unit.strip_prefix("人民币").unwrap_or(unit);
    match unit {
        "元" => Some(FEN_OF_A_YUAN),
        "百元" => Some(10_000),
        "千元" => Some(100_000),
        "万元" => Some(FEN_OF_TEN_THOUSAND_YUAN),
        _ => None,
    }
}

/// The unit of money that a line above the headings tells: 单位：万元.
fn money_unit(above: &[RawRow]) -> Option<i64> {
    above.iter().flat_map(|row| &row.cells).find_map(|cell| {
        let text = fold::word(&cell.text());
        let (_, units) = text.split_once("单位:")?;
        units
            .split([',', '、', '/', ';', ')'])
            .find_map(money_parts)
    })
}

/// The nearest word that is so few signs away that it may be meant.
pub fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let length = word.chars().count();
    // A long text is no slip of a word.
    if length > 40 {
        return None;
    }
    let near = words.map(|other| (yaml::distance(word, other), other));
    near.min()
        .filter(|(slips, other)| slips * 2 <= length.max(other.chars().count()) && *slips < length)
        .map(|(_, other)| other)
}
