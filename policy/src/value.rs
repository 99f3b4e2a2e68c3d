//! Values and their types.

use crate::number::Exact;
use std::{fmt, sync::Arc};
use time::{Date, Month};

/// A value of a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known, not stated, not configured.
    None,
    Number(Exact),
    Bool(bool),
    Word(Arc<str>),
    Date(Date),
    Month(YearMonth),
    List(Arc<[Value]>),
    /// A record, or values by name.
    Map(Arc<[(Arc<str>, Value)]>),
}

impl Value {
    /// How it is written for people: two digits where it is money, none where it is not known.
    #[must_use]
    pub fn text(&self, ty: &Type) -> Option<String> {
        Some(match (self, ty.known()) {
            (Value::None, _) => return None,
            (Value::Number(number), Type::Yuan) => number.rounded(2)?.fixed(2)?,
            (Value::Number(number), _) => number.rounded(6)?.trimmed()?,
            (Value::Bool(value), _) => value.to_string(),
            (Value::Word(word), _) => word.to_string(),
            (Value::Date(day), _) => day.to_string(),
            (Value::Month(month), _) => month.to_string(),
            (Value::List(_) | Value::Map(_), _) => return None,
        })
    }
}

/// A month of a year, counted from year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth(i32);

impl YearMonth {
    /// `2018-03`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let (year, month): (i32, i32) = (digits(year, 4)?, digits(month, 2)?);
        (1..=12)
            .contains(&month)
            .then_some(YearMonth(year * 12 + month - 1))
    }
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        let month = Month::try_from(u8::try_from(self.0 % 12 + 1).ok()?).ok()?;
        Date::from_calendar_date(self.0 / 12, month, 1).ok()
    }
    /// Months since year 0.
    pub(crate) fn count(self) -> i32 {
        self.0
    }
    pub(crate) fn of_count(months: i32) -> Option<Self> {
        (0..LAST_MONTH)
            .contains(&months)
            .then_some(YearMonth(months))
    }
    #[must_use]
    pub fn plus(self, months: i32) -> Option<Self> {
        Self::of_count(self.0.checked_add(months)?)
    }
}

/// The months before the year 10000.
const LAST_MONTH: i32 = 12 * 10_000;

fn digits(text: &str, length: usize) -> Option<i32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 12, self.0 % 12 + 1)
    }
}

/// A day as `2018-03-01`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(u8::try_from(digits(month, 2)?).ok()?).ok()?;
    Date::from_calendar_date(digits(year, 4)?, month, u8::try_from(digits(day, 2)?).ok()?).ok()
}

/// What a value can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number as it is written in a rule: it takes the unit of what it meets.
    Literal,
    Yuan,
    Number,
    Area,
    Bool,
    /// One of these words; any where none are named.
    Word(Arc<[Arc<str>]>),
    Date,
    Month,
    List(Box<Type>),
    /// Values by name.
    Map(Box<Type>),
    Record(Arc<[(Arc<str>, Type)]>),
    /// Perhaps not known.
    Optional(Box<Type>),
    /// Nothing is known.
    Nothing,
}

impl Type {
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Literal | Type::Yuan | Type::Number | Type::Area)
    }
    #[must_use]
    pub fn any_word() -> Type {
        Type::Word(Arc::from([]))
    }
    /// Perhaps not known, of what may be known.
    #[must_use]
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Nothing => self,
            known => Type::Optional(Box::new(known)),
        }
    }
    /// The type where it is known.
    #[must_use]
    pub fn known(&self) -> &Type {
        match self {
            Type::Optional(known) => known,
            known => known,
        }
    }
    /// The type of what is one or the other; none where they have nothing in common.
    #[must_use]
    pub fn joined(&self, other: &Type) -> Option<Type> {
        match (self, other) {
            (Type::Nothing, known) | (known, Type::Nothing) => Some(known.clone().optional()),
            (Type::Optional(one), other) | (other, Type::Optional(one)) => {
                one.joined(other.known()).map(Type::optional)
            }
            (Type::Literal, number) | (number, Type::Literal) if number.is_number() => {
                Some(number.clone())
            }
            (Type::Word(some), Type::Word(others)) if some.is_empty() || others.is_empty() => {
                Some(Type::any_word())
            }
            (Type::Word(some), Type::Word(others)) => {
                let more = others.iter().filter(|word| !some.contains(word));
                Some(Type::Word(some.iter().chain(more).cloned().collect()))
            }
            (Type::List(one), Type::List(other)) => {
                one.joined(other).map(|of| Type::List(Box::new(of)))
            }
            (one, other) => (one == other).then(|| one.clone()),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Literal | Type::Number => f.write_str("number"),
            Type::Yuan => f.write_str("yuan"),
            Type::Area => f.write_str("m2"),
            Type::Bool => f.write_str("yes or no"),
            Type::Word(words) if words.is_empty() => f.write_str("word"),
            Type::Word(words) => f.write_str(&words.join(" | ")),
            Type::Date => f.write_str("date"),
            Type::Month => f.write_str("month"),
            Type::List(of) => write!(f, "list of {of}"),
            Type::Map(of) => write!(f, "map of {of}"),
            Type::Record(_) => f.write_str("record"),
            Type::Optional(of) => write!(f, "{of}?"),
            Type::Nothing => f.write_str("none"),
        }
    }
}
