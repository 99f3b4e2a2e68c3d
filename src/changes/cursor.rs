//! A position among the changes, and how it looks outside.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The place of a change: after it come the changes of later places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) transaction: i64,
    pub(super) ordinal: i32,
}

/// What a cursor of this kind begins with, and of this form.
const KIND: &str = "changes1";

impl Position {
    /// The last place below a horizon.
    pub(super) fn below(horizon: i64) -> Self {
        Position {
            transaction: horizon.saturating_sub(1),
            ordinal: i32::MAX,
        }
    }

    pub(super) fn cursor(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{KIND}:{}:{}", self.transaction, self.ordinal))
    }

    /// The position of a cursor; none for anything that no `cursor` gave.
    pub(super) fn of_cursor(cursor: &str) -> Option<Self> {
        if cursor.len() > 64 {
            return None;
        }
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let (transaction, ordinal) = text
            .strip_prefix(KIND)?
            .strip_prefix(':')?
            .split_once(':')?;
        let position = Position {
            transaction: transaction.parse().ok().filter(|number| *number >= 0)?,
            ordinal: ordinal.parse().ok().filter(|number| *number >= 0)?,
        };
        (position.cursor() == cursor).then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_does() {
        let position = Position {
            transaction: 7_340_112,
            ordinal: 3,
        };
        assert_eq!(Position::of_cursor(&position.cursor()), Some(position));
        for text in [
            "changes1:7:03",
            "changes1:+7:3",
            "changes1:-7:3",
            "changes2:7:3",
            "changes1:7",
            "",
            "x",
        ] {
            assert_eq!(
                Position::of_cursor(&URL_SAFE_NO_PAD.encode(text)),
                None,
                "{text}"
            );
            assert_eq!(Position::of_cursor(text), None, "{text}");
        }
    }

    #[test]
    fn everything_below_a_horizon_lies_before_it() {
        let last = Position {
            transaction: 8,
            ordinal: 900,
        };
        let next = Position {
            transaction: 9,
            ordinal: 0,
        };
        assert!(last < Position::below(9) && Position::below(9) < next);
    }
}
