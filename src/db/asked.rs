//! What the database keeps of one request: how fresh its reads have to be, and what came of it.

use super::{Database, DbError, Reads, wall::Span};
use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// A place in what the primary has written: whoever has replayed it shows every commit of before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

/// It is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position")]
pub struct BadPosition;

impl FromStr for Position {
    type Err = BadPosition;

    fn from_str(text: &str) -> Result<Self, BadPosition> {
        let half = |digits: &str| match digits.len() {
            1..=8 if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
                u64::from_str_radix(digits, 16).map_err(|_| BadPosition)
            }
            _ => Err(BadPosition),
        };
        let (high, low) = text.split_once('/').ok_or(BadPosition)?;
        Ok(Position(half(high)? << 32 | half(low)?))
    }
}

/// Where the reads of a request may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// To the primary alone.
    #[default]
    Newest,
    /// To a replica too that is not too far behind and has replayed this: nothing of before is asked for where it is 0.
    From(Position),
}

/// One request. Clones of a database share it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) freshness: Freshness,
    /// Whether anybody will be told how far its writes have come.
    pub(super) is_told: bool,
    unavailable: AtomicBool,
    written: AtomicU64,
}

impl Asked {
    /// Remembers that the database could not be reached.
    pub(super) fn failed(&self, error: &DbError) {
        if matches!(error, DbError::Unavailable(_)) {
            self.unavailable.store(true, Ordering::Relaxed);
        }
    }

    /// Remembers up to where its writes have come.
    pub(super) fn wrote(&self, position: Position) {
        self.written.fetch_max(position.0, Ordering::Relaxed);
    }
}

impl Database {
    /// The same database for one request of somebody who stands in these regions.
    #[must_use]
    pub fn of_request(&self, span: Span, freshness: Freshness) -> Self {
        let asked = Asked {
            freshness,
            is_told: true,
            ..Asked::default()
        };
        Database {
            reads: self.reads.within(span).asking(Arc::new(asked)),
            ..self.clone()
        }
    }

    /// Whether a statement of this request failed because the database could not be reached.
    #[must_use]
    pub fn was_unavailable(&self) -> bool {
        self.reads.asked.unavailable.load(Ordering::Relaxed)
    }

    /// Up to where the writes of this request have come; only where there are replicas.
    #[must_use]
    pub fn written(&self) -> Option<Position> {
        match self.reads.asked.written.load(Ordering::Relaxed) {
            0 => None,
            position => Some(Position(position)),
        }
    }
}

impl Reads {
    /// The same reads, from the primary: what is asked must not be of a moment ago.
    #[must_use]
    pub fn newest(&self) -> Self {
        self.asking(Arc::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_as_postgresql_writes_it() {
        for text in ["0/0", "0/16B3748", "1A/FFFFFFFF"] {
            assert_eq!(
                text.parse::<Position>().map(|it| it.to_string()),
                Ok(text.to_owned())
            );
        }
        let of = |text: &str| text.parse::<Position>().expect("a position");
        assert!(of("0/9") < of("0/A") && of("0/FFFFFFFF") < of("1/0"));
        for text in [
            "",
            "0",
            "/",
            "0/",
            "g/0",
            "+1/0",
            "0/123456789",
            "0/1/2",
            " 0/1",
        ] {
            assert_eq!(text.parse::<Position>(), Err(BadPosition), "{text}");
        }
    }
}
