//! Rows as they came, and cells read from them by position.

use sqlx::{Decode, Row as _, Sqlite, TypeInfo, ValueRef, sqlite::SqliteRow};
use time::{Date, macros::format_description};
use tokio_postgres::types::{FromSql, Type};

/// PostgreSQL counts days from 2000-01-01; this is the Julian number of that day.
pub(super) const POSTGRES_EPOCH_JULIAN: i32 = 2_451_545;

/// A row of either database.
pub enum Row {
    /// A row of PostgreSQL, its cells still as bytes of the wire.
    Postgres(tokio_postgres::Row),
    /// A row of SQLite.
    Sqlite(SqliteRow),
}

impl Row {
    /// The cell at a position, counted from 0. A position outside of the row gives a cell that is bad to read.
    #[inline]
    pub fn cell(&self, position: usize) -> Cell<'_> {
        match self {
            Row::Postgres(row) => match row.try_get::<_, Wire<'_>>(position) {
                Ok(Wire(Some(bytes))) => Cell::Wire(bytes),
                Ok(Wire(None)) => Cell::Null,
                Err(_) => Cell::Absent,
            },
            Row::Sqlite(row) => match row.try_get_raw(position) {
                Ok(value) if value.is_null() => Cell::Null,
                Ok(_) => Cell::Sqlite(row, position),
                Err(_) => Cell::Absent,
            },
        }
    }

    /// How many cells the row has.
    pub fn len(&self) -> usize {
        match self {
            Row::Postgres(row) => row.len(),
            Row::Sqlite(row) => row.len(),
        }
    }

    /// Whether the row has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The bytes of a cell, whatever its type: types are known to the reader, so asking for them again is wasted time.
struct Wire<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Wire<'a> {
    #[inline]
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Wire(Some(raw)))
    }

    #[inline]
    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Wire(None))
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// One cell, read as what the caller knows it to be. Reading a wrong kind is an error, never a panic.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// PostgreSQL's binary form.
    Wire(&'a [u8]),
    /// A value of SQLite.
    Sqlite(&'a SqliteRow, usize),
    /// No such position.
    Absent,
}

/// A cell that does not hold what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cell was read as {wanted} and is {found}")]
pub struct BadCell {
    /// What it was read as.
    pub wanted: &'static str,
    /// What it is, as far as can be told.
    pub found: &'static str,
}

impl BadCell {
    /// A value of the right kind that its Rust type does not know: a word of no code list, a number out of range.
    pub const UNKNOWN: BadCell = bad("a value of its type", "another");
}

impl From<BadCell> for crate::db::error::DbError {
    fn from(bad: BadCell) -> Self {
        crate::db::error::DbError::fault(bad.to_string())
    }
}

impl<'a> Cell<'a> {
    /// Whether the cell is NULL.
    #[inline]
    pub fn is_null(self) -> bool {
        matches!(self, Cell::Null)
    }

    /// A text.
    #[inline]
    pub fn text(self) -> Result<&'a str, BadCell> {
        match self {
            Cell::Wire(bytes) => std::str::from_utf8(bytes).map_err(|_| bad("a text", "no UTF-8")),
            _ => self.sqlite("a text", "TEXT"),
        }
    }

    /// True or false.
    #[inline]
    pub fn boolean(self) -> Result<bool, BadCell> {
        match self {
            Cell::Wire(&[byte @ (0 | 1)]) => Ok(byte == 1),
            Cell::Wire(_) => Err(bad("a boolean", "of another width")),
            _ => match self.sqlite::<i64>("a boolean", "INTEGER")? {
                truth @ (0 | 1) => Ok(truth == 1),
                _ => Err(bad("a boolean", "another number")),
            },
        }
    }

    /// A whole number of any width.
    #[inline]
    pub fn int(self) -> Result<i64, BadCell> {
        match self {
            Cell::Wire(&[a, b, c, d, e, f, g, h]) => {
                Ok(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            Cell::Wire(&[a, b, c, d]) => Ok(i32::from_be_bytes([a, b, c, d]).into()),
            Cell::Wire(&[a, b]) => Ok(i16::from_be_bytes([a, b]).into()),
            Cell::Wire(_) => Err(bad("a number", "of another width")),
            _ => self.sqlite("a number", "INTEGER"),
        }
    }

    /// Bytes.
    #[inline]
    pub fn bytes(self) -> Result<&'a [u8], BadCell> {
        match self {
            Cell::Wire(bytes) => Ok(bytes),
            _ => self.sqlite("bytes", "BLOB"),
        }
    }

    /// A day.
    pub fn day(self) -> Result<Date, BadCell> {
        match self {
            Cell::Wire(&[a, b, c, d]) => i32::from_be_bytes([a, b, c, d])
                .checked_add(POSTGRES_EPOCH_JULIAN)
                .and_then(|julian| Date::from_julian_day(julian).ok())
                .ok_or(bad("a day", "no day of the calendar")),
            Cell::Wire(_) => Err(bad("a day", "of another width")),
            _ => Date::parse(
                self.sqlite("a day", "TEXT")?,
                format_description!("[year]-[month]-[day]"),
            )
            .map_err(|_| bad("a day", "a text of another form")),
        }
    }

    /// A value of SQLite, which may hold any type in any column: only the wanted one is let through, never converted.
    #[inline]
    fn sqlite<T: Decode<'a, Sqlite>>(
        self,
        wanted: &'static str,
        kind: &'static str,
    ) -> Result<T, BadCell> {
        let (row, position) = match self {
            Cell::Sqlite(row, position) => (row, position),
            Cell::Null => return Err(bad(wanted, "NULL")),
            _ => return Err(bad(wanted, "not in the row")),
        };
        let value = row
            .try_get_raw(position)
            .map_err(|_| bad(wanted, "not in the row"))?;
        if value.type_info().name() != kind {
            return Err(bad(wanted, "of another type"));
        }
        T::decode(value).map_err(|_| bad(wanted, "unreadable"))
    }
}

const fn bad(wanted: &'static str, found: &'static str) -> BadCell {
    BadCell { wanted, found }
}
