//! A cell as its file has it, and the values that cells come to.

use crate::{
    day::{self, Epoch},
    fold,
};
use std::{borrow::Cow, fmt, sync::Arc};
use time::Date;

/// How a workbook shows a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    #[default]
    Plain,
    Date,
    Percent,
}

/// A cell as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Raw {
    #[default]
    Empty,
    Text(String),
    /// A number of a workbook, with the text it is stored as.
    Number {
        stored: String,
        float: f64,
        style: Style,
        /// From which day its workbook counts.
        epoch: Epoch,
    },
    Bool(bool),
    /// `#N/A` and the like.
    Error(String),
    /// A formula without a result.
    NotComputed,
}

impl Raw {
    /// The text that a copy of the file shows.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Raw::Empty | Raw::NotComputed => "".into(),
            Raw::Text(text) | Raw::Error(text) => text.into(),
            Raw::Bool(true) => "TRUE".into(),
            Raw::Bool(false) => "FALSE".into(),
            Raw::Number {
                stored,
                float,
                style: Style::Date,
                epoch,
            } => match day::of_serial(*float, *epoch) {
                Ok(day) => day.to_string().into(),
                Err(_) => stored.into(),
            },
            Raw::Number {
                stored,
                float,
                style,
                ..
            } => number_text(stored, *float, *style),
        }
    }
    /// About how many bytes its text has.
    pub(crate) fn size(&self) -> usize {
        match self {
            Raw::Text(text) | Raw::Error(text) | Raw::Number { stored: text, .. } => text.len(),
            Raw::Empty | Raw::Bool(_) | Raw::NotComputed => 0,
        }
    }
    /// Whether it is a number with more digits than a spreadsheet keeps.
    pub(crate) fn is_rounded(&self) -> bool {
        matches!(self, Raw::Number { float, .. } if float.abs() >= EXACT_BELOW)
    }
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Raw::Empty => true,
            Raw::Text(text) => fold::is_blank(text),
            _ => false,
        }
    }
}

/// From here on a floating number is not every whole number, and before that a spreadsheet has rounded it to 15 digits.
const EXACT_BELOW: f64 = 1e15;

/// Digits that are shown as they are stored: no exponent, no more than a spreadsheet shows, no noughts at the end.
fn is_shown_as_stored(stored: &str) -> bool {
    let whole = stored
        .bytes()
        .all(|c| c.is_ascii_digit() || c == b'.' || c == b'-');
    whole && stored.len() <= 15 && !(stored.contains('.') && stored.ends_with(['0', '.']))
}

fn number_text(stored: &str, float: f64, style: Style) -> Cow<'_, str> {
    if style == Style::Plain && is_shown_as_stored(stored) {
        return stored.into();
    }
    let (number, mark) = match style {
        Style::Percent => (float * 100.0, "%"),
        _ => (float, ""),
    };
    let size = number.abs();
    if size >= EXACT_BELOW || (size < 1e-9 && size > 0.0) || !number.is_finite() {
        return stored.into();
    }
    // 15 digits, as a spreadsheet shows it, and none of the noise behind them.
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{shown}{mark}").into()
}

/// A text that is never printed by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sensitive(pub(crate) String);

impl Sensitive {
    /// The text. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(..)")
    }
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, identifier, or number of a household's card.
    Text(String),
    /// Citizen number, certificate, bank card, phone, diagnosis: without blanks, with a capital X. That a citizen number
    /// has its form is held; whether it is right (date, check character) is not.
    Sensitive(Sensitive),
    Whole(i64),
    Fen(i64),
    SquareDecimetres(i64),
    Metres(i64),
    BasisPoints(i64),
    Date(Date),
    Month {
        year: i32,
        month: u8,
    },
    Year(i32),
    Village(i64),
    YesNo(bool),
    Code(Arc<str>),
    Codes(Vec<Arc<str>>),
}
