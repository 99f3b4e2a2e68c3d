//! A mutation as a test sends it: about one thing, with one input.

use super::{Actor, Answer};
use serde_json::{Value, json};

/// A mutation of the name, with what is read of the changed object.
#[derive(Clone, Copy)]
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    /// The argument that names what it is about: with `id` it is an edit and tells the version. None where the input does.
    pub(crate) about: Option<&'static str>,
    /// Whether it has an input.
    pub(crate) with_input: bool,
    pub(crate) fields: &'static str,
}

impl Mutation {
    fn text(&self) -> String {
        let Mutation { name, fields, .. } = self;
        let (first, rest) = name.split_at(1);
        let (mut declared, mut given) = ("$r: UUID!".to_owned(), "requestId: $r".to_owned());
        if let Some(about) = self.about {
            declared += ", $id: ID!";
            given += &format!(", {about}: $id");
            if about == "id" {
                declared += ", $version: Int!";
                given += ", version: $version";
            }
        }
        if self.with_input {
            declared += &format!(", $input: {}{rest}Input!", first.to_uppercase());
            given += ", input: $input";
        }
        format!(
            "mutation({declared}) {{ done: {name}({given}) {{ changed {{ {fields} }} userErrors {{ field label code message }} }} }}"
        )
    }

    /// Asks with a new number; of what is new, or named by the input, the version is not told.
    pub(crate) async fn ask(&self, actor: &Actor, id: &str, version: i32, input: Value) -> Answer {
        let mut variables = json!({ "r": uuid::Uuid::now_v7().to_string() });
        if let Some(about) = self.about {
            variables["id"] = json!(id);
            if about == "id" {
                variables["version"] = json!(version);
            }
        }
        if self.with_input {
            variables["input"] = input;
        }
        actor.query(&self.text(), variables).await
    }

    /// What was changed, without a mistake.
    pub(crate) async fn done(&self, actor: &Actor, id: &str, version: i32, input: Value) -> Value {
        let payload = self.ask(actor, id, version, input).await.data()["done"].take();
        assert_eq!(payload["userErrors"], json!([]), "{}", self.name);
        payload["changed"].clone()
    }

    /// The mistakes, as field and code.
    pub(crate) async fn refused(
        &self,
        actor: &Actor,
        id: &str,
        version: i32,
        input: Value,
    ) -> Vec<String> {
        let payload = self.ask(actor, id, version, input).await.data()["done"].take();
        assert_eq!(payload["changed"], Value::Null, "{}", self.name);
        let errors = payload["userErrors"].as_array().expect("mistakes");
        errors.iter().map(told).collect()
    }
}

fn told(error: &Value) -> String {
    let path = error["field"].as_array().expect("a path").iter();
    let path: Vec<_> = path.map(|part| part.as_str().expect("text")).collect();
    // Where it is about a field, the field has a Chinese name.
    assert!(path.is_empty() || error["label"].is_string(), "{error}");
    let code = error["code"].as_str().expect("a code");
    format!("{} {code}", path.join("."))
}
