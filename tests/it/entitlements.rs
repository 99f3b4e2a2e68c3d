//! What families are entitled to, and why: asked by departments, on days, with what each may read.

use crate::harness::{
    Actor, App, Engine, Program, Seed, TestDatabase, both_dbs, run, writes::mutation,
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use yihu::graphql::scalars::{global_id, parse_global_id};

const OWN: &str = "150921";
const DUE: &str = "benefit status amount period payBy personId loanId reasons { code facts withheldBy } missing { name department }";
const WHY: &str = "explanation { asOf pack packHash engineVersion inputs { name value } steps { name value from withheld } \
    parameters { name entries { key value } source } facts { name value department on record withheld } }";
const CHANGES: &str = "explanation { nearestChange { fact from to department withheld } }";

/// The answers for a household on a day, as an actor gets them.
async fn due(actor: &Actor, household: i64, day: &str, benefits: &[&str]) -> Vec<Value> {
    let query = format!(
        "query($id: ID!, $on: Date, $of: [String!]) {{ household(id: $id) {{ entitlements(asOf: $on, benefits: $of) {{ {DUE} {WHY} {CHANGES} }} }} }}"
    );
    let of = (!benefits.is_empty()).then_some(benefits);
    let variables = json!({ "id": global_id("Household", household), "on": day, "of": of });
    let data = actor.query(&query, variables).await.data();
    let entitlements = data["household"]["entitlements"].as_array();
    entitlements.expect("answers").clone()
}

fn statuses(answers: &[Value]) -> Vec<(&str, &str)> {
    answers
        .iter()
        .filter_map(|answer| Some((answer["benefit"].as_str()?, answer["status"].as_str()?)))
        .collect()
}

/// A household of the county with a row that fulfils a condition.
async fn household_with(db: &TestDatabase, table: &str, condition: &str) -> i64 {
    let sql = format!(
        "SELECT MIN(t.household_id) FROM {table} t JOIN household h ON h.id = t.household_id \
         WHERE t.county_code = {OWN} AND h.status = 'REGISTERED' AND {condition}"
    );
    db.number(&sql).await
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The gap to 3,906 a head and year, from the income of record.
    async fn dibao_fills_the_gap(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.reader(D::Civil, OWN);
        let household = household_with(&db, "income_form", "t.year = 2018 AND t.net_income_fen < 390600").await;
        let members = db.number(&format!("SELECT COUNT(*) FROM person WHERE household_id = {household} AND valid_from <= '2018-11-30' AND (valid_to IS NULL OR valid_to > '2018-11-30')")).await;
        let income = db.number(&format!("SELECT net_income_fen FROM income_form WHERE household_id = {household} AND year = 2018")).await;
        let form = db.number(&format!("SELECT id FROM income_form WHERE household_id = {household} AND year = 2018")).await;
        let answers = due(&civil, household, "2018-11-30", &["dibao"]).await;
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        let fen = 390_600 * members - income;
        assert_eq!(answer["status"], "ENTITLED");
        assert_eq!(answer["amount"], yuan(fen));
        assert_eq!(answer["period"], "YEAR");
        let why = &answer["explanation"];
        assert_eq!((&why["pack"], &why["asOf"]), (&json!("ulanqab-2018"), &json!("2018-11-30")));
        assert_eq!(why["packHash"].as_str().map(str::len), Some(64));
        assert_eq!(why["inputs"], json!([{ "name": "members", "value": members.to_string() }, { "name": "annual_income", "value": yuan(income) }]));
        assert_eq!(why["parameters"], json!([{ "name": "standard", "entries": [{ "key": null, "value": "3906.00 yuan" }], "source": "003_ff7a4fd1a829acde.txt" }]));
        let income_fact = &why["facts"][1];
        assert_eq!(
            (&income_fact["name"], &income_fact["value"], &income_fact["department"], &income_fact["record"], &income_fact["withheld"]),
            (&json!("net_income"), &yuan(income), &json!("TOWNSHIP"), &json!(global_id("IncomeForm", form)), &json!(false))
        );
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_department_sees_its_benefits(db: TestDatabase) {
        let app = App::start(&db).await;
        let household = household_with(&db, "disability_certificate", "t.valid_to IS NULL").await;
        let seen = async |actor: &Actor| {
            let answers = due(actor, household, "2018-11-30", &[]).await;
            statuses(&answers).iter().map(|(benefit, _)| (*benefit).to_owned()).collect::<BTreeSet<_>>()
        };
        let of = |benefits: &[&str]| benefits.iter().map(|benefit| (*benefit).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(seen(&app.reader(D::Edu, OWN)).await, of(&["education-support", "yulu"]));
        assert_eq!(seen(&app.reader(D::Civil, OWN)).await, of(&["cash-direct", "dibao", "disability-allowances"]));
        assert_eq!(seen(&app.reader(D::Dpf, OWN)).await, of(&["disability-allowances"]));
        assert_eq!(seen(&app.reader(D::Hrss, OWN)).await, of(&["pension-premium-subsidy"]));
        assert_eq!(seen(&app.reader(D::Forestry, OWN)).await, of(&[]));
        let all = seen(&app.reader(D::Poverty, OWN)).await;
        for department in [D::Finance, D::Village] {
            assert_eq!(seen(&app.reader(department, OWN)).await, all);
        }
        let expected = [
            "accident-disability", "cash-direct", "dibao", "disability-allowances", "education-support", "family-bed", "family-doctor", "free-checkup",
            "medical-premium-subsidy", "menu-industry-subsidy", "pension-premium-subsidy", "poverty-line-test", "relocation-housing", "yulu",
        ];
        assert_eq!(all.iter().filter(|benefit| *benefit != "micro-loan-interest").cloned().collect::<BTreeSet<_>>(), of(&expected));
        // A neighbour's household does not exist; asked by name, a foreign benefit is not there either.
        assert_eq!(statuses(&due(&app.reader(D::Edu, OWN), household, "2018-11-30", &["dibao"]).await), []);
        let query = "query($id: ID!) { household(id: $id) { entitlements { benefit } } }";
        let id = json!({ "id": global_id("Household", household) });
        let neighbour = app.reader(D::Poverty, "150922").query(query, id.clone()).await.data();
        assert_eq!(neighbour, json!({ "household": null }));
        let school = app.institution(D::School, "S-1").query(query, id).await;
        assert_eq!(school.codes(), ["FORBIDDEN"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The grade of a disability is not the finance bureau's to read: it sees the amount, and that a fact is withheld.
    async fn facts_of_others_are_withheld(db: TestDatabase) {
        let app = App::start(&db).await;
        let household = household_with(&db, "disability_certificate", "t.valid_to IS NULL AND t.grade = 'GRADE_1'").await;
        let (federation, finance) = (app.reader(D::Dpf, OWN), app.reader(D::Finance, OWN));
        let entitled = |answers: Vec<Value>| answers.into_iter().find(|answer| answer["status"] == "ENTITLED").expect("one");
        let open = entitled(due(&federation, household, "2018-11-30", &["disability-allowances"]).await);
        let closed = entitled(due(&finance, household, "2018-11-30", &["disability-allowances"]).await);
        assert_eq!(open["amount"], closed["amount"]);
        let facts = |answer: &Value| answer["explanation"]["facts"].as_array().expect("facts").clone();
        let grade = facts(&open).into_iter().find(|fact| fact["name"] == "disability_grade").expect("the grade");
        assert_eq!((&grade["value"], &grade["withheld"]), (&json!("1"), &json!(false)));
        let withheld: Vec<_> = facts(&closed).into_iter().filter(|fact| fact["withheld"] == true).collect();
        assert_eq!(withheld, [json!({ "name": null, "value": null, "department": "DPF", "on": null, "record": null, "withheld": true })]);
        let value = |answer: &Value, name: &str| answer["explanation"]["inputs"].as_array().expect("inputs").iter().find(|input| input["name"] == name).expect("it")["value"].clone();
        assert_eq!((value(&open, "grade"), value(&closed, "grade")), (json!("1"), Value::Null));
        let nursing = |answer: &Value| answer["explanation"]["steps"].as_array().expect("steps").iter().find(|step| step["name"] == "nursing").expect("it").clone();
        assert_eq!((&nursing(&open)["value"], &nursing(&closed)["value"], &nursing(&closed)["withheld"]), (&json!("960.00"), &Value::Null, &json!(true)));
        // Who has no certificate is told why, or by whom the reason is withheld.
        let refused = |answers: Vec<Value>| answers.into_iter().find(|answer| answer["status"] == "NOT_ENTITLED").map(|answer| answer["reasons"].clone());
        if let Some(reasons) = refused(due(&federation, household, "2018-11-30", &["disability-allowances"]).await) {
            assert_eq!(reasons, json!([{ "code": "NO_CERTIFICATE", "facts": ["disability_grade"], "withheldBy": [] }]));
            let reasons = refused(due(&finance, household, "2018-11-30", &["disability-allowances"]).await);
            assert_eq!(reasons, Some(json!([{ "code": "WITHHELD", "facts": [], "withheldBy": ["DPF"] }])));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_day_has_the_rules_of_its_time(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.reader(D::Civil, OWN);
        let household = household_with(&db, "income_form", "t.year = 2017").await;
        let on = async |day: &str| {
            let answers = due(&civil, household, day, &["dibao"]).await;
            (answers[0]["explanation"]["pack"].clone(), answers[0]["status"].clone(), answers[0]["reasons"][0]["code"].clone())
        };
        assert_eq!(on("2017-12-31").await.0, "ulanqab-2017");
        assert_eq!(on("2018-01-01").await.0, "ulanqab-2018");
        let none = (Value::Null, json!("NOT_CONFIGURED"), json!("NO_RULE_IN_FORCE"));
        assert_eq!(on("2019-01-01").await, none);
        assert_eq!(on("2016-12-31").await, none);
        // Unless it is asked for, what is not in force is not listed.
        let listed = due(&civil, household, "2019-01-01", &[]).await;
        assert_eq!(statuses(&listed), []);
        let query = "query($id: ID!, $of: [String!]) { household(id: $id) { entitlements(benefits: $of) { benefit } } }";
        for (benefits, code) in [(json!(["dibao", "manna"]), "UNKNOWN_BENEFIT"), (json!(vec!["dibao"; 51]), "TOO_MANY")] {
            let answer = civil.query(query, json!({ "id": global_id("Household", household), "of": benefits })).await;
            assert_eq!(answer.codes(), [code]);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Who was recognised too late, or learns at a stage that is not covered, is told what would have to be otherwise.
    async fn a_no_says_what_would_have_to_change(db: TestDatabase) {
        let app = App::start(&db).await;
        let education = app.reader(D::Edu, OWN);
        let condition = "t.stage = 'PRIMARY' AND t.school_year = 2018 AND t.term = 'AUTUMN' AND t.confirmed_on IS NOT NULL AND h.registered_on < '2018-01-01'";
        let household = household_with(&db, "school_enrolment", condition).await;
        let pupil = db.number(&format!("SELECT MIN(person_id) FROM school_enrolment WHERE household_id = {household} AND stage = 'PRIMARY' AND school_year = 2018 AND term = 'AUTUMN'")).await;
        let answers = due(&education, household, "2018-11-30", &["yulu"]).await;
        let answer = answers.iter().find(|answer| answer["personId"] == global_id("Person", pupil)).expect("the pupil's");
        assert_eq!((&answer["status"], &answer["reasons"][0]["code"]), (&json!("NOT_ENTITLED"), &json!("STAGE_NOT_COVERED")));
        assert_eq!(
            answer["explanation"]["nearestChange"],
            json!([{ "fact": "study_stage", "from": "primary", "to": "secondary_vocational", "department": "EDU", "withheld": false }])
        );
        // A search for each of a page of families is too much for one operation.
        let query = "{ households(first: 100) { nodes { entitlements { explanation { nearestChange { fact to } } } } } }";
        assert_eq!(education.query(query, json!({})).await.codes(), ["LIMIT_COST"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_page_costs_the_same_statements_however_long(db: TestDatabase) {
        let app = App::start(&db).await;
        let poverty = app.reader(D::Poverty, OWN);
        let statements = async |first: i32| {
            let query = "query($first: Int) { households(first: $first) { nodes { entitlements(asOf: \"2018-11-30\") { status amount } members { entitlements(asOf: \"2018-11-30\") { status } } } } }";
            let before = app.statements();
            let data = poverty.query(query, json!({ "first": first })).await.data();
            let nodes = data["households"]["nodes"].as_array().expect("nodes").len();
            (nodes, app.statements() - before)
        };
        let (one, many) = (statements(1).await, statements(30).await);
        assert_eq!((one.0, many.0), (1, 30));
        assert_eq!(one.1, many.1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_rules_are_public(db: TestDatabase) {
        let app = App::start(&db).await;
        let query = "{ policies(region: \"150921\", on: \"2018-06-01\") { code regions inherits } policy(pack: \"ulanqab-2018\") { name rules(on: \"2018-06-01\", benefit: \"yulu\") { code chinese departments unit validFrom validTo source interpretations payment excludes facts { name type } parameters { name entries { key value } } formulas { name formula } } } none: policy(pack: \"atlantis\") { code } }";
        for actor in [app.reader(D::Public, OWN), app.reader(D::Poverty, OWN)] {
            let data = actor.query(query, json!({})).await.data();
            let packs: Vec<_> = data["policies"].as_array().expect("packs").iter().map(|pack| pack["code"].as_str().expect("text")).collect();
            assert_eq!(packs, ["ulanqab-2017", "ulanqab-2018"]);
            assert_eq!(data["none"], Value::Null);
            let rule = &data["policy"]["rules"][0];
            assert_eq!(
                (&rule["code"], &rule["chinese"], &rule["departments"], &rule["unit"], &rule["validFrom"], &rule["validTo"]),
                (&json!("yulu"), &json!("雨露计划"), &json!(["POVERTY", "EDU", "FINANCE"]), &json!("MEMBER"), &json!("2018-01-01"), &json!("2018-12-31"))
            );
            assert!(rule["parameters"].as_array().expect("parameters").contains(&json!({ "name": "yearly", "entries": [{ "key": null, "value": "1500.00 yuan" }] })));
            assert!(rule["formulas"].as_array().expect("formulas").contains(&json!({ "name": "NOT_ENROLLED", "formula": "not enrolment_proved" })));
        }
    }
}

fn yuan(fen: i64) -> Value {
    json!(format!("{}.{:02}", fen / 100, fen % 100))
}

fn fen(text: &str) -> i64 {
    let (yuan, rest) = text.split_once('.').expect("two places");
    yuan.parse::<i64>().expect("yuan") * 100 + rest.parse::<i64>().expect("fen")
}

/// An answer as its explanation tells it: inputs, steps and figures by name.
struct Told {
    inputs: BTreeMap<String, String>,
    steps: BTreeMap<String, String>,
    figures: BTreeMap<(String, String), String>,
}

impl Told {
    fn of(answer: &Value) -> Told {
        let why = &answer["explanation"];
        let named = |list: &str| {
            let items = why[list].as_array().expect("a list").iter();
            items
                .filter_map(|item| {
                    Some((
                        item["name"].as_str()?.to_owned(),
                        item["value"].as_str()?.to_owned(),
                    ))
                })
                .collect()
        };
        let mut figures = BTreeMap::new();
        for parameter in why["parameters"].as_array().expect("a list") {
            for entry in parameter["entries"].as_array().expect("a list") {
                let key = entry["key"].as_str().unwrap_or_default().to_owned();
                let name = parameter["name"].as_str().expect("a name").to_owned();
                figures.insert(
                    (name, key),
                    entry["value"].as_str().expect("a value").to_owned(),
                );
            }
        }
        Told {
            inputs: named("inputs"),
            steps: named("steps"),
            figures,
        }
    }
    fn yes(&self, input: &str) -> bool {
        self.inputs[input] == "true"
    }
    fn count(&self, input: &str) -> i64 {
        self.inputs[input].parse().expect("a count")
    }
    fn fen(&self, input: &str) -> i64 {
        fen(&self.inputs[input])
    }
    /// A figure in fen, or hundredths of what it is.
    fn figure(&self, name: &str, key: &str) -> i64 {
        let text = &self.figures[&(name.to_owned(), key.to_owned())];
        fen(text.strip_suffix(" yuan").expect("yuan"))
    }
    fn step(&self, name: &str) -> i128 {
        self.steps[name].parse().expect("a number")
    }

    /// The amount by hand, from what is told alone. `policies.md` has the rules.
    fn recomputed(&self, benefit: &str) -> i64 {
        let when = |condition: bool, fen: i64| if condition { fen } else { 0 };
        match benefit {
            "dibao" => (self.figure("standard", "") * self.count("members")
                - self.fen("annual_income"))
            .max(0),
            "cash-direct" => self.figure("per_head", "") * self.count("members"),
            "yulu" => self.figure("yearly", ""),
            "medical-premium-subsidy" => {
                when(
                    self.yes("enrolled_basic"),
                    self.figure("for_basic_and_critical", ""),
                ) + when(
                    self.yes("enrolled_supplementary"),
                    self.figure("for_supplementary", ""),
                )
            }
            "accident-disability" => self.figure("flat", ""),
            "disability-allowances" => {
                let months = self.count("months");
                when(
                    self.yes("dibao_household"),
                    self.figure("living_monthly", "") * months,
                ) + when(
                    self.count("grade") <= 2,
                    self.figure("nursing_yearly", "") * months / 12,
                )
            }
            "education-support" => self.study(),
            "relocation-housing" => {
                let name = if self.yes("registered") {
                    "per_head_registered"
                } else {
                    "per_head_accompanying"
                };
                self.figure(name, "") * self.count("members")
            }
            "micro-loan-interest" => {
                // Of the principal, at most 5 percent a year: whole months and days of 360.
                let rate = fen(&format!(
                    "{:.2}",
                    self.inputs["contract_rate_percent"]
                        .parse::<f64>()
                        .expect("a rate")
                ))
                .min(500);
                let days = self.step("months") * 30 + self.step("days");
                let (of, per) = (
                    i128::from(self.fen("principal")) * i128::from(rate) * days,
                    10_000 * 360,
                );
                i64::try_from((2 * of + per) / (2 * per)).expect("an amount")
            }
            other => panic!("nobody recomputes {other}"),
        }
    }

    fn study(&self) -> i64 {
        let stage = self.inputs["stage"].as_str();
        let living = self
            .figures
            .get(&("living_yearly".to_owned(), stage.to_owned()));
        let living = living.map_or(0, |text| fen(text.strip_suffix(" yuan").expect("yuan")));
        let boards = self.yes("boarding");
        let at_school = ["primary", "junior", "senior_high"].contains(&stage);
        let living = if ["primary", "junior"].contains(&stage) && !boards {
            0
        } else {
            living
        };
        let fee = if stage == "senior_high" && boards {
            self.figure("boarding_fee_yearly", "")
        } else {
            0
        };
        let travel = if at_school && boards && self.yes("school_in_county_seat") {
            self.figure("travel_yearly", "")
        } else {
            0
        };
        let year = living + fee + travel;
        let spring = if self.yes("spring_enrolled") {
            year / 2
        } else {
            0
        };
        spring
            + if self.yes("autumn_enrolled") {
                year - year / 2
            } else {
                0
            }
    }
}

/// A thousand times a household on a day: each amount follows from what is told of it.
async fn every_number_can_be_followed_on(db: &TestDatabase) {
    let app = App::start(db).await;
    let actor = app.auditor();
    let query = format!(
        "query($on: Date, $after: String) {{ households(first: 40, after: $after) {{ nodes {{ entitlements(asOf: $on) {{ benefit status amount {WHY} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut households, mut amounts) = (0, BTreeMap::<String, usize>::new());
    for day in [
        "2018-03-15",
        "2018-06-30",
        "2018-09-30",
        "2018-11-30",
        "2018-12-31",
    ] {
        let mut after = Value::Null;
        loop {
            let data = actor
                .query(&query, json!({ "on": day, "after": after }))
                .await
                .data();
            for node in data["households"]["nodes"].as_array().expect("nodes") {
                households += 1;
                for answer in node["entitlements"].as_array().expect("answers") {
                    let Some(amount) = answer["amount"].as_str() else {
                        continue;
                    };
                    let benefit = answer["benefit"].as_str().expect("text");
                    assert_eq!(
                        Told::of(answer).recomputed(benefit),
                        fen(amount),
                        "{day} {answer}"
                    );
                    *amounts.entry(benefit.to_owned()).or_default() += 1;
                }
            }
            if data["households"]["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = data["households"]["pageInfo"]["endCursor"].clone();
        }
    }
    assert!(households >= 1_000, "{households}");
    for benefit in [
        "dibao",
        "cash-direct",
        "yulu",
        "medical-premium-subsidy",
        "disability-allowances",
        "education-support",
        "micro-loan-interest",
    ] {
        assert!(
            amounts.get(benefit).is_some_and(|number| *number > 0),
            "{benefit}: {amounts:?}"
        );
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn every_number_can_be_followed(db: TestDatabase) {
        every_number_can_be_followed_on(&db).await;
    }
}

/// The pack that the README shows: a county's file in a folder, without building anything.
#[test]
fn a_pack_of_the_county_answers_too() {
    run(Engine::Sqlite, Seed::Demo, async |db| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("packs")).expect("a folder");
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
        let readme = readme.expect("the README");
        let (_, rest) = readme.split_once("```yaml\npack:").expect("a pack");
        let (pack, _) = rest.split_once("```").expect("its end");
        let file = folder.path().join("packs/county.yaml");
        std::fs::write(file, format!("pack:{pack}")).expect("a file");
        let program = Program::on(&db, folder.path(), &[], &[("YIHU_POLICY_PACKS", "packs")]);
        let app = program.app();
        let old = "SELECT MIN(t.household_id) FROM person t JOIN household h ON h.id = t.household_id \
            WHERE t.county_code = 150921 AND h.status = 'REGISTERED' AND t.birth_date < '1938-01-01' AND t.valid_to IS NULL";
        let household = db.number(old).await;
        let civil = app.reader(D::Civil, OWN);
        let answers = due(&civil, household, "2018-11-30", &["elderly"]).await;
        let entitled: Vec<_> = answers
            .iter()
            .filter(|answer| answer["status"] == "ENTITLED")
            .collect();
        // Six months of 100 and six of 120.
        assert_eq!(entitled[0]["amount"], "1320.00", "{answers:?}");
        let parameters = &entitled[0]["explanation"]["parameters"][0];
        let values = json!([{ "key": "from 2018-01-01", "value": "100.00 yuan" }, { "key": "from 2018-07-01", "value": "120.00 yuan" }]);
        assert_eq!(
            (&parameters["name"], &parameters["entries"]),
            (&json!("monthly"), &values)
        );
        // What the county does not say itself it inherits.
        assert_eq!(
            due(&civil, household, "2018-11-30", &["dibao"]).await[0]["explanation"]["pack"],
            "ulanqab-2018"
        );
        program.stop();
    });
}

/// All that differs of a benefit in the county, page by page: household, person, status, amount, granted, difference.
async fn differing(actor: &Actor, benefit: &str, differences: Value) -> (Vec<Value>, i64) {
    let query = "query($of: String!, $which: [GrantDifference!], $after: String) { entitled(region: \"150921\", benefit: $of, asOf: \"2018-12-31\", differences: $which, first: 7, after: $after) { lookedAt nodes { household { id } entitlements { personId status amount granted isGranted difference } } edges { cursor node { household { id } } } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut looked_at, mut after) = (vec![], 0, Value::Null);
    loop {
        let variables = json!({ "of": benefit, "which": differences, "after": after });
        let data = actor.query(query, variables).await.data();
        let page = &data["entitled"];
        looked_at += page["lookedAt"].as_i64().expect("a count");
        let nodes = page["nodes"].as_array().expect("nodes");
        assert!(nodes.len() <= 7);
        found.extend(nodes.iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return (found, looked_at);
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Pupils of vocational schools whose families are on file and who got nothing, as the registers say it.
    async fn who_should_receive_and_does_not(db: TestDatabase) {
        let app = App::start(&db).await;
        let education = app.reader(D::Edu, OWN);
        let households = db.number(&format!("SELECT COUNT(*) FROM household WHERE county_code = {OWN}")).await;
        let (none, looked_at) = differing(&education, "yulu", json!(["NOT_DUE", "LESS", "MORE"])).await;
        assert_eq!(looked_at, households);
        let (paid, _) = differing(&education, "yulu", json!(["EQUAL"])).await;
        let (missed, _) = differing(&education, "yulu", Value::Null).await;
        let all = |found: &[Value]| found.iter().flat_map(|node| node["entitlements"].as_array().expect("answers").clone()).collect::<Vec<_>>();
        for answer in all(&missed) {
            assert_eq!((&answer["status"], &answer["amount"], &answer["granted"], &answer["isGranted"]), (&json!("ENTITLED"), &json!("1500.00"), &json!("0.00"), &json!(false)));
            let person = answer["personId"].as_str().expect("a member");
            let key = parse_global_id(person).expect("a key").1;
            let granted = db.number(&format!("SELECT COUNT(*) FROM rain_dew_application WHERE person_id = {key} AND school_year = 2018 AND amount_fen > 0")).await;
            assert_eq!(granted, 0);
        }
        let granted = db.number(&format!("SELECT COUNT(*) FROM rain_dew_application a JOIN household h ON h.id = a.household_id WHERE a.county_code = {OWN} AND a.school_year = 2018 AND a.amount_fen > 0")).await;
        let told = all(&none).iter().chain(&all(&paid)).filter(|answer| answer["isGranted"] == true).count();
        assert_eq!(i64::try_from(told).expect("small"), granted);
        // Taking one grant away makes one more of those who should receive.
        let before = all(&missed).len();
        let member = all(&paid).into_iter().find(|answer| answer["isGranted"] == true).expect("one who got it");
        let key = parse_global_id(member["personId"].as_str().expect("an id")).expect("a key").1;
        db.execute(&format!("DELETE FROM rain_dew_application WHERE person_id = {key} AND school_year = 2018")).await;
        assert_eq!(all(&differing(&education, "yulu", Value::Null).await.0).len(), before + 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_difference_is_for_those_who_read_both(db: TestDatabase) {
        let app = App::start(&db).await;
        let query = "query($of: String!, $region: RegionCode!) { entitled(region: $region, benefit: $of, asOf: \"2018-12-31\") { nodes { entitlements { amount } } } }";
        let ask = async |actor: &Actor, of: &str, region: &str| actor.query(query, json!({ "of": of, "region": region })).await;
        // Finance sees what is due and not the register of the federation.
        assert_eq!(ask(&app.reader(D::Finance, OWN), "disability-allowances", OWN).await.codes(), ["GRANTED_WITHHELD"]);
        assert_eq!(ask(&app.reader(D::Civil, OWN), "manna", OWN).await.codes(), ["UNKNOWN_BENEFIT"]);
        assert_eq!(ask(&app.institution(D::School, "S-1"), "yulu", OWN).await.codes(), ["FORBIDDEN"]);
        // What another department runs, and what lies in another county, is not there.
        for (actor, of, region) in [(app.reader(D::Edu, OWN), "dibao", OWN), (app.reader(D::Civil, "150922"), "dibao", OWN)] {
            assert_eq!(ask(&actor, of, region).await.data(), json!({ "entitled": { "nodes": [] } }));
        }
        let finance = "query($id: ID!) { household(id: $id) { entitlements(asOf: \"2018-12-31\", benefits: [\"disability-allowances\"]) { granted isGranted difference } } }";
        let household = household_with(&db, "disability_certificate", "t.valid_to IS NULL").await;
        let id = json!({ "id": global_id("Household", household) });
        let data = app.reader(D::Finance, OWN).query(finance, id).await.data();
        for answer in data["household"]["entitlements"].as_array().expect("answers") {
            assert_eq!(answer, &json!({ "granted": null, "isGranted": null, "difference": null }));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What was saved stays as it was computed, whatever is corrected, and is for those who saved it.
    async fn a_saved_answer_stays_as_it_is(db: TestDatabase) {
        let app = App::start(&db).await;
        let household = household_with(&db, "disability_certificate", "t.valid_to IS NULL AND t.grade = 'GRADE_1'").await;
        let id = global_id("Household", household);
        let save = |benefits: Value| mutation("entitlementSave", json!({ "householdId": id, "asOf": "2018-11-30", "benefits": benefits }));
        let read = "id savedBy asOf savedOn content digest household { id }";
        let civil = app.clerk(D::Civil, OWN);
        let saved = save(json!(["disability-allowances"])).read(read).done_by(&civil).await;
        assert_eq!((&saved["savedBy"], &saved["asOf"], &saved["household"]["id"]), (&json!("CIVIL"), &json!("2018-11-30"), &json!(id)));
        let content = saved["content"].as_str().expect("a text");
        assert_eq!(saved["digest"], hex::encode(Sha256::digest(content)));
        // It says what the graph says.
        let answers = due(&civil, household, "2018-11-30", &["disability-allowances"]).await;
        let kept: Value = serde_json::from_str(content).expect("JSON");
        assert_eq!(kept["answers"].as_array().map(Vec::len), Some(answers.len()));
        for (kept, answer) in kept["answers"].as_array().expect("answers").iter().zip(&answers) {
            for (of_kept, of_answer) in [("status", "status"), ("amount", "amount"), ("person", "personId")] {
                assert_eq!(kept[of_kept], answer[of_answer]);
            }
            assert_eq!(kept["packHash"], answer["explanation"]["packHash"]);
            let names = |facts: &Value| facts.as_array().expect("facts").iter().map(|fact| (fact["name"].clone(), fact["value"].clone(), fact["record"].clone())).collect::<Vec<_>>();
            assert_eq!(names(&kept["facts"]), names(&answer["explanation"]["facts"]));
        }
        // Corrected since: another answer now, the same bytes by its id.
        db.execute(&format!("UPDATE disability_certificate SET grade = 'GRADE_4' WHERE household_id = {household}")).await;
        assert_ne!(due(&civil, household, "2018-11-30", &["disability-allowances"]).await, answers);
        let node = "query($id: ID!) { node(id: $id) { ... on SavedAnswer { id savedBy asOf savedOn content digest household { id } } } }";
        let ask = async |actor: &Actor| actor.query(node, json!({ "id": saved["id"] })).await.data()["node"].clone();
        assert_eq!(ask(&app.reader(D::Civil, OWN)).await, saved);
        assert_eq!(ask(&app.auditor()).await, saved);
        for other in [app.reader(D::Finance, OWN), app.reader(D::Poverty, OWN), app.reader(D::Civil, "150922"), app.reader(D::Dpf, OWN)] {
            assert_eq!(ask(&other).await, Value::Null);
        }
        let list = "query($id: ID!) { household(id: $id) { savedAnswers { id } } }";
        let listed = async |actor: &Actor| actor.query(list, json!({ "id": id })).await.data()["household"]["savedAnswers"].clone();
        assert_eq!(listed(&civil).await, json!([{ "id": saved["id"] }]));
        assert_eq!(listed(&app.reader(D::Finance, OWN)).await, json!([]));
        // What the finance bureau saves withholds what it may not read.
        let finance = save(json!(["disability-allowances"])).read(read).done_by(&app.clerk(D::Finance, OWN)).await;
        let text = finance["content"].as_str().expect("a text");
        assert!(text.contains("\"withheld\":true") && !text.contains("\"name\":\"disability_grade\""), "{text}");
        // A day without rules, a benefit that nobody knows.
        let none = mutation("entitlementSave", json!({ "householdId": id, "asOf": "2030-01-01", "benefits": ["dibao"] }));
        assert_eq!(none.mistakes(&civil).await, ["input.asOf NOTHING_TO_SAVE"]);
        let (text, variables) = save(json!(["manna"])).request();
        assert_eq!(civil.query(&text, variables).await.codes(), ["UNKNOWN_BENEFIT"]);
    }
}
