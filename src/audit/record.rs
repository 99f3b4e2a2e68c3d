//! An audit record as it is stored, column by column. It is read raw, not as an entity: a word that no code list knows is
//! still a value that can be hashed and told from the right one.

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

use super::{
    canonical::{self, Field},
    tree::{Hash, Hasher},
};
use crate::db::{BadCell, Row};

const DOMAIN: &str = "yihu audit record 1";

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
}

/// Every column of `audit_record`, in the order of the canonical bytes. Later ones go behind.
const COLUMNS: [(&str, Kind); 18] = [
    ("transaction_id", Kind::Number),
    ("ordinal", Kind::Number),
    ("at_ms", Kind::Number),
    ("user_id", Kind::Text),
    ("client", Kind::Text),
    ("department", Kind::Text),
    ("roles", Kind::Text),
    ("institution_code", Kind::Text),
    ("purpose", Kind::Text),
    ("operation", Kind::Text),
    ("request_id", Kind::Text),
    ("action", Kind::Text),
    ("object_type", Kind::Text),
    ("object_id", Kind::Number),
    ("household_id", Kind::Number),
    ("region_code", Kind::Number),
    ("before_json", Kind::Text),
    ("after_json", Kind::Text),
];

/// Which record: its transaction, and its place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordKey {
    pub transaction_id: i64,
    pub ordinal: i64,
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.transaction_id, self.ordinal)
    }
}

/// A text is not the key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected <transaction>/<ordinal>, for example 1204/0")]
pub struct BadRecordKey;

impl FromStr for RecordKey {
    type Err = BadRecordKey;

    fn from_str(text: &str) -> Result<Self, BadRecordKey> {
        let (transaction, ordinal) = text.split_once('/').ok_or(BadRecordKey)?;
        Ok(RecordKey {
            transaction_id: transaction.parse().map_err(|_| BadRecordKey)?,
            ordinal: ordinal.parse().map_err(|_| BadRecordKey)?,
        })
    }
}

/// The columns for a SELECT, in the order that [`Record::of_row`] reads them.
pub(super) fn columns() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

/// The values of a record.
pub(super) struct Record<'a>([Field<'a>; COLUMNS.len()]);

impl<'a> Record<'a> {
    pub(super) fn of_row(row: &'a Row) -> Result<Self, BadCell> {
        let mut fields = [Field::Null; COLUMNS.len()];
        for (place, (_, kind)) in COLUMNS.iter().enumerate() {
            let cell = row.cell(place);
            fields[place] = match kind {
                _ if cell.is_null() => Field::Null,
                Kind::Number => Field::Number(cell.int()?),
                Kind::Text => Field::Text(cell.text()?),
            };
        }
        Ok(Record(fields))
    }

    /// The record of a proof; none where a column is absent, unknown or of another type.
    pub(super) fn of_json(json: &'a Map<String, Value>) -> Option<Self> {
        let mut fields = [Field::Null; COLUMNS.len()];
        for (place, (name, kind)) in COLUMNS.iter().enumerate() {
            fields[place] = match (json.get(*name)?, kind) {
                (Value::Null, _) => Field::Null,
                (Value::Number(number), Kind::Number) => Field::Number(number.as_i64()?),
                (Value::String(text), Kind::Text) => Field::Text(text),
                _ => return None,
            };
        }
        (json.len() == COLUMNS.len()).then_some(Record(fields))
    }

    pub(super) fn to_json(&self) -> Map<String, Value> {
        let value = |field: &Field<'_>| match *field {
            Field::Number(number) => number.into(),
            Field::Text(text) => text.into(),
            Field::Null | Field::Bytes(_) => Value::Null,
        };
        let named = COLUMNS.iter().zip(&self.0);
        named
            .map(|((name, _), field)| ((*name).to_owned(), value(field)))
            .collect()
    }

    /// Its key; none where a part of it is null.
    pub(super) fn key(&self) -> Option<RecordKey> {
        match self.0 {
            [Field::Number(transaction_id), Field::Number(ordinal), ..] => Some(RecordKey {
                transaction_id,
                ordinal,
            }),
            _ => None,
        }
    }

    /// The leaf of the tree; `buffer` is used again from record to record.
    pub(super) fn leaf(&self, hasher: Hasher, buffer: &mut Vec<u8>) -> Hash {
        let names = COLUMNS.iter().map(|(name, _)| *name);
        canonical::write(buffer, DOMAIN, names.zip(self.0));
        hasher.leaf(buffer)
    }
}

#[cfg(test)]
mod tests {
    use entity::shared::audit_record;
    use sea_orm::{IdenStatic, Iterable};

    use super::*;

    #[test]
    fn every_column_of_the_table_is_sealed() {
        let of_table: Vec<_> = audit_record::Column::iter()
            .map(|column| column.as_str())
            .collect();
        assert_eq!(COLUMNS.map(|(name, _)| name).to_vec(), of_table);
    }

    #[test]
    fn a_record_survives_json_and_nothing_else_does() {
        let mut json = Map::new();
        for (place, (name, kind)) in COLUMNS.iter().enumerate() {
            let value = match kind {
                Kind::Number => Value::from(i64::MAX - place as i64),
                Kind::Text => Value::from(format!("{name} \u{0}\"张")),
            };
            json.insert((*name).to_owned(), value);
        }
        json.insert("purpose".to_owned(), Value::Null);
        let record = Record::of_json(&json).unwrap();
        assert_eq!(record.to_json(), json);
        let key = record.key().unwrap();
        assert_eq!(key.to_string(), format!("{}/{}", i64::MAX, i64::MAX - 1));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert!("12".parse::<RecordKey>().is_err());
        let without = |change: &dyn Fn(&mut Map<String, Value>)| {
            let mut json = json.clone();
            change(&mut json);
            Record::of_json(&json).is_none()
        };
        assert!(without(&|json| drop(json.remove("client"))));
        assert!(without(&|json| drop(
            json.insert("more".to_owned(), 1.into())
        )));
        assert!(without(&|json| drop(
            json.insert("at_ms".to_owned(), 0.5.into())
        )));
        assert!(without(&|json| drop(
            json.insert("client".to_owned(), 5.into())
        )));
    }
}
