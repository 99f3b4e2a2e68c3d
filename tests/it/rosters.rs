//! Another agency's lists: whose rows they have, what people decide of them, and lists that are sent as files.

use crate::{
    civil_affairs_writing::citizen_number,
    harness::{Actor, App, TestDatabase, both_dbs, vault, writes::mutation, writes::records},
    members_writing::family,
};
use ::matching::{CitizenNumber, Matcher, Person, RosterConfig, Row, RowText, Written};
use entity::{
    codes::{CodeList as _, Department as D},
    household::{codes::RelationToHead, person},
};
use matching_bench::{
    people::Human,
    rows::{Made, Writer},
};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use time::{Date, macros::date};
use yihu::{
    authz::directory::NoDirectory,
    clock::Clock,
    db::{Database, Settings},
    graphql::scalars::global_id,
    jobs::{JobOptions, Runner, Worked},
    reconciliation::{Registers, RosterWork, relation_code, told_sex},
    schema::Graph,
    vault::{Kind, Place, Sensitive as _},
};

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
const TODAY: Date = date!(2018 - 12 - 31);
const MATCH: &str = "query($rows: [RosterRowInput!]!) { rosterMatch(rows: $rows) { label grade score reasons { code } rowKey \
    decision { id version reason department person { id } } candidates { score person { id name } reasons { code } } } }";

async fn matched(actor: &Actor, rows: Value) -> Vec<Value> {
    let data = actor.query(MATCH, json!({ "rows": rows })).await.data();
    data["rosterMatch"].as_array().expect("answers").clone()
}

fn grades(answers: &[Value]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer["grade"].as_str().expect("a grade"))
        .collect()
}

fn codes(answer: &Value) -> Vec<&str> {
    let reasons = answer["reasons"].as_array().expect("reasons");
    reasons
        .iter()
        .map(|reason| reason["code"].as_str().expect("a code"))
        .collect()
}

fn candidates(answer: &Value) -> Vec<&str> {
    let candidates = answer["candidates"].as_array().expect("candidates");
    candidates
        .iter()
        .map(|candidate| candidate["person"]["id"].as_str().expect("an id"))
        .collect()
}

/// Somebody of the county, as the register has them.
struct Known {
    key: i64,
    id: String,
    number: String,
    row: person::Model,
}

async fn known(db: &TestDatabase, key: i64) -> Known {
    let connection = db.connect().await;
    let row = person::Entity::find_by_id(key).one(&connection);
    Known {
        key,
        id: global_id("Person", key),
        number: citizen_number(db, key).await.0,
        row: row.await.expect("the persons").expect("the person"),
    }
}

/// Gives a member another name, as a clerk of the township does.
async fn renamed(app: &App, township: &str, known: &Known, name: &str) {
    let clerk = app.clerk(D::Township, township);
    let amend = mutation("memberAmend", json!({ "name": name }));
    amend
        .of(&known.id, i64::from(known.row.version))
        .done_by(&clerk)
        .await;
}

/// Two digits that are not the same the other way round.
fn swapped(number: &str) -> String {
    let mut digits = number.as_bytes().to_vec();
    let place = (10..16)
        .find(|place| digits[*place] != digits[place + 1])
        .expect("two digits");
    digits.swap(place, place + 1);
    String::from_utf8(digits).expect("digits")
}

fn one_digit_off(number: &str) -> String {
    let (before, after) = number.split_at(16);
    let digit = (after.as_bytes()[0] - b'0' + 5) % 10;
    format!("{before}{digit}{}", &after[1..])
}

/// The number of somebody else who was born on the same day in the same county.
fn another(number: &str) -> String {
    let order: u32 = number[14..17].parse().expect("a number");
    let start = format!("{}{:03}", &number[..14], (order + 2) % 1_000);
    "0123456789X"
        .chars()
        .map(|check| format!("{start}{check}"))
        .find(|text| Written::read(text, TODAY).valid().is_some())
        .expect("a check character")
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn slips_are_seen_through_and_the_doubtful_is_left_to_people(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let family = family(&db, 150_921, 0).await;
        let (one, two) = (known(&db, family.head.key).await, known(&db, family.others[0].key).await);
        renamed(&app, &family.township, &one, "刘哲").await;
        let (number, born) = (one.number.as_str(), one.row.birth_date.to_string());
        let village = one.row.region_code.to_string();
        let old = format!("{}{}", &number[..6], &number[8..17]);
        let row = |name: &str, number: &str| json!({ "label": name, "name": name, "citizenNumber": number });
        let placed = |name: &str| json!({ "name": name, "birthDate": born, "villageCode": village });
        let answers = matched(&clerk, json!([
            row("刘哲", number), row(" 劉 喆 ", &number.to_lowercase()), row("刘哲", &old), row("刘哲", &swapped(number)), row("刘哲", &one_digit_off(number)),
            placed("劉喆"), placed("刘辙"), { "name": "刘哲", "citizenNumber": another(number), "birthDate": born, "villageCode": village },
            row("欧阳无名", "110105194912310021"),
        ])).await;
        let old_grade = if number[6..8] == *"19" { "EXACT" } else { "NONE" };
        assert_eq!(grades(&answers), ["EXACT", "EXACT", old_grade, "PROBABLE", "PROBABLE", "PROBABLE", "PROBABLE", "POSSIBLE", "NONE"], "{answers:#?}");
        for (place, code) in [
            (0, "NUMBER_EQUAL"), (0, "NAME_EQUAL"), (1, "NAME_VARIANT"), (3, "NUMBER_SWAPPED"), (4, "NUMBER_ONE_DIGIT_OFF"),
            (5, "NAME_VARIANT"), (6, "NAME_HOMOPHONE"), (7, "NUMBER_OF_OTHER_PERSON"),
        ] {
            assert!(codes(&answers[place]).contains(&code), "{code}: {}", answers[place]);
        }
        for answer in &answers[..8] {
            if answer["grade"] != json!("NONE") {
                assert_eq!(candidates(answer)[0], one.id);
            }
        }
        assert_eq!((&answers[0]["label"], &answers[0]["candidates"][0]["person"]["name"]), (&json!("刘哲"), &json!("刘哲")));
        // Two of one name in one village: only a person can tell.
        renamed(&app, &family.township, &two, "刘哲").await;
        let alike = matched(&clerk, json!([{ "name": "刘哲", "villageCode": village }])).await;
        assert_eq!(grades(&alike), ["POSSIBLE"]);
        let mut found = candidates(&alike[0]);
        found.sort_unstable();
        let mut both = [one.id.as_str(), two.id.as_str()];
        both.sort_unstable();
        assert_eq!(found, both);
        // Somebody of another county is nobody, in the same words as somebody unknown.
        let elsewhere = db.number("SELECT MIN(id) FROM person WHERE county_code = 150922 AND valid_to IS NULL AND citizen_number_state = 'VALID'").await;
        let elsewhere = known(&db, elsewhere).await;
        let unknown = CitizenNumber::reveal(Written::read(&another(&another(&elsewhere.number)), TODAY).valid().expect("a number"));
        let answers = matched(&clerk, json!([
            { "name": elsewhere.row.name, "citizenNumber": elsewhere.number, "birthDate": elsewhere.row.birth_date.to_string() },
            { "name": "欧阳无名", "citizenNumber": unknown },
        ])).await;
        let without_key = |answer: &Value| { let mut answer = answer.clone(); answer["rowKey"].take(); answer.to_string() };
        assert_eq!(without_key(&answers[0]), without_key(&answers[1]));
        assert_eq!((grades(&answers), &answers[0]["candidates"]), (vec!["NONE", "NONE"], &json!([])));
        let neighbour = app.clerk(D::Civil, NEIGHBOUR);
        assert_eq!(grades(&matched(&neighbour, json!([row(&elsewhere.row.name, &elsewhere.number)])).await), ["EXACT"]);
        // Each look is on record: with the person where one was shown.
        let seen = |found: bool, person: i64, county: i64| format!(
            "SELECT COUNT(*) FROM access_record WHERE action = 'MATCH' AND department = 'CIVIL' AND found = {found} AND COALESCE(person_id, 0) = {person} AND COALESCE(region_code / 1000000, 0) = {county}");
        assert!(db.number(&seen(true, one.key, 150_921)).await >= 8);
        assert_eq!(db.number(&seen(true, elsewhere.key, 150_922)).await, 1);
        assert!(db.number(&seen(false, 0, 0)).await >= 3);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_no_list_is_refused_and_leaves_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let looks = "SELECT COUNT(*) FROM access_record";
        let before = db.number(looks).await;
        let rows = |count: usize| json!({ "rows": vec![json!({ "name": "刘哲" }); count] });
        for count in [0, 501] {
            let answer = clerk.query(MATCH, rows(count)).await;
            assert_eq!(answer.codes(), ["TOO_MANY_ROWS"], "{}", answer.text);
        }
        let long = json!({ "rows": [{ "name": "刘".repeat(101) }] });
        assert_eq!(clerk.query(MATCH, long).await.codes(), ["INVALID_VALUE"]);
        for actor in [
            app.institution(D::Bank, "B150921"), app.helper("helper-1", OWN), app.household("family-1", OWN),
            app.clerk(D::Org, OWN),
        ] {
            assert_eq!(actor.query(MATCH, rows(1)).await.codes(), ["FORBIDDEN"]);
        }
        assert_eq!(db.number(looks).await, before);
        // Rows are counted, not requests.
        let mut codes = vec![];
        for _ in 0..7 {
            codes.extend(clerk.query(MATCH, rows(500)).await.codes());
        }
        assert_eq!(codes, ["RATE_LIMITED"]);
        assert_eq!(app.clerk(D::Edu, OWN).query(MATCH, rows(1)).await.codes(), [""; 0]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_a_person_decided_is_used_again_until_it_is_withdrawn(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, neighbour) = (app.clerk(D::Civil, OWN), app.clerk(D::Civil, NEIGHBOUR));
        let family = family(&db, 150_921, 0).await;
        let one = known(&db, family.head.key).await;
        let rows = json!([
            { "name": one.row.name, "citizenNumber": another(&one.number), "birthDate": one.row.birth_date.to_string(), "villageCode": one.row.region_code.to_string() },
            { "name": one.row.name, "citizenNumber": one.number },
        ]);
        let before = matched(&clerk, rows.clone()).await;
        assert_eq!(grades(&before), ["POSSIBLE", "EXACT"]);
        let key = |place: usize| before[place]["rowKey"].clone();
        let decide = |key: &Value, person: Option<&str>| mutation("rosterDecide", json!({ "rowKey": key, "personId": person, "reason": "电话核实" }))
            .read("id version reason department person { id } region { code } decidedAt withdrawnAt");
        // Nobody decides for another region, and nothing sensitive stands in a reason.
        let elsewhere = decide(&key(0), Some(&one.id));
        let kept = records(&db).await;
        assert_eq!(elsewhere.mistakes(&neighbour).await, ["input.personId NOT_FOUND"]);
        let told = mutation("rosterDecide", json!({ "rowKey": "12ab", "reason": one.number }));
        assert_eq!(told.mistakes(&clerk).await, ["input.rowKey INVALID_VALUE", "input.reason SENSITIVE"]);
        assert_eq!(records(&db).await, kept);
        let same = decide(&key(0), Some(&one.id)).done_by(&clerk).await;
        assert_eq!(same, json!({
            "id": same["id"], "version": 1, "reason": "电话核实", "department": "CIVIL", "person": { "id": one.id },
            "region": { "code": "150921000000" }, "decidedAt": same["decidedAt"], "withdrawnAt": null,
        }));
        let nobody = decide(&key(1), None).done_by(&clerk).await;
        assert_eq!(decide(&key(1), None).mistakes(&clerk).await, ["input.rowKey ALREADY_DECIDED"]);
        // Used for the same row as another department of the county writes it.
        let mut again = rows.clone();
        again[0]["name"] = json!(format!(" {} ", one.row.name));
        let after = matched(&app.clerk(D::Edu, OWN), again).await;
        assert_eq!(grades(&after), ["EXACT", "NONE"]);
        assert_eq!((codes(&after[0])[0], codes(&after[1])), ("DECIDED_SAME", vec!["DECIDED_DIFFERENT"]));
        assert_eq!((&after[0]["decision"]["reason"], &after[0]["decision"]["person"]["id"], &after[1]["decision"]["id"]), (&json!("电话核实"), &json!(one.id), &nobody["id"]));
        assert_eq!((candidates(&after[0])[0], &after[1]["candidates"]), (one.id.as_str(), &json!([])));
        // It holds in the region of who decided, and nowhere else.
        for region in [NEIGHBOUR, family.township.as_str(), "1509"] {
            let elsewhere = matched(&app.clerk(D::Poverty, region), rows.clone()).await;
            assert!(elsewhere.iter().all(|answer| answer["decision"].is_null()), "{region}");
        }
        let text = "query($id: ID!) { node(id: $id) { ... on RosterDecision { decidedBy department } } }";
        let read = |actor: Actor| { let id = same["id"].clone(); async move { actor.query(text, json!({ "id": id })).await } };
        assert_eq!(read(app.auditor()).await.data()["node"]["department"], json!("CIVIL"));
        assert_eq!(read(clerk.clone()).await.codes(), ["FORBIDDEN"]);
        assert_eq!(read(neighbour).await.partial_data()["node"], Value::Null);
        // Taken back, the row is matched as before.
        let withdraw = |record: &Value| mutation("rosterDecisionWithdraw", Value::Null).without_input().of(record["id"].as_str().expect("an id"), 1);
        withdraw(&same).done_by(&clerk).await;
        withdraw(&nobody).done_by(&clerk).await;
        assert_eq!(matched(&clerk, rows).await, before);
        let mut late = withdraw(&same);
        late = late.read("id");
        assert!(late.by(&clerk).await["conflict"]["currentVersion"] == json!(2));
        let audited = "SELECT COUNT(*) FROM audit_record WHERE object_type = 'roster_decision' AND operation = ";
        assert_eq!(db.number(&format!("{audited}'rosterDecide'")).await, 2);
        assert_eq!(db.number(&format!("{audited}'rosterDecisionWithdraw'")).await, 2);
    }
}

/// The persons of the demonstration, with their numbers.
async fn everybody(db: &TestDatabase) -> Vec<Human> {
    let (vault, persons) = (
        vault(),
        person::Entity::find().all(&db.connect().await).await,
    );
    let persons = persons
        .expect("the persons")
        .into_iter()
        .filter(|person| person.valid_to.is_none());
    let opened = |id: i64, cipher: &[u8]| {
        let place = Place::new("person", "citizen_number_cipher", id);
        let number = vault
            .open(Kind::CitizenNumber, place, cipher)
            .expect("a number");
        number.reveal().to_owned()
    };
    persons
        .filter_map(|person| {
            let number = person
                .citizen_number_cipher
                .as_deref()
                .map(|cipher| opened(person.id, cipher))?;
            Some(Human {
                key: person.id,
                household: u32::try_from(person.household_id).expect("a small key"),
                name: person.name,
                registered_number: number.clone(),
                number,
                born: person.birth_date,
                sex: told_sex(person.sex)?,
                village: person.region_code.unsigned_abs(),
                relation: relation_code(person.relation)?,
            })
        })
        .collect()
}

fn text_of(made: &Made) -> RowText<'_> {
    RowText {
        name: &made.name,
        number: &made.number,
        birth_date: made.birth_date,
        sex: made.sex,
        village: made.village,
        relation: made.relation,
    }
}

fn input_of(made: &Made) -> Value {
    let relation = |code: u8| {
        let code = format!("{code:02}");
        let entries = RelationToHead::ENTRIES.iter();
        entries
            .clone()
            .find(|entry| entry.national_code == Some(code.as_str()))
            .map(|entry| entry.word)
    };
    json!({
        "name": made.name, "citizenNumber": made.number, "birthDate": made.birth_date.map(|day| day.to_string()),
        "sex": made.sex.map(|sex| if sex == ::matching::Sex::Male { "MALE" } else { "FEMALE" }),
        "villageCode": made.village.map(|village| village.to_string()), "relation": made.relation.and_then(relation),
    })
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What the database finds is what the register in memory finds, whatever slips a list has.
    async fn the_database_answers_as_the_register_in_memory(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, "15");
        let humans = everybody(&db).await;
        let persons = humans.iter().map(|human| Person {
            key: human.key,
            name: &human.name,
            number: &human.registered_number,
            birth_date: Some(human.born),
            sex: Some(human.sex),
            village: Some(human.village),
            relation: Some(human.relation),
        });
        let matcher = Matcher::new(RosterConfig::shipped().expect("the configuration"), persons, TODAY);
        let villages = humans.iter().map(|human| human.village).collect();
        let mut writer = Writer::new(7, villages);
        let relative = |place: usize| {
            let near = humans.get(place + 1)?;
            (near.household == humans[place].household).then_some(near)
        };
        // Each person twice, so that there are some hundred rows with slips.
        let rows: Vec<Made> = (0..humans.len() * 2)
            .map(|place| place % humans.len())
            .map(|place| writer.row(&humans[place], relative(place), true))
            .collect();
        let slips = rows.iter().filter(|row| !row.slips.is_empty()).count();
        let mut tally = BTreeMap::<String, usize>::new();
        for rows in rows.chunks(500).take(5) {
            let inputs: Vec<Value> = rows.iter().map(input_of).collect();
            for (made, answer) in rows.iter().zip(matched(&clerk, json!(inputs)).await) {
                let expected = matcher.find(&Row::read(&text_of(made), TODAY), |_| None);
                let ids: Vec<String> = expected.candidates.iter().map(|one| global_id("Person", one.key)).collect();
                let why: Vec<&str> = expected.reasons.iter().filter_map(|reason| reason.ground.as_str()).collect();
                let score = (expected.score * 10_000.0).round() / 10_000.0;
                assert_eq!(
                    (answer["grade"].as_str(), candidates(&answer), codes(&answer), answer["score"].as_f64()),
                    (Some(expected.grade.as_str()), ids.iter().map(String::as_str).collect(), why, Some(score)),
                    "{:?} {:?}", made.slips, text_of(made).name
                );
                let truth = made.truth.map(|key| global_id("Person", key));
                let right = candidates(&answer).first().copied() == truth.as_deref();
                *tally.entry(format!("{} {right}", expected.grade.as_str())).or_default() += 1;
            }
        }
        println!("{} persons, {} rows, {slips} with slips: {tally:?}", humans.len(), rows.len());
        assert!(slips > 200);
        assert_eq!(tally.get("EXACT false"), None);
    }
}

/// Does all jobs that wait.
async fn work(db: &TestDatabase) {
    let connected = Database::connect(&db.url, &Settings::default()).await;
    let database = connected.expect("a database");
    let (clock, vault) = (Clock::fixed(TODAY), Arc::new(vault()));
    let graph = Graph::new(database.clone(), vault.clone(), clock.clone()).expect("a graph");
    let work = RosterWork {
        policy: graph.policy(),
        database: database.clone(),
        vault,
        clock: clock.clone(),
        kinds: sheets::Kinds::embedded().expect("kinds"),
        registers: Registers::shipped().expect("the configuration"),
        directory: Arc::new(NoDirectory),
    };
    let runner = Runner::new(
        database,
        clock,
        vec![Arc::new(work)],
        &JobOptions::default(),
    );
    while runner.once().await.expect("a database") == Worked::Once {}
}

async fn sent(app: &App, actor: &Actor, bytes: &[u8]) -> String {
    let input = json!({ "region": OWN, "fileName": "名单.csv", "format": "CSV" });
    let job = mutation("rosterMatchBegin", input)
        .read("id state kind")
        .done_by(actor)
        .await;
    assert_eq!(
        (&job["state"], &job["kind"]),
        (&json!("AWAITING_FILE"), &json!("ROSTER"))
    );
    let id = job["id"].as_str().expect("an id").to_owned();
    let request = app
        .http("PUT", &format!("/jobs/{id}/input"))
        .body(bytes.to_vec());
    let answer = actor.send(request).await;
    assert_eq!(answer.status(), 200, "{}", answer.text);
    id
}

async fn read(actor: &Actor, job: &str) -> Value {
    let text = "query($id: ID!) { job(id: $id) { state problem problemDetail lines done total filePath fileName } }";
    actor.query(text, json!({ "id": job })).await.data()["job"].take()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_list_that_was_sent_comes_back_with_its_answers(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let family = family(&db, 150_921, 0).await;
        let one = known(&db, family.head.key).await;
        let elsewhere = db.number("SELECT MIN(id) FROM person WHERE county_code = 150922 AND valid_to IS NULL AND citizen_number_state = 'VALID'").await;
        let elsewhere = known(&db, elsewhere).await;
        let card = db.text(&format!("SELECT card_number FROM household WHERE id = {}", family.key)).await;
        let mut text = "低保对象名单,,,,\r\n序号,姓名,身份证号码,出生日期,行政村代码\r\n".to_owned();
        text += &format!("1,{},{},,\r\n", one.row.name, one.number);
        text += &format!("2,{},{},不详,\r\n", one.row.name, one_digit_off(&one.number));
        text += &format!("3,{},{},,\r\n", elsewhere.row.name, elsewhere.number);
        text += &format!("4,{},{},{},{}\r\n", one.row.name, another(&one.number), one.row.birth_date, one.row.region_code);
        text += "合计,4,,,\r\n";
        let (bytes, _, _) = encoding_rs::GBK.encode(&text);
        let job = sent(&app, &clerk, &bytes).await;
        work(&db).await;
        let done = read(&clerk, &job).await;
        assert_eq!((&done["state"], &done["lines"], &done["total"]), (&json!("DONE"), &json!(5), &json!(5)), "{done}");
        let file = clerk.send(app.http("GET", done["filePath"].as_str().expect("a path"))).await.text;
        let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(file.trim_start_matches('\u{feff}').as_bytes());
        let table: Vec<Vec<String>> = table.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        assert_eq!(table[0][5..], ["匹配结果", "户编号", "姓名", "依据", "候选", "行标识"]);
        let cells = |place: usize| table[place + 1][5..8].iter().map(String::as_str).collect::<Vec<_>>();
        let name = one.row.name.as_str();
        assert_eq!(cells(0), ["完全匹配", &card, name]);
        assert_eq!(cells(1), ["基本匹配", &card, name]);
        assert!(table[2][8].contains("身份证号有一位不同（第17位）") && table[2][8].contains("出生日期未采用"), "{:?}", table[2]);
        assert_eq!((cells(2), table[3][9].as_str()), (vec!["未匹配", "", ""], ""));
        assert_eq!(cells(3), ["疑似匹配", "", ""]);
        assert!(table[4][9].contains(&format!("{name}（{card}，")), "{:?}", table[4]);
        assert_eq!(cells(4), ["", "", ""]);
        // The copy repeats the numbers that were sent: it is for who sent them.
        for other in [clerk.clone().named("colleague"), app.reader(D::Civil, OWN), app.auditor()] {
            let answer = other.send(app.http("GET", done["filePath"].as_str().expect("a path"))).await;
            assert_eq!((answer.status(), answer.text.contains(&one.number)), (404, false));
        }
        // A decision by the key in the file is used for the row of the next one.
        let decide = mutation("rosterDecide", json!({ "rowKey": table[4][10], "personId": one.id, "reason": "户口本" }));
        decide.done_by(&clerk).await;
        let job = sent(&app, &clerk, &bytes).await;
        work(&db).await;
        let again = clerk.send(app.http("GET", read(&clerk, &job).await["filePath"].as_str().expect("a path"))).await.text;
        assert!(again.contains(&format!("完全匹配,{card},{name},人工已确认为同一人")), "{again}");
        assert!(!again.contains(&elsewhere.row.name.repeat(2)));
        // What is on record names the job.
        let looks = format!("SELECT COUNT(*) FROM access_record WHERE action = 'MATCH' AND case_number = '{job}' AND found");
        assert!(db.number(&looks).await >= 3);
        // Without the columns of a list it is none.
        let job = sent(&app, &clerk, "甲,乙\r\n1,2\r\n".as_bytes()).await;
        work(&db).await;
        let failed = read(&clerk, &job).await;
        assert_eq!((&failed["state"], &failed["problem"]), (&json!("FAILED"), &json!("FILE_UNUSABLE")), "{failed}");
        // Others neither begin one elsewhere nor see it.
        let begin = mutation("rosterMatchBegin", json!({ "region": NEIGHBOUR, "fileName": "名单.csv" }));
        let (text, variables) = begin.request();
        assert_eq!(clerk.query(&text, variables.clone()).await.codes(), ["OUT_OF_SCOPE"]);
        assert_eq!(app.reader(D::Civil, NEIGHBOUR).query(&text, variables).await.codes(), ["FORBIDDEN"]);
        assert_eq!(read(&app.clerk(D::Edu, OWN), &job).await, Value::Null);
    }
}
