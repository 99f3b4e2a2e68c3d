//! Every decision of access, held against a second table of who reads and writes what, which was written from the text of the
//! domain and not from the matrix (`decisions/section4.txt`).

#[cfg(test)]
mod slices;
mod table;

use self::table::{Place, Readers, Stand, Table};
use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use entity::codes::{CodeList, Department as D, Role};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};
use yihu::{
    authz::{
        Access, Policy, Viewer,
        keys::KeySet,
        token::{DemoClaims, verify},
    },
    changes,
    db::Param,
    departments,
    graphql::shape::SchemaShape,
    schema,
};

const SECTION_4: &str = include_str!("decisions/section4.txt");
/// The family that is asked about lives here.
const VILLAGE: &str = "150921107201";
/// Where viewers stand: the village and what lies above it, and beside it on each level.
const REGIONS: [&str; 10] = [
    "150921107201",
    "150921107",
    "150921",
    "1509",
    "15",
    "150921107202",
    "150921108",
    "150922",
    "1501",
    "61",
];
const NOW: i64 = 1_800_000_000;

/// A field of the live schema, and the type it answers with.
struct Field {
    of: String,
    name: String,
    answers: String,
}

/// What the code decides of one viewer.
struct Code {
    access: Access,
}

impl Code {
    /// The viewer that a token makes; none where the token is refused.
    fn of(policy: &Arc<Policy>, department: D, role: Role, region: &str) -> Option<Code> {
        let bound = matches!(department, D::School | D::Bank | D::Insurer);
        let claims = DemoClaims {
            department: department.word().to_owned(),
            roles: vec![role.word().to_owned()],
            region: Some(region.to_owned()),
            org: bound.then(|| "I-1".to_owned()),
            purpose: Some("comparison".to_owned()),
            subject: "somebody".to_owned(),
            client: "tests".to_owned(),
            life_seconds: 600,
        };
        let token = claims.sign(NOW).ok()?;
        let viewer: Viewer = verify(&token, &KeySet::demo(), 0, NOW).expect("a token of ours");
        Some(Code {
            access: Access::new(Arc::new(viewer), policy.clone()),
        })
    }

    /// Whether what is in this place exists for the viewer: the range and the condition that every statement starts from.
    fn exists(&self, stand: &Stand, place: Place) -> bool {
        let village: i64 = VILLAGE.parse().expect("a code");
        let (lo, hi) = self.access.viewer.region;
        let mut own = false;
        let condition = self.access.of_household("t.id", |param| {
            own = matches!(param, Param::Text(user) if user.ends_with("|somebody"));
            "$1".to_owned()
        });
        let of_family = match condition.as_deref() {
            None => true,
            Some("1 = 0") => false,
            Some(condition) => match condition.split_once("l.kind = '") {
                // Linked: as the condition's kind, to the user of the token.
                Some((_, kind)) => {
                    let link = if kind.starts_with("HELPER") {
                        "HELPER"
                    } else {
                        "HOUSEHOLD"
                    };
                    own && kind.ends_with("' AND l.valid_to IS NULL)") && stand.link == Some(link)
                }
                None => condition.contains("x.household_id") && stand.tied,
            },
        };
        match place {
            Place::Everywhere => true,
            Place::Region => self.access.covers((village, village)),
            Place::Family => lo <= village && village <= hi && of_family,
        }
    }
}

/// The fields and mutations of the live schema, with the type each answers with.
fn live() -> (Vec<Field>, Vec<String>) {
    let document = parse_schema(schema::sdl()).expect("the schema");
    let mut answers = BTreeMap::new();
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let of = definition.node.name.node.to_string();
        if let TypeKind::Object(object) = definition.node.kind {
            for field in object.fields {
                let ty = field.node.ty.node.to_string().replace(['[', ']', '!'], "");
                answers.insert((of.clone(), field.node.name.node.to_string()), ty);
            }
        }
    }
    let shape = SchemaShape::of_roots::<schema::Query, schema::Mutation, changes::Subscription>();
    let (mut fields, mut mutations) = (vec![], vec![]);
    for (of, names) in shape.governed() {
        for name in names {
            let answers = answers
                .get(&(of.clone(), name.clone()))
                .cloned()
                .unwrap_or_default();
            match of.as_str() {
                "Mutation" => mutations.push(name),
                _ => fields.push(Field {
                    of: of.clone(),
                    name,
                    answers,
                }),
            }
        }
    }
    (fields, mutations)
}

/// The mutations that a department does above its own level too, as their actions say.
fn above_too() -> BTreeSet<String> {
    let mut found = BTreeSet::from(["sensitiveReveal".to_owned()]);
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(path).expect("a source");
                let actions = text.split("impl Action for ").skip(1);
                let actions = actions.filter_map(|action| action.split("\n}").next());
                let above =
                    actions.filter(|action| action.contains("BELOW_HOUSEHOLD: bool = false"));
                found.extend(
                    above.map(|action| action.split('"').nth(1).expect("a name").to_owned()),
                );
            }
        }
    }
    found
}

fn stands() -> Vec<Stand> {
    let mut stands = vec![];
    for region in REGIONS {
        for link in [None, Some("HELPER"), Some("HOUSEHOLD")] {
            for tied in [false, true] {
                stands.push(Stand { region, link, tied });
            }
        }
    }
    stands
}

fn words<T: CodeList>() -> Vec<T> {
    let words = T::ENTRIES.iter().map(|entry| entry.word);
    words.filter_map(T::of_word).collect()
}

/// What there is to decide, by the code and by the table.
struct Comparison<'t> {
    table: &'t Table,
    fields: Vec<Field>,
    readers: Vec<Readers<'t>>,
    mutations: Vec<String>,
    above_too: BTreeSet<String>,
    decisions: usize,
    differences: Vec<String>,
}

impl<'t> Comparison<'t> {
    fn with(table: &'t Table) -> Comparison<'t> {
        let (fields, mutations) = live();
        let of = |field: &Field| {
            let readers = table.readers(&field.of, &field.name, &field.answers);
            readers
                .unwrap_or_else(|| panic!("the table has no line for {}.{}", field.of, field.name))
        };
        Comparison {
            readers: fields.iter().map(of).collect(),
            table,
            fields,
            mutations,
            above_too: above_too(),
            decisions: 0,
            differences: vec![],
        }
    }

    /// Every viewer of these departments against every field and mutation.
    fn run(mut self, departments: &[D]) -> Self {
        let policy = Arc::new(Policy {
            matrix: schema::matrix().expect("a matrix"),
            links: departments::links(),
        });
        for department in departments {
            for role in words::<Role>() {
                // What a viewer may read depends on department and role; which rows exist, on the stand too.
                let codes = REGIONS.map(|region| Code::of(&policy, *department, role, region));
                let may: Vec<_> = self
                    .fields
                    .iter()
                    .map(|field| allows(&codes[0], &field.of, &field.name))
                    .collect();
                let may_do: Vec<_> = self
                    .mutations
                    .iter()
                    .map(|name| allows(&codes[0], "Mutation", name))
                    .collect();
                for stand in stands() {
                    let at = REGIONS
                        .iter()
                        .position(|region| *region == stand.region)
                        .expect("a region");
                    self.compare(
                        (department.word(), role.word()),
                        &stand,
                        codes[at].as_ref(),
                        (&may, &may_do),
                    );
                }
            }
        }
        self
    }

    fn compare(
        &mut self,
        who: (&str, &str),
        stand: &Stand,
        code: Option<&Code>,
        (may, may_do): (&[bool], &[bool]),
    ) {
        let table = self.table;
        let exists = table.exists(who.0, who.1);
        let reached = [Place::Everywhere, Place::Region, Place::Family].map(|place| {
            let by_code = code.is_some_and(|code| code.exists(stand, place));
            (
                by_code,
                exists && table.exists_for(who.0, stand, VILLAGE, place),
            )
        });
        let mut differs = vec![];
        for ((field, readers), may) in self.fields.iter().zip(&self.readers).zip(may) {
            let (by_code, by_text) = reached[readers.place as usize];
            let (by_code, by_text) = (
                by_code && *may,
                by_text && table.reads(who.0, who.1, readers),
            );
            if by_code != by_text {
                differs.push((format!("{}.{}", field.of, field.name), by_code, by_text));
            }
        }
        let at_own_level = code.is_some_and(|code| code.access.is_at_own_level());
        for (name, may) in self.mutations.iter().zip(may_do) {
            let above = self
                .above_too
                .contains(name.strip_suffix("List").unwrap_or(name));
            let by_code = *may && reached[Place::Family as usize].0 && (above || at_own_level);
            let by_text = exists && table.does(name, who, stand, VILLAGE);
            if by_code != by_text {
                differs.push((format!("Mutation.{name}"), by_code, by_text));
            }
        }
        self.decisions += self.fields.len() + self.mutations.len();
        let relation = table.relation(who.0, stand, VILLAGE);
        let told = |(what, code, text)| {
            format!(
                "{} {} {relation} {what}: code says {code}, the text says {text}",
                who.0, who.1
            )
        };
        self.differences.extend(differs.into_iter().map(told));
    }
}

fn allows(code: &Option<Code>, of: &str, field: &str) -> bool {
    code.as_ref()
        .is_some_and(|code| code.access.may_read(of, field))
}

#[test]
fn every_decision_is_that_of_the_text() {
    let table = Table::read(SECTION_4);
    let comparison = Comparison::with(&table).run(&words::<D>());
    let (decisions, differences) = (comparison.decisions, comparison.differences);
    let first: Vec<_> = differences.iter().take(60).collect();
    assert!(
        differences.is_empty(),
        "{} of {decisions} decisions differ: {first:#?}",
        differences.len()
    );
    let (fields, mutations) = live();
    assert_eq!(
        decisions,
        27 * 10 * stands().len() * (fields.len() + mutations.len())
    );
    println!("{decisions} decisions");
}

#[test]
fn the_table_speaks_of_nothing_else() {
    let (fields, mutations) = live();
    let mut known: BTreeSet<_> = fields
        .iter()
        .map(|field| format!("{}.{}", field.of, field.name))
        .collect();
    known.extend(fields.into_iter().map(|field| field.of));
    let (of_mutations, of_types) = Table::read(SECTION_4).names();
    assert_eq!(of_mutations, mutations.into_iter().collect());
    let strange = of_types
        .difference(&known)
        .filter(|name| !name.starts_with(".."));
    assert_eq!(strange.collect::<Vec<_>>(), [""; 0]);
}

/// The control: a word too many or too few in the table is found.
#[test]
fn a_difference_is_found() {
    for (department, before, after, found) in [
        (
            D::Edu,
            "EDU: county region: office education",
            "EDU: county region: office education loans",
            "EDU CLERK own 150921 Loan.balance: code says false, the text says true",
        ),
        (
            D::Civil,
            "Person.phone: contact",
            "Person.phone: income",
            "CIVIL READER parent 1509 Person.phone: code says false, the text says true",
        ),
        (
            D::Village,
            "VILLAGE: village region",
            "VILLAGE: township region",
            "VILLAGE CLERK own 150921107 Mutation.visitRecord: code says false, the text says true",
        ),
        (
            D::Bank,
            "BANK: county institution",
            "BANK: county region",
            "BANK CLERK own 150921 Loan.id: code says false, the text says true",
        ),
        (
            D::Civil,
            "dibaoGrant: CIVIL(CLERK)",
            "dibaoGrant: CIVIL(APPROVER)",
            "CIVIL CLERK child 150921107 Mutation.dibaoGrant: code says true, the text says false",
        ),
    ] {
        assert_eq!(SECTION_4.matches(before).count(), 1, "{before}");
        let table = Table::read(&SECTION_4.replace(before, after));
        let differences = Comparison::with(&table).run(&[department]).differences;
        assert!(
            differences.iter().any(|line| line == found),
            "{found}: {:#?}",
            differences.iter().take(5).collect::<Vec<_>>()
        );
    }
}
