//! Rows as JSON, by the types the database gives their columns.

use std::collections::HashMap;
use time::Date;
use tokio_postgres::{
    Client, Error, Row, Statement,
    types::{ToSql, Type},
};

/// The names of columns that follow each other.
pub(crate) type Names = &'static [&'static str];

/// How a column is read.
#[derive(Clone, Copy)]
enum Kind {
    Long,
    Int,
    Day,
    Text,
}

/// A statement and how its columns are read.
pub(crate) struct Shape {
    statement: Statement,
    kinds: Vec<Kind>,
}

impl Shape {
    pub(crate) async fn prepare(client: &Client, sql: &str) -> Result<Self, Error> {
        let statement = client.prepare(sql).await?;
        let kinds = statement
            .columns()
            .iter()
            .map(|column| match *column.type_() {
                Type::INT8 => Kind::Long,
                Type::INT4 => Kind::Int,
                Type::DATE => Kind::Day,
                _ => Kind::Text,
            });
        let kinds = kinds.collect();
        Ok(Shape { statement, kinds })
    }

    pub(crate) async fn query(
        &self,
        client: &Client,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows, Error> {
        let rows = client.query(&self.statement, parameters).await?;
        let kinds = self.kinds.clone();
        Ok(Rows { rows, kinds })
    }
}

/// What a statement gave.
pub(crate) struct Rows {
    rows: Vec<Row>,
    kinds: Vec<Kind>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The key of a row, in its first column.
    pub(crate) fn key(&self, at: usize) -> i64 {
        self.int(at, 0)
    }

    pub(crate) fn int(&self, at: usize, column: usize) -> i64 {
        self.rows[at].get(column)
    }

    pub(crate) fn keys(&self, most: usize) -> Vec<i64> {
        self.rows.iter().take(most).map(|row| row.get(0)).collect()
    }

    /// Members of a JSON object for the columns from `first` on.
    pub(crate) fn members(&self, at: usize, first: usize, names: Names, json: &mut Vec<u8>) {
        for (number, name) in names.iter().enumerate() {
            json.extend_from_slice(if number == 0 { b"\"" } else { b",\"" });
            json.extend_from_slice(name.as_bytes());
            json.extend_from_slice(b"\":");
            self.value(at, first + number, json);
        }
    }

    fn value(&self, at: usize, column: usize, json: &mut Vec<u8>) {
        let row = &self.rows[at];
        let written = match self.kinds[column] {
            Kind::Long => row
                .get::<_, Option<i64>>(column)
                .map(|value| number(value, json)),
            Kind::Int => row
                .get::<_, Option<i32>>(column)
                .map(|value| number(value.into(), json)),
            Kind::Day => row
                .get::<_, Option<Date>>(column)
                .map(|value| day(value, json)),
            Kind::Text => row
                .get::<_, Option<&str>>(column)
                .map(|value| text(value, json)),
        };
        if written.is_none() {
            json.extend_from_slice(b"null");
        }
    }

    /// The rows by their key.
    pub(crate) fn grouped(self) -> Grouped {
        let mut places: HashMap<i64, Vec<usize>> = HashMap::with_capacity(64);
        for at in 0..self.len() {
            places.entry(self.key(at)).or_default().push(at);
        }
        Grouped { rows: self, places }
    }
}

/// Rows by the key in their first column.
pub(crate) struct Grouped {
    rows: Rows,
    places: HashMap<i64, Vec<usize>>,
}

impl Grouped {
    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(crate) fn of(&self, key: i64) -> impl Iterator<Item = usize> + '_ {
        self.places.get(&key).into_iter().flatten().copied()
    }

    pub(crate) fn list(&self, key: i64, names: Names, json: &mut Vec<u8>) {
        json.push(b'[');
        for (number, at) in self.of(key).enumerate() {
            json.extend_from_slice(if number == 0 { b"{" } else { b",{" });
            self.rows.members(at, 1, names, json);
            json.push(b'}');
        }
        json.push(b']');
    }

    pub(crate) fn one(&self, key: i64, names: Names, json: &mut Vec<u8>) {
        let Some(at) = self.of(key).next() else {
            return json.extend_from_slice(b"null");
        };
        json.push(b'{');
        self.rows.members(at, 1, names, json);
        json.push(b'}');
    }
}

fn number(value: i64, json: &mut Vec<u8>) {
    json.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn day(value: Date, json: &mut Vec<u8>) {
    let (year, month, day) = value.to_calendar_date();
    let digits = |number: u32| [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8];
    let year = year.unsigned_abs();
    json.push(b'"');
    json.extend_from_slice(&digits(year / 100));
    json.extend_from_slice(&digits(year % 100));
    json.push(b'-');
    json.extend_from_slice(&digits(u8::from(month).into()));
    json.push(b'-');
    json.extend_from_slice(&digits(day.into()));
    json.push(b'"');
}

/// Text of the register needs an escape so rarely that it is copied where it needs none.
fn text(value: &str, json: &mut Vec<u8>) {
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    if value.bytes().all(plain) {
        json.push(b'"');
        json.extend_from_slice(value.as_bytes());
        json.push(b'"');
    } else if let Ok(quoted) = serde_json::to_vec(value) {
        json.extend_from_slice(&quoted);
    }
}
