//! A value of the graph as the cell that offices write, so that the file can be taken over again.

use super::reading::{Types, shown_at, type_of};
use crate::{
    authz::Access,
    departments,
    files::{Column, Export, ExportColumn, Kind},
};
use serde_json::Value;
use sheets::Type;
use std::collections::HashMap;

/// How the cells of a column are written.
pub(super) struct Written {
    pub of: &'static ExportColumn,
    is: Option<Type>,
    /// The Chinese word of each code.
    labels: HashMap<&'static str, &'static str>,
    heading: String,
}

impl Written {
    pub(super) fn new(
        (export, of): (&Export, &'static ExportColumn),
        kind: Option<&sheets::Kind>,
        (access, types): (&Access, Types<'_>),
    ) -> Option<Self> {
        let of_graph = type_of(&shown_at(export, of), export.object, access, types)?;
        let known = kind.and_then(|kind| Some(&kind.columns[kind.column(of.name)?]));
        let is = known.map(|column| column.is.clone());
        let heading = of
            .heading
            .or(known.map(|column| &*column.heading))
            .unwrap_or(of.name);
        // What a file leaves out of a distance is its unit.
        let unit = if is == Some(Type::Distance) {
            "(米)"
        } else {
            ""
        };
        Some(Written {
            of,
            is,
            labels: labels(&of_graph),
            heading: format!("{heading}{unit}"),
        })
    }

    /// The column of the file.
    pub(super) fn column(&self) -> Column {
        let kind = match self.is {
            Some(Type::Yuan) => Kind::Yuan,
            _ => Kind::Text,
        };
        Column::named(self.heading.clone(), kind)
    }

    /// The text of a cell, empty for nothing.
    pub(super) fn text(&self, value: &Value) -> String {
        match value {
            Value::Null | Value::Object(_) => String::new(),
            Value::Bool(yes) => (if *yes { "是" } else { "否" }).to_owned(),
            Value::String(text) => self
                .labels
                .get(&**text)
                .map_or(&**text, |label| *label)
                .to_owned(),
            Value::Number(number) => self.number(number.as_i64().unwrap_or_default()),
            Value::Array(values) => {
                let texts: Vec<_> = values.iter().map(|value| self.text(value)).collect();
                texts.join("、")
            }
        }
    }

    fn number(&self, number: i64) -> String {
        match self.is {
            Some(Type::SchoolYear) => format!("{number}-{}", number + 1),
            Some(Type::Rate) => format!("{}.{:02}%", number / 100, number % 100),
            _ => number.to_string(),
        }
    }
}

/// The words of a code list with their Chinese terms. None where the type is none.
fn labels(of_graph: &str) -> HashMap<&'static str, &'static str> {
    let lists = departments::code_lists();
    let list = lists.iter().find(|(name, ..)| *name == of_graph);
    let entries = list.map_or(&[][..], |(_, _, entries)| entries);
    entries
        .iter()
        .map(|entry| (entry.word, entry.chinese))
        .collect()
}
