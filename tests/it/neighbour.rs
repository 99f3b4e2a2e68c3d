//! What stands in the neighbouring county does not exist, whatever list, condition, order or id is tried: every list at the
//! root of the schema, with each field of its filter and each of its sort keys.

use crate::harness::{Actor, App, both_dbs};
use async_graphql_parser::{
    parse_schema,
    types::{BaseType, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

const OWN: &str = "150921";
const OTHER: &str = "150922";

/// Ids at most that are compared of one list.
const PAGES: usize = 3;

/// The schema as clients have it.
struct Schema(HashMap<String, TypeDefinition>);

impl Schema {
    fn read() -> Schema {
        let text = std::fs::read_to_string("schema.graphql").expect("the committed schema");
        let ServiceDocument { definitions } = parse_schema(text).expect("a schema");
        let types = definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
                _ => None,
            });
        Schema(types.collect())
    }

    /// The lists at the root, each with its arguments; but for reference tables, which are the same everywhere and whose
    /// rows have no id.
    fn lists(&self) -> Vec<List> {
        let TypeKind::Object(query) = &self.0["Query"].kind else {
            panic!("Query is an object");
        };
        let lists = query.fields.iter().filter(|field| {
            let connection = base(&field.node.ty.node);
            connection
                .strip_suffix("Connection")
                .is_some_and(|of| self.has_id(of))
        });
        lists
            .map(|field| {
                let arguments = field.node.arguments.iter();
                let arguments = arguments.map(|argument| {
                    (
                        argument.node.name.node.to_string(),
                        argument.node.ty.node.clone(),
                    )
                });
                List {
                    name: field.node.name.node.to_string(),
                    arguments: arguments.collect(),
                }
            })
            .collect()
    }

    fn has_id(&self, name: &str) -> bool {
        match &self.0[name].kind {
            TypeKind::Object(object) => object
                .fields
                .iter()
                .any(|field| field.node.name.node == "id"),
            other => panic!("{name} is no object: {other:?}"),
        }
    }

    fn inputs(&self, name: &str) -> Vec<(String, Type)> {
        match &self.0[name].kind {
            TypeKind::InputObject(input) => {
                let fields = input.fields.iter();
                fields
                    .map(|field| (field.node.name.node.to_string(), field.node.ty.node.clone()))
                    .collect()
            }
            other => panic!("{name} is no input: {other:?}"),
        }
    }

    fn words(&self, name: &str) -> Vec<String> {
        match &self.0[name].kind {
            TypeKind::Enum(words) => words
                .values
                .iter()
                .map(|word| word.node.value.node.to_string())
                .collect(),
            other => panic!("{name} is no enum: {other:?}"),
        }
    }

    /// Filters with one leaf each, every value of its type tried.
    fn conditions(&self, input: &str) -> Vec<(String, Value)> {
        let mut conditions = Vec::new();
        for (field, ty) in self.inputs(input) {
            let name = base(&ty);
            let nested = self
                .0
                .get(name)
                .filter(|found| matches!(found.kind, TypeKind::InputObject(_)));
            if nested.is_some() {
                let below = self.conditions(name).into_iter();
                conditions
                    .extend(below.map(|(path, value)| {
                        (format!("{field}.{path}"), json!({ &field: value }))
                    }));
                continue;
            }
            let list = matches!(ty.base, BaseType::List(_));
            for value in self.values(&field, name) {
                let value = if list { json!([value]) } else { value };
                conditions.push((field.clone(), json!({ &field: value })));
            }
        }
        conditions
    }

    fn values(&self, field: &str, ty: &str) -> Vec<Value> {
        match ty {
            "Boolean" => vec![json!(true), json!(false)],
            "Int" if field.to_lowercase().contains("month") => vec![json!(11), json!(12)],
            "Int" => vec![json!(2018), json!(2017), json!(1)],
            "Date" => vec![json!("2018-12-31"), json!("2018-06-15")],
            "RegionCode" => vec![json!(OTHER), json!("150922104200"), json!("1509")],
            "Yuan" => vec![json!("100.00")],
            "ID" => vec![json!("SG91c2Vob2xkOjE")],
            "String" => vec![
                json!("李"),
                json!("DB"),
                json!("dibao"),
                json!("2018"),
                json!("1509"),
                json!("2018-12"),
            ],
            other => self.words(other).into_iter().map(Value::from).collect(),
        }
    }
}

struct List {
    name: String,
    arguments: Vec<(String, Type)>,
}

fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(inner),
    }
}

/// The ids of a list, or nothing where it is refused.
async fn ids(
    actor: &Actor,
    list: &str,
    arguments: &str,
    variables: &Value,
) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut after = Value::Null;
    for _ in 0..PAGES {
        let (declared, passed) = match arguments {
            "" => (String::new(), String::new()),
            _ => (
                format!(", {arguments}"),
                variables
                    .as_object()
                    .expect("variables")
                    .keys()
                    .map(|name| format!(", {name}: ${name}"))
                    .collect(),
            ),
        };
        let text = format!(
            "query($after: String{declared}) {{ {list}(first: 100, after: $after{passed}) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let mut variables = variables.clone();
        variables["after"] = after;
        let answer = actor.query(&text, variables).await;
        assert_eq!(answer.status(), 200, "{list}: {}", answer.text);
        if !answer.codes().is_empty() {
            assert!(
                !answer.text.contains("\"id\""),
                "{list} is refused and answers: {}",
                answer.text
            );
            return None;
        }
        let data = answer.data();
        let page = &data[list];
        found.extend(
            page["nodes"]
                .as_array()
                .expect("nodes")
                .iter()
                .map(|node| node["id"].as_str().expect("an id").to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] != json!(true) {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    Some(found)
}

/// Which of the ids exist.
async fn existing(actor: &Actor, ids: &BTreeSet<String>) -> BTreeSet<String> {
    let mut existing = BTreeSet::new();
    for some in ids.iter().collect::<Vec<_>>().chunks(100) {
        let data = actor
            .query(
                "query($ids: [ID!]!) { nodes(ids: $ids) { id } }",
                json!({ "ids": some }),
            )
            .await
            .data();
        let nodes = data["nodes"].as_array().expect("nodes").clone();
        existing.extend(
            nodes
                .iter()
                .filter_map(|node| Some(node["id"].as_str()?.to_owned())),
        );
    }
    existing
}

/// How often what was tried, and how many rows were compared.
#[derive(Default)]
struct Tried {
    lists: usize,
    conditions: usize,
    refused: usize,
    sorts: usize,
    rows: usize,
}

async fn try_everything(app: &App) -> Tried {
    let schema = Schema::read();
    let (own, other) = (app.auditor().within(OWN), app.auditor().within(OTHER));
    let mut tried = Tried::default();
    for list in schema.lists() {
        let name = &list.name;
        let mine = ids(&own, name, "", &json!({}))
            .await
            .expect("an auditor reads every list");
        let theirs = ids(&other, name, "", &json!({}))
            .await
            .expect("an auditor reads every list");
        let shared: BTreeSet<_> = mine.intersection(&theirs).collect();
        assert!(
            shared.is_empty(),
            "{name} shows {shared:?} in both counties"
        );
        assert_eq!(
            existing(&own, &theirs).await,
            BTreeSet::new(),
            "{name}: the neighbour's ids exist"
        );
        assert_eq!(existing(&other, &theirs).await, theirs, "{name}: a control");
        tried.lists += 1;
        tried.rows += mine.len() + theirs.len();
        for (argument, ty) in &list.arguments {
            let declared = format!("${argument}: {ty}");
            let type_name = base(ty);
            let values: Vec<(String, Value)> = match argument.as_str() {
                "filter" => schema.conditions(type_name),
                "sort" => schema
                    .words(type_name)
                    .into_iter()
                    .map(|word| (word.clone(), json!(word)))
                    .collect(),
                "first" | "after" => continue,
                other => panic!("{name} has an argument that is not tried: {other}"),
            };
            for (what, value) in values {
                let variables = json!({ argument: value });
                let Some(found) = ids(&own, name, &declared, &variables).await else {
                    tried.refused += 1;
                    continue;
                };
                let beyond = existing(&other, &found).await;
                assert!(
                    beyond.is_empty(),
                    "{name} with {what} {value} shows the neighbour's {beyond:?}"
                );
                assert_eq!(
                    existing(&own, &found).await,
                    found,
                    "{name} with {what} {value} shows what does not exist"
                );
                match argument.as_str() {
                    "sort" => tried.sorts += 1,
                    _ => tried.conditions += 1,
                }
                tried.rows += found.len();
            }
        }
    }
    tried
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_neighbouring_county_does_not_exist(db: TestDatabase) {
        let app = App::start(&db).await;
        let tried = try_everything(&app).await;
        println!("{} lists, {} conditions, {} sort keys, {} refused, {} rows", tried.lists, tried.conditions, tried.sorts, tried.refused, tried.rows);
        assert!(tried.lists >= 5 && tried.sorts >= 2 && tried.conditions >= 50 && tried.rows > 1000);
        assert!(tried.refused * 3 < tried.conditions, "{} of {} are refused", tried.refused, tried.conditions);
    }
}
