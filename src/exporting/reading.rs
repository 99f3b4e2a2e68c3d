//! How a list is read: the question that is asked of the graph, and where in its answer each cell of the file stands.

use crate::{
    authz::Access,
    files::{At, Below, By, Export, ExportColumn, On},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The type of a field of the graph, as it is declared.
pub(super) type Types<'t> = &'t (dyn Fn(&str, &str) -> Option<String> + Sync);

/// By what an export is narrowed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Narrowed {
    /// The day of the roll, as YYYY-MM-DD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
}

/// The columns of an export, by whether a viewer may read them.
pub(super) struct Columns {
    pub readable: Vec<&'static ExportColumn>,
    pub withheld: Vec<&'static ExportColumn>,
}

/// The columns of an export for a viewer. None: the list is not theirs.
pub(super) fn columns(export: &Export, access: &Access, types: Types<'_>) -> Option<Columns> {
    let conditions = export
        .conditions
        .iter()
        .flat_map(|condition| match condition.on {
            On::Filter(field) => vec![field],
            On::Days(from, to) => vec![from, to],
            On::Rows(_) => vec![],
        });
    let may_ask = access.may_read("Query", export.list)
        && conditions
            .chain(["region"])
            .all(|field| access.may_read(export.filter, field));
    let has_rows = export
        .rows
        .is_none_or(|below| type_of(below.at, export.object, access, types).is_some());
    if !may_ask || !has_rows {
        return None;
    }
    let (readable, withheld): (Vec<_>, Vec<_>) = export.columns.iter().partition(|column| {
        let mut paths = paths(export, column).into_iter();
        paths.all(|path| type_of(&path, export.object, access, types).is_some())
    });
    let fixed = export.is_fixed
        && (!withheld.is_empty() || !export.owners.contains(&access.viewer.department));
    (!readable.is_empty() && !fixed).then_some(Columns { readable, withheld })
}

/// The fields that a column needs, from the object on.
fn paths(export: &Export, column: &ExportColumn) -> Vec<String> {
    let mut paths = match column.at {
        At::Object(at) => vec![at.to_owned()],
        At::Row(at) => vec![format!("{}.{at}", rows_at(export))],
        At::Among {
            list, by, field, ..
        } => vec![format!("{list}.{by}"), format!("{list}.{field}")],
        At::OneOf { of, field } => of.map(|of| format!("{of}.{field}")).to_vec(),
        At::Grown { name, born_on } => vec![name.to_owned(), born_on.to_owned()],
    };
    if column.masks.is_some() {
        let ids: Vec<_> = paths.iter().map(|path| id_beside(path)).collect();
        paths.extend(ids);
    }
    if let Some(below) = export.rows {
        let ended_by = below.ended_by.map(|field| format!("{}.{field}", below.at));
        paths.extend(ended_by);
    }
    paths
}

fn rows_at(export: &Export) -> &'static str {
    export.rows.map_or("", |below| below.at)
}

/// The id of the object that a field is of.
fn id_beside(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((parent, _)) => format!("{parent}.id"),
        None => "id".to_owned(),
    }
}

/// The type of what stands at a path, where the viewer may read all that leads there.
pub(super) fn type_of(
    path: &str,
    object: &str,
    access: &Access,
    types: Types<'_>,
) -> Option<String> {
    path.split('.').try_fold(object.to_owned(), |at, field| {
        let declared = types(&at, field).filter(|_| access.may_read(&at, field))?;
        Some(declared.trim_matches(['[', ']', '!']).to_owned())
    })
}

/// The path by which the type of a column's cells is known.
pub(super) fn shown_at(export: &Export, column: &ExportColumn) -> String {
    match column.at {
        At::Object(at) | At::Grown { name: at, .. } => at.to_owned(),
        At::Row(at) => format!("{}.{at}", rows_at(export)),
        At::OneOf { of: [at, _], field }
        | At::Among {
            list: at, field, ..
        } => {
            format!("{at}.{field}")
        }
    }
}

/// The question: a page of the list, with what these columns need.
pub(super) fn question(export: &Export, columns: &[&'static ExportColumn]) -> String {
    let mut fields = Fields::default();
    for column in columns {
        paths(export, column)
            .iter()
            .for_each(|path| fields.add(path));
    }
    for condition in export.conditions {
        if let On::Rows(field) = condition.on {
            fields.add(&format!("{}.{field}", rows_at(export)));
        }
    }
    format!(
        "query Export($first: Int!, $after: String, $filter: {}) {{ \
         page: {}(first: $first, after: $after, filter: $filter) {{ nodes {} pageInfo {{ hasNextPage endCursor }} }} }}",
        export.filter,
        export.list,
        fields.text()
    )
}

/// Fields with those below them.
#[derive(Default)]
struct Fields(BTreeMap<String, Fields>);

impl Fields {
    fn add(&mut self, path: &str) {
        path.split('.').fold(self, |fields, name| {
            fields.0.entry(name.to_owned()).or_default()
        });
    }
    fn text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let fields: String = self
            .0
            .iter()
            .map(|(name, below)| format!("{name} {}", below.text()))
            .collect();
        format!("{{ {fields}}} ")
    }
}

/// The filter that narrows a list.
pub(super) fn filter(export: &Export, region: &str, narrowed: &Narrowed) -> Value {
    let mut filter = Map::new();
    filter.insert("region".to_owned(), json!(region));
    for condition in export.conditions {
        let told = match condition.by {
            By::AsOf => narrowed.as_of.as_ref().map(|day| json!(day)),
            By::Year => narrowed.year.map(|year| json!(year)),
            By::State(_) => (!narrowed.state.is_empty()).then(|| json!(narrowed.state)),
        };
        let Some(told) = told else {
            continue;
        };
        match condition.on {
            On::Filter(field) => drop(filter.insert(field.to_owned(), told)),
            On::Days(from, to) => {
                filter.insert(from.to_owned(), json!(format!("{told:04}-01-01")));
                filter.insert(to.to_owned(), json!(format!("{told:04}-12-31")));
            }
            On::Rows(_) => {}
        }
    }
    Value::Object(filter)
}

/// The rows of an object: itself, or the elements of the list below it that have not ended and are of the year.
pub(super) fn rows_of<'o>(
    export: &Export,
    object: &'o Value,
    narrowed: &Narrowed,
) -> Vec<&'o Value> {
    let Some(Below { at, ended_by }) = export.rows else {
        return vec![object];
    };
    let of_year = |row: &Value| {
        export
            .conditions
            .iter()
            .all(|condition| match condition.on {
                On::Rows(field) => narrowed.year.is_none_or(|year| row[field] == year),
                On::Filter(_) | On::Days(..) => true,
            })
    };
    let elements = below(object, at).as_array().map_or(&[][..], Vec::as_slice);
    elements
        .iter()
        .filter(|row| ended_by.is_none_or(|field| row[field].is_null()) && of_year(row))
        .collect()
}

/// What stands at a path; null where something on the way is.
pub(super) fn below<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |at, name| &at[name])
}

/// The value of a column in a row.
pub(super) fn value<'v>(
    column: &ExportColumn,
    (object, row): (&'v Value, &'v Value),
    today: &str,
) -> &'v Value {
    match column.at {
        At::Object(at) => below(object, at),
        At::Row(at) => below(row, at),
        At::Among {
            list,
            by,
            is,
            field,
        } => {
            let elements = below(object, list).as_array();
            let mut elements = elements.into_iter().flatten();
            elements
                .find(|element| element[by] == is)
                .map_or(&Value::Null, |element| &element[field])
        }
        At::OneOf { of, field } => &one_of(object, of)[field],
        At::Grown { name, born_on } => {
            let grown = below(object, born_on)
                .as_str()
                .is_some_and(|born_on| is_grown(born_on, today));
            if grown {
                below(object, name)
            } else {
                &Value::Null
            }
        }
    }
}

/// The first of two objects that is there.
fn one_of<'v>(object: &'v Value, [first, second]: [&str; 2]) -> &'v Value {
    match below(object, first) {
        Value::Null => below(object, second),
        first => first,
    }
}

/// The object that a masked value is of, by global id.
pub(super) fn subject<'v>(
    column: &ExportColumn,
    (object, row): (&'v Value, &'v Value),
) -> Option<&'v str> {
    let (of, at) = match column.at {
        At::Object(at) => (object, at),
        At::Row(at) => (row, at),
        At::OneOf { of, .. } => return one_of(object, of)["id"].as_str(),
        At::Among { .. } | At::Grown { .. } => return None,
    };
    below(of, &id_beside(at)).as_str()
}

/// Whether somebody born on a day is eighteen on another; both as YYYY-MM-DD.
fn is_grown(born_on: &str, today: &str) -> bool {
    let (year, rest) = born_on.split_at_checked(4).unwrap_or_default();
    let year: Option<i32> = year.parse().ok();
    year.is_some_and(|year| format!("{:04}{rest}", year + 18).as_str() <= today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_eighteen_is_grown() {
        for (born_on, grown) in [
            ("2000-12-31", true),
            ("2001-01-01", false),
            ("1950-02-29", true),
            ("2010-06-01", false),
            ("", false),
        ] {
            assert_eq!(is_grown(born_on, "2018-12-31"), grown, "{born_on}");
        }
        assert!(!is_grown("2000-02-29", "2018-02-28") && is_grown("2000-02-29", "2018-03-01"));
    }

    #[test]
    fn what_is_needed_is_asked_once() {
        let mut fields = Fields::default();
        for path in ["a.b", "c", "a.d.e", "a.b"] {
            fields.add(path);
        }
        assert_eq!(fields.text(), "{ a { b d { e } } c } ");
    }
}
