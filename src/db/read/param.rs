//! What stands for a placeholder, and how each database wants it.

use std::{error::Error, fmt, sync::Arc};

use bytes::{BufMut, BytesMut};
use sqlx::{Arguments, sqlite::SqliteArguments};
use time::{Date, macros::format_description};
use tokio_postgres::types::{Format, IsNull, ToSql, Type};

use crate::db::error::DbError;

/// The value of a placeholder. Its Debug tells the kind only: drivers log parameters.
#[derive(Clone, PartialEq)]
pub enum Param {
    /// A whole number; on PostgreSQL whatever integer type the statement wants, if it fits.
    I64(i64),
    /// A text.
    Text(Arc<str>),
    /// A list of whole numbers, for [`super::Dialect::any`].
    I64s(Arc<[i64]>),
    /// A list of texts, for [`super::Dialect::any`].
    Texts(Arc<[String]>),
    /// Bytes, such as a blind index.
    Bytes(Arc<[u8]>),
    /// A day: `date` on PostgreSQL, `YYYY-MM-DD` on SQLite.
    Day(Date),
    /// True or false; 1 or 0 on SQLite.
    Bool(bool),
    /// Nothing.
    Null,
}

impl Param {
    fn kind(&self) -> &'static str {
        match self {
            Param::I64(_) => "I64",
            Param::Text(_) => "Text",
            Param::I64s(_) => "I64s",
            Param::Texts(_) => "Texts",
            Param::Bytes(_) => "Bytes",
            Param::Day(_) => "Day",
            Param::Bool(_) => "Bool",
            Param::Null => "Null",
        }
    }
}

impl Param {
    /// The same value for a statement of the ORM.
    pub(in crate::db) fn into_value(self) -> Result<sea_orm::Value, DbError> {
        Ok(match self {
            Param::I64(number) => number.into(),
            Param::Text(text) => (*text).into(),
            Param::Bytes(bytes) => bytes.to_vec().into(),
            Param::Day(day) => day.into(),
            Param::Bool(bool) => bool.into(),
            Param::Null => Option::<i64>::None.into(),
            Param::I64s(_) | Param::Texts(_) => {
                return Err(DbError::fault("a list is no parameter inside of a write"));
            }
        })
    }
}

impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Param::I64(number)
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Param::Text(text.into())
    }
}

impl From<Date> for Param {
    fn from(day: Date) -> Self {
        Param::Day(day)
    }
}

impl From<bool> for Param {
    fn from(truth: bool) -> Self {
        Param::Bool(truth)
    }
}

/// The day as SQLite keeps it.
pub(super) fn day_text(day: Date) -> Result<String, time::error::Format> {
    day.format(format_description!("[year]-[month]-[day]"))
}

/// A parameter on its way to PostgreSQL: encoded as the type that the server inferred from the statement.
#[derive(Debug)]
pub(super) struct Wire<'a>(pub(super) &'a Param);

type WireError = Box<dyn Error + Sync + Send>;

impl ToSql for Wire<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, WireError> {
        match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::I64(number) => put_number(*number, wanted, out)?,
            Param::Text(text) => put_text(text, wanted, out)?,
            Param::I64s(numbers) => put_numbers(numbers, wanted, out)?,
            Param::Texts(texts) if is_text_list(wanted) => {
                return texts.as_ref().to_sql(wanted, out);
            }
            Param::Bytes(bytes) if *wanted == Type::BYTEA => out.put_slice(bytes),
            Param::Bool(truth) if *wanted == Type::BOOL => out.put_u8(u8::from(*truth)),
            Param::Day(day) => put_day(*day, wanted, out)?,
            other => return Err(misfit(other, wanted)),
        }
        Ok(IsNull::No)
    }

    // The server names the type; whether the value fits is found out in `to_sql`.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, WireError> {
        self.to_sql(wanted, out)
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }
}

fn misfit(param: &Param, wanted: &Type) -> WireError {
    format!(
        "a parameter of kind {} can't stand for the type {wanted}",
        param.kind()
    )
    .into()
}

fn put_number(number: i64, wanted: &Type, out: &mut BytesMut) -> Result<(), WireError> {
    match *wanted {
        Type::INT8 => out.put_i64(number),
        Type::INT4 => out.put_i32(i32::try_from(number)?),
        Type::INT2 => out.put_i16(i16::try_from(number)?),
        _ => return Err(misfit(&Param::I64(number), wanted)),
    }
    Ok(())
}

fn put_text(text: &Arc<str>, wanted: &Type, out: &mut BytesMut) -> Result<(), WireError> {
    match *wanted {
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::UNKNOWN => {}
        Type::JSONB => out.put_u8(1), // the version of the format
        _ => return Err(misfit(&Param::Text(Arc::clone(text)), wanted)),
    }
    out.put_slice(text.as_bytes());
    Ok(())
}

fn put_day(day: Date, wanted: &Type, out: &mut BytesMut) -> Result<(), WireError> {
    match *wanted {
        Type::DATE => out.put_i32(day.to_julian_day() - super::row::POSTGRES_EPOCH_JULIAN),
        Type::TEXT | Type::VARCHAR => out.put_slice(day_text(day)?.as_bytes()),
        _ => return Err(misfit(&Param::Day(day), wanted)),
    }
    Ok(())
}

/// An array of one dimension, written by hand: this is the hot parameter of every page.
fn put_numbers(numbers: &Arc<[i64]>, wanted: &Type, out: &mut BytesMut) -> Result<(), WireError> {
    let (element, width) = match *wanted {
        Type::INT8_ARRAY => (Type::INT8, 8),
        Type::INT4_ARRAY => (Type::INT4, 4),
        Type::INT2_ARRAY => (Type::INT2, 2),
        _ => return Err(misfit(&Param::I64s(Arc::clone(numbers)), wanted)),
    };
    out.reserve(20 + numbers.len() * (4 + width as usize));
    out.put_i32(i32::from(!numbers.is_empty())); // dimensions
    out.put_i32(0); // no nulls
    out.put_u32(element.oid());
    if numbers.is_empty() {
        return Ok(());
    }
    out.put_i32(i32::try_from(numbers.len())?);
    out.put_i32(1); // the first index
    for number in numbers.iter() {
        out.put_i32(width);
        put_number(*number, &element, out)?;
    }
    Ok(())
}

fn is_text_list(wanted: &Type) -> bool {
    matches!(
        *wanted,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY
    )
}

/// The parameters as SQLite takes them; lists as one JSON text.
pub(super) fn for_sqlite(params: &[Param]) -> Result<SqliteArguments, DbError> {
    let mut arguments = SqliteArguments::default();
    for param in params {
        let added = match param {
            Param::I64(number) => arguments.add(*number),
            Param::Text(text) => arguments.add(&**text),
            Param::I64s(numbers) => arguments.add(numbers_json(numbers)),
            Param::Texts(texts) => match serde_json::to_string(texts.as_ref()) {
                Ok(json) => arguments.add(json),
                Err(error) => Err(error.into()),
            },
            Param::Bytes(bytes) => arguments.add(bytes.to_vec()),
            Param::Day(day) => match day_text(*day) {
                Ok(text) => arguments.add(text),
                Err(error) => Err(error.into()),
            },
            Param::Bool(truth) => arguments.add(i64::from(*truth)),
            Param::Null => arguments.add(None::<i64>),
        };
        added.map_err(|_| {
            DbError::fault(format!(
                "a parameter of kind {} can't be bound",
                param.kind()
            ))
        })?;
    }
    Ok(arguments)
}

fn numbers_json(numbers: &[i64]) -> String {
    let mut json = String::with_capacity(2 + numbers.len() * 12);
    let mut digits = itoa::Buffer::new();
    json.push('[');
    for (i, number) in numbers.iter().enumerate() {
        if i > 0 {
            json.push(',');
        }
        json.push_str(digits.format(*number));
    }
    json.push(']');
    json
}
