//! YAML as the plain tree that serde reads.

use serde::de::DeserializeOwned;
use serde_json::{Number, Value};
use yaml::{FileError, Part};

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is no YAML.
    #[error(transparent)]
    Text(#[from] FileError),
    /// It is not what a configuration holds.
    #[error("{file}: {problem}")]
    Content { file: String, problem: String },
}

impl ConfigError {
    pub(crate) fn content(file: &str, problem: impl Into<String>) -> Self {
        let (file, problem) = (file.to_owned(), problem.into());
        Self::Content { file, problem }
    }
}

/// Reads the one document of a text.
///
/// # Errors
/// It is no YAML, not one document, or not of the shape that is asked for.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, ConfigError> {
    let document = yaml::read(file, text)?;
    let tree = tree(&Part::of(file, &document))?;
    serde_json::from_value(tree).map_err(|error| ConfigError::content(file, error.to_string()))
}

fn tree(part: &Part) -> Result<Value, FileError> {
    if part.is_text() {
        return part.text().map(scalar);
    }
    if let Ok(items) = part.items() {
        return items.iter().map(tree).collect();
    }
    let fields = part.fields()?.into_iter();
    fields
        .map(|(name, value)| Ok((name.to_owned(), tree(&value)?)))
        .collect()
}

/// A scalar by its looks: names of columns and comparators look like nothing else.
fn scalar(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => {
            let whole = text.parse::<i64>().map(Number::from).ok();
            let number = whole.or_else(|| text.parse().ok().and_then(Number::from_f64));
            number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
        }
    }
}
