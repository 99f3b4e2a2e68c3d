//! A plan and stock resolution give the same bytes. Selections are drawn at random from the live schema, so a new
//! department is covered the day it joins the register.

use crate::harness::{TestDatabase, both_dbs, vault};
use async_graphql::{Request, Response, Value, Variables};
use entity::codes::{CodeList, Department, Role};
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use yihu::{
    authz::{Roles, Viewer},
    clock::Clock,
    db::{Database, Settings},
    graphql::{
        document::{CacheLimits, Documents},
        language::Language,
        limits::Limits,
        plan::StockOnly,
        response,
    },
    schema::Graph,
};

/// Selections drawn for each database.
const SELECTIONS: u64 = 1_200;

struct Bed {
    graph: Graph,
    documents: Documents,
}

impl Bed {
    async fn new(db: &TestDatabase) -> Bed {
        let database = Database::connect(&db.url, &Settings::default())
            .await
            .expect("a database");
        let vault = Arc::new(vault());
        let clock = Clock::fixed(time::macros::date!(2018 - 12 - 31));
        Bed {
            graph: Graph::new(database, vault, clock).expect("a graph"),
            documents: Documents::new(Limits::default(), CacheLimits::default()),
        }
    }

    /// Whether a client may send this: some selections are drawn larger than that.
    fn serves(&self, text: &str) -> bool {
        match self.documents.fetch(text, self.graph.shape()) {
            Ok(_) => true,
            Err(refusal) if refusal.code().starts_with("LIMIT_") => false,
            Err(refusal) => panic!("{}: {text}", refusal.code()),
        }
    }

    async fn ask(
        &self,
        text: &str,
        variables: &Json,
        viewer: &Arc<Viewer>,
        stock: bool,
    ) -> Response {
        let document = self
            .documents
            .fetch(text, self.graph.shape())
            .unwrap_or_else(|refusal| panic!("{}: {text}", refusal.code()));
        let request = Request::new(text).variables(Variables::from_json(variables.clone()));
        let request = if stock {
            request.data(StockOnly)
        } else {
            request
        };
        self.graph
            .execute(request, &document, viewer.clone(), Language::English)
            .await
    }

    /// The answer, after checking that both ways agree on it; and whether a plan wrote it.
    async fn both(&self, text: &str, variables: &Json, viewer: &Arc<Viewer>) -> (String, bool) {
        let stock = self.ask(text, variables, viewer, true).await;
        let planned = self.ask(text, variables, viewer, false).await;
        let is_planned = holds_raw_json(&planned.data);
        let bytes = |response: &Response| {
            String::from_utf8(response::to_json(response)).expect("an answer is text")
        };
        let (stock, planned) = (bytes(&stock), bytes(&planned));
        assert_eq!(stock, planned, "{:?} {text}", viewer.department);
        let answer: Json = serde_json::from_str(&planned).expect("an answer is JSON");
        for error in answer["errors"].as_array().into_iter().flatten() {
            assert!(
                error["path"].is_array(),
                "a refused request: {error} {text}"
            );
        }
        (planned, is_planned)
    }

    async fn json(&self, text: &str, viewer: &Arc<Viewer>) -> Json {
        let response = self.ask(text, &json!({}), viewer, true).await;
        serde_json::to_value(&response).expect("an answer is JSON")
    }
}

fn holds_raw_json(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            key == async_graphql_value::RAW_VALUE_TOKEN || holds_raw_json(value)
        }),
        _ => false,
    }
}

fn viewer(
    department: Department,
    role: Role,
    region: i64,
    institution: Option<&str>,
    user: &str,
) -> Arc<Viewer> {
    let (mut lo, mut hi) = (region, region);
    while lo < 100_000_000_000 && region > 0 {
        (lo, hi) = (lo * 10, hi * 10 + 9);
    }
    Arc::new(Viewer {
        user: user.to_owned(),
        client: "test".to_owned(),
        department,
        roles: Roles::of(&[role]),
        region: if region == 0 {
            (0, 999_999_999_999)
        } else {
            (lo, hi)
        },
        institution: institution.map(ToOwned::to_owned),
        purpose: None,
    })
}

fn viewers() -> Vec<Arc<Viewer>> {
    use Department as D;
    let clerk =
        |department, region| viewer(department, Role::Clerk, region, None, "yihu-demo|clerk");
    let institution =
        |department, code| viewer(department, Role::Clerk, 0, Some(code), "yihu-demo|officer");
    let mut viewers = vec![
        viewer(D::Audit, Role::Auditor, 0, None, "yihu-demo|auditor"),
        viewer(D::Helper, Role::Helper, 150_921, None, "yihu-demo|helper-1"),
        viewer(
            D::Household,
            Role::Household,
            150_921,
            None,
            "yihu-demo|household-1",
        ),
        institution(D::Insurer, "91150900MA0QYH101A"),
        institution(D::School, "2115092261"),
        institution(D::School, "2115090091"),
        institution(D::Bank, "91150922MA0QYH001G"),
    ];
    // And a clerk of each other department that reads a slice: a new room's own is among them.
    let matrix = yihu::schema::matrix().expect("a line for every field");
    let slices = yihu::departments::matrices();
    let readers: HashSet<String> = slices
        .iter()
        .filter_map(|(room, _)| matrix.readers("Household", &camel_case(room)))
        .flat_map(|readers| readers.split(' ').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let mut counties = [150_921, 150_922].into_iter().cycle();
    for department in D::ENTRIES.iter().filter_map(|entry| D::of_word(entry.word)) {
        let known = viewers.iter().any(|viewer| viewer.department == department);
        if !known && readers.contains(department.word()) {
            viewers.push(clerk(department, counties.next().expect("a county")));
        }
    }
    assert!(viewers.len() > 7 + slices.len(), "{readers:?}");
    viewers.extend([
        clerk(D::Housing, 1509),
        viewer(D::Civil, Role::Service, 150_921, None, "yihu-demo|service"),
    ]);
    viewers
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        name + &word[..1].to_uppercase() + &word[1..]
    })
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) >> 33).expect("31 bits") % n
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone, Debug)]
struct FieldInfo {
    name: String,
    below: Option<String>,
    arguments: Vec<String>,
}

/// Fields of every object type.
type Types = BTreeMap<String, Vec<FieldInfo>>;

async fn types(bed: &Bed) -> Types {
    let deep = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
    let text = format!(
        "{{ __schema {{ types {{ kind name fields {{ name args {{ name }} type {{ {deep} }} }} }} }} }}"
    );
    let answer = bed.json(&text, &viewers()[0]).await;
    let types = answer["data"]["__schema"]["types"]
        .as_array()
        .expect("types");
    let text_of = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    types
        .iter()
        .filter(|of| of["kind"] == "OBJECT" && !text_of(&of["name"]).starts_with("__"))
        .map(|of| {
            let fields = of["fields"].as_array().into_iter().flatten().map(|field| {
                let mut inner = &field["type"];
                while !inner["ofType"].is_null() {
                    inner = &inner["ofType"];
                }
                FieldInfo {
                    name: text_of(&field["name"]),
                    below: (inner["kind"] == "OBJECT").then(|| text_of(&inner["name"])),
                    arguments: field["args"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|arg| text_of(&arg["name"]))
                        .collect(),
                }
            });
            (text_of(&of["name"]), fields.collect())
        })
        .collect()
}

/// What a viewer may select: readable fields, and guarded ones that are null for it.
struct Selectable {
    readable: HashSet<(String, String)>,
    guarded: HashSet<(String, String)>,
}

impl Selectable {
    async fn of(bed: &Bed, viewer: &Arc<Viewer>) -> Selectable {
        let answer = bed
            .json("{ viewer { permissions { type fields } } }", viewer)
            .await;
        let mut readable = HashSet::new();
        for permission in answer["data"]["viewer"]["permissions"]
            .as_array()
            .expect("permissions")
        {
            for field in permission["fields"].as_array().expect("fields") {
                let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
                readable.insert((text(&permission["type"]), text(field)));
            }
        }
        let guarded = bed.graph.guarded().iter();
        Selectable {
            readable,
            guarded: guarded
                .map(|(of, field)| ((*of).to_owned(), (*field).to_owned()))
                .collect(),
        }
    }
    fn reads(&self, of: &str, field: &str) -> bool {
        self.readable.contains(&(of.to_owned(), field.to_owned()))
    }
    fn is_guarded(&self, of: &str, field: &str) -> bool {
        self.guarded.contains(&(of.to_owned(), field.to_owned()))
    }
}

/// Fields that only stock resolution can answer.
const COMPUTED: [&str; 16] = [
    "entitled",
    "rosterMatch",
    "simulation",
    "entitlements",
    "explanation",
    "rules",
    "history",
    "totals",
    "publicTotals",
    "children",
    "parent",
    "posts",
    "collectiveIncome",
    "between",
    "evidence",
    "evidenceBefore",
];

struct Draw<'a> {
    random: Random,
    types: &'a Types,
    selectable: &'a Selectable,
    fragments: Vec<String>,
    /// Whether arguments and computed fields may be drawn.
    rare: bool,
    /// Whether an object may be selected twice under one key. The library resolves each occurrence by itself, so that of two
    /// only the one that selects what fails becomes null.
    merging: bool,
}

impl Draw<'_> {
    fn selection(&mut self, of: &str, depth: usize) -> String {
        let fields = self.types[of].clone();
        let mut text = String::from("{ ");
        for _ in 0..1 + self.random.below(5) {
            if self.random.chance(8) {
                text += "__typename ";
            } else if self.random.chance(12) && depth < 5 {
                text += &self.fragment(of, depth);
            } else {
                let field = fields[self.random.below(fields.len())].clone();
                text += &self.field(of, &field, depth);
            }
        }
        text + "__typename }"
    }

    fn fragment(&mut self, of: &str, depth: usize) -> String {
        let body = self.selection(of, depth + 1);
        let switch = self.switch();
        match self.random.below(3) {
            0 => format!("... {switch} {body} "),
            1 => format!("... on {of} {switch} {body} "),
            _ => {
                let name = format!("F{}", self.fragments.len());
                self.fragments
                    .push(format!("fragment {name} on {of} {body}"));
                format!("...{name} {switch} ")
            }
        }
    }

    fn field(&mut self, of: &str, field: &FieldInfo, depth: usize) -> String {
        let name = field.name.as_str();
        let page = of.ends_with("Connection") || of.ends_with("Edge") || of == "PageInfo";
        let reads = page || self.selectable.reads(of, name);
        let shown_as_null = self.selectable.is_guarded(of, name) && self.random.chance(50);
        if !(reads || shown_as_null) {
            return String::new();
        }
        if COMPUTED.contains(&name) && !(self.rare && self.random.chance(50))
            || field.below.is_some() && depth >= 5
        {
            return String::new();
        }
        let arguments = self.arguments(field);
        let merges = arguments.is_empty() && (self.merging || field.below.is_none());
        let alias = match (merges, self.random.chance(25)) {
            (true, false) => String::new(),
            // Fields with different arguments are different fields.
            (false, _) => format!("{name}{}: ", 2 + self.random.below(1_000_000)),
            (true, true) => format!("{name}{}: ", self.random.below(2)),
        };
        let below = field
            .below
            .as_ref()
            .map_or_else(String::new, |below| self.selection(below, depth + 1));
        format!("{alias}{name}{arguments} {} {below} ", self.switch())
    }

    fn arguments(&mut self, field: &FieldInfo) -> String {
        if !self.rare || field.arguments.is_empty() || self.random.chance(40) {
            return String::new();
        }
        let given: Vec<_> = field
            .arguments
            .iter()
            .filter_map(|argument| match argument.as_str() {
                "asOf" => Some(
                    ["asOf: \"2018-06-30\"", "asOf: \"2017-01-01\"", "asOf: null"]
                        [self.random.below(3)]
                    .to_owned(),
                ),
                "year" | "schoolYear" => {
                    Some(format!("{argument}: {}", 2016 + self.random.below(3)))
                }
                _ => None,
            })
            .collect();
        if given.is_empty() {
            String::new()
        } else {
            format!("({})", given.join(", "))
        }
    }

    fn switch(&mut self) -> &'static str {
        let switches = [
            "@include(if: $yes)",
            "@skip(if: $yes)",
            "@include(if: true)",
            "@skip(if: false)",
            "@include(if: $no)",
        ];
        switches
            .get(self.random.below(40))
            .copied()
            .unwrap_or_default()
    }
}

/// A root field with its arguments, and the type below it.
struct Root {
    call: String,
    below: String,
}

/// Every list of the query root, and single objects by id.
async fn roots(
    bed: &Bed,
    types: &Types,
    viewer: &Arc<Viewer>,
    selectable: &Selectable,
) -> Vec<Root> {
    let mut roots: Vec<Root> = types["Query"]
        .iter()
        .filter(|field| selectable.reads("Query", &field.name))
        .filter(|field| !COMPUTED.contains(&field.name.as_str()))
        .filter_map(|field| {
            let below = field
                .below
                .clone()
                .filter(|below| below.ends_with("Connection"))?;
            Some(Root {
                call: format!("{}(first: 4)", field.name),
                below,
            })
        })
        .collect();
    let answer = bed
        .json(
            "{ households(first: 9) { nodes { id members { id } } } }",
            viewer,
        )
        .await;
    for node in answer["data"]["households"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
    {
        roots.push(Root {
            call: format!("household(id: {})", node["id"]),
            below: "Household".into(),
        });
        roots.push(Root {
            call: format!("person(id: {})", node["members"][0]["id"]),
            below: "Person".into(),
        });
    }
    assert!(
        roots.len() > 2,
        "{:?} sees nothing: {answer}",
        viewer.department
    );
    roots
}

impl Root {
    /// The call with a page of another length.
    fn call(&self, random: &mut Random) -> String {
        let first = ["first: 1", "first: 4", "first: 30"][random.below(3)];
        self.call.replace("first: 4", first)
    }
}

/// What was drawn and how it was answered.
#[derive(Debug, Default)]
struct Drawn {
    planned: u64,
    errors: u64,
}

/// Draws selections and compares both ways. `whole`: every table is there.
async fn compare(bed: &Bed, selections: std::ops::Range<u64>, known: &Known, whole: bool) -> Drawn {
    let mut drawn = Drawn::default();
    for seed in selections {
        let mut random = Random(seed);
        let (viewer, selectable, roots) = &known.viewers[random.below(known.viewers.len())];
        let (root, second) = (
            &roots[random.below(roots.len())],
            &roots[random.below(roots.len())],
        );
        let call = root.call(&mut random);
        let (rare, twice, two) = (random.chance(30), random.chance(5), random.chance(20));
        let mut draw = Draw {
            random,
            types: &known.types,
            selectable,
            fragments: vec![],
            rare,
            merging: whole,
        };
        let mut body = format!("root: {call} {} ", draw.selection(&root.below, 0));
        if twice && whole {
            body += &format!("root: {call} {} ", draw.selection(&root.below, 0));
        }
        if two {
            let call = second.call(&mut draw.random);
            body += &format!("second: {call} {} ", draw.selection(&second.below, 0));
        }
        let text = format!(
            "query($yes: Boolean!, $no: Boolean! = true) {{ {body} other: households(first: 1) @skip(if: $yes) @include(if: $no) {{ __typename }} end: __typename }} {}",
            draw.fragments.join(" ")
        );
        if !bed.serves(&text) {
            continue;
        }
        let mut switches = json!({ "yes": draw.random.chance(50) });
        if draw.random.chance(70) {
            switches["no"] = draw.random.chance(50).into();
        }
        let (answer, is_planned) = bed.both(&text, &switches, viewer).await;
        drawn.planned += u64::from(is_planned);
        drawn.errors += u64::from(answer.contains("\"errors\""));
        assert!(
            is_planned || rare || twice || !whole,
            "every plain selection has a plan: {text}"
        );
    }
    drawn
}

/// The schema, and who asks with what they may select.
struct Known {
    types: Types,
    viewers: Vec<(Arc<Viewer>, Selectable, Vec<Root>)>,
}

impl Known {
    async fn of(bed: &Bed) -> Known {
        let types = types(bed).await;
        let mut known = Vec::new();
        for viewer in viewers() {
            let selectable = Selectable::of(bed, &viewer).await;
            let roots = roots(bed, &types, &viewer, &selectable).await;
            known.push((viewer, selectable, roots));
        }
        Known {
            types,
            viewers: known,
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn random_selections_agree(db: TestDatabase) {
        let bed = Bed::new(&db).await;
        let known = Known::of(&bed).await;
        let Drawn { planned, errors } = compare(&bed, 0..SELECTIONS, &known, true).await;
        println!("{SELECTIONS} answers agree: {planned} written by a plan, {errors} with refused slices");
        assert!(planned > SELECTIONS / 2 && planned < SELECTIONS, "both ways must be drawn: {planned}");
        assert!(errors > SELECTIONS / 20, "refused slices must be drawn: {errors}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Lists that fail take what they stand in with them, and the errors of what goes with it.
    async fn random_selections_agree_where_slices_fail(db: TestDatabase) {
        let bed = Bed::new(&db).await;
        let known = Known::of(&bed).await;
        let connection = db.connect().await;
        for table in ["renovation", "claim_stage", "household_status_period", "income_form"] {
            connection.execute_unprepared(&format!("ALTER TABLE {table} RENAME TO {table}_elsewhere")).await.expect("renamed");
        }
        let Drawn { errors, .. } = compare(&bed, SELECTIONS..2 * SELECTIONS, &known, false).await;
        assert!(errors > SELECTIONS / 5, "failed slices must be drawn: {errors}");
    }
}

both_dbs! {
    async fn every_list_answers_on_an_empty_database(db: TestDatabase) {
        let bed = Bed::new(&db).await;
        let types = types(&bed).await;
        let auditor = &viewers()[0];
        let mut lists = 0;
        for field in &types["Query"] {
            if COMPUTED.contains(&field.name.as_str()) || !field.below.as_deref().is_some_and(|below| below.ends_with("Connection")) {
                continue;
            }
            let text = format!("{{ {} {{ nodes {{ __typename }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}", field.name);
            let (answer, planned) = bed.both(&text, &json!({}), auditor).await;
            let empty = json!({ "data": { &field.name: { "nodes": [], "edges": [], "pageInfo": {
                "hasNextPage": false, "hasPreviousPage": false, "startCursor": null, "endCursor": null } } } });
            assert_eq!(serde_json::from_str::<Json>(&answer).expect("JSON"), empty);
            assert!(planned);
            lists += 1;
        }
        assert!(lists >= 2, "{lists}");
    }
}
