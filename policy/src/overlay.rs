//! A pack with other figures: what a what-if asks about.

use crate::PackError;
use yaml::{Part, read};

/// The text of a pack with another figure, or another entry of a table. The path is `BENEFIT.FIGURE`, `BENEFIT.TABLE.ENTRY`, or of
/// what the whole pack reads `FIGURE`, `TABLE.ENTRY`; the value as packs write it, such as `4200.00 yuan`.
///
/// # Errors
/// The text is no YAML, or has no figure there. Whether the value fits shows when the pack is read.
pub fn overlay(file: &str, text: &str, path: &str, value: &str) -> Result<String, PackError> {
    let document = read(file, text)?;
    let root = Part::of(file, &document);
    let names: Vec<&str> = path.split('.').collect();
    let figure = found(root, &names).ok_or_else(|| {
        let problem = format!(
            "there is no figure or entry `{path}`: name it as BENEFIT.FIGURE or BENEFIT.TABLE.ENTRY"
        );
        root.error(problem)
    })?;
    let (from, to) = figure.span();
    let before: String = text.chars().take(from).collect();
    let was: String = text.chars().skip(from).take(to - from).collect();
    let after: String = text.chars().skip(to).collect();
    // A plain value may take the blanks after it along.
    let blanks = &was[was.trim_end().len()..];
    Ok(format!("{before}{}{blanks}{after}", quoted(value)))
}

fn found<'f>(root: Part<'f>, names: &[&str]) -> Option<Part<'f>> {
    if let Some(figure) = figure(root, names) {
        return Some(figure);
    }
    let (benefit, rest) = names.split_first()?;
    figure(root.child("benefits")?.child(benefit)?, rest)
}

/// A figure, or an entry of a table, of a pack or a benefit.
fn figure<'f>(of: Part<'f>, names: &[&str]) -> Option<Part<'f>> {
    match names {
        [name] => {
            let figure = of.child("figures")?.child(name)?;
            let value = figure.child("is").unwrap_or(figure);
            value.is_text().then_some(value)
        }
        [name, entry] => {
            let table = of.child("tables")?.child(name)?;
            let mut kinds = ["codes", "steps"].into_iter();
            kinds.find_map(|kind| table.child(kind)?.child(entry))
        }
        _ => None,
    }
}

/// The value as a text that holds whatever it has in it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
