//! Lists as files: the rows, values and masks of the viewer's own queries, files that can be taken over again, and what is posted.

use crate::finance_writing::BANK;
use crate::harness::{
    Actor, App, Seed, TestDatabase, both_dbs, vault, word,
    writes::{Sent, mutation, records},
    yihu,
};
use calamine::{Reader as _, Xlsx};
use entity::codes::Department as D;
use serde_json::{Value, json};
use sheets::{Cell, Kinds, Limits, Line, Sheets};
use std::{collections::BTreeSet, fs, io::Cursor, path::Path, sync::Arc};
use yihu::{
    authz::directory::NoDirectory,
    clock::Clock,
    db::{Database, Settings},
    departments,
    exporting::ExportWork,
    household::load_regions,
    importing::{ImportWork, Importer, Setting},
    jobs::{JobOptions, Runner, Worked},
    schema::Graph,
};

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
const JOB: &str = "id kind state problem problemDetail input lines changed unchanged refused filePath fileName done total";
const FORMATS: [&str; 3] = ["CSV", "CSV_GB18030", "XLSX"];

/// Does all jobs that wait.
async fn work(db: &TestDatabase) {
    let connected = Database::connect(&db.url, &Settings::default()).await;
    let database = connected.expect("a database");
    let (clock, vault) = (
        Clock::fixed(time::macros::date!(2018 - 12 - 31)),
        Arc::new(vault()),
    );
    let graph = Graph::new(database.clone(), vault.clone(), clock.clone()).expect("a graph");
    let graph = Arc::new(graph);
    let kinds = || Kinds::embedded().expect("kinds");
    let importer = Importer::new(Setting {
        policy: graph.policy(),
        graph: graph.clone(),
        database: database.clone(),
        vault,
        kinds: kinds(),
        imports: departments::imports(),
        clock: clock.clone(),
    });
    let imports = ImportWork {
        importer: Arc::new(importer),
        database: database.clone(),
        directory: Arc::new(NoDirectory),
    };
    let policy = graph.policy();
    let exports = ExportWork::new(
        (graph, policy),
        kinds(),
        departments::exports(),
        Arc::new(NoDirectory),
    );
    let runner = Runner::new(
        database,
        clock,
        vec![Arc::new(imports), Arc::new(exports)],
        &JobOptions::default(),
    );
    while runner.once().await.expect("a database") == Worked::Once {}
}

fn export(kind: &str, region: &str, more: Value) -> Sent {
    let mut input = json!({ "kind": kind, "region": region, "format": "CSV" });
    let more = more.as_object().expect("an object").clone();
    input.as_object_mut().expect("an object").extend(more);
    mutation("exportBegin", input).read(JOB)
}

fn reveal(fields: &[&str]) -> Value {
    json!({ "fields": fields, "purpose": "VERIFICATION", "caseNumber": "案2018-9", "reason": "年度花名册整体核对，逐户入户复核" })
}

async fn read(actor: &Actor, job: &str) -> Value {
    let text = format!("query($id: ID!) {{ job(id: $id) {{ {JOB} }} }}");
    actor.query(&text, json!({ "id": job })).await.data()["job"].take()
}

async fn exported(db: &TestDatabase, actor: &Actor, sent: Sent) -> Value {
    let job = sent.done_by(actor).await;
    assert_eq!(job["state"], json!("QUEUED"), "{job}");
    work(db).await;
    let job = read(actor, job["id"].as_str().expect("an id")).await;
    assert_eq!(job["state"], json!("DONE"), "{job}");
    job
}

async fn bytes(app: &App, actor: &Actor, job: &Value) -> Vec<u8> {
    let path = job["filePath"].as_str().unwrap_or_else(|| panic!("{job}"));
    let request = app.http("GET", path);
    let request = request.header("authorization", actor.authorization().expect("a token"));
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.bytes().await.expect("bytes").to_vec()
}

/// The rows of a CSV file, its headings first.
fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = bytes
        .strip_prefix("\u{feff}".as_bytes())
        .expect("a mark for Excel");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

async fn table(db: &TestDatabase, app: &App, actor: &Actor, sent: Sent) -> Vec<Vec<String>> {
    let job = exported(db, actor, sent).await;
    let rows = rows(&bytes(app, actor, &job).await);
    assert_eq!(job["lines"], json!(rows.len() - 1));
    rows
}

fn column(rows: &[Vec<String>], heading: &str) -> Vec<String> {
    let at = rows[0].iter().position(|of| of == heading);
    let at = at.unwrap_or_else(|| panic!("{heading}: {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

fn workbook(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book
        .worksheet_range_at(0)
        .expect("a sheet")
        .expect("its cells");
    let texts = sheet
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect());
    texts.collect()
}

/// The cells of a file as the reader of files takes them.
fn cells(kind: &str, bytes: Vec<u8>) -> Vec<Vec<Cell>> {
    let kinds = Kinds::embedded().expect("kinds");
    let kind = kinds.kind(kind, "").expect("a kind");
    let mut sheets = Sheets::of(Cursor::new(bytes), Limits::default()).expect("a table");
    let table = sheets.table(&kind, 0).expect("the headings");
    let rows = table.map(|line| match line.expect("a line") {
        Line::Row(row) => row.cells,
        Line::Beside { number, .. } => panic!("{number} is no row"),
    });
    rows.collect()
}

/// The cells of the formats are the same, and there are some.
fn assert_same(kind: &str, read_as: &[Vec<Vec<Cell>>]) {
    for (format, other) in FORMATS.iter().zip(read_as) {
        assert_eq!(other.len(), read_as[0].len(), "{kind} {format}");
        for (row, (first, other)) in read_as[0].iter().zip(other).enumerate() {
            // What is wrong is told with the name of the sheet.
            let is_same = |(first, other): (&Cell, &Cell)| match (first, other) {
                (Cell::Wrong(first), Cell::Wrong(other)) => {
                    (first.code, &first.column) == (other.code, &other.column)
                }
                (first, other) => first == other,
            };
            assert!(
                first.iter().zip(other).all(is_same) && first.len() == other.len(),
                "{kind} {format} {row}: {first:?} {other:?}"
            );
        }
    }
    assert!(!read_as[0].is_empty(), "{kind}");
}

async fn reveals(db: &TestDatabase) -> i64 {
    db.number("SELECT COUNT(*) FROM access_record").await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_list_goes_out_as_its_viewer_sees_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let looks = reveals(&db).await;
        let files = table(&db, &app, &civil, export("dibao", OWN, json!({}))).await;
        let covered = db.number("SELECT COUNT(*) FROM dibao d JOIN income_benefit_period p ON p.dibao_id = d.id WHERE d.county_code = 150921 AND d.valid_to IS NULL AND p.person_id IS NOT NULL AND p.valid_to IS NULL").await;
        assert_eq!(i64::try_from(files.len()).expect("few") - 1, covered);
        let headings = ["户编号", "行政村代码", "姓名", "证件号码", "低保证号", "低保类别", "保障人数", "保障标准", "月保障金", "低保状态", "批准日期", "享受开始日期", "停发日期", "渐退截止日期"];
        assert_eq!(files[0], headings);
        // Row by row what the graph shows, masks included.
        let text = "query($after: String) { dibaoRoll(filter: { region: \"150921\", asOf: \"2018-12-31\" }, first: 100, after: $after) { \
                    nodes { dibaoNumber monthlyAmount coveredPersons { validTo person { name citizenNumber } } } pageInfo { hasNextPage endCursor } } }";
        let (mut shown, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = civil.query(text, json!({ "after": after })).await.data()["dibaoRoll"].take();
            for dibao in page["nodes"].as_array().expect("nodes") {
                let covered = dibao["coveredPersons"].as_array().expect("persons");
                for person in covered.iter().filter(|person| person["validTo"].is_null()) {
                    let told = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    shown.push([&person["person"]["name"], &person["person"]["citizenNumber"], &dibao["dibaoNumber"], &dibao["monthlyAmount"]].map(told));
                }
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        let written: Vec<[String; 4]> = files[1..].iter().map(|row| [2, 3, 4, 8].map(|at: usize| row[at].clone())).collect();
        assert_eq!(written, shown);
        assert!(column(&files, "证件号码").iter().all(|number| number.is_empty() || number.contains('*')));
        assert!(column(&files, "低保类别").iter().all(|class| class.ends_with('类') || class == "补差"), "{:?}", column(&files, "低保类别"));
        assert_eq!(reveals(&db).await, looks);
        // The same in the other formats.
        let job = exported(&db, &civil, export("dibao", OWN, json!({ "format": "XLSX" }))).await;
        assert_eq!(job["fileName"], json!("dibao-150921000000-2018-12-31.xlsx"));
        let book = workbook(bytes(&app, &civil, &job).await);
        assert_eq!((book.len(), &book[0], &book[1][..6]), (files.len(), &files[0], &files[1][..6]));
        let job = exported(&db, &civil, export("dibao", OWN, json!({ "format": "CSV_GB18030" }))).await;
        assert_eq!(job["fileName"], json!("dibao-150921000000-2018-12-31.csv"));
        let file = bytes(&app, &civil, &job).await;
        let (text, _, lost) = encoding_rs::GB18030.decode(&file);
        assert!(!lost && rows(format!("\u{feff}{text}").as_bytes()) == files);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Every list goes out for whoever keeps it; what a viewer may not read is no column, and a kind that is not theirs is none.
    async fn each_kind_goes_out_with_the_columns_of_its_viewer(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, crate::finance_writing::BANK);
        for kind in departments::exports() {
            let owner = kind.owners.first().copied().unwrap_or(D::Poverty);
            let actor = match owner {
                D::Bank => bank.clone(),
                D::Township => app.clerk(D::Township, "150921107"),
                owner => app.clerk(owner, OWN),
            };
            let region = if owner == D::Township { "150921107" } else { OWN };
            let files = table(&db, &app, &actor, export(kind.kind, region, json!({}))).await;
            assert_eq!(files[0].len(), kind.columns.len(), "{}", kind.kind);
            assert!(files.len() > 1 || kind.kind == "finding", "{}: {:?}", kind.kind, files[0]);
            assert!(files.iter().skip(1).flatten().all(|cell| !cell.contains("YUAN") && cell != "true" && cell != "false"), "{}", kind.kind);
        }
        // Education reads no causes, phones and conditions of life; the file says so.
        let edu = app.clerk(D::Edu, OWN);
        let job = exported(&db, &edu, export("household", OWN, json!({}))).await;
        let input: Value = serde_json::from_str(job["input"].as_str().expect("a text")).expect("JSON");
        let withheld = input["withheld"].as_array().expect("names").clone();
        for name in ["phone", "main_cause", "address", "education_level", "road_distance"] {
            assert!(withheld.contains(&json!(name)), "{withheld:?}");
        }
        let files = rows(&bytes(&app, &edu, &job).await);
        assert!(!files[0].iter().any(|heading| ["联系电话", "主要致贫原因", "家庭住址"].contains(&heading.as_str())), "{:?}", files[0]);
        let persons = "SELECT COUNT(*) FROM person WHERE county_code = 150921 AND valid_to IS NULL";
        assert_eq!(i64::try_from(files.len()).expect("few") - 1, db.number(persons).await);
        let kinds = async |actor: &Actor| {
            let asked = actor.query("{ exportKinds { name withheld mayReveal } }", json!({})).await.data()["exportKinds"].take();
            asked.as_array().expect("kinds").clone()
        };
        let of_edu: BTreeSet<String> = kinds(&edu).await.iter().map(|kind| kind["name"].as_str().expect("a name").to_owned()).collect();
        assert_eq!(of_edu, ["finding", "household", "rain_dew", "school_roll"].map(str::to_owned).into());
        let of_school: Vec<_> = kinds(&edu).await.into_iter().filter(|kind| kind["mayReveal"] == true).map(|kind| kind["name"].clone()).collect();
        assert_eq!(of_school, [json!("school_roll")]);
        assert!(kinds(&app.auditor()).await.iter().all(|kind| kind["mayReveal"] == false));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_not_yours_does_not_go_out(db: TestDatabase) {
        let app = App::start(&db).await;
        let (edu, civil) = (app.clerk(D::Edu, OWN), app.clerk(D::Civil, OWN));
        let before = records(&db).await;
        assert_eq!(export("dibao", OWN, json!({})).mistakes(&edu).await, ["input.kind UNKNOWN_KIND"]);
        assert_eq!(export("manna", OWN, json!({})).mistakes(&civil).await, ["input.kind UNKNOWN_KIND"]);
        // A list that is posted goes out for those who post it, and whole or not at all.
        for other in [&civil, &edu] {
            assert_eq!(export("public_roster", OWN, json!({})).mistakes(other).await, ["input.kind UNKNOWN_KIND"]);
        }
        for (more, expected) in [
            (json!({ "format": "PARQUET" }), "input.format NO_SUCH_FORMAT"),
            (json!({ "year": 2018 }), "input.year NOT_NARROWED_BY_THIS"),
            (json!({ "state": ["PAID"] }), "input.state NOT_NARROWED_BY_THIS"),
        ] {
            assert_eq!(export("dibao", OWN, more).mistakes(&civil).await, [expected]);
        }
        assert_eq!(export("claim", OWN, json!({ "asOf": "2018-12-31" })).mistakes(&app.clerk(D::Medins, OWN)).await, ["input.asOf NOT_NARROWED_BY_THIS"]);
        assert_eq!(export("claim", OWN, json!({ "state": ["manna"] })).mistakes(&app.clerk(D::Medins, OWN)).await, ["input.state INVALID_VALUE"]);
        for (region, code) in [(NEIGHBOUR, "OUT_OF_SCOPE"), ("1509", "OUT_OF_SCOPE"), ("150999", "UNKNOWN_REGION")] {
            let (text, variables) = export("dibao", region, json!({})).request();
            assert_eq!(civil.query(&text, variables).await.codes(), [code]);
        }
        export("dibao", OWN, json!({})).refused_to(&db, &[app.clerk(D::Stats, OWN), app.reader(D::Civil, OWN), app.auditor()]).await;
        assert_eq!((records(&db).await, db.number("SELECT COUNT(*) FROM job").await), (before, 0));
        // A township has its own, however its file is asked for.
        let township = app.clerk(D::Township, "150921107");
        let files = table(&db, &app, &township, export("dibao", "150921107", json!({}))).await;
        assert!(files.len() > 1 && column(&files, "行政村代码").iter().all(|village| village.starts_with("150921107")));
        // A bank has the borrowers of its own.
        let bank = app.institution(D::Bank, crate::finance_writing::BANK);
        let files = table(&db, &app, &bank, export("loan", OWN, json!({}))).await;
        assert!(files.len() > 1 && column(&files, "贷款银行代码").iter().all(|code| code == crate::finance_writing::BANK));
        // The file is for who asked.
        let job = exported(&db, &civil, export("dibao", OWN, json!({}))).await;
        let name = column(&rows(&bytes(&app, &civil, &job).await), "姓名")[0].clone();
        for other in [civil.clone().named("colleague"), app.reader(D::Civil, OWN), app.clerk(D::Civil, NEIGHBOUR), app.auditor(), edu] {
            let answer = other.send(app.http("GET", job["filePath"].as_str().expect("a path"))).await;
            assert_eq!((answer.status(), answer.text.contains(&name)), (404, false), "{}", answer.text);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn full_values_go_out_to_their_keeper_and_are_recorded(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let looks = reveals(&db).await;
        let number = ["CITIZEN_NUMBER"];
        let with = |reveal: Value| export("special_support", OWN, json!({ "reveal": reveal }));
        let before = records(&db).await;
        // Not to others who read the list, not from above, not for nothing.
        for other in [app.clerk(D::Poverty, OWN), app.clerk(D::Township, OWN), app.clerk(D::Village, OWN)] {
            assert_eq!(with(reveal(&number)).mistakes(&other).await, ["input.reveal NOT_YOURS_IN_FULL"]);
        }
        let city = app.clerk(D::Civil, "1509").named("city");
        let from_above = export("special_support", "1509", json!({ "reveal": reveal(&number) }));
        assert_eq!(from_above.mistakes(&city).await, ["input.reveal NOT_YOURS_IN_FULL"]);
        assert_eq!(with(reveal(&number)).mistakes(&city).await, ["input.reveal NOT_YOURS_IN_FULL"]);
        for (field, wrong) in [("fields", json!([])), ("fields", json!(["BANK_CARD"])), ("caseNumber", json!(" ")), ("reason", json!("核对")), ("reason", json!("核\u{202e}对核对核对核对核对核对"))] {
            let mut asked = reveal(&number);
            asked[field] = wrong;
            assert_eq!(with(asked).mistakes(&civil).await, [format!("input.reveal.{field} INVALID_VALUE")]);
        }
        let roster = export("public_roster", OWN, json!({ "reveal": reveal(&number) }));
        assert_eq!(roster.mistakes(&app.clerk(D::Poverty, OWN)).await, ["input.reveal.fields INVALID_VALUE"]);
        assert_eq!((records(&db).await, reveals(&db).await), (before, looks));
        let files = table(&db, &app, &civil, with(reveal(&number))).await;
        let numbers = column(&files, "证件号码");
        assert!(!numbers.is_empty() && numbers.iter().all(|number| number.is_empty() || yihu::identifiers::CitizenNumber::parse(number, time::macros::date!(2018 - 12 - 31)).is_ok()), "{numbers:?}");
        // Each person is on the record of who looked: for whom, why, by whom; and the family can read it.
        let shown: BTreeSet<_> = numbers.iter().filter(|number| !number.is_empty()).collect();
        let of_case = "SELECT COUNT(DISTINCT person_id) FROM access_record WHERE action = 'REVEAL' AND purpose = 'VERIFICATION' AND case_number = '案2018-9' AND department = 'CIVIL' AND fields = 'CITIZEN_NUMBER'";
        assert_eq!(db.number(of_case).await, i64::try_from(shown.len()).expect("few"));
        assert_eq!(reveals(&db).await, looks + i64::try_from(shown.len()).expect("few"));
        let asked = db.text("SELECT input FROM job").await;
        assert!(asked.contains("年度花名册整体核对") && !numbers.iter().any(|number| !number.is_empty() && asked.contains(number.as_str())), "{asked}");
    }
}

/// Whether each row of a file that went out is on record for who sends it.
async fn taken_back(
    db: &TestDatabase,
    app: &App,
    actor: &Actor,
    kind: &str,
    (region, file): (&str, Vec<u8>),
) -> Value {
    let input = json!({ "kind": kind, "region": region, "fileName": "名单.csv", "format": "CSV" });
    let job = mutation("importBegin", input)
        .read(JOB)
        .done_by(actor)
        .await;
    let id = job["id"].as_str().expect("an id").to_owned();
    let request = app.http("PUT", &format!("/jobs/{id}/input")).body(file);
    assert_eq!(actor.send(request).await.status(), 200);
    work(db).await;
    read(actor, &id).await
}

/// How many records of the county are of persons who have left their household, or of households without a head.
async fn left(db: &TestDatabase, table: &str) -> i64 {
    let is_open = "p.valid_to IS NULL";
    let of = match table {
        "" => return 0,
        "house" => format!(
            "t.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM person p WHERE p.household_id = t.household_id AND p.is_head AND {is_open})"
        ),
        _ => format!("NOT EXISTS (SELECT 1 FROM person p WHERE p.id = t.person_id AND {is_open})"),
    };
    db.number(&format!(
        "SELECT COUNT(*) FROM {table} t WHERE t.county_code = 150921 AND {of}"
    ))
    .await
}

fn counts(job: &Value) -> [i64; 3] {
    ["changed", "unchanged", "refused"]
        .map(|name| job[name].as_i64().unwrap_or_else(|| panic!("{job}")))
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What went out in full is taken over again, from each format, and says what is on record: nothing is changed or refused.
    async fn what_goes_out_comes_back_the_same(db: TestDatabase) {
        let app = App::start(&db).await;
        for (kind, table, department, region, fields) in [
            ("dibao", "", D::Civil, OWN, &["CITIZEN_NUMBER"][..]),
            ("special_support", "", D::Civil, OWN, &["CITIZEN_NUMBER"]),
            ("disability", "", D::Dpf, OWN, &["CITIZEN_NUMBER", "DISABILITY_CERTIFICATE"]),
            ("medical_enrolment", "medical_enrolment", D::Medins, OWN, &["CITIZEN_NUMBER"]),
            ("claim", "medical_claim", D::Medins, OWN, &["CITIZEN_NUMBER", "DIAGNOSIS"]),
            ("rain_dew", "rain_dew_application", D::Poverty, OWN, &["CITIZEN_NUMBER"]),
            ("house", "house", D::Housing, OWN, &["CITIZEN_NUMBER"]),
            ("income_form", "", D::Township, "150921107", &["CITIZEN_NUMBER"]),
            ("school_roll", "school_enrolment", D::Edu, OWN, &["CITIZEN_NUMBER"]),
            ("relocation", "", D::Reloc, OWN, &["CITIZEN_NUMBER"]),
        ] {
            let actor = app.clerk(department, region);
            let mut read_as = Vec::new();
            for format in FORMATS {
                let sent = export(kind, region, json!({ "format": format, "reveal": reveal(fields) }));
                let job = exported(&db, &actor, sent).await;
                let file = bytes(&app, &actor, &job).await;
                read_as.push(cells(kind, file.clone()));
                let back = taken_back(&db, &app, &actor, kind, (region, file)).await;
                assert_eq!(back["state"], json!("DONE"), "{kind} {format}: {back}");
                // Nobody takes over what is told of somebody who has left the household since.
                let gone = left(&db, table).await;
                let lines = job["lines"].as_i64().unwrap_or_default();
                let told = rows(&bytes(&app, &actor, &back).await);
                let other: Vec<_> = told[1..].iter().filter(|row| row[row.len() - 2] != "无变化" && !["PERSON_NOT_AVAILABLE", "REQUIRED"].iter().any(|code| row[row.len() - 1].contains(code))).take(3).collect();
                assert_eq!((counts(&back), other), ([0, lines - gone, gone], vec![]), "{kind} {format}");
            }
            assert_same(kind, &read_as);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The other kinds read the same from each format, though nothing takes them over here.
    async fn each_format_reads_the_same(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, crate::finance_writing::BANK);
        for (kind, actor, fields) in [
            ("household", app.clerk(D::Poverty, OWN), &["CITIZEN_NUMBER", "PHONE"][..]),
            ("payment", app.clerk(D::Finance, OWN), &["CITIZEN_NUMBER", "BANK_CARD"]),
            ("card", bank.clone(), &["CITIZEN_NUMBER", "BANK_CARD"]),
            ("loan", bank.clone(), &["CITIZEN_NUMBER"]),
        ] {
            let mut read_as = Vec::new();
            for format in FORMATS {
                let mut narrowed = json!({ "format": format, "reveal": reveal(fields) });
                if kind == "household" {
                    // A candidate has no card yet.
                    narrowed["state"] = json!(["REGISTERED", "EXITED", "RETURNED"]);
                }
                let job = exported(&db, &actor, export(kind, OWN, narrowed)).await;
                read_as.push(cells(kind, bytes(&app, &actor, &job).await));
            }
            assert_same(kind, &read_as);
            let wrong: Vec<_> = read_as[0].iter().flatten().filter(|cell| matches!(cell, Cell::Wrong(_))).take(3).collect();
            assert!(wrong.is_empty(), "{kind}: {wrong:?}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_posted_has_fixed_columns(db: TestDatabase) {
        let app = App::start(&db).await;
        let poverty = app.clerk(D::Poverty, OWN);
        let family = db.number("SELECT MIN(id) FROM household WHERE county_code = 150921 AND status = 'REGISTERED'").await;
        db.execute(&format!("UPDATE person SET name = '某少年', birth_date = '2001-01-01' WHERE household_id = {family} AND is_head AND valid_to IS NULL")).await;
        let card = db.text(&format!("SELECT card_number FROM household WHERE id = {family}")).await;
        for (kind, narrowed, dates) in [
            ("public_roster", json!({ "state": ["REGISTERED"] }), "status = 'REGISTERED'"),
            ("public_exit_roster", json!({ "state": ["EXITED"], "year": 2018 }), "status = 'EXITED' AND exited_on >= '2018-01-01'"),
        ] {
            let files = table(&db, &app, &poverty, export(kind, OWN, narrowed)).await;
            assert_eq!(files[0], ["苏木乡镇", "行政村", "村民小组", "户主姓名", "家庭人口", "脱贫属性", "建档日期", "脱贫日期"]);
            let listed = db.number(&format!("SELECT COUNT(*) FROM household WHERE county_code = 150921 AND {dates}")).await;
            assert_eq!(i64::try_from(files.len()).expect("few") - 1, listed, "{kind}");
            let text = files.concat().concat();
            assert!(!text.contains("某少年") && !text.contains('*') && !text.contains(&card), "{kind}");
            let digits = |cell: &String| cell.chars().filter(char::is_ascii_digit).count();
            assert!(files[1..].iter().flatten().all(|cell| digits(cell) <= 8), "{kind}");
        }
        let village = app.clerk(D::Village, "150921107200");
        let files = table(&db, &app, &village, export("public_roster", "150921107200", json!({}))).await;
        assert_eq!(column(&files, "行政村").iter().collect::<BTreeSet<_>>().len(), 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn no_cell_is_a_formula(db: TestDatabase) {
        let app = App::start(&db).await;
        let poverty = app.clerk(D::Poverty, OWN);
        let person = db.number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL").await;
        db.execute(&format!("UPDATE person SET name = '=HYPERLINK(1)' WHERE id = {person}")).await;
        let job = exported(&db, &poverty, export("household", OWN, json!({}))).await;
        let file = bytes(&app, &poverty, &job).await;
        let names = column(&rows(&file), "姓名");
        assert!(names.contains(&"'=HYPERLINK(1)".to_owned()) && !names.iter().any(|name| name.starts_with('=')));
        let job = exported(&db, &poverty, export("household", OWN, json!({ "format": "XLSX" }))).await;
        let book = bytes(&app, &poverty, &job).await;
        let mut formulas = Xlsx::new(Cursor::new(book.clone())).expect("a workbook");
        assert!(formulas.worksheet_formula("Sheet1").expect("a sheet").is_empty());
        // Read again it is the name, of both.
        let name = |cells: Vec<Vec<Cell>>| cells.concat().into_iter().any(|cell| matches!(cell, Cell::Value(sheets::Value::Text(text)) if text == "=HYPERLINK(1)"));
        assert!(name(cells("household", file)) && name(cells("household", book)));
    }
}

/// All that an export holds, in full.
async fn whole(
    db: &TestDatabase,
    app: &App,
    actor: &Actor,
    (kind, region): (&str, &str),
    narrowed: &Value,
) -> Vec<u8> {
    let job = exported(db, actor, export(kind, region, narrowed.clone())).await;
    bytes(app, actor, &job).await
}

/// Takes a file over, and gives the rows that are not: none.
async fn taken_over(
    db: &TestDatabase,
    app: &App,
    actor: &Actor,
    kind: &str,
    (region, file): (&str, &[u8]),
) -> Vec<Vec<String>> {
    let preview = taken_back(db, app, actor, kind, (region, file.to_vec())).await;
    let apply = mutation("importApply", Value::Null).without_input();
    let apply = apply.of_record(preview["id"].as_str().expect("an id"));
    let job = apply.read("id").done_by(actor).await;
    work(db).await;
    let applied = read(actor, job["id"].as_str().expect("an id")).await;
    let told = rows(&bytes(app, actor, &applied).await);
    let refused = |row: &&Vec<String>| row[row.len() - 2] != "已导入";
    told[1..].iter().filter(refused).take(3).cloned().collect()
}

/// The rows of a file in an order that keys don't give.
fn sorted(file: &[u8]) -> BTreeSet<Vec<String>> {
    rows(file).into_iter().collect()
}

/// A list that fills the emptied tables that it came from.
struct Emptied {
    kind: &'static str,
    table: &'static str,
    /// Tables whose rows refer to its own, and by what.
    below: &'static [(&'static str, &'static str)],
    /// Rows that nobody takes over.
    not_taken: String,
    department: D,
    fields: &'static [&'static str],
}

impl Emptied {
    fn of(kind: &'static str, table: &'static str, department: D) -> Self {
        Emptied {
            kind,
            table,
            below: &[],
            not_taken: "1 = 0".to_owned(),
            department,
            fields: &["CITIZEN_NUMBER"],
        }
    }

    fn without(self, not_taken: &str) -> Self {
        Emptied {
            not_taken: not_taken.to_owned(),
            ..self
        }
    }

    fn below(self, below: &'static [(&'static str, &'static str)]) -> Self {
        Emptied { below, ..self }
    }

    fn with(self, fields: &'static [&'static str]) -> Self {
        Emptied { fields, ..self }
    }

    async fn cut(&self, db: &TestDatabase, condition: &str) {
        let main = self.table;
        for (table, refers) in self.below {
            db.execute(&format!(
                "DELETE FROM {table} WHERE {refers} IN (SELECT id FROM {main} WHERE {condition})"
            ))
            .await;
        }
        db.execute(&format!("DELETE FROM {main} WHERE {condition}"))
            .await;
    }

    async fn comes_back(&self, db: &TestDatabase, app: &App) {
        let kind = self.kind;
        let (region, actor) = match self.department {
            D::Bank => (OWN, app.institution(D::Bank, BANK).named(kind)),
            D::Township => ("150921107", app.clerk(D::Township, "150921107")),
            department => (OWN, app.clerk(department, OWN)),
        };
        self.cut(db, &self.not_taken).await;
        if self.department == D::Bank {
            // Looked at and taken over, they are thirty look-ups of persons at the most: here the minute never ends.
            let first = format!(
                "SELECT id FROM {} WHERE bank_code = '{BANK}' AND county_code = 150921 ORDER BY id LIMIT 15",
                self.table
            );
            self.cut(db, &format!("id NOT IN ({first})")).await;
        }
        let narrowed = json!({ "reveal": reveal(self.fields) });
        let before = whole(db, app, &actor, (kind, region), &narrowed).await;
        assert!(rows(&before).len() > 1, "{kind}");
        self.cut(db, "county_code = 150921").await;
        let emptied = whole(db, app, &actor, (kind, region), &narrowed).await;
        assert_eq!(rows(&emptied).len(), 1, "{kind}");
        let refused = taken_over(db, app, &actor, kind, (region, &before)).await;
        assert!(refused.is_empty(), "{kind}: {refused:?}");
        let mut expected = rows(&before);
        if kind == "card" {
            // The bank says whose a card is; which one receives is chosen where it is paid.
            let at = expected[0].iter().position(|of| of == "是否收款卡");
            let at = at.expect("a column");
            assert!(expected.iter().any(|row| row[at] == "是"));
            for row in &mut expected[1..] {
                "否".clone_into(&mut row[at]);
            }
        }
        let after = whole(db, app, &actor, (kind, region), &narrowed).await;
        let expected: BTreeSet<_> = expected.into_iter().collect();
        assert_eq!(sorted(&after), expected, "{kind}");
    }
}

/// The lists whose emptied tables they fill as they were.
fn emptied() -> Vec<Emptied> {
    // Nobody takes over what is told of somebody who has left, or of what has ended.
    let left = "person_id IN (SELECT id FROM person WHERE valid_to IS NOT NULL)";
    // Nor does the roll have a row for a member who has left since.
    let not_whole = "state NOT IN ('APPROVED', 'PAID') OR valid_to IS NOT NULL OR persons <> (SELECT COUNT(*) FROM income_benefit_period b \
        JOIN person p ON p.id = b.person_id WHERE b.dibao_id = dibao.id AND b.valid_to IS NULL AND p.valid_to IS NULL)";
    // Nor a claim of an earlier household, or one that paid more than it came to.
    let not_of_today = format!(
        "{left} OR discharged_on < (SELECT p.valid_from FROM person p WHERE p.id = person_id) \
         OR eligible_cost_fen < (SELECT SUM(s.paid_fen) FROM claim_stage s WHERE s.claim_id = medical_claim.id)"
    );
    // What offices are at, step by step, is done here; nor does a family apply that keeps no policies. It is the school that confirms.
    let on_the_way = format!(
        "state NOT IN ('FORM_TAKEN', 'PAID', 'REFUSED') OR {left} OR household_id IN \
         (SELECT id FROM household WHERE NOT (status IN ('REGISTERED', 'RETURNED') OR status = 'EXITED' AND COALESCE(policy_after_exit, '') = 'KEPT'))"
    );
    let confirmed = format!("confirmed_on IS NOT NULL OR {left}");
    // What became of a loan is told by its repayments and extensions.
    let not_granted = format!("state <> 'GRANTED' OR {left}");
    let headless = "valid_to IS NOT NULL OR household_id NOT IN (SELECT household_id FROM person WHERE is_head AND valid_to IS NULL)";
    // Planned is for who is on file today, and for all who live there today.
    let of_others = "kind = 'REGISTERED' AND household_id IN (SELECT id FROM household WHERE status NOT IN ('REGISTERED', 'RETURNED')) \
        OR persons <> (SELECT COUNT(*) FROM person p WHERE p.household_id = relocation.household_id AND p.valid_to IS NULL)";
    vec![
        Emptied::of("disability", "disability_certificate", D::Dpf)
            .without(left)
            .with(&["CITIZEN_NUMBER", "DISABILITY_CERTIFICATE"]),
        Emptied::of("medical_enrolment", "medical_enrolment", D::Medins).without(left),
        Emptied::of("special_support", "special_support", D::Civil)
            .without(left)
            .below(&[("income_benefit_period", "special_support_id")]),
        Emptied::of("dibao", "dibao", D::Civil)
            .without(not_whole)
            .below(&[("income_benefit_period", "dibao_id")]),
        Emptied::of("income_form", "income_form", D::Township)
            .below(&[("income_item", "income_form_id")]),
        Emptied::of("claim", "medical_claim", D::Medins)
            .without(&not_of_today)
            .below(&[("claim_stage", "claim_id")])
            .with(&["CITIZEN_NUMBER", "DIAGNOSIS"]),
        Emptied::of("rain_dew", "rain_dew_application", D::Poverty).without(&on_the_way),
        Emptied::of("school_roll", "school_enrolment", D::Edu).without(&confirmed),
        Emptied::of("loan", "loan", D::Bank)
            .without(&not_granted)
            .below(&[
                ("loan_repayment", "loan_id"),
                ("loan_extension", "loan_id"),
                ("loan_extension", "new_loan_id"),
                ("interest_subsidy", "loan_id"),
            ]),
        Emptied::of("card", "bank_card", D::Bank)
            .without(&format!("valid_to IS NOT NULL OR {left}"))
            .with(&["CITIZEN_NUMBER", "BANK_CARD"]),
        Emptied::of("house", "house", D::Housing)
            .without(headless)
            .below(&[("renovation", "house_id")]),
        Emptied::of("relocation", "relocation", D::Reloc).without(of_others),
    ]
}

/// No list that goes out and is taken over is left out.
#[test]
fn every_list_is_tried_where_nothing_is() {
    let exports = departments::exports();
    let goes_out = |kind: &str| exports.iter().any(|export| export.kind == kind);
    let imports = departments::imports();
    let taken = imports.iter().map(|import| import.kind);
    let both: BTreeSet<_> = taken.filter(|kind| goes_out(kind)).collect();
    let emptied = emptied();
    let tried = emptied.iter().map(|list| list.kind);
    let tried: BTreeSet<_> = tried.chain(["household", "payment"]).collect();
    assert_eq!(tried, both);
}

/// A result is one of a payment on record: where that is, it comes back; where it is not, nothing is written.
async fn results_come_back(db: &TestDatabase, app: &App) {
    let finance = app.clerk(D::Finance, OWN);
    let nobody = "person_id IN (SELECT id FROM person WHERE valid_to IS NOT NULL) OR person_id IS NULL \
        AND household_id NOT IN (SELECT household_id FROM person WHERE is_head AND valid_to IS NULL)";
    db.execute(&format!(
        "DELETE FROM payment WHERE state = 'PENDING' OR {nobody}"
    ))
    .await;
    let narrowed = json!({ "reveal": reveal(&["CITIZEN_NUMBER", "BANK_CARD"]) });
    let list = ("payment", OWN);
    let before = whole(db, app, &finance, list, &narrowed).await;
    let states = column(&rows(&before), "发放状态");
    let states: BTreeSet<&str> = states.iter().map(String::as_str).collect();
    assert!(states.len() > 2, "{states:?}");
    db.execute("UPDATE payment SET state = 'PENDING', paid_on = NULL WHERE county_code = 150921")
        .await;
    assert_ne!(
        sorted(&whole(db, app, &finance, list, &narrowed).await),
        sorted(&before)
    );
    let refused = taken_over(db, app, &finance, "payment", (OWN, &before)).await;
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(
        sorted(&whole(db, app, &finance, list, &narrowed).await),
        sorted(&before)
    );
    db.execute("DELETE FROM payment WHERE county_code = 150921")
        .await;
    let preview = taken_back(db, app, &finance, "payment", (OWN, before)).await;
    let lines = preview["lines"].as_i64().expect("lines");
    assert_eq!(counts(&preview), [0, 0, lines]);
    let told = rows(&bytes(app, &finance, &preview).await);
    assert!(
        told[1..]
            .iter()
            .all(|row| row[row.len() - 1].contains("NOT_ON_RECORD"))
    );
    let payments = "SELECT COUNT(*) FROM payment WHERE county_code = 150921";
    assert_eq!(db.number(payments).await, 0);
}

/// The families of the county, in a database that has none.
async fn households_come_back(db: &TestDatabase, app: &App) {
    let other = TestDatabase::create(db.engine, Seed::Migrated).await;
    let other = other.expect("another database");
    let database = Database::connect(&other.url, &Settings::default()).await;
    load_regions(&database.expect("a database"))
        .await
        .expect("the regions");
    let there = App::start(&other).await;
    // Who has no card is on no list; what a file was until it was closed or struck off stands in none.
    let narrowed = json!({ "state": ["REGISTERED", "EXITED", "RETURNED"], "reveal": reveal(&["CITIZEN_NUMBER", "PHONE"]) });
    let list = ("household", OWN);
    let before = whole(db, app, &app.clerk(D::Poverty, OWN), list, &narrowed).await;
    let clerk = there.clerk(D::Poverty, OWN);
    assert_eq!(
        rows(&whole(&other, &there, &clerk, list, &narrowed).await).len(),
        1
    );
    let approver = there.approver(D::Poverty, OWN);
    let refused = taken_over(&other, &there, &approver, "household", (OWN, &before)).await;
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(
        sorted(&whole(&other, &there, &clerk, list, &narrowed).await),
        sorted(&before)
    );
    drop(there);
    other.remove().await;
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Taken over where nothing was, a file leaves the table that it came from.
    async fn an_empty_table_is_filled_as_it_was(db: TestDatabase) {
        let app = App::start(&db).await;
        households_come_back(&db, &app).await;
        results_come_back(&db, &app).await;
        db.execute("UPDATE school_enrolment SET confirmed_on = NULL WHERE term = 'AUTUMN'").await;
        // Of a relocation the plan is taken over, while its project is open; the steps are said one by one.
        db.execute("UPDATE relocation_project SET stage = 'BUILDING'").await;
        db.execute("UPDATE relocation SET stage = 'PLANNED', decided_on = NULL, finished_on = NULL, moved_in_on = NULL, old_house_removed_on = NULL, settled_on = NULL, old_house_id = NULL").await;
        db.execute("UPDATE payment SET bank_card_id = NULL").await;
        for list in emptied() {
            list.comes_back(&db, &app).await;
        }
        // What was settled is history, and waits for nobody to pay it.
        let history = "SELECT COUNT(*) FROM medical_claim WHERE county_code = 150921 AND state = 'SETTLED' AND";
        assert!(db.number(&format!("{history} settled_elsewhere")).await > 0);
        assert_eq!(db.number(&format!("{history} NOT settled_elsewhere")).await, 0);
    }
}

fn by_command(db: &TestDatabase, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = yihu(folder);
    command
        .args(["export", "--demo", "--database", &db.url])
        .args(arguments);
    // The numbers on file are sealed by the suite of the test.
    command.env("YIHU_VAULT_SUITE", word());
    let done = command.output().expect("it runs");
    let text = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8(text).expect("a text"))
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_command_does_the_same(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::start(&db).await;
        let job = exported(&db, &app.clerk(D::Civil, OWN), export("dibao", OWN, json!({ "asOf": "2018-12-31" }))).await;
        let expected = bytes(&app, &app.clerk(D::Civil, OWN), &job).await;
        let (code, said) = by_command(&db, folder.path(), &["dibao", "低保.csv", "--region", OWN, "--as-of", "2018-12-31"]);
        assert_eq!((code, said.trim()), (Some(0), format!("{} rows written to 低保.csv", rows(&expected).len() - 1).as_str()));
        assert!(fs::read(folder.path().join("低保.csv")).expect("a file") == expected);
        let looks = reveals(&db).await;
        let full = ["medical_enrolment", "a.xlsx", "--region", OWN, "--year", "2018", "--reveal", "CITIZEN_NUMBER", "--purpose", "VERIFICATION", "--case", "案7", "--reason", "年度参保名单整体核对，逐户复核"];
        let (code, said) = by_command(&db, folder.path(), &full);
        assert_eq!(code, Some(0), "{said}");
        assert!(reveals(&db).await > looks);
        assert_eq!(db.number("SELECT COUNT(*) FROM access_record WHERE action = 'REVEAL' AND user_id NOT LIKE 'yihu-cli|%'").await, 0);
        let (code, said) = by_command(&db, folder.path(), &["household", "b.csv", "--region", OWN, "--as", "EDU", "--gb18030"]);
        assert!(code == Some(0) && said.contains("EDU does not read") && said.contains("main_cause"), "{said}");
        for (arguments, expected) in [
            (&["manna", "a.csv", "--region", OWN][..], "there is no list `manna`; those that there are: household, income_form"),
            (&["dibao", "a.parquet", "--region", OWN], "the file is a .csv or .xlsx file"),
            (&["dibao", "a.xlsx", "--gb18030", "--region", OWN], "in GB18030 a .csv file"),
            (&["dibao", "a.csv", "--region", OWN, "--as", "EDU"], "no such list"),
            (&["dibao", "a.csv", "--region", OWN, "--reveal", "CITIZEN_NUMBER"], "--reason"),
        ] {
            let (code, said) = by_command(&db, folder.path(), arguments);
            assert!(code != Some(0) && said.contains(expected), "{said}");
        }
        assert!(!folder.path().join("a.csv").exists());
    }
}

#[test]
fn each_column_is_one_of_its_kind() {
    let kinds = Kinds::embedded().expect("kinds");
    let mut names = BTreeSet::new();
    for export in departments::exports() {
        assert!(names.insert(export.kind), "{} is there twice", export.kind);
        let kind = kinds.kind(export.kind, "");
        for column in export.columns {
            let place = kind.as_ref().and_then(|kind| kind.column(column.name));
            assert_eq!(
                place.is_none(),
                column.heading.is_some(),
                "{} {}",
                export.kind,
                column.name
            );
            let sensitive = kind
                .as_ref()
                .zip(place)
                .is_some_and(|(kind, place)| kind.columns[place].is.is_sensitive());
            assert_eq!(
                column.masks.is_some(),
                sensitive,
                "{} {}",
                export.kind,
                column.name
            );
        }
        if let Some(kind) = kind {
            assert_eq!(export.chinese, kind.chinese, "{}", export.kind);
        }
    }
}
