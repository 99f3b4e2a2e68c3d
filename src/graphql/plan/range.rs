//! Years, days, texts and ids that arguments give. What can't be is refused, never an empty success.

use super::{Guarded, Many, Refusal, RootQuery, record::Value};
use crate::{
    db::Param,
    graphql::scalars::{Day, NodeName, parse_global_id},
};
use async_graphql::ID;
use std::ops::RangeInclusive;
use time::{Date, Month};

/// The years that files can speak of.
const YEARS: RangeInclusive<i32> = 1949..=2199;

/// A year that the argument of this path gives.
///
/// # Errors
/// A year outside 1949 to 2199.
pub fn year_of(year: i32, path: &[&str]) -> Result<i64, Refusal> {
    if YEARS.contains(&year) {
        return Ok(year.into());
    }
    Err(Refusal::argument(
        "YEAR_OUT_OF_RANGE",
        path,
        "年份须在 1949 至 2199 之间。",
        "A year must be from 1949 to 2199.",
    ))
}

/// The first and the last day of a calendar year that the argument of this path gives.
///
/// # Errors
/// A year outside 1949 to 2199.
fn days_of_year(year: i32, path: &[&str]) -> Result<[Value; 2], Refusal> {
    year_of(year, path)?;
    let day = |month, day| {
        Date::from_calendar_date(year, month, day)
            .map(Value::Day)
            .map_err(|_| Refusal::internal())
    };
    Ok([day(Month::January, 1)?, day(Month::December, 31)?])
}

/// The key of a row of `N`, whose global id the argument of this path gives.
///
/// # Errors
/// What is no id, or that of another type.
pub fn key_of<N: NodeName>(id: &ID, path: &[&str]) -> Result<i64, Refusal> {
    parse_global_id(id)
        .filter(|(name, _)| name == N::NAME)
        .map(|(_, key)| key)
        .ok_or_else(|| {
            let name = N::NAME;
            Refusal::argument(
                "INVALID_ID",
                path,
                "编号无效：请使用本系统返回的编号。",
                format!("This is not the id of a {name}: use an id that a field gave."),
            )
        })
}

/// A list that can be narrowed to a year, guarded or not.
macro_rules! lists_by_year {
    ($($list:ty),+) => { $(
        impl<T> $list {
            /// The list, or only its rows of the year that `argument` gives; the condition has `{}` where the year stands.
            ///
            /// # Errors
            /// A year outside 1949 to 2199.
            pub fn of_year(
                &self,
                condition: &'static str,
                argument: &str,
                year: Option<i32>,
            ) -> Result<Self, Refusal> {
                let Some(year) = year else {
                    return Ok(self.whole());
                };
                let year = year_of(year, &[argument])?;
                Ok(self.filtered(condition, [Value::Integer(year)]))
            }

            /// The list, or only its rows whose day lies in the calendar year that `argument` gives; the condition has `{1}`
            /// and `{2}` where its first and its last day stand.
            ///
            /// # Errors
            /// A year outside 1949 to 2199.
            pub fn of_days(
                &self,
                condition: &'static str,
                argument: &str,
                year: Option<i32>,
            ) -> Result<Self, Refusal> {
                let Some(year) = year else {
                    return Ok(self.whole());
                };
                Ok(self.filtered(condition, days_of_year(year, &[argument])?))
            }
        }
    )+ };
}
lists_by_year!(Many<T>, Guarded<Many<T>>);

impl RootQuery {
    /// The column is the text that the argument of this path gives, if it gives one.
    ///
    /// # Errors
    /// A text that no column can hold.
    pub fn is_text(
        &mut self,
        column: &str,
        text: Option<&str>,
        path: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(text) = text {
            let condition = self.text_is(column, text, path)?;
            self.and(condition);
        }
        Ok(())
    }

    /// The condition that the column is a text, for a condition on other rows than the query's own.
    ///
    /// # Errors
    /// A text that no column can hold.
    pub fn text_is(&mut self, column: &str, text: &str, path: &[&str]) -> Result<String, Refusal> {
        if text.contains('\0') {
            return Err(Refusal::unwritable(path));
        }
        let text = self.bind(Param::Text(text.into()));
        Ok(format!("{column} = {text}"))
    }

    /// The condition that a column, sorted by its bytes, begins with a text: a range, so that an index serves it.
    ///
    /// # Errors
    /// A text that no column can hold, and an empty one, with which everything begins.
    pub fn text_begins_with(
        &mut self,
        column: &str,
        text: &str,
        path: &[&str],
    ) -> Result<String, Refusal> {
        let Some(end) = after_prefix(text).filter(|_| !text.contains('\0')) else {
            return Err(Refusal::argument(
                "INVALID_TEXT",
                path,
                "文本不能为空，也不能含有 NUL 字符。",
                "A text must not be empty or hold the character NUL.",
            ));
        };
        let (text, end) = (
            self.bind(Param::Text(text.into())),
            self.bind(Param::Text(end.into())),
        );
        Ok(format!("{column} >= {text} AND {column} < {end}"))
    }

    /// The column names the row of `N` whose id the argument of this path gives, if it gives one.
    ///
    /// # Errors
    /// What is no id, or that of another type.
    pub fn is_row<N: NodeName>(
        &mut self,
        column: &str,
        id: Option<&ID>,
        path: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(id) = id {
            self.equals(column, Param::I64(key_of::<N>(id, path)?));
        }
        Ok(())
    }

    /// The column is the year that the argument of this path gives, if it gives one.
    ///
    /// # Errors
    /// A year outside 1949 to 2199.
    pub fn in_year(
        &mut self,
        column: &str,
        year: Option<i32>,
        path: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(year) = year {
            self.equals(column, Param::I64(year_of(year, path)?));
        }
        Ok(())
    }

    /// The day lies in the calendar year that the argument of this path gives, if it gives one.
    ///
    /// # Errors
    /// A year outside 1949 to 2199.
    pub fn in_year_of_day(
        &mut self,
        column: &str,
        year: Option<i32>,
        path: &[&str],
    ) -> Result<(), Refusal> {
        if let Some(year) = year {
            let [first, last] = days_of_year(year, path)?.map(|day| self.bind(Param::from(&day)));
            self.and(format!("{column} BETWEEN {first} AND {last}"));
        }
        Ok(())
    }

    /// The day lies in a range, both ends included; `path` is the argument that gives the first day.
    ///
    /// # Errors
    /// A range that ends before it begins.
    pub fn in_days(
        &mut self,
        column: &str,
        (from, to): (Option<Day>, Option<Day>),
        path: &[&str],
    ) -> Result<(), Refusal> {
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Refusal::argument(
                "PERIOD_REVERSED",
                path,
                "起始日期晚于截止日期。",
                "The period begins after it ends.",
            ));
        }
        for (sign, day) in [(">=", from), ("<=", to)] {
            if let Some(day) = day {
                let day = self.bind(Param::Day(day.0));
                self.and(format!("{column} {sign} {day}"));
            }
        }
        Ok(())
    }
}

/// The first text after all that begin with this one, by the order of bytes; none for no text.
fn after_prefix(text: &str) -> Option<String> {
    let mut end = text.to_owned();
    let next = loop {
        let last = end.pop()?;
        // The last of all characters has no next one: then the character before it is raised.
        if let Some(next) = next_character(last) {
            break next;
        }
    };
    end.push(next);
    Some(end)
}

fn next_character(character: char) -> Option<char> {
    match character {
        '\u{d7ff}' => Some('\u{e000}'),
        _ => char::from_u32(u32::from(character) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn all_that_begin_with_a_text_lie_before_its_end() {
        for (text, end) in [
            ("王", Some("玌")),
            ("王小", Some("王尐")),
            ("a\u{d7ff}", Some("a\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(after_prefix(text).as_deref(), end, "{text:?}");
        }
    }
}
