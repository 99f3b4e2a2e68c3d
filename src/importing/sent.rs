//! The mutation that a row becomes, and the question whether it is on record already: texts of the graph, made once a kind.

use crate::{
    files::{About, Import, Listed, Place, Recorded},
    graphql::scalars::global_id,
};
use serde_json::{Map, Value, json};

/// The texts of a kind.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    pub mutation: String,
    pub recorded: Option<String>,
}

impl Texts {
    pub(super) fn of(import: &Import) -> Self {
        Texts {
            mutation: mutation(import),
            recorded: import.recorded.map(|recorded| question(import, &recorded)),
        }
    }
}

fn mutation(import: &Import) -> String {
    let name = import.mutation;
    let (first, rest) = name.split_at(1);
    let (declared, given) = match import.about {
        About::Person(Place::Argument(at)) | About::Household(Place::Argument(at)) => {
            (", $about: ID!", format!(", {at}: $about"))
        }
        _ => ("", String::new()),
    };
    format!(
        "mutation Import($requestId: UUID!, $dryRun: Boolean!, $input: {}{rest}Input!{declared}) {{ \
         done: {name}(requestId: $requestId, dryRun: $dryRun, input: $input{given}) {{ userErrors {{ code field label message }} }} }}",
        first.to_uppercase()
    )
}

fn question(import: &Import, recorded: &Recorded) -> String {
    let root = match import.about {
        About::Household(_) | About::Card => "household",
        About::Person(_) | About::Nobody => "person",
    };
    let mut fields: Vec<&str> = recorded
        .by
        .iter()
        .chain(recorded.same)
        .chain(recorded.corrected_by)
        .map(|(field, _)| *field)
        .chain(import.only.iter().filter_map(|only| only.field))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let each = recorded
        .each
        .map(|(list, of_each)| format!("{list} {{ {} }}", of_each.join(" ")));
    fields.extend(each.as_deref());
    let open: String = recorded
        .path
        .iter()
        .map(|name| format!("{name} {{ "))
        .collect();
    let close = "} ".repeat(recorded.path.len());
    let (kind, asked) = match recorded.listed {
        None => ("ID", format!("{root}(id: $about)")),
        Some(Listed { query, filter, .. }) => (
            "String",
            format!("{query}(first: 1, filter: {{ {filter}: $about }})"),
        ),
    };
    format!(
        "query Recorded($about: {kind}!) {{ about: {asked} {{ {open}{} {close}}} }}",
        fields.join(" ")
    )
}

/// The variables of the mutation.
pub(super) fn variables(
    import: &Import,
    (request, dry_run): (&str, bool),
    about: Option<&str>,
    mut input: Value,
) -> Value {
    let mut variables = json!({ "requestId": request, "dryRun": dry_run });
    if let (About::Person(place) | About::Household(place), Some(id)) = (import.about, about) {
        match place {
            Place::Argument(_) => variables["about"] = json!(id),
            Place::Input(field) => input[field] = json!(id),
        }
    }
    variables["input"] = without_nulls(input);
    variables
}

/// What a cell does not say is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                fields
                    .map(|(name, value)| (name, without_nulls(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// The id of whom a row is about.
pub(super) fn id_of(about: About, person: Option<i64>, household: i64) -> Option<String> {
    match about {
        About::Person(_) => person.map(|key| global_id("Person", key)),
        About::Household(_) => Some(global_id("Household", household)),
        About::Card | About::Nobody => None,
    }
}

/// Whether the entries of a list are those that the input has, in whatever order, as far as it tells.
pub(super) fn agree_each(recorded: &Recorded, record: &Value, input: &Value) -> bool {
    let Some((list, fields)) = recorded.each.filter(|(list, _)| !input[*list].is_null()) else {
        return true;
    };
    let entries = |of: &Value| of[list].as_array().cloned().unwrap_or_default();
    let (told, mut there) = (entries(input), entries(record));
    let same_fields: Vec<_> = fields.iter().map(|field| (*field, *field)).collect();
    let all_there = told.iter().all(|entry| {
        let found = there.iter().position(|one| agree(&same_fields, one, entry));
        found.map(|at| there.swap_remove(at)).is_some()
    });
    all_there && there.is_empty()
}

/// The record that an input tells of, among those of an answer.
pub(super) fn same_record<'a>(
    recorded: &Recorded,
    data: &'a Value,
    input: &Value,
) -> Option<&'a Value> {
    let found = recorded
        .path
        .iter()
        .fold(&data["about"], |at, name| &at[*name]);
    let records = match found {
        Value::Array(records) => records.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    records
        .iter()
        .find(|record| agree(recorded.by, record, input))
}

/// Whether a record has what an input says in these fields; what it leaves out it does not say.
pub(super) fn agree(fields: &[(&str, &str)], record: &Value, input: &Value) -> bool {
    fields
        .iter()
        .all(|(field, of_input)| input[*of_input].is_null() || record[*field] == input[*of_input])
}
