//! The figures of every region of the demonstration are those its own ledger tells.

use crate::harness::{App, both_dbs, vault};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::macros::date;
use yihu::{
    clock::Clock,
    db::{Database, Settings},
    demo::{Books, Wanted, fill},
    household::load_regions,
};

const FIGURES: &str = "fragment figures on RegionTotals {
    households persons incidencePercent changes { registered returned exited struckOff }
    byClass { class households persons } byMainCause { cause households persons } byOtherCause { cause households persons }
    people { byAgeBand { ageBand persons } bySex { sex persons } byEthnicGroup { ethnicGroup persons }
        byLabourCapacity { labourCapacity persons } byHealth { healthStatus persons } }
    income { households members wage business property transfer businessCosts netIncome }
    measures { households persons byBatch { batch households persons } }
    exitPlan { byYear { year plannedHouseholds exitedHouseholds exitedPercent } }
    help { teams teamMembers firstSecretaries days helpedHouseholds visits }
    collectiveIncome { villages villagesAtZero villagesAtLeast50000 atLeast50000Percent amount }
    findings { opened closed open checkedHouseholds foundHouseholds }
    publicity { running ended objections openObjections upheldObjections }
    health { coverage { persons enrolled enrolledPercent checkedUp checkedUpPercent contracted contractedPercent patients supplied suppliedPercent }
        claims { claims eligibleCost reimbursed reimbursedPercent selfPaidPercent } }
    education { pupils byStage { stage pupils } allowancePersons allowanceAmount rainDewPersons rainDewAmount }
    housing { dangerousHouseholds renovatedHouseholds relocatedHouseholds movedInHouseholds movedInPersons movedInRegisteredHouseholds }
    finance { loans { loans principal households registeredHouseholds registeredPercent } payments { payments due paid difference }
        funds { planned received spent receivedPercent spentPercent bySource { level kind planned received spent } } } }";

/// Figures by their names in the ledger; what is zero is left out.
#[derive(Default)]
struct Figures(BTreeMap<String, i64>);

impl Figures {
    fn say(&mut self, name: &str, value: &Value) {
        let value = match value {
            Value::Null => 0,
            Value::String(yuan) => fen(yuan),
            _ => value.as_i64().expect("a count"),
        };
        if value != 0 {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// The fields of an object, each with the rest of its name.
    fn say_all(&mut self, statistic: &str, object: &Value, fields: &[(&str, &str)]) {
        for (field, name) in fields {
            self.say(format!("{statistic} {name}").trim(), &object[field]);
        }
    }

    /// The rows of a list by their code, which comes last.
    fn say_rows(&mut self, statistic: &str, rows: &Value, code: &str, fields: &[(&str, &str)]) {
        for row in rows.as_array().expect("a list") {
            let code = row[code].as_str().unwrap_or("none");
            for (field, name) in fields {
                let name = [statistic, name, code].join(" ").replace("  ", " ");
                self.say(&name, &row[field]);
            }
        }
    }

    fn of(totals: &Value) -> Figures {
        const BOTH: &[(&str, &str)] = &[("households", "households"), ("persons", "persons")];
        const PERSONS: &[(&str, &str)] = &[("persons", "persons")];
        let mut said = Figures::default();
        said.say_all("ST-01", totals, BOTH);
        for (field, status) in [
            ("registered", "REGISTERED"),
            ("returned", "RETURNED"),
            ("exited", "EXITED"),
            ("struckOff", "STRUCK_OFF"),
        ] {
            let name = format!("ST-03 households {status} in 2018");
            said.say(&name, &totals["changes"][field]);
        }
        said.say_rows("ST-04", &totals["byClass"], "class", BOTH);
        said.say_rows("ST-05", &totals["byMainCause"], "cause", BOTH);
        said.say_rows("ST-06", &totals["byOtherCause"], "cause", BOTH);
        said.say_all("ST-07", &totals["measures"], BOTH);
        said.say_rows("ST-07", &totals["measures"]["byBatch"], "batch", BOTH);
        for (statistic, list, code) in [
            ("ST-08", "byAgeBand", "ageBand"),
            ("ST-08", "bySex", "sex"),
            ("ST-08", "byEthnicGroup", "ethnicGroup"),
            ("ST-09", "byLabourCapacity", "labourCapacity"),
            ("ST-09", "byHealth", "healthStatus"),
        ] {
            said.say_rows(statistic, &totals["people"][list], code, PERSONS);
        }
        said.say_all(
            "ST-10",
            &totals["income"],
            &[("households", "households"), ("members", "members")],
        );
        for year in totals["exitPlan"]["byYear"].as_array().expect("years") {
            let name = format!("ST-11 planned in {}", year["year"]);
            said.say(&name, &year["plannedHouseholds"]);
            let name = format!("ST-03 households EXITED in {}", year["year"]);
            said.say(&name, &year["exitedHouseholds"]);
        }
        said.add_departments(totals);
        said
    }

    fn add_departments(&mut self, totals: &Value) {
        let health = &totals["health"];
        for (field, name) in [
            ("persons", "persons"),
            ("enrolled", "enrolled"),
            ("checkedUp", "checked up"),
            ("contracted", "contracted"),
            ("patients", "patients"),
            ("supplied", "supplied"),
        ] {
            self.say(&format!("ST-12 {name}"), &health["coverage"][field]);
        }
        self.say_all(
            "ST-13 in 2018",
            &health["claims"],
            &[
                ("claims", "claims"),
                ("eligibleCost", "eligible"),
                ("reimbursed", "reimbursed"),
            ],
        );
        let education = &totals["education"];
        self.say_all("ST-14", education, &[("pupils", "pupils")]);
        self.say_rows("ST-14", &education["byStage"], "stage", &[("pupils", "")]);
        for (of, name) in [("allowance", "allowance"), ("rainDew", "yulu")] {
            let fields = [format!("{of}Persons"), format!("{of}Amount")];
            let fields = [(&*fields[0], "persons"), (&*fields[1], "amount")];
            self.say_all(&format!("ST-14 {name} in 2018"), education, &fields);
        }
        let housing = &totals["housing"];
        self.say("ST-15 dangerous", &housing["dangerousHouseholds"]);
        for (field, name) in [
            ("renovatedHouseholds", "renovated"),
            ("relocatedHouseholds", "finished"),
            ("movedInHouseholds", "moved in"),
            ("movedInPersons", "persons moved in"),
            ("movedInRegisteredHouseholds", "registered moved in"),
        ] {
            self.say(&format!("ST-15 {name} in 2018"), &housing[field]);
        }
        let finance = &totals["finance"];
        self.say_all(
            "ST-16 in 2018",
            &finance["loans"],
            &[
                ("loans", "loans"),
                ("principal", "principal"),
                ("households", "households"),
                ("registeredHouseholds", "registered households"),
            ],
        );
        const FUNDS: &[(&str, &str)] = &[
            ("planned", "planned"),
            ("received", "received"),
            ("spent", "spent"),
        ];
        self.say_all("ST-17 in 2018", &finance["funds"], FUNDS);
        for source in finance["funds"]["bySource"].as_array().expect("sources") {
            let word = |field: &str| source[field].as_str().expect("a word").to_owned();
            let statistic = format!("ST-17 in 2018 {} {}", word("level"), word("kind"));
            self.say_all(&statistic, source, FUNDS);
        }
        self.say_all(
            "ST-18 in 2018",
            &finance["payments"],
            &[("payments", "payments"), ("due", "due"), ("paid", "paid")],
        );
        // Nothing has been compared yet, and nothing found.
        self.say_all(
            "ST-19",
            &totals["findings"],
            &[
                ("opened", "opened"),
                ("closed", "closed"),
                ("open", "open"),
                ("checkedHouseholds", "checked"),
                ("foundHouseholds", "found"),
            ],
        );
        for (field, name) in [
            ("villages", "villages"),
            ("villagesAtZero", "at zero"),
            ("villagesAtLeast50000", "at 50,000"),
            ("amount", "amount"),
        ] {
            self.say(
                &format!("ST-20 {name} in 2018"),
                &totals["collectiveIncome"][field],
            );
        }
        self.say_all(
            "ST-21",
            &totals["help"],
            &[
                ("teams", "teams"),
                ("teamMembers", "team members"),
                ("firstSecretaries", "first secretaries"),
                ("days", "days in 2018"),
                ("helpedHouseholds", "helped households"),
                ("visits", "visits in 2018"),
            ],
        );
        self.say_all(
            "ST-22",
            &totals["publicity"],
            &[
                ("running", "running"),
                ("ended", "ended"),
                ("objections", "objections"),
                ("openObjections", "objections open"),
                ("upheldObjections", "objections upheld"),
            ],
        );
    }
}

/// Whether the graph says it with the figures of the last day and its year.
fn is_of_the_last_year(name: &str) -> bool {
    let another_day = name.contains(" on ") || name.replace(" in 2018", "").contains(" in 20");
    let said_otherwise = [
        "all ",
        ", exited",
        "ST-03 persons",
        "CANDIDATE",
        "UNDER_APPRAISAL",
        "CLOSED",
        "ended before",
        "not upheld",
    ];
    let income =
        name.starts_with("ST-10") && !name.ends_with("households") && !name.ends_with("members");
    let plan = name.starts_with("ST-11") || name.starts_with("ST-03 households EXITED");
    !said_otherwise.iter().any(|of| name.contains(of)) && !income && (plan || !another_day)
}

fn fen(yuan: &str) -> i64 {
    yuan.replace('.', "").parse().expect("an amount")
}

/// A share as the graph writes it, half up; there is none of nothing, and none below zero.
fn percent(part: i64, whole: i64) -> Value {
    if whole == 0 || part < 0 {
        return Value::Null;
    }
    let tenths = (part * 2000 + whole) / (2 * whole);
    json!(format!("{}.{}", tenths / 10, tenths % 10))
}

/// A head's part as the graph writes it, half up.
fn a_head(fen: i64, heads: i64) -> Value {
    if heads == 0 {
        return Value::Null;
    }
    let part = (fen * 2 + heads).div_euclid(2 * heads);
    let sign = if part < 0 { "-" } else { "" };
    json!(format!(
        "{sign}{}.{:02}",
        part.abs() / 100,
        part.abs() % 100
    ))
}

/// What follows from other figures.
fn assert_shares(ledger: &BTreeMap<String, i64>, totals: &Value, region: &str) {
    let of = |name: &str| ledger.get(name).copied().unwrap_or(0);
    let share = |part: &str, whole: &str| percent(of(part), of(whole));
    let finance = &totals["finance"];
    let (coverage, claims) = (&totals["health"]["coverage"], &totals["health"]["claims"]);
    let (eligible, reimbursed) = (of("ST-13 in 2018 eligible"), of("ST-13 in 2018 reimbursed"));
    let of_persons = |part: &str| share(part, "ST-12 persons");
    for (said, told) in [
        (&coverage["enrolledPercent"], of_persons("ST-12 enrolled")),
        (
            &coverage["checkedUpPercent"],
            of_persons("ST-12 checked up"),
        ),
        (
            &coverage["contractedPercent"],
            of_persons("ST-12 contracted"),
        ),
        (
            &coverage["suppliedPercent"],
            share("ST-12 supplied", "ST-12 patients"),
        ),
        (&claims["reimbursedPercent"], percent(reimbursed, eligible)),
        (
            &claims["selfPaidPercent"],
            percent(eligible - reimbursed, eligible),
        ),
        (
            &finance["loans"]["registeredPercent"],
            share(
                "ST-16 in 2018 registered households",
                "ST-16 in 2018 households",
            ),
        ),
        (
            &finance["funds"]["receivedPercent"],
            share("ST-17 in 2018 received", "ST-17 in 2018 planned"),
        ),
        (
            &finance["funds"]["spentPercent"],
            share("ST-17 in 2018 spent", "ST-17 in 2018 received"),
        ),
        (
            &totals["collectiveIncome"]["atLeast50000Percent"],
            share("ST-20 at 50,000 in 2018", "ST-20 villages in 2018"),
        ),
    ] {
        assert_eq!(*said, told, "{region}");
    }
    for year in totals["exitPlan"]["byYear"].as_array().expect("years") {
        let exited = format!("ST-03 households EXITED in {}", year["year"]);
        let planned = format!("ST-11 planned in {}", year["year"]);
        assert_eq!(year["exitedPercent"], share(&exited, &planned), "{region}");
    }
    for (field, item) in [
        ("wage", "wage"),
        ("business", "business"),
        ("property", "property"),
        ("transfer", "transfer"),
        ("businessCosts", "business costs"),
        ("netIncome", "net"),
    ] {
        let told = a_head(of(&format!("ST-10 {item}")), of("ST-10 members"));
        assert_eq!(totals["income"][field], told, "{region}: {item}");
    }
    let (due, paid) = (of("ST-18 in 2018 due"), of("ST-18 in 2018 paid"));
    let difference = finance["payments"]["difference"].as_str().map_or(0, fen);
    assert_eq!(difference, due - paid, "{region}");
}

type Ledger = BTreeMap<String, BTreeMap<String, i64>>;

async fn filled(url: &str) -> Ledger {
    let database = Database::connect(url, &Settings::default())
        .await
        .expect("the database opens");
    load_regions(&database)
        .await
        .expect("the regions are loaded");
    let vault = vault();
    let (clock, mut books) = (Clock::fixed(date!(2018 - 12 - 31)), Books::default());
    fill(&database, &vault, &clock, Wanted::default(), &mut books)
        .await
        .expect("the demonstration is filled");
    let mut lines = Vec::new();
    books
        .ledger
        .write(&mut lines)
        .expect("the lines are written");
    let mut ledger = Ledger::new();
    for line in String::from_utf8(lines).expect("text").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let word = |key: &str| line[key].as_str().expect("a word").to_owned();
        let value = line["value"].as_i64().expect("a value");
        let of_region = ledger.entry(word("region")).or_default();
        of_region.insert(word("statistic"), value);
    }
    ledger
}

both_dbs! {
    async fn every_figure_of_every_region_is_the_ledgers(db: TestDatabase) {
        let ledger = filled(&db.url).await;
        let app = App::start(&db).await;
        let text = format!("query($code: RegionCode!) {{ region(code: $code) {{ totals {{ ...figures }} children {{ code totals {{ ...figures }} }} }} }} {FIGURES}");
        // Regions that have others in them, each with those.
        let parents = ledger.keys().filter(|region| !region.ends_with("0000000000") && (region.ends_with("000")));
        let mut compared: BTreeMap<&str, usize> = BTreeMap::new();
        let empty = BTreeMap::new();
        for parent in parents {
            let data = app.auditor().query(&text, json!({ "code": parent })).await.data();
            let region = &data["region"];
            let children = region["children"].as_array().expect("children");
            let children = children.iter().map(|child| (child["code"].as_str().expect("a code"), &child["totals"]));
            for (code, totals) in children.chain([(parent.as_str(), &region["totals"])]) {
                let all = ledger.get(code).unwrap_or(&empty);
                let told: BTreeMap<String, i64> = all.iter().filter(|(name, value)| is_of_the_last_year(name) && **value != 0)
                    .map(|(name, value)| (name.clone(), *value)).collect();
                let said = Figures::of(totals).0;
                let differences: Vec<_> = told.keys().chain(said.keys()).filter(|name| told.get(*name) != said.get(*name))
                    .map(|name| format!("{name}: told {:?}, said {:?}", told.get(name), said.get(name))).collect();
                assert!(differences.is_empty(), "{code}: {differences:#?}");
                assert_shares(all, totals, code);
                for name in said.keys() {
                    *compared.entry(name.get(..5).and_then(|id| ["ST-01", "ST-03", "ST-04", "ST-05", "ST-06", "ST-07", "ST-08", "ST-09", "ST-10", "ST-11", "ST-12", "ST-13",
                        "ST-14", "ST-15", "ST-16", "ST-17", "ST-18", "ST-20", "ST-21", "ST-22"].into_iter().find(|of| *of == id)).expect("a statistic")).or_default() += 1;
                }
            }
        }
        assert_eq!(compared.len(), 20, "{compared:?}");
        assert!(compared.values().all(|count| *count > 10), "{compared:?}");
    }
}
