//! How alike two values are: from 0, nothing in common, to 1, equal.

use serde::Deserialize;

/// A way to compare two values that are not equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparator {
    /// Equal or not.
    #[default]
    Exact,
    /// For names: the start weighs more.
    JaroWinkler,
    /// Slips (a letter more, less or other, two neighbours exchanged) against the longer length.
    Levenshtein,
    /// The same over words in any order, and over the text without its blanks.
    Words,
    /// Digits of a number; the same as `levenshtein` without what is no digit.
    Digits,
    /// Eight digits, yyyymmdd: day and month exchanged is 0.95, else as `digits`.
    Date,
}

impl Comparator {
    /// ```
    /// use matching::records::Comparator;
    ///
    /// assert_eq!(Comparator::Exact.similarity("a", "A"), 0.0);
    /// assert_eq!(Comparator::Levenshtein.similarity("smith", "smiht"), 0.8);
    /// assert_eq!(Comparator::Words.similarity("old mill road", "road old mill"), 1.0);
    /// assert_eq!(Comparator::Words.similarity("oldmill road", "old mill road"), 1.0);
    /// ```
    pub fn similarity(self, one: &str, other: &str) -> f64 {
        match self {
            Self::Exact => f64::from(u8::from(one == other)),
            Self::JaroWinkler => strsim::jaro_winkler(one, other),
            Self::Levenshtein => edits(one, other),
            Self::Words => edits(&joined(one, false), &joined(other, false))
                .max(edits(&joined(one, true), &joined(other, true))),
            Self::Digits => edits(&digits(one), &digits(other)),
            Self::Date => dates(&digits(one), &digits(other)),
        }
    }
}

fn edits(one: &str, other: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(one, other)
}

fn joined(text: &str, sorted: bool) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if sorted {
        words.sort_unstable();
    }
    words.concat()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn dates(one: &str, other: &str) -> f64 {
    let parts = |text| {
        Some((
            str::get(text, ..4)?,
            str::get(text, 4..6)?,
            str::get(text, 6..8)?,
        ))
    };
    match (parts(one), parts(other)) {
        (Some((year, month, day)), Some(turned))
            if turned == (year, day, month) && day != month =>
        {
            0.95
        }
        _ => edits(one, other),
    }
}
