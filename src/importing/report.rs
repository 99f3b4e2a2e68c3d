//! What is kept of a row that the register does not take.

use super::{outcome::Fault, store::Report};
use crate::{
    files::{Import, ImportRow, Reported},
    vault::{self, BlindIndex, SensitiveText, Vault},
};
use serde_json::{Map, Value, json};
use sheets::Kind;
use std::sync::Arc;
use time::{Date, macros::format_description};

/// What such a report is called, where no check of its own looks for it.
const ROW: &str = "ROW";

/// The rows of a kind.
pub(super) struct Rows<'t> {
    pub import: Import,
    pub kind: Arc<Kind>,
    pub vault: &'t Vault,
    pub sheet: Option<&'t str>,
}

impl Rows<'_> {
    /// By what a row is known again: a keyed hash of whom it is about and what of.
    pub(super) fn key(&self, row: &ImportRow) -> String {
        let whom = match row.get("citizen_number") {
            Value::Null => json!([row.get("card_number"), row.get("name")]),
            number => number,
        };
        let once: Vec<_> = self
            .import
            .once_by
            .iter()
            .map(|column| row.get(column))
            .collect();
        let said = json!([self.import.kind, whom, once]).to_string();
        hex::encode(self.vault.digest(said.as_bytes()).as_ref())
    }

    /// What is kept of a row about this household, which the register refuses for these reasons.
    pub(super) fn report(
        &self,
        reported: &Reported,
        row: &ImportRow,
        household: i64,
        faults: &[Fault],
    ) -> Report {
        let refused: Vec<_> = faults
            .iter()
            .map(|fault| format!("{}（{}）", fault.sentence, fault.code))
            .collect();
        let mut values = json!({
            "list": self.kind.chinese,
            "told": self.told(reported, row),
            "refused": refused.join(""),
        });
        let seen = reported
            .seen
            .filter(|seen| faults.iter().any(|fault| fault.code == seen.code));
        for (name, column) in seen.map_or(&[][..], |seen| seen.values) {
            values[*name] = row.get(column);
        }
        Report {
            key: self.key(row),
            kind: seen.map_or(ROW, |seen| seen.kind),
            sheet: self.sheet.map(str::to_owned),
            row: row.number,
            household,
            identity: self.identity(&row.cells),
            on: reported.on.and_then(|column| day(&row.get(column))),
            values: values.to_string(),
        }
    }

    /// What the row says, under the headings of the kind: `保障类别 A；月保障金额 300.00`.
    fn told(&self, reported: &Reported, row: &ImportRow) -> String {
        let columns = self.kind.columns.iter();
        let told = columns
            .filter(|column| reported.told.contains(&&*column.name))
            .filter_map(|column| match row.get(&column.name) {
                Value::Null => None,
                cell => Some(format!("{} {}", column.heading, word(&cell))),
            });
        told.collect::<Vec<_>>().join("；")
    }

    fn identity(&self, cells: &Map<String, Value>) -> Option<BlindIndex> {
        let number = cells.get("citizen_number")?.as_str()?;
        let number = SensitiveText::new(vault::Kind::CitizenNumber, number);
        Some(self.vault.index(&number))
    }
}

/// A value as a clerk reads it.
pub(super) fn word(value: &Value) -> String {
    match value {
        Value::Null => "空".to_owned(),
        Value::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn day(cell: &Value) -> Option<Date> {
    Date::parse(cell.as_str()?, format_description!("[year]-[month]-[day]")).ok()
}
