//! A response as JSON, whose ready-made parts are copied, not parsed again.
//!
//! `serde_json::to_vec(&response)` gives the same bytes, but checks each raw value by parsing it and copies it twice.

use async_graphql::{Name, Response, Value, indexmap::IndexMap};
use async_graphql_value::RAW_VALUE_TOKEN;
use serde::Serialize;

/// JSON text as a GraphQL value. `None` where it is no UTF-8.
#[must_use]
pub fn raw_json(json: Vec<u8>) -> Option<Value> {
    let text = String::from_utf8(json).ok()?;
    Some(Value::Object(IndexMap::from_iter([(
        Name::new(RAW_VALUE_TOKEN),
        Value::String(text),
    )])))
}

/// Whether the request was refused before anything was resolved: such an answer has no `data` at all.
#[must_use]
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The answer's bytes.
#[must_use]
pub fn to_json(response: &Response) -> Vec<u8> {
    let mut json = Vec::with_capacity(256 + raw_length(&response.data));
    json.push(b'{');
    if !response.errors.is_empty() {
        json.extend_from_slice(b"\"errors\":");
        write_serialized(&response.errors, &mut json);
    }
    if !is_request_error(response) {
        if json.len() > 1 {
            json.push(b',');
        }
        json.extend_from_slice(b"\"data\":");
        write_value(&response.data, &mut json);
    }
    if !response.extensions.is_empty() {
        json.extend_from_slice(b",\"extensions\":");
        write_serialized(&response.extensions, &mut json);
    }
    json.push(b'}');
    json
}

/// Writes an integer as JSON.
pub fn write_integer(value: i64, json: &mut Vec<u8>) {
    json.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a text as a JSON string.
pub fn write_string(text: &str, json: &mut Vec<u8>) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        write_serialized(text, json);
    } else {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    }
}

/// Values of GraphQL have string keys and are written to memory: neither can fail. A half-written value is cut off.
fn write_serialized<T: Serialize + ?Sized>(value: &T, json: &mut Vec<u8>) {
    let start = json.len();
    if serde_json::to_writer(&mut *json, value).is_err() {
        json.truncate(start);
        json.extend_from_slice(b"null");
    }
}

fn raw_of(object: &IndexMap<Name, Value>) -> Option<&str> {
    match (object.len(), object.get(RAW_VALUE_TOKEN)) {
        (1, Some(Value::String(text))) => Some(text),
        _ => None,
    }
}

fn raw_length(value: &Value) -> usize {
    match value {
        Value::Object(object) => {
            raw_of(object).map_or_else(|| object.values().map(raw_length).sum(), str::len)
        }
        _ => 0,
    }
}

fn write_value(value: &Value, json: &mut Vec<u8>) {
    match value {
        Value::Object(object) => match raw_of(object) {
            Some(text) => json.extend_from_slice(text.as_bytes()),
            None => write_object(object, json),
        },
        Value::List(items) => {
            json.push(b'[');
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    json.push(b',');
                }
                write_value(value, json);
            }
            json.push(b']');
        }
        Value::String(text) => write_string(text, json),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => write_integer(integer, json),
            None => write_serialized(number, json),
        },
        other => write_serialized(other, json),
    }
}

fn write_object(object: &IndexMap<Name, Value>, json: &mut Vec<u8>) {
    json.push(b'{');
    for (index, (key, value)) in object.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write_string(key, json);
        json.push(b':');
        write_value(value, json);
    }
    json.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{ServerError, value};

    #[test]
    fn the_same_bytes_as_serde() {
        let response = Response::new(value!({
            "text": "a\"b\\\u{1}贫", "list": [1, -2, 1.5, null, true], "object": {"empty": {}, "none": []}
        }));
        assert_eq!(to_json(&response), serde_json::to_vec(&response).unwrap());
    }

    #[test]
    fn raw_parts_are_copied() {
        let mut response = Response::new(Value::Null);
        response.data = raw_json(br#"{"a":[1,2]}"#.to_vec()).unwrap();
        response = response.extension("cost", value!(3));
        assert_eq!(
            to_json(&response),
            br#"{"data":{"a":[1,2]},"extensions":{"cost":3}}"#
        );
    }

    #[test]
    fn a_refused_request_has_no_data() {
        let response = Response::from_errors(vec![ServerError::new("no", None)]);
        assert_eq!(to_json(&response), br#"{"errors":[{"message":"no"}]}"#);
    }
}
