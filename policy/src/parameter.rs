//! Figures and tables as they are written, to be shown.

use crate::{
    PackError,
    pack::{Cite, cite, values_by_date},
};
use yaml::{Fields, Part};

/// A figure or a table of a rule, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    /// One entry without a key for a figure, one for each line of a table.
    pub entries: Vec<(String, String)>,
    /// Where it stands, none where that is where the benefit stands.
    pub cite: Option<Cite>,
    /// The name under which it is marked as not stated by any text.
    pub placeholder: String,
    pub note: String,
}

/// The figures and tables as they are written.
pub(crate) fn parameters(
    fields: &Fields<'_>,
    sources: &[(&str, Part<'_>)],
) -> Result<Vec<Parameter>, PackError> {
    let mut parameters = Vec::new();
    for (name, part) in fields.fields("figures")? {
        let mut parameter = Parameter {
            name: name.to_owned(),
            entries: vec![],
            cite: None,
            placeholder: String::new(),
            note: String::new(),
        };
        parameter.entries = match values_by_date(part)? {
            Some(values) => entries_by_date(values)?,
            None if part.is_text() => vec![(String::new(), part.text()?.to_owned())],
            None => {
                let fields = part.known(&["is", "cite", "placeholder", "note"])?;
                told(&mut parameter, &fields, sources)?;
                vec![(String::new(), fields.need("is")?.text()?.to_owned())]
            }
        };
        parameters.push(parameter);
    }
    for (name, part) in fields.fields("tables")? {
        let fields = part.known(&["bands", "codes", "steps", "cite", "placeholder", "note"])?;
        let mut parameter = Parameter {
            name: name.to_owned(),
            entries: table_entries(&fields)?,
            cite: None,
            placeholder: String::new(),
            note: String::new(),
        };
        told(&mut parameter, &fields, sources)?;
        parameters.push(parameter);
    }
    Ok(parameters)
}

/// The values of a figure that changes, each by the day from which it holds.
fn entries_by_date(values: Part<'_>) -> Result<Vec<(String, String)>, PackError> {
    let values = values.items()?.into_iter().map(|value| {
        let value = value.known(&["from", "is", "cite", "placeholder", "note"])?;
        let from = value.need("from")?.text()?;
        Ok((format!("from {from}"), value.need("is")?.text()?.to_owned()))
    });
    values.collect()
}

fn told(
    parameter: &mut Parameter,
    fields: &Fields<'_>,
    sources: &[(&str, Part<'_>)],
) -> Result<(), PackError> {
    parameter.cite = fields
        .get("cite")
        .map(|part| cite(part, sources))
        .transpose()?;
    parameter.placeholder = fields.text("placeholder")?;
    parameter.note = fields.text("note")?;
    Ok(())
}

fn table_entries(fields: &Fields<'_>) -> Result<Vec<(String, String)>, PackError> {
    let mut entries = Vec::new();
    if let Some(bands) = fields.get("bands") {
        for band in bands.items()? {
            let band = band.known(&["to", "pays"])?;
            let to = band.get("to").map_or(Ok(""), |to| to.text())?;
            entries.push((format!("<= {to}"), band.need("pays")?.text()?.to_owned()));
        }
        if let Some((key, _)) = entries.last_mut() {
            *key = "above".to_owned();
        }
        return Ok(entries);
    }
    for (sign, key) in [("", "codes"), (">= ", "steps")] {
        for (entry, part) in fields.fields(key)? {
            entries.push((format!("{sign}{entry}"), part.text()?.to_owned()));
        }
    }
    Ok(entries)
}
