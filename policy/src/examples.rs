//! Worked examples against the packs.

use crate::{answer::NoAnswer, catalogue::Catalogue, pack::Benefit};
use serde_json::{Map, Value as Json};

/// What computes a benefit that no formula can, by its name.
pub type Outside<'o> = &'o dyn Fn(&str, &Map<String, Json>) -> Result<Json, NoAnswer>;

/// What came of examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub passed: usize,
    pub failed: usize,
    /// A line for each difference.
    pub differences: Vec<String>,
}

/// Runs an array of `{ id, pack, benefit, inputs, expected }`.
///
/// # Errors
/// The text is no such array.
pub fn run_examples(
    catalogue: &Catalogue,
    outside: Outside<'_>,
    text: &str,
) -> Result<Report, String> {
    let examples: Vec<Json> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut report = Report::default();
    for (place, example) in examples.iter().enumerate() {
        let example = Example::of(example).ok_or_else(|| {
            format!("example {place}: expected id, pack, benefit, inputs, expected")
        })?;
        let differences = example.differences(catalogue, outside);
        match differences.is_empty() {
            true => report.passed += 1,
            false => report.failed += 1,
        }
        report.differences.extend(differences);
    }
    Ok(report)
}

struct Example<'e> {
    id: &'e str,
    pack: &'e str,
    benefit: &'e str,
    inputs: &'e Map<String, Json>,
    expected: &'e Map<String, Json>,
}

impl<'e> Example<'e> {
    fn of(json: &'e Json) -> Option<Self> {
        Some(Example {
            id: json.get("id")?.as_str()?,
            pack: json.get("pack")?.as_str()?,
            benefit: json.get("benefit")?.as_str()?,
            inputs: json.get("inputs")?.as_object()?,
            expected: json.get("expected")?.as_object()?,
        })
    }

    fn differences(&self, catalogue: &Catalogue, outside: Outside<'_>) -> Vec<String> {
        let Example {
            id, pack, benefit, ..
        } = self;
        let found = match (catalogue.pack(pack), catalogue.benefit(pack, benefit)) {
            (None, _) => Err(format!("there is no pack {pack}")),
            (_, None) => Err(format!("there is no benefit {benefit} in {pack}")),
            (_, Some(benefit)) => self
                .answer(benefit, outside)
                .map_err(|error| error.to_string()),
        };
        match found {
            Err(problem) => vec![format!("{id}: {problem}")],
            Ok(Json::Object(got)) => self.compared(&got),
            Ok(got) => vec![format!("{id}: got {got}")],
        }
    }

    fn answer(&self, benefit: &Benefit, outside: Outside<'_>) -> Result<Json, NoAnswer> {
        match &benefit.computed_by {
            Some(by) => outside(by, self.inputs),
            None => benefit.answer(self.inputs).map(|answer| answer.gives),
        }
    }

    fn compared(&self, got: &Map<String, Json>) -> Vec<String> {
        let shown = |json: Option<&Json>| json.map_or("nothing".to_owned(), Json::to_string);
        let mut names: Vec<_> = self.expected.keys().chain(got.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let different = names
            .into_iter()
            .filter(|name| self.expected.get(*name) != got.get(*name));
        let id = self.id;
        different
            .map(|name| {
                let (expected, got) = (shown(self.expected.get(name)), shown(got.get(name)));
                format!("{id}: {name}: expected {expected}, got {got}")
            })
            .collect()
    }
}
