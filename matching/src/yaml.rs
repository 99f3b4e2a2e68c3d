//! YAML as the plain tree that serde reads.

use saphyr::{LoadableYamlNode, ScalarOwned, YamlOwned};
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

/// Reads the one document of a text.
///
/// # Errors
/// It is no YAML, not one document, or not of the shape that is asked for.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ConfigError> {
    let told = |problem: String| ConfigError(problem);
    let mut documents = YamlOwned::load_from_str(text).map_err(|error| told(error.to_string()))?;
    let document = documents
        .pop()
        .ok_or_else(|| told("the file is empty".to_owned()))?;
    if !documents.is_empty() {
        return Err(told("a file has one configuration".to_owned()));
    }
    let tree =
        tree(document).ok_or_else(|| told("a name is no text, or a value has a tag".to_owned()))?;
    serde_json::from_value(tree).map_err(|error| told(error.to_string()))
}

fn tree(node: YamlOwned) -> Option<Value> {
    Some(match node {
        YamlOwned::Value(ScalarOwned::Null) => Value::Null,
        YamlOwned::Value(ScalarOwned::Boolean(value)) => Value::Bool(value),
        YamlOwned::Value(ScalarOwned::Integer(value)) => Value::Number(value.into()),
        YamlOwned::Value(ScalarOwned::FloatingPoint(value)) => {
            Value::Number(Number::from_f64(value.into_inner())?)
        }
        YamlOwned::Value(ScalarOwned::String(value)) => Value::String(value),
        YamlOwned::Sequence(items) => {
            Value::Array(items.into_iter().map(tree).collect::<Option<_>>()?)
        }
        YamlOwned::Mapping(fields) => {
            let fields = fields.into_iter().map(|(name, value)| match name {
                YamlOwned::Value(ScalarOwned::String(name)) => Some((name, tree(value)?)),
                _ => None,
            });
            Value::Object(fields.collect::<Option<Map<_, _>>>()?)
        }
        _ => return None,
    })
}
