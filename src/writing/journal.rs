//! What a write leaves for those who ask later: an audit record and a change record for every row it touched.

use super::{
    Call,
    door::{Written, is_generated, number, table},
    payload::Done,
};
use crate::{
    authz::Viewer,
    db::{Database, DbError, Dialect, Transaction},
};
use ::entity::codes::{ChangeAction, CodeList, Slice};
use sea_orm::{IdenStatic, Iterable, ModelTrait, Value};
use serde_json::{Map, Value as Json, json};

/// The rows a write has touched, in order.
#[derive(Default)]
pub(super) struct Journal(Vec<Entry>);

/// One row that was touched.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    slice: Slice,
    pub action: ChangeAction,
    pub table: &'static str,
    key: i64,
    household: Option<i64>,
    region_before: Option<i64>,
    region: Option<i64>,
    pub before: Option<Map<String, Json>>,
    pub after: Option<Map<String, Json>>,
}

impl Journal {
    pub fn add(&mut self, entry: Entry) {
        self.0.push(entry);
    }
    pub fn take(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.0)
    }
}

/// Columns that say nothing of what was changed, are kept beside it, or follow from a name.
const PLACES: [&str; 8] = [
    "id",
    "household_id",
    "region_code",
    "recorded_at_ms",
    "name_standard",
    "name_sound",
    "name_first",
    "name_last",
];

/// What is kept of a row that was touched: the columns that differ, all of a row that is new.
pub(super) fn kept<E: Written>(
    action: ChangeAction,
    before: Option<&E::Model>,
    after: Option<&E::Model>,
) -> Entry {
    let row = after.or(before);
    let at = |row: Option<&E::Model>, name| row.and_then(|row| number::<E>(row, name));
    let region = |row| at(row, "region_code");
    Entry {
        slice: E::SLICE,
        action,
        table: table::<E>(),
        key: at(row, "id").unwrap_or_default(),
        // The household is the row itself where it has no column that names another.
        household: at(row, "household_id").or_else(|| match table::<E>() {
            "household" => at(row, "id"),
            _ => None,
        }),
        region_before: region(before),
        region: region(row),
        before: before.map(|row| columns::<E>(row, after)),
        after: after.map(|row| columns::<E>(row, before)),
    }
}

/// The columns of a row in which it differs from the other one. A sensitive value is there as its blind index and mask.
fn columns<E: Written>(row: &E::Model, other: Option<&E::Model>) -> Map<String, Json> {
    E::Column::iter()
        .filter(|column| {
            let name = column.as_str();
            !PLACES.contains(&name) && !name.ends_with("_cipher") && !is_generated::<E>(column)
        })
        .filter(|column| {
            let value = row.get(*column);
            match other {
                Some(other) => other.get(*column) != value,
                None => !is_null(&value),
            }
        })
        .map(|column| (column.as_str().to_owned(), json_of(&row.get(column))))
        .collect()
}

fn is_null(value: &Value) -> bool {
    json_of(value).is_null()
}

pub(super) fn json_of(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::TinyInt(value) => json!(value),
        Value::SmallInt(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::BigInt(value) => json!(value),
        Value::String(value) => json!(value),
        Value::TimeDate(value) => json!(value.map(|day| day.to_string())),
        Value::Bytes(value) => json!(value.as_deref().map(hex::encode)),
        // No table has columns of other kinds.
        _ => Json::Null,
    }
}

/// Who writes, in which request, and when.
pub(super) struct Context<'a> {
    pub viewer: &'a Viewer,
    pub operation: &'static str,
    pub call: &'a Call,
    pub now_ms: i64,
}

/// Enters what a write touched, and what the request did where the write is its own. Inside of its transaction, as its last
/// statement: one for all of it, because each costs a write the way to the database and back.
///
/// # Errors
/// The database.
pub(super) async fn enter(
    database: &Database,
    transaction: &Transaction,
    entries: &[Entry],
    done: Option<&Done>,
    context: &Context<'_>,
) -> Result<(), DbError> {
    if entries.is_empty() && done.is_none() {
        return Ok(());
    }
    let mut values = values(entries, context);
    if let Some(done) = done {
        let answer = serde_json::to_string(done);
        let answer = answer.map_err(|_| DbError::fault("an answer can't be written down"))?;
        values.push(answer.into());
    }
    let sql = text(database.dialect(), done.is_some());
    transaction.last(database.orm_values(sql, values)).await
}

/// The rows are $1, what they have in common $2 to $10, the answer is $11.
///
/// Records are ordered by the number of their transaction. On SQLite the write holds the lock of the database, so a count
/// grows in the order of the commits. Where there is no clock there is no number, and the tables refuse the row.
fn text(dialect: Dialect, with_answer: bool) -> String {
    match (dialect, with_answer) {
        (Dialect::Postgres, true) => format!("{POSTGRES_RECORDS} {ANSWER}"),
        (Dialect::Postgres, false) => format!("{POSTGRES_RECORDS} SELECT"),
        (Dialect::Sqlite, true) => format!("{SQLITE_RECORDS}; {ANSWER}"),
        (Dialect::Sqlite, false) => SQLITE_RECORDS.to_owned(),
    }
}

const POSTGRES_RECORDS: &str = "WITH entry AS ( \
        SELECT pg_current_xact_id()::text::bigint + (SELECT added FROM transaction_clock) AS number, e.* \
        FROM json_to_recordset($1::json) AS e(ordinal int, slice text, action text, object_type text, object_id bigint, \
        household_id bigint, region_before bigint, region_code bigint, before_json text, after_json text) \
    ), audited AS ( \
        INSERT INTO audit_record (transaction_id, ordinal, at_ms, user_id, client, department, roles, institution_code, \
        purpose, operation, request_id, action, object_type, object_id, household_id, region_code, before_json, after_json) \
        SELECT number, ordinal, $2, $3, $4, $5, $6, $7, $8, $9, $10, action, object_type, object_id, household_id, \
        region_code, before_json, after_json FROM entry \
    ), changed AS ( \
        INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id, \
        region_before, region_code) \
        SELECT number, ordinal, $2, slice, action, object_type, object_id, household_id, region_before, region_code FROM entry \
    )";

const SQLITE_RECORDS: &str = "UPDATE transaction_clock SET added = added + 1 WHERE id = 1; \
    INSERT INTO audit_record (transaction_id, ordinal, at_ms, user_id, client, department, roles, institution_code, \
    purpose, operation, request_id, action, object_type, object_id, household_id, region_code, before_json, after_json) \
    SELECT (SELECT added FROM transaction_clock WHERE id = 1), value ->> 'ordinal', $2, $3, $4, $5, $6, $7, $8, $9, $10, \
    value ->> 'action', value ->> 'object_type', value ->> 'object_id', value ->> 'household_id', value ->> 'region_code', \
    value ->> 'before_json', value ->> 'after_json' FROM json_each($1); \
    INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id, \
    region_before, region_code) \
    SELECT (SELECT added FROM transaction_clock WHERE id = 1), value ->> 'ordinal', $2, value ->> 'slice', value ->> 'action', \
    value ->> 'object_type', value ->> 'object_id', value ->> 'household_id', value ->> 'region_before', \
    value ->> 'region_code' FROM json_each($1)";

const ANSWER: &str = "UPDATE request_record SET answer = $11 WHERE user_id = $3 AND client = $4 AND request_id = $10";

/// $1 to $10 of the text.
fn values(entries: &[Entry], context: &Context<'_>) -> Vec<Value> {
    let viewer = context.viewer;
    let roles = viewer.roles.to_vec();
    let roles: Vec<_> = roles.iter().map(|role| role.word()).collect();
    let purpose = viewer.purpose.as_ref().map(|purpose| purpose.0.clone());
    let rows = (0_i32..)
        .zip(entries)
        .map(|(ordinal, entry)| entry.row(ordinal));
    vec![
        Json::Array(rows.collect()).to_string().into(),
        context.now_ms.into(),
        viewer.user.clone().into(),
        viewer.client.clone().into(),
        viewer.department.word().into(),
        roles.join(" ").into(),
        viewer.institution.clone().into(),
        purpose.into(),
        context.operation.into(),
        context.call.key().into(),
    ]
}

impl Entry {
    /// The row as the text reads it.
    fn row(&self, ordinal: i32) -> Json {
        let text = |columns: &Option<Map<String, Json>>| {
            let columns = columns.as_ref()?;
            serde_json::to_string(columns).ok()
        };
        json!({
            "ordinal": ordinal,
            "slice": self.slice.word(),
            "action": self.action.word(),
            "object_type": self.table,
            "object_id": self.key,
            "household_id": self.household,
            "region_before": self.region_before,
            "region_code": self.region,
            "before_json": text(&self.before),
            "after_json": text(&self.after),
        })
    }
}
