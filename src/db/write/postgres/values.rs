//! Values of the ORM on the wire, and rows of the wire as those of the ORM.

use crate::db::DbError;
use bytes::BytesMut;
use sea_orm::{
    DbBackend, DbErr, ExecResult, MockDatabase, MockDatabaseTrait, MockExecResult, QueryResult,
    Statement, Value,
};
use std::{collections::BTreeMap, error::Error, fmt};
use time::Date;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type},
};

/// The types of a statement's values, as they are: the server converts where the text wants another one.
pub(super) fn kinds(statement: &Statement) -> Result<Vec<Type>, DbError> {
    values(statement).map(kind).collect()
}

pub(super) fn bound(statement: &Statement) -> impl ExactSizeIterator<Item = Bound<'_>> {
    values(statement).map(Bound)
}

fn values(statement: &Statement) -> std::slice::Iter<'_, Value> {
    let values = statement.values.as_ref();
    values.map_or([].iter(), |values| values.0.iter())
}

fn kind(value: &Value) -> Result<Type, DbError> {
    Ok(match value {
        Value::Bool(_) => Type::BOOL,
        Value::SmallInt(_) => Type::INT2,
        Value::Int(_) => Type::INT4,
        // The ORM counts limits and offsets without a sign.
        Value::BigInt(_) | Value::BigUnsigned(_) => Type::INT8,
        Value::String(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
        Value::TimeDate(_) => Type::DATE,
        _ => return Err(DbError::fault("a value of a kind that no column has")),
    })
}

/// A value on its way. Its Debug says nothing: drivers log parameters.
pub(super) struct Bound<'a>(&'a Value);

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
}

type WireError = Box<dyn Error + Sync + Send>;

impl ToSql for Bound<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, WireError> {
        match self.0 {
            Value::Bool(value) => value.to_sql(wanted, out),
            Value::SmallInt(value) => value.to_sql(wanted, out),
            Value::Int(value) => value.to_sql(wanted, out),
            Value::BigInt(value) => value.to_sql(wanted, out),
            Value::BigUnsigned(value) => value.map(i64::try_from).transpose()?.to_sql(wanted, out),
            Value::String(value) => value.as_deref().to_sql(wanted, out),
            Value::Bytes(value) => value.as_deref().to_sql(wanted, out),
            Value::TimeDate(value) => value.to_sql(wanted, out),
            _ => Err("a value of a kind that no column has".into()),
        }
    }

    // The statement was prepared for the types of its values.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, WireError> {
        self.to_sql(wanted, out)
    }
}

/// The rows for the ORM, which finds their cells by name: those of a tuple are in the order of their names.
///
/// The ORM lets nobody but its own drivers make its results. Its feature for other drivers, `proxy`, does not compile beside
/// SQLite (sea-orm 2.0.4); what it has for tests gives back the rows that it was given, and does no more here.
pub(super) fn results(rows: &[Row]) -> Result<Vec<QueryResult>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Result<Vec<_>, _> = rows.iter().map(cells).collect();
    let mut given = MockDatabase::new(DbBackend::Postgres).append_query_results([rows?]);
    given.query(0, nothing())
}

pub(super) fn touched(rows_affected: u64) -> Result<ExecResult, DbErr> {
    let done = MockExecResult {
        // No table numbers its rows by itself.
        last_insert_id: 0,
        rows_affected,
    };
    let mut given = MockDatabase::new(DbBackend::Postgres).append_exec_results([done]);
    given.execute(0, nothing())
}

fn nothing() -> Statement {
    Statement::from_string(DbBackend::Postgres, "")
}

fn cells(row: &Row) -> Result<BTreeMap<String, Value>, DbError> {
    let cells = row.columns().iter().enumerate();
    let cells = cells
        .map(|(place, column)| Ok((column.name().to_owned(), cell(row, place, column.type_())?)));
    cells.collect()
}

fn cell(row: &Row, place: usize, kind: &Type) -> Result<Value, DbError> {
    Ok(match *kind {
        Type::BOOL => Value::Bool(read(row, place)?),
        Type::INT2 => Value::SmallInt(read(row, place)?),
        Type::INT4 => Value::Int(read(row, place)?),
        Type::INT8 => Value::BigInt(read(row, place)?),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => Value::String(read(row, place)?),
        Type::BYTEA => Value::Bytes(read(row, place)?),
        Type::DATE => Value::TimeDate(read::<Option<Date>>(row, place)?),
        _ => {
            let name = kind.name();
            return Err(DbError::fault(format!(
                "a column of the type {name} inside of a write"
            )));
        }
    })
}

fn read<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T, DbError> {
    Ok(row.try_get(place)?)
}
