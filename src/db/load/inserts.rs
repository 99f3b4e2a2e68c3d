//! The rows of a load, kept in the form in which the database takes them.

use crate::db::{DbError, Dialect};
use sea_orm::{
    ActiveModelTrait, ActiveValue, EntityName, EntityTrait, IdenStatic, Iterable, Value,
};
use sqlx::{Arguments, sqlite::SqliteArguments};
use time::{Date, macros::date};

/// Parameters of one statement. SQLite takes more, but a longer statement is not faster.
const PARAMETERS: usize = 2_000;

/// How the binary form of COPY begins and ends.
pub(super) const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
pub(super) const COPY_END: &[u8] = &[0xff, 0xff];

/// Days are counted from here.
const COPY_EPOCH: Date = date!(2000 - 01 - 01);

/// Rows of several tables in the order in which they were added.
#[derive(Debug)]
pub struct Inserts {
    dialect: Dialect,
    batches: Vec<Batch>,
    rows: usize,
    /// Whether a value was added that no column of the house takes.
    misfit: bool,
}

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) head: Head,
    pub(super) form: Form,
}

/// The table and the columns that have values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    table: String,
    columns: Vec<&'static str>,
}

#[derive(Debug)]
pub(super) enum Form {
    /// How many rows each statement has, and its parameters.
    Statements(Vec<(usize, SqliteArguments)>),
    /// The rows between the head and the end of a COPY.
    Copy(Vec<u8>),
}

impl Head {
    pub(super) fn rows_at_once(&self) -> usize {
        (PARAMETERS / self.columns.len().max(1)).max(1)
    }

    pub(super) fn insert(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        format!(
            "INSERT INTO {} ({}) VALUES {}",
            self.table,
            self.columns.join(","),
            vec![row; rows].join(",")
        )
    }

    /// The statement that takes the rows, whose bytes are sent after it.
    pub(super) fn copy(&self) -> String {
        let columns = self.columns.join(",");
        format!("COPY {} ({columns}) FROM STDIN (FORMAT binary)", self.table)
    }
}

impl Inserts {
    /// No rows, for a database of this kind.
    pub fn new(dialect: Dialect) -> Self {
        Inserts {
            dialect,
            batches: Vec::new(),
            rows: 0,
            misfit: false,
        }
    }

    /// Adds rows of a table; rows that others refer to come first. A column that has no value in any row keeps the
    /// table's default.
    pub fn add<A: ActiveModelTrait>(&mut self, rows: Vec<A>) {
        let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter()
            .filter(|column| rows.iter().any(|row| !row.is_not_set(*column)))
            .collect();
        if columns.is_empty() {
            return;
        }
        self.rows += rows.len();
        let head = Head {
            table: A::Entity::default().table_name().to_owned(),
            columns: columns.iter().map(IdenStatic::as_str).collect(),
        };
        let mut form = Form::new(self.dialect);
        for mut row in rows {
            form.begin_row(&head);
            for column in &columns {
                match Cell::of(row.take(*column)) {
                    Ok(cell) => form.add(cell),
                    Err(Misfit) => self.misfit = true,
                }
            }
        }
        self.batches.push(Batch { head, form });
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn into_batches(self) -> Result<Vec<Batch>, DbError> {
        match self.misfit {
            true => Err(DbError::fault("a value that no column of the house takes")),
            false => Ok(self.batches),
        }
    }
}

impl Form {
    fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Form::Statements(Vec::new()),
            Dialect::Postgres => Form::Copy(Vec::new()),
        }
    }

    fn begin_row(&mut self, head: &Head) {
        match self {
            Form::Statements(statements) => match statements.last_mut() {
                Some((rows, _)) if *rows < head.rows_at_once() => *rows += 1,
                _ => statements.push((1, SqliteArguments::default())),
            },
            Form::Copy(bytes) => {
                let columns = i16::try_from(head.columns.len()).unwrap_or(i16::MAX);
                bytes.extend_from_slice(&columns.to_be_bytes());
            }
        }
    }

    fn add(&mut self, cell: Cell) {
        match self {
            Form::Statements(statements) => {
                if let Some((_, arguments)) = statements.last_mut() {
                    cell.bind(arguments);
                }
            }
            Form::Copy(bytes) => cell.write(bytes),
        }
    }
}

/// A value as the columns of the house have them.
enum Cell {
    Null,
    Bool(bool),
    Int(i32),
    BigInt(i64),
    Text(String),
    Bytes(Vec<u8>),
    Day(Date),
}

/// A value of another kind.
struct Misfit;

impl Cell {
    fn of(value: ActiveValue<Value>) -> Result<Self, Misfit> {
        let (ActiveValue::Set(value) | ActiveValue::Unchanged(value)) = value else {
            return Ok(Cell::Null);
        };
        let cell = match value {
            Value::Bool(value) => value.map(Cell::Bool),
            Value::Int(value) => value.map(Cell::Int),
            Value::BigInt(value) => value.map(Cell::BigInt),
            Value::String(value) => value.map(Cell::Text),
            Value::Bytes(value) => value.map(Cell::Bytes),
            Value::TimeDate(value) => value.map(Cell::Day),
            _ => return Err(Misfit),
        };
        Ok(cell.unwrap_or(Cell::Null))
    }

    /// As a parameter of SQLite.
    fn bind(self, arguments: &mut SqliteArguments) {
        // Encoding fails for none of these types.
        drop(match self {
            Cell::Null => arguments.add(None::<i64>),
            Cell::Bool(value) => arguments.add(value),
            Cell::Int(value) => arguments.add(value),
            Cell::BigInt(value) => arguments.add(value),
            Cell::Text(value) => arguments.add(value),
            Cell::Bytes(value) => arguments.add(value),
            Cell::Day(value) => arguments.add(value),
        });
    }

    /// As a field of COPY: the length, then the value as PostgreSQL sends it.
    fn write(self, bytes: &mut Vec<u8>) {
        let mut field = |value: &[u8]| {
            let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(value);
        };
        match self {
            Cell::Null => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
            Cell::Bool(value) => field(&[u8::from(value)]),
            Cell::Int(value) => field(&value.to_be_bytes()),
            Cell::BigInt(value) => field(&value.to_be_bytes()),
            Cell::Text(value) => field(value.as_bytes()),
            Cell::Bytes(value) => field(&value),
            Cell::Day(value) => {
                let days = (value - COPY_EPOCH).whole_days();
                field(&i32::try_from(days).unwrap_or_default().to_be_bytes());
            }
        }
    }
}
