//! What a write leaves for those who ask later: an audit record and a change record for every row it touched.

use super::{
    Call,
    door::{Written, is_generated, number, table},
};
use crate::{
    authz::Viewer,
    db::{Database, DbError, Dialect, Transaction},
};
use ::entity::{
    codes::{ChangeAction, CodeList, Slice},
    shared::{audit_record, change_record},
};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable, ModelTrait, Set, Value};
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

/// Columns that say nothing of what was changed, or are kept beside it.
const PLACES: [&str; 4] = ["id", "household_id", "region_code", "recorded_at_ms"];

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

/// Enters what a write touched. Inside of its transaction, as its last statements.
///
/// # Errors
/// The database.
pub(super) async fn enter(
    database: &Database,
    transaction: &Transaction,
    entries: Vec<Entry>,
    context: &Context<'_>,
) -> Result<(), DbError> {
    if entries.is_empty() {
        return Ok(());
    }
    let number = number_the_transaction(database, transaction).await?;
    let (mut audits, mut changes) = (vec![], vec![]);
    for (ordinal, entry) in (0..).zip(entries) {
        changes.push(change_of(number, ordinal, context.now_ms, &entry));
        audits.push(audit_of(number, ordinal, entry, context));
    }
    audit_record::Entity::insert_many(audits)
        .exec_without_returning(&**transaction)
        .await?;
    change_record::Entity::insert_many(changes)
        .exec_without_returning(&**transaction)
        .await?;
    Ok(())
}

/// Who writes, in which request, and when.
pub(super) struct Context<'a> {
    pub viewer: &'a Viewer,
    pub operation: &'static str,
    pub call: &'a Call,
    pub now_ms: i64,
}

fn change_of(number: i64, ordinal: i32, at_ms: i64, entry: &Entry) -> change_record::ActiveModel {
    change_record::ActiveModel {
        transaction_id: Set(number),
        ordinal: Set(ordinal),
        at_ms: Set(at_ms),
        slice: Set(entry.slice),
        action: Set(entry.action),
        object_type: Set(entry.table.to_owned()),
        object_id: Set(entry.key),
        household_id: Set(entry.household),
        region_before: Set(entry.region_before),
        region_code: Set(entry.region),
    }
}

fn audit_of(
    number: i64,
    ordinal: i32,
    entry: Entry,
    context: &Context<'_>,
) -> audit_record::ActiveModel {
    let viewer = context.viewer;
    let roles = viewer.roles.to_vec();
    let roles: Vec<_> = roles.iter().map(|role| role.word()).collect();
    let text = |columns: Option<Map<String, Json>>| columns.map(|map| Json::from(map).to_string());
    audit_record::ActiveModel {
        transaction_id: Set(number),
        ordinal: Set(ordinal),
        at_ms: Set(context.now_ms),
        user_id: Set(viewer.user.clone()),
        client: Set(viewer.client.clone()),
        department: Set(viewer.department),
        roles: Set(roles.join(" ")),
        institution_code: Set(viewer.institution.clone()),
        purpose: Set(viewer.purpose.as_ref().map(|purpose| purpose.0.clone())),
        operation: Set(context.operation.to_owned()),
        request_id: Set(Some(context.call.key())),
        action: Set(entry.action),
        object_type: Set(entry.table.to_owned()),
        object_id: Set(entry.key),
        household_id: Set(entry.household),
        region_code: Set(entry.region),
        before_json: Set(text(entry.before)),
        after_json: Set(text(entry.after)),
    }
}

/// The number of the running transaction, by which its records are ordered.
fn number_of_transaction(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "SELECT pg_current_xact_id()::text::bigint + added AS number FROM transaction_clock"
        }
        // The write holds the lock of the database, so the count grows in the order of the commits.
        Dialect::Sqlite => {
            "UPDATE transaction_clock SET added = added + 1 WHERE id = 1 RETURNING added AS number"
        }
    }
}

/// Asks for the number of the running transaction.
///
/// # Errors
/// The database.
async fn number_the_transaction(
    database: &Database,
    transaction: &Transaction,
) -> Result<i64, DbError> {
    let sql = number_of_transaction(database.dialect());
    let row = transaction
        .query_one_raw(database.orm_text(sql))
        .await?
        .ok_or_else(|| DbError::fault("the transaction clock is gone"))?;
    Ok(row.try_get("", "number")?)
}
