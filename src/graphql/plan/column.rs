//! How one column of a row becomes one value of the answer.

use crate::{
    db::{BadCell, Cell, Row},
    graphql::response::{write_integer, write_string},
};
use async_graphql::{OutputType, Value};
use entity::codes::CodeList;

/// A scalar that is one column. `write` gives the very bytes that stock resolution of `read` would give.
pub trait Column: OutputType + Sized {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell>;
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell>;
}

impl Column for i32 {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.int()?.try_into().map_err(|_| BadCell::UNKNOWN)
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        write_integer(Self::read(cell)?.into(), json);
        Ok(())
    }
}

impl Column for bool {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.boolean()
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        json.extend_from_slice(if cell.boolean()? { b"true" } else { b"false" });
        Ok(())
    }
}

impl Column for String {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        cell.text().map(Into::into)
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        write_string(cell.text()?, json);
        Ok(())
    }
}

impl<C: Column> Column for Option<C> {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell> {
        if cell.is_null() {
            return Ok(None);
        }
        C::read(cell).map(Some)
    }
    fn write(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
        if cell.is_null() {
            json.extend_from_slice(b"null");
            return Ok(());
        }
        C::write(cell, json)
    }
}

/// A word of a code list. Rooms say `codes!(HouseGrade, ..)` of the lists they show.
pub fn read_word<C: CodeList>(cell: Cell<'_>) -> Result<C, BadCell> {
    C::of_word(cell.text()?).ok_or(BadCell::UNKNOWN)
}

pub fn write_word<C: CodeList>(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
    let word = read_word::<C>(cell)?.word();
    json.push(b'"');
    json.extend_from_slice(word.as_bytes());
    json.push(b'"');
    Ok(())
}

/// Makes code lists columns.
macro_rules! codes {
    ($($list:ty),+ $(,)?) => { $(
        impl crate::graphql::plan::Column for $list {
            fn read(cell: crate::db::Cell<'_>) -> Result<Self, crate::db::BadCell> {
                crate::graphql::plan::read_word(cell)
            }
            fn write(cell: crate::db::Cell<'_>, json: &mut Vec<u8>) -> Result<(), crate::db::BadCell> {
                crate::graphql::plan::write_word::<Self>(cell, json)
            }
        }
    )+ };
}
pub(crate) use codes;

/// A scalar that is text outside. Gives its `Column` through `text_scalar!`.
pub trait Text: Sized {
    fn read(cell: Cell<'_>) -> Result<Self, BadCell>;
    fn text(&self, into: &mut Vec<u8>);

    fn value(&self) -> Value {
        let mut text = Vec::with_capacity(24);
        self.text(&mut text);
        Value::String(String::from_utf8_lossy(&text).into_owned())
    }
}

/// Writes a text whose characters need no escaping: digits, dates, ids.
pub fn write_text<T: Text>(cell: Cell<'_>, json: &mut Vec<u8>) -> Result<(), BadCell> {
    let value = T::read(cell)?;
    json.push(b'"');
    value.text(json);
    json.push(b'"');
    Ok(())
}

/// Decodes a row for stock resolution: parent key, own key, household, then the object's columns as declared.
pub struct RowReader<'r> {
    row: &'r Row,
    at: usize,
}

impl<'r> RowReader<'r> {
    #[must_use]
    pub fn new(row: &'r Row) -> Self {
        RowReader { row, at: 3 }
    }
    pub fn parent(&self) -> Result<i64, BadCell> {
        self.row.cell(0).int()
    }
    pub fn key(&self) -> Result<i64, BadCell> {
        self.row.cell(1).int()
    }
    pub fn household(&self) -> Result<i64, BadCell> {
        self.row.cell(2).int()
    }
    /// The next column, in order of declaration.
    pub fn take(&mut self) -> Cell<'r> {
        self.at += 1;
        self.row.cell(self.at - 1)
    }
}
