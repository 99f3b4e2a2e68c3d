//! Full values in a file. There is no second way to see one: each page asks for those of its persons by the same mutation as
//! anybody, which records each before it leaves.

use super::{
    ask::Asker,
    reading::{subject, value},
};
use crate::{authz::Viewer, files::ExportColumn, jobs::Trouble};
use entity::codes::{CodeList as _, RevealPurpose, SensitiveField};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The most subjects of a request.
const MOST_SUBJECTS: usize = 1_000;
const REVEAL: &str = "mutation Reveal($subjects: [ID!]!, $fields: [SensitiveField!]!, $purpose: RevealPurpose!, $case: String!) { \
                      shown: sensitiveReveal(subjects: $subjects, fields: $fields, purpose: $purpose, caseNumber: $case) { \
                      values { subject value } } }";

/// Which values, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reveal {
    /// Words of the list of sensitive fields.
    pub fields: Vec<String>,
    pub purpose: String,
    pub case_number: String,
    pub reason: String,
}

impl Reveal {
    pub(super) fn new(
        fields: &[SensitiveField],
        purpose: RevealPurpose,
        (case_number, reason): (&str, &str),
    ) -> Self {
        let fields: BTreeSet<_> = fields.iter().map(|field| field.word().to_owned()).collect();
        Reveal {
            fields: fields.into_iter().collect(),
            purpose: purpose.word().to_owned(),
            case_number: case_number.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// The full values of a column in these rows, by the object that each is of.
    pub(super) async fn of_column(
        &self,
        column: &ExportColumn,
        rows: &[(&Value, &Value)],
        (asker, viewer, request): (&Asker, &Arc<Viewer>, &str),
    ) -> Result<HashMap<String, String>, Trouble> {
        let field = column.masks.map(SensitiveField::word);
        let mut shown = HashMap::new();
        let Some(field) = field.filter(|field| self.fields.iter().any(|asked| asked == field))
        else {
            return Ok(shown);
        };
        // Where no mask stands there is no value.
        let of_mask = rows
            .iter()
            .filter(|row| !value(column, **row, "").is_null());
        let subjects: BTreeSet<&str> = of_mask.filter_map(|row| subject(column, *row)).collect();
        let subjects: Vec<&str> = subjects.into_iter().collect();
        let mut left: Vec<&[&str]> = subjects.chunks(MOST_SUBJECTS).collect();
        while let Some(subjects) = left.pop() {
            let variables = json!({
                "subjects": subjects, "fields": [field], "purpose": self.purpose, "case": self.case_number,
            });
            let found = asker.find(viewer, (REVEAL, variables), request).await?;
            let Some(data) = found else {
                // One of them is shown by a record and not on file with the viewer, or was moved: it keeps its mask.
                if subjects.len() > 1 {
                    let (first, rest) = subjects.split_at(subjects.len() / 2);
                    left.extend([first, rest]);
                }
                continue;
            };
            let values = data["shown"]["values"].as_array();
            shown.extend(values.into_iter().flatten().filter_map(|value| {
                let told = |name: &str| value[name].as_str().map(str::to_owned);
                told("subject").zip(told("value"))
            }));
        }
        Ok(shown)
    }
}
