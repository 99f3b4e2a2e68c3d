//! Bad input to mutations, over HTTP against the real program: each is refused with its code and at its place, nothing is
//! written, and neither the answer nor the log repeats what was sent.

use crate::harness::{
    Actor, Answer, App, Engine, Program, TestDatabase, both_dbs,
    writes::{mistakes, mutation},
};
use crate::reading::number_of_person;
use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};
use entity::codes::{CodeList, Department as D, Role};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use time::macros::date;
use yihu::{clock::Clock, graphql::scalars::global_id, identifiers::CitizenNumber};

const OWN: &str = "150921";
/// Stands in every text that is sent and must not come back.
const CANARY: &str = "金丝雀3f81";

/// How many rows each table holds: the same where nothing was written. Looks at a person are recorded on purpose, keys
/// are taken in blocks.
async fn rows(db: &TestDatabase) -> String {
    let tables = match db.engine {
        Engine::Sqlite => {
            "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name)"
        }
        Engine::Postgres => {
            "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
        }
    };
    let tables = db.text(tables).await;
    let counted = tables
        .split(',')
        .filter(|table| !["access_record", "audit_seal", "id_block"].contains(table));
    let counts: Vec<_> = counted
        .map(|table| format!("'{table} ' || CAST((SELECT COUNT(*) FROM {table}) AS TEXT)"))
        .collect();
    let mut told = String::new();
    for counts in counts.chunks(20) {
        told += &db
            .text(&format!("SELECT {}", counts.join(" || ', ' || ")))
            .await;
    }
    assert!(
        told.contains("audit_record ")
            && told.contains("change_record ")
            && told.contains("request_record "),
        "{told}"
    );
    told
}

/// The committed schema, as far as mutations take values.
struct Schema {
    inputs: HashMap<String, Vec<(String, Type)>>,
    enums: HashMap<String, String>,
    mutations: Vec<(String, Vec<(String, Type)>)>,
}

/// A place in the variables of a mutation, and the scalar that stands there.
type Leaf = (Vec<String>, String);

impl Schema {
    fn read() -> Schema {
        let text = include_str!("../../schema.graphql");
        let (mut inputs, mut enums, mut mutations) = (HashMap::new(), HashMap::new(), Vec::new());
        for definition in parse_schema(text).expect("the schema").definitions {
            let TypeSystemDefinition::Type(of) = definition else {
                continue;
            };
            let name = of.node.name.node.to_string();
            match of.node.kind {
                TypeKind::InputObject(input) => {
                    let fields = input
                        .fields
                        .into_iter()
                        .map(|field| (field.node.name.node.to_string(), field.node.ty.node));
                    inputs.insert(name, fields.collect());
                }
                TypeKind::Enum(of) => {
                    enums.insert(name, of.values[0].node.value.node.to_string());
                }
                TypeKind::Object(object) if name == "Mutation" => {
                    mutations.extend(object.fields.into_iter().map(|field| {
                        let arguments = field.node.arguments.into_iter();
                        let arguments = arguments.map(|argument| {
                            (argument.node.name.node.to_string(), argument.node.ty.node)
                        });
                        (field.node.name.node.to_string(), arguments.collect())
                    }));
                }
                _ => {}
            }
        }
        Schema {
            inputs,
            enums,
            mutations,
        }
    }

    /// A value of the type, of the right form in every place.
    fn value(&self, of: &Type) -> Value {
        let name = match &of.base {
            BaseType::List(inner) => return json!([self.value(inner)]),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(fields) = self.inputs.get(name) {
            return fields
                .iter()
                .map(|(name, of)| (name.clone(), self.value(of)))
                .collect::<Map<_, _>>()
                .into();
        }
        match name {
            "Boolean" => json!(true),
            "Int" => json!(1),
            "Yuan" | "SquareMetres" => json!("1.00"),
            "Date" => json!("2018-03-01"),
            "UUID" => json!("018f0000-0000-7000-8000-00000000000b"),
            "RegionCode" => json!("150921101201"),
            _ => self.enums.get(name).map_or(json!("x"), |word| json!(word)),
        }
    }

    fn leaves(&self, of: &Type, at: &[String], found: &mut Vec<Leaf>) {
        match &of.base {
            BaseType::List(inner) => self.leaves(inner, &[at, &["0".to_owned()]].concat(), found),
            BaseType::Named(name) => match self.inputs.get(name.as_str()) {
                Some(fields) => {
                    for (name, of) in fields {
                        self.leaves(of, &[at, std::slice::from_ref(name)].concat(), found);
                    }
                }
                None if self.enums.contains_key(name.as_str()) => {
                    found.push((at.to_vec(), "enum".to_owned()))
                }
                None => found.push((at.to_vec(), name.to_string())),
            },
        }
    }
}

/// What a scalar never is, and whether the variables' check sees it or the scalar itself.
fn misfits(scalar: &str) -> Vec<(Value, &'static str)> {
    let typed = |values: &[Value]| {
        values
            .iter()
            .map(|value| (value.clone(), "VARIABLES"))
            .collect::<Vec<_>>()
    };
    let formed = |values: &[Value]| {
        values
            .iter()
            .map(|value| (value.clone(), "ARGUMENT"))
            .collect::<Vec<_>>()
    };
    match scalar {
        "Boolean" => typed(&[json!("true"), json!(1)]),
        // The check of variables knows integers of 64 bits, the scalar 32.
        "Int" => [
            formed(&[json!(2_147_483_648_i64), json!(i64::MIN)]),
            typed(&[
                json!(u64::MAX),
                json!(1e30),
                json!(1.5),
                json!("1"),
                json!(true),
            ]),
        ]
        .concat(),
        "String" => typed(&[
            json!(1),
            json!(true),
            json!({ "text": CANARY }),
            json!([CANARY]),
        ]),
        "ID" => typed(&[
            json!(1.5),
            json!(true),
            json!({ "id": CANARY }),
            json!([CANARY]),
        ]),
        "enum" => typed(&[json!(CANARY), json!(""), json!(1)]),
        "UUID" => formed(&[
            json!(CANARY),
            json!("00000000-0000-0000-0000-000000000000"),
            json!("{018f0000-0000-7000-8000-00000000000a}"),
            json!("018f000000007000800000000000000a"),
            json!("urn:uuid:018f0000-0000-7000-8000-00000000000a"),
            json!(""),
            json!(1),
        ]),
        "Yuan" | "SquareMetres" => formed(&[
            json!(12.5),
            json!(1),
            json!(1e3),
            json!("1e3"),
            json!("1.234"),
            json!("1,000.00"),
            json!("+1.00"),
            json!("NaN"),
            json!(""),
            json!(" 1.00"),
            json!("１.00"),
            json!("0x10"),
            json!("92233720368547758.08"),
            json!("99999999999999999999.00"),
            json!(true),
            json!(CANARY),
        ]),
        "Date" => formed(&[
            json!("2018-02-30"),
            json!("2019-02-29"),
            json!("0000-01-01"),
            json!("99999-01-01"),
            json!("1899-12-31"),
            json!("2200-01-01"),
            json!("2018-2-1"),
            json!("2018-13-01"),
            json!("2018-03-01T00:00:00Z"),
            json!("２０１８-03-01"),
            json!("+2018-3-01"),
            json!(20180301),
            json!(""),
            json!(CANARY),
        ]),
        "RegionCode" => formed(&[
            json!("15092"),
            json!(150_921),
            json!("15%"),
            json!(""),
            json!("１５０９２１"),
            json!(CANARY),
        ]),
        other => panic!("{other}: say what it never is"),
    }
}

/// The first of those whom the matrix lets do it.
fn owner(app: &App, mutation: &str) -> Actor {
    let matrix = include_str!("../../src/authz/matrix.txt");
    let line = format!("Mutation.{mutation}: ");
    let owners = matrix
        .lines()
        .find_map(|of| of.strip_prefix(&line))
        .unwrap_or_else(|| panic!("{mutation} in the matrix"));
    let owner = owners.split(' ').next().expect("an owner");
    let (department, role) = owner.split_once('.').unwrap_or((owner, "CLERK"));
    let department = D::of_word(department).expect("a department");
    let role = Role::of_word(role).expect("a role");
    match department {
        D::School | D::Bank | D::Insurer => app.institution(department, "S-1"),
        D::Township => app.actor(department, role).within("150921100"),
        D::Village => app.actor(department, role).within("150921100201"),
        _ => app.actor(department, role).within(OWN),
    }
}

fn put(into: &mut Value, path: &[String], value: Value) {
    let mut place = into;
    for part in path {
        place = match part.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[part.as_str()],
        };
    }
    *place = value;
}

/// Whether the answer refuses this place and no more: by the path of the variable, or by the mutation and the scalar.
fn is_refused_at(answer: &Answer, mutation: &str, (path, scalar): &Leaf, code: &str) -> bool {
    let errors = answer.errors();
    let [error] = errors.as_slice() else {
        return false;
    };
    let told = error["message"].as_str().expect("a message");
    let mut at = format!("${}", path[0]);
    for part in &path[1..] {
        at += &if part.parse::<usize>().is_ok() {
            format!("[{part}]")
        } else {
            format!(".{part}")
        };
    }
    let placed = match code {
        // A list may be given as its one element, so a single one is not counted.
        "VARIABLES" => told.replace("[0]", "").contains(&at.replace("[0]", "")),
        _ => {
            error["path"] == json!([mutation])
                && (told.contains(&format!("({scalar}, ")) || told.contains(&format!("({scalar})")))
        }
    };
    placed
        && error["extensions"]["code"] == code
        && answer.partial_data() != json!({ mutation: true })
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Every value of every mutation that the schema has, by itself.
    async fn a_value_of_another_form_is_refused_in_its_place(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::on(&db, folder.path(), &[], &[]);
        let (app, schema) = (program.app(), Schema::read());
        let before = rows(&db).await;
        let (mut asked, mut wrong) = (0, Vec::new());
        for (name, arguments) in &schema.mutations {
            let actor = owner(&app, name);
            let declared: Vec<_> = arguments.iter().map(|(name, of)| format!("${name}: {of}")).collect();
            let given: Vec<_> = arguments.iter().map(|(name, _)| format!("{name}: ${name}")).collect();
            let text = format!("mutation({}) {{ {name}({}) {{ __typename }} }}", declared.join(", "), given.join(", "));
            let good: Value = arguments.iter().map(|(name, of)| (name.clone(), schema.value(of))).collect::<Map<_, _>>().into();
            // The control: in this form it comes as far as the rules.
            let mut dry = good.clone();
            dry["dryRun"] = json!(true);
            let answer = actor.query(&text, dry).await;
            let told = answer.codes();
            assert!(!told.iter().any(|code| ["VARIABLES", "ARGUMENT", "VALIDATION", "INTERNAL"].contains(&code.as_str())), "{name} {}", answer.text);
            let mut leaves = Vec::new();
            for (name, of) in arguments {
                schema.leaves(of, std::slice::from_ref(name), &mut leaves);
            }
            for leaf in &leaves {
                for (place, (value, code)) in misfits(&leaf.1).into_iter().enumerate() {
                    // The forms of a scalar are its own on both databases: all on one, one of each on the other.
                    if db.engine == Engine::Postgres && (place + leaf.0.len()) % 7 != 0 {
                        continue;
                    }
                    let mut variables = good.clone();
                    put(&mut variables, &leaf.0, value.clone());
                    let answer = actor.query(&text, variables).await;
                    asked += 1;
                    if !is_refused_at(&answer, name, leaf, code) || answer.text.contains(CANARY) {
                        wrong.push(format!("{name} {} {value}: {}", leaf.0.join("."), answer.text));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
        assert!(asked > 300, "{asked}");
        assert_eq!(rows(&db).await, before);
        no_trace(&program.stop(), &[CANARY]);
    }
}

/// Nothing of these was printed, and nothing failed.
fn no_trace(printed: &str, values: &[&str]) {
    for value in values {
        let escaped: String = value
            .chars()
            .map(|one| {
                if one.is_ascii() {
                    one.to_string()
                } else {
                    one.escape_unicode().to_string()
                }
            })
            .collect();
        assert!(
            !printed.contains(value) && !printed.contains(&escaped),
            "{value} in the log"
        );
    }
    // The program's own faults; the edge's library complains of every stop.
    let faults: Vec<_> = printed
        .lines()
        .filter(|line| line.contains("\"level\":\"ERROR\"") && line.contains("\"target\":\"yihu"))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    // The control: requests are printed.
    assert!(printed.contains("\"errors\":1"), "{printed}");
}

/// A mutation that would be done, and the places of its texts.
struct Base {
    name: &'static str,
    actor: Actor,
    /// The argument that names what it is about.
    about: Option<(&'static str, String)>,
    input: Value,
    /// Texts that a person writes, each with its longest length.
    texts: &'static [(&'static str, usize)],
}

impl Base {
    /// Sends it with one place of the input changed.
    async fn with(&self, path: &str, value: Value, dry_run: bool) -> Answer {
        let mut input = self.input.clone();
        if !path.is_empty() {
            put(
                &mut input,
                &path.split('.').map(str::to_owned).collect::<Vec<_>>(),
                value,
            );
        }
        let mut sent = mutation(self.name, input);
        match &self.about {
            Some(("householdId", id)) => sent = sent.of_household(id),
            Some(("id", id)) => sent = sent.of(id, 1),
            _ => {}
        }
        let (mut text, mut variables) = sent.request();
        if let Some((about @ ("personId" | "enrolmentId"), id)) = &self.about {
            text = text
                .replacen(") {", &format!(", ${about}: ID!) {{"), 1)
                .replacen("(requestId:", &format!("({about}: ${about}, requestId:"), 1);
            variables[*about] = json!(id);
        }
        if self.name == "memberAdd" {
            text = text.replace("MemberAddInput", "NewMemberInput");
        }
        if dry_run {
            text = text.replacen(
                "requestId: $requestId",
                "dryRun: true, requestId: $requestId",
                1,
            );
        }
        self.actor.query(&text, variables).await
    }

    /// The mistakes that are told of one bad value.
    async fn mistakes(&self, path: &str, value: &str) -> Vec<String> {
        let answer = self.with(path, json!(value), false).await;
        let repeated = value.chars().count() > 5 && answer.text.contains(value);
        assert!(
            !repeated && !answer.text.contains(CANARY),
            "{} {path}: {}",
            self.name,
            answer.text
        );
        mistakes(&answer.data()[self.name])
    }
}

/// Ways to write a text that is none.
fn no_texts(longest: usize) -> Vec<String> {
    let mut texts: Vec<_> = ["", " ", "\u{3000}\u{3000}", "\t", "\u{a0}"]
        .map(str::to_owned)
        .into();
    for mark in [
        "\u{1}",
        "\u{1b}[31m",
        "\u{7}",
        "\n",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{2028}",
    ] {
        texts.push(format!("{CANARY}{mark}"));
    }
    texts.push("长".repeat(longest + 1));
    texts.push("长".repeat(60_000));
    texts
}

/// One or more mutations of each room.
async fn bases(db: &TestDatabase, app: &App) -> Vec<Base> {
    let household = db.number("SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' \
        AND NOT EXISTS (SELECT 1 FROM income_benefit_period p WHERE p.household_id = h.id) \
        AND EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.is_head AND p.valid_to IS NULL)").await;
    let township = db
        .number(&format!(
            "SELECT region_code / 1000 FROM household WHERE id = {household}"
        ))
        .await
        .to_string();
    let person = db.number(&format!("SELECT MIN(id) FROM person WHERE household_id = {household} AND valid_to IS NULL AND citizen_number_state = 'VALID'")).await;
    let enrolment = db
        .number("SELECT MIN(id) FROM school_enrolment WHERE county_code = 150921")
        .await;
    let hospital = db.text("SELECT MIN(code) FROM institution WHERE kind = 'HOSPITAL' AND hospital_level = 'COUNTY' \
        AND region_code BETWEEN 150921000000 AND 150921999999").await;
    let house = db
        .number(&format!(
            "SELECT MIN(id) FROM house WHERE household_id = {household} AND valid_to IS NULL"
        ))
        .await;
    let house = global_id("House", house);
    let (family, member) = (
        global_id("Household", household),
        global_id("Person", person),
    );
    let citizen = number_of_person(db, person).await;
    let clerk = |department| app.clerk(department, OWN);
    // The program's clock is the machine's.
    let today = Clock::system().today();
    let town = app.clerk(D::Township, &township);
    let base = |name, actor: &Actor, about: Option<(&'static str, &str)>, input, texts| Base {
        name,
        actor: actor.clone(),
        about: about.map(|(argument, id)| (argument, id.to_owned())),
        input,
        texts,
    };
    vec![
        base(
            "memberAdd",
            &town,
            Some(("householdId", &family)),
            json!({ "name": "云生", "relation": "SON", "sex": "MALE", "birthDate": "2015-02-03", "phone": null }),
            &[("name", 40)],
        ),
        base(
            "householdAmend",
            &town,
            Some(("id", &family)),
            json!({ "address": "东头", "group": "二组" }),
            &[("address", 100), ("group", 20)],
        ),
        base(
            "incomeFormFile",
            &town,
            None,
            json!({ "householdId": family, "year": today.year(), "surveyedOn": today.to_string(), "surveyor": "王海", "businessCosts": "0.00",
            "items": [{ "kind": "WAGE", "source": "打工", "amount": "3000.00" }] }),
            &[("surveyor", 40), ("items.0.source", 80)],
        ),
        base(
            "needRecord",
            &clerk(D::Poverty),
            None,
            json!({ "householdId": family, "sector": "AGRI", "year": today.year(), "what": "五只羊" }),
            &[("what", 500)],
        ),
        base(
            "helperAssign",
            &clerk(D::Poverty),
            None,
            json!({ "householdId": family, "kind": "SOCIAL", "name": "云生海", "unit": "县财政局" }),
            &[("name", 40), ("unit", 80)],
        ),
        base(
            "dibaoGrant",
            &clerk(D::Civil),
            Some(("householdId", &family)),
            json!({ "dibaoNumber": "DB-77", "class": "GAP_FILLING", "members": [member], "standard": "4000.00",
            "monthlyAmount": "310.50", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" }),
            &[("dibaoNumber", 40)],
        ),
        base(
            "claimSubmit",
            &clerk(D::Medins),
            None,
            json!({ "personId": member, "institutionCode": hospital, "kind": "OUTPATIENT", "claimNumber": "ZY-77", "admittedOn": "2018-11-02",
            "dischargedOn": "2018-11-02", "totalCost": "100.00", "eligibleCost": "80.00", "diagnosis": "I10" }),
            &[("claimNumber", 40)],
        ),
        base(
            "studyAllowanceRecord",
            &clerk(D::Edu),
            Some(("enrolmentId", &global_id("SchoolEnrolment", enrolment))),
            json!({ "programme": "雨露", "amount": "500.00" }),
            &[("programme", 40)],
        ),
        base(
            "paymentRecord",
            &clerk(D::Finance),
            Some(("householdId", &family)),
            json!({ "department": "CIVIL", "kind": "ONE_OFF", "programme": "临时", "period": "2018-12", "amount": "10.00" }),
            &[("programme", 60)],
        ),
        base(
            "disabilityCertificateRecord",
            &clerk(D::Dpf),
            Some(("personId", &member)),
            json!({ "certificateNumber": format!("{citizen}42"), "validFrom": "2018-12-02" }),
            &[],
        ),
        base(
            "houseSurvey",
            &clerk(D::Housing),
            Some(("householdId", &family)),
            json!({ "grade": "C", "surveyedOn": "2018-12-05", "previousHouseId": house, "previousVersion": 1 }),
            &[],
        ),
        base(
            "bankCardRegister",
            &app.institution(D::Bank, "91150921MA0QYH0012"),
            None,
            json!({ "citizenNumber": citizen, "cardNumber": "6228480402564890018", "openedOn": "2018-12-01" }),
            &[],
        ),
    ]
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_text_that_is_none_is_refused_in_its_place(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::on(&db, folder.path(), &[], &[]);
        let app = program.app();
        let bases = bases(&db, &app).await;
        let before = rows(&db).await;
        // The control: as they are they would be done.
        let mut undone = Vec::new();
        for base in &bases {
            let dry = base.with("", Value::Null, true).await;
            if dry.json()["data"][base.name]["userErrors"] != json!([]) {
                undone.push(format!("{}: {}", base.name, dry.text));
            }
        }
        assert!(undone.is_empty(), "{}", undone.join("\n"));
        for base in &bases {
            for (path, longest) in base.texts {
                // What no column can hold goes no further than the door, wherever it stands.
                let answer = base.with(path, json!(format!("{CANARY}\0")), false).await;
                let argument: Value = ["input"].into_iter().chain(path.split('.')).map(Value::from).collect();
                assert_eq!((answer.codes(), &answer.errors()[0]["extensions"]["argument"]), (vec!["INVALID_TEXT".to_owned()], &argument), "{} {path}", base.name);
                assert!(!answer.text.contains(CANARY), "{}", answer.text);
                for text in no_texts(*longest) {
                    let told = base.mistakes(path, &text).await;
                    assert_eq!(told, [format!("input.{path} INVALID_VALUE")], "{} {:?}", base.name, text.chars().take(20).collect::<String>());
                }
            }
        }
        assert_eq!(rows(&db).await, before);
        no_trace(&program.stop(), &[CANARY, "长长长长"]);
    }
}

/// Numbers that are masked, damaged, of another, or hold what no eye sees: by mutation, place, value and what is told.
fn bad_numbers() -> Vec<(&'static str, &'static str, String, Vec<&'static str>)> {
    let citizen = number(901);
    let mut table = vec![
        (
            "memberAdd",
            "phone",
            "138****8000".to_owned(),
            vec!["input.phone INVALID_VALUE"],
        ),
        (
            "memberAdd",
            "phone",
            "13800138000\u{202e}".to_owned(),
            vec!["input.phone INVALID_VALUE"],
        ),
        (
            "memberAdd",
            "phone",
            "1380013800013800138000".to_owned(),
            vec!["input.phone INVALID_VALUE"],
        ),
        (
            "householdAmend",
            "phone",
            "138****8000".to_owned(),
            vec!["input.phone INVALID_VALUE"],
        ),
        (
            "helperAssign",
            "phone",
            "138****8000".to_owned(),
            vec!["input.phone INVALID_VALUE"],
        ),
        (
            "claimSubmit",
            "diagnosis",
            "I00-I99".to_owned(),
            vec!["input.diagnosis INVALID_VALUE"],
        ),
        (
            "claimSubmit",
            "diagnosis",
            "I1*".to_owned(),
            vec!["input.diagnosis INVALID_VALUE"],
        ),
        (
            "claimSubmit",
            "diagnosis",
            "I10\u{1}".to_owned(),
            vec!["input.diagnosis INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "cardNumber",
            "***************0018".to_owned(),
            vec!["input.cardNumber INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "cardNumber",
            "6228480402564890019".to_owned(),
            vec!["input.cardNumber INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "cardNumber",
            "6228480402564890018\u{200b}".to_owned(),
            vec!["input.cardNumber INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "cardNumber",
            "9".repeat(5_000),
            vec!["input.cardNumber INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "citizenNumber",
            "1*****************".to_owned(),
            vec!["input.citizenNumber INVALID_VALUE"],
        ),
        (
            "bankCardRegister",
            "citizenNumber",
            citizen.clone(),
            vec!["input.citizenNumber PERSON_NOT_AVAILABLE"],
        ),
        (
            "disabilityCertificateRecord",
            "certificateNumber",
            "1*****************42".to_owned(),
            vec!["input.certificateNumber INVALID_VALUE"],
        ),
        (
            "disabilityCertificateRecord",
            "certificateNumber",
            format!("{citizen}42"),
            vec!["input.certificateNumber ID_MISMATCH"],
        ),
        (
            "disabilityCertificateRecord",
            "certificateNumber",
            format!("{citizen}42\u{1b}"),
            vec!["input.certificateNumber LENGTH"],
        ),
    ];
    let damaged = [
        "1*****************".to_owned(),
        citizen.replacen('1', "*", 1),
        format!("{}*", &citizen[..17]),
        format!(
            "{}{}",
            &citizen[..17],
            if citizen.ends_with('7') { '8' } else { '7' }
        ),
        format!("{citizen}\u{1}"),
        format!("{citizen}\n"),
        format!("{citizen}\u{202e}"),
        format!("\u{feff}{citizen}"),
        "150102198802300011".to_owned(),
        "4.2E+17".to_owned(),
        "1".repeat(5_000),
    ];
    table.extend(["0.00", "-1.00"].map(|area| {
        (
            "houseSurvey",
            "area",
            area.to_owned(),
            vec!["input.area INVALID_VALUE"],
        )
    }));
    table.extend(damaged.map(|value| {
        (
            "memberAdd",
            "citizenNumber",
            value,
            vec!["input.citizenNumber INVALID_CITIZEN_NUMBER"],
        )
    }));
    // A woman of 1971, where the input says a boy of 2015.
    table.push((
        "memberAdd",
        "citizenNumber",
        number(902),
        vec![
            "input.sex NUMBER_DISAGREES",
            "input.birthDate NUMBER_DISAGREES",
        ],
    ));
    table
}

/// A citizen number that nobody of the demonstration has.
fn number(order: u16) -> String {
    let number = CitizenNumber::from_parts(150_102, date!(1971 - 03 - 05), order);
    number.expect("a number").reveal().to_owned()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_number_that_is_none_is_refused_and_not_repeated(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::on(&db, folder.path(), &[], &[]);
        let app = program.app();
        let bases = bases(&db, &app).await;
        let before = rows(&db).await;
        let table = bad_numbers();
        for (name, path, value, expected) in &table {
            let base = bases.iter().find(|base| base.name == *name).expect("a base");
            assert_eq!(base.mistakes(path, value).await, *expected, "{name} {path} {value:.30}");
        }
        // What is asked as a whole is refused as a whole.
        let reveal = "mutation($s: [ID!]!, $c: String!) { sensitiveReveal(subjects: $s, fields: [CITIZEN_NUMBER], purpose: VERIFICATION, caseNumber: $c) { values { value } } }";
        let person = bases[5].input["members"][0].clone();
        let town = &bases[0].actor;
        for case in ["", " ", "\u{3000}", "案\0", "案\u{202e}7", &"案".repeat(65)] {
            let answer = town.query(reveal, json!({ "s": [person], "c": case })).await;
            assert_eq!((answer.codes(), &answer.errors()[0]["extensions"]["argument"]), (vec!["INVALID_VALUE".to_owned()], &json!(["caseNumber"])), "{case:?}");
        }
        // Versions that nobody has read: what is there is told, and nothing is changed.
        let amend = &bases[1];
        assert_eq!(amend.name, "householdAmend");
        let text = "mutation($id: ID!, $v: Int!) { householdAmend(requestId: \"018f0000-0000-7000-8000-00000000000c\", id: $id, version: $v, input: { group: \"二组\" }) \
            { changed { id } userErrors { field code } conflict { currentVersion } } }";
        for version in [2, i32::MAX, 0, -1, i32::MIN] {
            let id = &amend.about.as_ref().expect("a household").1;
            let payload = amend.actor.query(text, json!({ "id": id, "v": version })).await.data()["householdAmend"].take();
            assert_eq!((mistakes(&payload), &payload["conflict"]["currentVersion"]), (vec!["version CONFLICT".to_owned()], &json!(1)), "{version}");
        }
        assert_eq!(rows(&db).await, before);
        let printed = program.stop();
        let sent: Vec<_> = table.iter().map(|(_, _, value, _)| value.as_str()).filter(|value| value.chars().count() > 10).collect();
        no_trace(&printed, &sent);
        no_trace(&printed, &["6228480402564890018", &number(901), &number(902)]);
    }
}

/// Sends bytes as they are.
async fn raw(actor: &Actor, app: &App, body: Vec<u8>) -> Answer {
    actor
        .send(
            app.http("POST", "/graphql")
                .header("content-type", "application/json")
                .body(body),
        )
        .await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_body_that_is_none_is_refused_whole(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::on(&db, folder.path(), &[], &[]);
        let app = program.app();
        let bases = bases(&db, &app).await;
        let before = rows(&db).await;
        let need = bases.iter().find(|base| base.name == "needRecord").expect("a base");
        let (document, variables) = mutation("needRecord", need.input.clone()).request();
        let good = json!({ "query": document, "variables": variables }).to_string();
        let year = need.input["year"].to_string();
        let literal = |what: &str| {
            let id = need.input["householdId"].as_str().expect("an id");
            let text = format!("mutation {{ needRecord(requestId: \"018f0000-0000-7000-8000-00000000000d\", input: {{ householdId: \"{id}\", sector: AGRI, year: {year}, what: \"{what}\" }}) \
                {{ changed {{ id }} userErrors {{ field code }} }} }}");
            json!({ "query": text }).to_string()
        };
        let in_variable = |what: &str| good.replace("五只羊", what);
        let megabytes = format!("{CANARY}{}", "长".repeat(3_500_000));
        let broken = |what: &[u8]| {
            let place = good.find("五只羊").expect("the text");
            [&good.as_bytes()[..place], what, &good.as_bytes()[place + "五只羊".len()..]].concat()
        };
        for (case, body, status, code) in [
            ("10 MB in a variable", in_variable(&megabytes).into_bytes(), 413, "BODY_TOO_LARGE"),
            ("10 MB in the document", literal(&megabytes).into_bytes(), 413, "BODY_TOO_LARGE"),
            ("a mark of the byte order", [b"\xef\xbb\xbf", good.as_bytes()].concat(), 400, "BAD_REQUEST"),
            ("nothing but that", b"\xef\xbb\xbf".to_vec(), 400, "BAD_REQUEST"),
            ("nothing", Vec::new(), 400, "BAD_REQUEST"),
            ("no UTF-8", broken(&[0xff, 0xfe]), 400, "BAD_REQUEST"),
            ("UTF-8 longer than needed", broken(&[0xc0, 0x80]), 400, "BAD_REQUEST"),
            ("a surrogate in UTF-8", broken(&[0xed, 0xa0, 0x80]), 400, "BAD_REQUEST"),
            ("GBK", broken(&[0xce, 0xe5, 0xd6, 0xbb]), 400, "BAD_REQUEST"),
            ("half a surrogate", in_variable(&format!("{CANARY}\\ud800")).into_bytes(), 400, "BAD_REQUEST"),
            ("the other half", in_variable(&format!("{CANARY}\\udc00a")).into_bytes(), 400, "BAD_REQUEST"),
            ("two halves in the wrong order", in_variable("\\udc00\\ud800").into_bytes(), 400, "BAD_REQUEST"),
            ("a control character as it is", in_variable(&format!("{CANARY}\u{1}")).into_bytes(), 400, "BAD_REQUEST"),
            ("a number beyond floats", good.replace(&year, "1e999").into_bytes(), 400, "BAD_REQUEST"),
            ("NaN", good.replace(&year, "NaN").into_bytes(), 400, "BAD_REQUEST"),
            ("a number beyond 64 bits", good.replace(&year, "99999999999999999999").into_bytes(), 200, "VARIABLES"),
            ("a number with an exponent", good.replace(&year, "2e3").into_bytes(), 200, "VARIABLES"),
            ("half a surrogate in the document", literal(&format!("{CANARY}\\ud800")).into_bytes(), 200, "SYNTAX"),
            ("an end that is none", good.as_bytes()[..good.len() - 1].to_vec(), 400, "BAD_REQUEST"),
            ("deep nesting", in_variable("x").replace("\"x\"", &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))).into_bytes(), 400, "BAD_REQUEST"),
        ] {
            let answer = raw(&need.actor, &app, body).await;
            assert_eq!((answer.status(), answer.codes()), (status, vec![code.to_owned()]), "{case}: {}", answer.text);
            assert!(!answer.text.contains(CANARY), "{case}: {}", answer.text);
        }
        // As long as a body may be, in the document as in the variable.
        for body in [literal(&"长".repeat(60_000)), literal("\\u202e"), literal(" ")] {
            let payload = raw(&need.actor, &app, body.into_bytes()).await.data()["needRecord"].take();
            assert_eq!(mistakes(&payload), ["input.what INVALID_VALUE"]);
        }
        let list = "mutation($r: UUID!, $inputs: [NeedRecordInput!]!) { needRecordList(requestId: $r, inputs: $inputs) { results { userErrors { code } } } }";
        for count in [0, 201, 500] {
            let variables = json!({ "r": crate::writing::request_id(), "inputs": vec![need.input.clone(); count] });
            let answer = need.actor.query(list, variables).await;
            assert_eq!((answer.codes(), &answer.errors()[0]["extensions"]["argument"]), (vec!["TOO_MANY_INPUTS".to_owned()], &json!(["inputs"])), "{count}");
        }
        // Keys of root fields that hold what no column can: not found, or refused, but no fault.
        for text in ["hospital(code: $t) { name }", "school(code: $t) { name }", "household(cardNumber: $t) { id }", "household(citizenNumber: $t) { id }", "person(citizenNumber: $t) { id }",
            "node(id: $t) { id }", "households(filter: { memberName: $t }) { nodes { id } }"] {
            let kind = if text.starts_with("node") { "ID" } else { "String" };
            let answer = need.actor.query(&format!("query($t: {kind}!) {{ {text} }}"), json!({ "t": format!("{CANARY}\0") })).await;
            let codes = answer.codes();
            assert!(codes.iter().all(|code| ["FORBIDDEN", "INVALID_TEXT", "INVALID_CITIZEN_NUMBER", "INVALID_CARD_NUMBER",
                "INVALID_ID"].contains(&code.as_str())), "{text}: {}", answer.text);
            assert!(!answer.text.contains(CANARY), "{}", answer.text);
        }
        assert_eq!(rows(&db).await, before);
        // The number of a request is the same in capitals: what is sent again is done once.
        let requests = "SELECT COUNT(*) FROM request_record";
        let id = variables["requestId"].as_str().expect("a number");
        for id in [id.to_lowercase(), id.to_uppercase()] {
            let payload = need.actor.query(&document, json!({ "requestId": id, "input": need.input })).await.data()["needRecord"].take();
            assert_eq!(mistakes(&payload), [""; 0]);
            assert_eq!(db.number(requests).await, 1);
        }
        no_trace(&program.stop(), &[CANARY, "长长长长", "五只羊"]);
    }
}
