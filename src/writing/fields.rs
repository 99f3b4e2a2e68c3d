//! Which field of the graph a column is: for telling what has changed to those who may read it.

use super::{
    journal::Entry,
    mistake::Conflict,
    payload::{ChangedField, PreviewedChange, WriteConflict},
};
use crate::{
    authz::Access,
    db::{BadCell, Class, Param, Reads, Row, Statement},
    graphql::{
        node::NodeKind,
        plan::{Described, Refusal, Text as _, failed},
        scalars::{Fen, Moment, Mu, SquareMetres},
    },
};
use entity::codes::{CodeList, Department};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};

/// The fields of the graph by table and column.
#[derive(Default)]
pub struct Fields(HashMap<&'static str, Table>);

#[derive(Default)]
struct Table {
    /// The object of the graph.
    type_name: String,
    /// The departments that see single rows of it only.
    bounded: Vec<Department>,
    /// The names of its fields by column.
    fields: HashMap<&'static str, &'static str>,
}

/// The most records that are read to tell a conflict.
const TOLD_AT_MOST: usize = 50;

impl Fields {
    /// The fields of these nodes.
    #[must_use]
    pub fn of(kinds: &[NodeKind]) -> Self {
        let mut tables: HashMap<&'static str, Table> = HashMap::new();
        for kind in kinds {
            let type_name = (kind.type_name)().into_owned();
            let mut described = Described::default();
            (kind.describe)(&mut described);
            let own = described
                .fields
                .iter()
                .filter(|spec| spec.owner == type_name);
            let fields = own
                .filter_map(|spec| Some((spec.column.strip_prefix("t.")?, spec.name)))
                .collect();
            let table = Table {
                type_name,
                bounded: kind
                    .bounds
                    .iter()
                    .map(|(department, _)| *department)
                    .collect(),
                fields,
            };
            tables.insert(kind.table, table);
        }
        Fields(tables)
    }

    /// What is shown of a row that a dry run would write.
    pub(super) fn preview(&self, access: &Access, entry: &Entry) -> PreviewedChange {
        let empty = Map::new();
        let (before, after) = (
            entry.before.as_ref().unwrap_or(&empty),
            entry.after.as_ref().unwrap_or(&empty),
        );
        PreviewedChange {
            action: entry.action,
            object: self.type_name(entry.table).to_owned(),
            fields: self.changed(access, entry.table, before, after),
        }
    }

    /// The tables of which the viewer may read something, and of all rows of a household alike.
    #[must_use]
    pub fn tables_for(&self, access: &Access) -> Vec<&'static str> {
        let rights = access.rights();
        let mut tables: Vec<_> = self
            .0
            .iter()
            .filter(|(_, table)| {
                !table.bounded.contains(&rights.department())
                    && access.matrix().may_read_type(rights, &table.type_name)
            })
            .map(|(name, _)| *name)
            .collect();
        tables.sort_unstable();
        tables
    }

    /// The fields that differ between what the records kept of a row before and after, as far as the viewer may read them.
    ///
    /// # Errors
    /// The record can't be read.
    pub fn between(
        &self,
        access: &Access,
        table: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<Vec<ChangedField>, BadCell> {
        let [mut before, mut after] = [columns(before)?, columns(after)?];
        before.remove("version");
        after.remove("version");
        Ok(self.changed(access, table, &before, &after))
    }

    /// The object of the graph that the rows of a table are; nothing where they are none.
    #[must_use]
    pub fn type_name(&self, table: &str) -> &str {
        self.0.get(table).map_or("", |table| &table.type_name)
    }

    /// The column that a field of the rows of a table shows.
    #[must_use]
    pub fn column(&self, table: &str, field: &str) -> Option<&'static str> {
        let fields = self.0.get(table)?.fields.iter();
        let mut named = fields.filter(|(_, name)| **name == field);
        named.next().map(|(column, _)| *column)
    }

    /// The fields of which a column differs, as far as the viewer may read them.
    pub(super) fn changed(
        &self,
        access: &Access,
        table: &str,
        before: &Map<String, Json>,
        after: &Map<String, Json>,
    ) -> Vec<ChangedField> {
        let Some(table) = self.0.get(table) else {
            return vec![];
        };
        let columns: BTreeMap<&String, ()> = before
            .keys()
            .chain(after.keys())
            .map(|name| (name, ()))
            .collect();
        columns
            .into_keys()
            .filter_map(|column| {
                let name = *table.fields.get(column.as_str())?;
                access
                    .may_read(&table.type_name, name)
                    .then(|| ChangedField {
                        field: name.to_owned(),
                        before: shown(column, before.get(column)),
                        after: shown(column, after.get(column)),
                    })
            })
            .collect()
    }

    /// Who has changed a row since the version the client had, and what.
    pub(super) async fn conflict(
        &self,
        access: &Access,
        reads: &Reads,
        conflict: &Conflict,
    ) -> Result<WriteConflict, Refusal> {
        let sql = format!(
            "SELECT a.at_ms, a.user_id, a.department, a.before_json, a.after_json FROM audit_record a \
             WHERE a.object_type = $1 AND a.object_id = $2 \
             ORDER BY a.transaction_id DESC, a.ordinal DESC LIMIT {TOLD_AT_MOST}"
        );
        let params = vec![Param::Text(conflict.table.into()), Param::I64(conflict.key)];
        let statement = Statement::new(Class::ByHousehold, sql, params);
        let mut session = reads.acquire().await.map_err(|error| failed(&error))?;
        let rows = session
            .one(statement)
            .await
            .map_err(|error| failed(&error))?;
        drop(session);
        self.told(access, conflict, &rows).map_err(|error| {
            tracing::error!(%error, "an audit record can't be read");
            Refusal::internal()
        })
    }

    fn told(
        &self,
        access: &Access,
        conflict: &Conflict,
        rows: &[Row],
    ) -> Result<WriteConflict, BadCell> {
        let (mut before, mut after) = (Map::new(), Map::new());
        let mut told = WriteConflict {
            current_version: conflict.current,
            changed_by: None,
            changed_by_user: None,
            changed_at: None,
            fields: vec![],
        };
        for (index, row) in rows.iter().enumerate() {
            let (was, is) = (json(row, 3)?, json(row, 4)?);
            let version = is.get("version").and_then(Json::as_i64);
            if version.is_some_and(|version| version <= i64::from(conflict.given)) {
                break;
            }
            if index == 0 {
                told.changed_at = Some(Moment(row.cell(0).int()?));
                told.changed_by_user = Some(row.cell(1).text()?.to_owned());
                told.changed_by = Department::of_word(row.cell(2).text()?);
            }
            // Newest first: the oldest value before and the newest after remain.
            before.extend(was);
            for (column, value) in is {
                after.entry(column).or_insert(value);
            }
        }
        before.remove("version");
        after.remove("version");
        told.fields = self.changed(access, conflict.table, &before, &after);
        Ok(told)
    }
}

fn json(row: &Row, at: usize) -> Result<Map<String, Json>, BadCell> {
    let cell = row.cell(at);
    columns((!cell.is_null()).then(|| cell.text()).transpose()?)
}

fn columns(text: Option<&str>) -> Result<Map<String, Json>, BadCell> {
    let columns = text.map(serde_json::from_str).transpose();
    Ok(columns.map_err(|_| BadCell::UNKNOWN)?.unwrap_or_default())
}

/// A value as the graph writes it, as text.
pub(super) fn shown(column: &str, value: Option<&Json>) -> Option<String> {
    let unit = |number: &serde_json::Number| {
        let number = number.as_i64()?;
        let mut text = vec![];
        match column {
            _ if column.ends_with("_fen") => Fen(number).text(&mut text),
            _ if column.ends_with("_dm2") => SquareMetres(number).text(&mut text),
            _ if column.ends_with("_tenth_mu") => Mu(number).text(&mut text),
            _ => return Some(number.to_string()),
        }
        String::from_utf8(text).ok()
    };
    match value? {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => unit(number),
        other => Some(other.to_string()),
    }
}
