//! Changing things as an actor: every mutation has the same form.

use super::{Actor, TestDatabase};
use serde_json::{Value, json};

/// A mutation as it is sent: its name, and its arguments as name, type and value.
#[derive(Clone)]
pub(crate) struct Sent {
    name: String,
    arguments: Vec<(&'static str, String, Value)>,
    changed: String,
}

/// A mutation with one input, of which nothing is read but the id of what was changed.
pub(crate) fn mutation(name: &str, input: Value) -> Sent {
    let (first, rest) = name.split_at(1);
    let kind = format!("{}{rest}Input!", first.to_uppercase());
    Sent {
        name: name.to_owned(),
        arguments: vec![("input", kind, input)],
        changed: "id".to_owned(),
    }
}

impl Sent {
    /// Of something that is edited, as the version that was read.
    pub(crate) fn of(self, id: &str, version: i64) -> Sent {
        let mut of = self.of_record(id);
        let argument = ("version", "Int!".to_owned(), json!(version));
        of.arguments.push(argument);
        of
    }

    /// Of something that has no versions.
    pub(crate) fn of_record(mut self, id: &str) -> Sent {
        self.arguments.push(("id", "ID!".to_owned(), json!(id)));
        self
    }

    pub(crate) fn of_household(self, id: &str) -> Sent {
        self.about("householdId", id)
    }

    /// About something that this argument names.
    pub(crate) fn about(mut self, argument: &'static str, id: &str) -> Sent {
        let argument = (argument, "ID!".to_owned(), json!(id));
        self.arguments.push(argument);
        self
    }

    /// With an input of this type, where it is not called as the mutation.
    pub(crate) fn with(mut self, kind: &str) -> Sent {
        self.arguments[0].1 = format!("{kind}!");
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same as the only one of a list.
    pub(crate) fn in_list(&self) -> (String, Value) {
        let (_, kind, input) = &self.arguments[0];
        let (name, kind) = (&self.name, kind.trim_end_matches('!'));
        let text = format!(
            "mutation($requestId: UUID!, $inputs: [{kind}!]!) {{ {name}List(requestId: $requestId, inputs: $inputs) {{ \
             results {{ changed {{ id }} userErrors {{ field code }} }} }} }}"
        );
        let request = uuid::Uuid::now_v7().to_string();
        (text, json!({ "requestId": request, "inputs": [input] }))
    }

    /// A mutation of something that is edited, without an input.
    pub(crate) fn without_input(mut self) -> Sent {
        self.arguments.retain(|(name, ..)| *name != "input");
        self
    }

    /// What is read of the changed object.
    pub(crate) fn read(mut self, changed: &str) -> Sent {
        changed.clone_into(&mut self.changed);
        self
    }

    /// The text and variables of one request.
    pub(crate) fn request(&self) -> (String, Value) {
        let (mut declared, mut given) = (String::new(), String::new());
        let mut variables = json!({ "requestId": uuid::Uuid::now_v7().to_string() });
        for (name, kind, value) in &self.arguments {
            declared.push_str(&format!(", ${name}: {kind}"));
            given.push_str(&format!(", {name}: ${name}"));
            variables[*name] = value.clone();
        }
        let Sent { name, changed, .. } = self;
        let text = format!(
            "mutation($requestId: UUID!{declared}) {{ {name}(requestId: $requestId{given}) {{ changed {{ {changed} }} \
             userErrors {{ field code }} conflict {{ currentVersion }} }} }}"
        );
        (text, variables)
    }

    /// What came of it: the payload of an answer without errors.
    pub(crate) async fn by(&self, actor: &Actor) -> Value {
        let (text, variables) = self.request();
        actor.query(&text, variables).await.data()[&self.name].take()
    }

    /// What was changed, by somebody who makes no mistake.
    pub(crate) async fn done_by(&self, actor: &Actor) -> Value {
        let mut payload = self.by(actor).await;
        assert_eq!(payload["userErrors"], json!([]), "{}", self.name);
        payload["changed"].take()
    }

    /// The mistakes told, each as its path and code: `input.year INVALID_VALUE`. Nothing was changed.
    pub(crate) async fn mistakes(&self, actor: &Actor) -> Vec<String> {
        let payload = self.by(actor).await;
        assert_eq!(payload["changed"], Value::Null, "{}", self.name);
        mistakes(&payload)
    }

    /// Nobody of these gets further than the door.
    pub(crate) async fn refused_to(&self, db: &TestDatabase, actors: &[Actor]) {
        let before = records(db).await;
        for actor in actors {
            let (text, variables) = self.request();
            let answer = actor.query(&text, variables).await;
            assert_eq!(
                answer.codes(),
                ["FORBIDDEN"],
                "{}: {}",
                self.name,
                answer.text
            );
        }
        assert_eq!(records(db).await, before, "{}", self.name);
    }
}

/// The mistakes of a payload, each as its path and code.
pub(crate) fn mistakes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().expect("errors").iter();
    let told = errors.map(|error| {
        let path = error["field"].as_array().expect("a path").iter();
        let path: Vec<_> = path.map(|part| part.as_str().expect("text")).collect();
        format!(
            "{} {}",
            path.join("."),
            error["code"].as_str().expect("a code")
        )
    });
    told.collect()
}

/// How many requests, audit records and change records there are: the same where nothing was done.
pub(crate) async fn records(db: &TestDatabase) -> [i64; 3] {
    let count = async |table| db.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    [
        count("request_record").await,
        count("audit_record").await,
        count("change_record").await,
    ]
}
