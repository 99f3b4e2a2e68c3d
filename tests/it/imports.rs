//! Files of other offices: announced, sent, looked at row by row, taken over, and told in a copy of the file.

use crate::{
    civil_affairs_writing::{citizen_number, first_member, free_family},
    family_writing::number,
    finance_writing::{BANK, CARD, payment, stranger},
    harness::{
        Actor, App, TestDatabase, both_dbs, vault, word,
        writes::{mutation, records},
        yihu,
    },
    health_writing::{hospital, member_without},
    housing_writing::{NOT_RENOVATED, house},
    reading::members_of,
};
use calamine::{Reader as _, Xlsx};
use entity::{codes::Department as D, household::codes::CitizenNumberState};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{fs, io::Cursor, path::Path, sync::Arc, time::Duration};
use yihu::{
    authz::directory::NoDirectory,
    clock::Clock,
    db::{Database, Settings},
    departments,
    graphql::scalars::{global_id, parse_global_id},
    importing::{ImportWork, Importer, Setting},
    jobs::{JobOptions, Runner, Worked},
    reconciliation::Wanted,
    schema::Graph,
};

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
const JOB: &str = "id kind state problem problemDetail notices lines changed unchanged refused fileHash filePath fileName done total";

/// Does all jobs that wait.
async fn work(db: &TestDatabase) {
    let runner = runner(db).await;
    while runner.once().await.expect("a database") == Worked::Once {}
}

async fn runner(db: &TestDatabase) -> Runner {
    let connected = Database::connect(&db.url, &Settings::default()).await;
    let database = connected.expect("a database");
    let (clock, vault) = (
        Clock::fixed(time::macros::date!(2018 - 12 - 31)),
        Arc::new(vault()),
    );
    let graph = Graph::new(database.clone(), vault.clone(), clock.clone()).expect("a graph");
    let graph = Arc::new(graph);
    let importer = Importer::new(Setting {
        policy: graph.policy(),
        graph,
        database: database.clone(),
        vault,
        kinds: sheets::Kinds::embedded().expect("kinds"),
        imports: departments::imports(),
        clock: clock.clone(),
    });
    let work = ImportWork {
        importer: Arc::new(importer),
        database: database.clone(),
        directory: Arc::new(NoDirectory),
    };
    Runner::new(
        database,
        clock,
        vec![Arc::new(work)],
        &JobOptions::default(),
    )
}

async fn announced(actor: &Actor, kind: &str, format: &str) -> String {
    let input = json!({ "kind": kind, "region": OWN, "fileName": "名单.csv", "format": format });
    let job = mutation("importBegin", input)
        .read(JOB)
        .done_by(actor)
        .await;
    assert_eq!(job["state"], json!("AWAITING_FILE"));
    job["id"].as_str().expect("an id").to_owned()
}

async fn send(app: &App, actor: &Actor, job: &str, bytes: &[u8]) -> (u16, Value) {
    let request = app
        .http("PUT", &format!("/jobs/{job}/input"))
        .body(bytes.to_vec());
    let answer = actor.send(request).await;
    (answer.status(), answer.json())
}

async fn read(actor: &Actor, job: &str) -> Value {
    let text = format!("query($id: ID!) {{ job(id: $id) {{ {JOB} }} }}");
    actor.query(&text, json!({ "id": job })).await.data()["job"].take()
}

/// A file that was looked at.
async fn looked_at(db: &TestDatabase, app: &App, actor: &Actor, kind: &str, bytes: &[u8]) -> Value {
    let job = announced(actor, kind, "CSV").await;
    let (status, told) = send(app, actor, &job, bytes).await;
    assert_eq!(
        (status, &told["fileHash"]),
        (200, &json!(hex::encode(Sha256::digest(bytes)))),
        "{told}"
    );
    work(db).await;
    read(actor, &job).await
}

/// The same taken over.
async fn taken_over(
    db: &TestDatabase,
    app: &App,
    actor: &Actor,
    kind: &str,
    bytes: &[u8],
) -> Value {
    let preview = looked_at(db, app, actor, kind, bytes).await;
    assert_eq!(preview["state"], json!("DONE"), "{preview}");
    let apply = mutation("importApply", Value::Null)
        .without_input()
        .of_record(preview["id"].as_str().expect("an id"));
    let job = apply.read("id").done_by(actor).await;
    work(db).await;
    read(actor, job["id"].as_str().expect("an id")).await
}

fn counts(job: &Value) -> [i64; 3] {
    ["changed", "unchanged", "refused"]
        .map(|name| job[name].as_i64().unwrap_or_else(|| panic!("{job}")))
}

/// What the copy of the file says of each row: the word, and the codes of why.
async fn results(app: &App, actor: &Actor, job: &Value) -> Vec<(String, Vec<String>)> {
    let path = job["filePath"].as_str().unwrap_or_else(|| panic!("{job}"));
    let text = actor.send(app.http("GET", path)).await.text;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> = rows
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(rows[0][rows[0].len() - 2..], ["处理结果", "说明"]);
    let codes = |why: &str| {
        why.split('（')
            .skip(1)
            .filter_map(|part| part.split_once('）'))
            .map(|(code, _)| code.to_owned())
            .collect()
    };
    rows[1..]
        .iter()
        .map(|row| (row[row.len() - 2].clone(), codes(&row[row.len() - 1])))
        .collect()
}

fn told(results: &[(String, Vec<String>)]) -> Vec<String> {
    results
        .iter()
        .map(|(word, codes)| format!("{word} {}", codes.join(" ")).trim().to_owned())
        .collect()
}

fn csv(headings: &str, rows: &[String]) -> String {
    format!("{headings}\r\n{}\r\n", rows.join("\r\n"))
}

async fn name(db: &TestDatabase, person: i64) -> String {
    db.text(&format!("SELECT name FROM person WHERE id = {person}"))
        .await
}

/// A member of the county who is not enrolled for 2019: key, name and number.
async fn insured(db: &TestDatabase, county: i64, place: i64) -> (i64, String, String) {
    let key = db.number(&format!(
        "SELECT id FROM person WHERE county_code = {county} AND valid_to IS NULL AND citizen_number_state = 'VALID' \
         AND valid_from < '2018-01-01' ORDER BY id LIMIT 1 OFFSET {place}"
    )).await;
    (key, name(db, key).await, citizen_number(db, key).await.0)
}

const ENROLMENT: &str =
    "序号,姓名,身份证号码,参保年度,参保类别,个人缴费(元),财政补贴,缴费日期,备注";

fn enrolment(name: &str, number: &str, premium: &str) -> String {
    format!("1,{name},{number},2019,普通居民,{premium},0,2018年12月5日,")
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_row_becomes_what_a_clerk_would_have_sent(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let (_, first_name, first_number) = insured(&db, 150_921, 0).await;
        let (second, second_name, second_number) = insured(&db, 150_921, 1).await;
        let (_, other_name, other_number) = insured(&db, 150_922, 0).await;
        let rows = [
            enrolment(&first_name, &first_number, "220"),
            enrolment(&second_name, &second_number.to_lowercase(), "220.00"),
            enrolment("错名字", &second_number, "220"),
            enrolment(&other_name, &other_number, "220"),
            enrolment(&first_name, "4.2E+17", "220"),
            enrolment(&first_name, &first_number, "180"),
            enrolment(&first_name, &first_number, "220"),
            "合计,,,,,440,,,".to_owned(),
        ];
        let text = format!("卓资县2019年度参保名单,,,,,,,,\r\n{}", csv(ENROLMENT, &rows));
        let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
        let before = records(&db).await;
        let preview = looked_at(&db, &app, &clerk, "medical_enrolment", &bytes).await;
        assert_eq!((&preview["state"], counts(&preview)), (&json!("DONE"), [2, 1, 4]), "{preview}");
        let expected = ["可导入", "可导入", "未导入 CONTRADICTORY_ROWS", "未导入 PERSON_NOT_AVAILABLE", "未导入 DAMAGED_NUMBER", "未导入 CONTRADICTORY_ROWS", "无变化", ""];
        assert_eq!(told(&results(&app, &clerk, &preview).await), expected);
        // The announcement is all that is on record.
        assert_eq!(records(&db).await, before.map(|count| count + 1));
        let applied = taken_over(&db, &app, &clerk, "medical_enrolment", &bytes).await;
        assert_eq!(counts(&applied), [2, 1, 4], "{applied}");
        let premium = format!("SELECT premium_fen FROM medical_enrolment WHERE person_id = {second} AND year = 2019");
        assert_eq!(db.number(&premium).await, 22_000);
        let of_rows = db.number("SELECT COUNT(*) FROM audit_record WHERE operation = 'medicalEnrolmentRecord' AND request_id LIKE '%/!%' AND department = 'MEDINS'").await;
        assert_eq!(of_rows, 2);
        // The same file again changes nothing, whoever sends it; nor does another one that says the same.
        let enrolments = db.number("SELECT COUNT(*) FROM medical_enrolment").await;
        for actor in [clerk.clone(), clerk.clone().named("colleague")] {
            let again = taken_over(&db, &app, &actor, "medical_enrolment", &bytes).await;
            assert_eq!(counts(&again), [0, 3, 4], "{again}");
        }
        let (utf8, tabs) = (format!("\u{feff}{}", csv(ENROLMENT, &rows[..2])), csv(ENROLMENT, &rows[..2]).replace(',', "\t"));
        for text in [utf8, tabs] {
            assert_eq!(counts(&taken_over(&db, &app, &clerk, "medical_enrolment", text.as_bytes()).await), [0, 2, 0]);
        }
        assert_eq!(db.number("SELECT COUNT(*) FROM medical_enrolment").await, enrolments);
        // A premium that was wrong is corrected.
        let corrected = csv(ENROLMENT, &[enrolment(&second_name, &second_number, "280")]);
        assert_eq!(counts(&taken_over(&db, &app, &clerk, "medical_enrolment", corrected.as_bytes()).await), [1, 0, 0]);
        assert_eq!(db.number(&premium).await, 28_000);
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM medical_enrolment WHERE person_id = {second} AND year = 2019")).await, 1);
    }
}

const HOUSEHOLDS: &str = "户编号,姓名,性别,证件号码,与户主关系,民族,文化程度,健康状况,劳动技能,贫困户属性,脱贫属性,主要致贫原因,其他致贫原因,建档日期,脱贫日期,脱贫后政策,是否解决安全饮用水,与村主干路距离(米)";

/// A row of the national list: card, name, number, relation; what is told of the household.
fn listed((card, name, number, relation): (&str, &str, &str, &str), household: &str) -> String {
    format!("{card},{name},,{number},{relation},蒙古族,小学,长期慢性病,普通劳动力,{household}")
}

const ON_FILE: &str = "低保贫困户,未脱贫,因病,缺资金,2016-05-01,,,是,120";

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_national_list_is_taken_over_household_by_household(db: TestDatabase) {
        let app = App::start(&db).await;
        let approver = app.approver(D::Poverty, OWN);
        let village = crate::family_writing::village(&db).await;
        let card = |serial: u16| format!("{village}{serial:04}");
        let (_, known_name, known) = insured(&db, 150_921, 0).await;
        let (stranger, stranger_name, elsewhere) = insured(&db, 150_922, 0).await;
        let numbers: Vec<_> = (941..960).map(number).collect();
        let child = format!("{},云小,女,,女,,,,,,,,,,,,,", card(9001));
        let rows = [
            listed((&card(9001), "云大", &numbers[0], "户主"), ON_FILE),
            listed((&card(9001), "云二", &numbers[1], "配偶"), ON_FILE),
            listed((&card(9002), "乌云", &numbers[2], "户主"), "一般贫困户,已脱贫,因残,,2015-03-01,2017-12-20,享受政策,是,"),
            listed((&card(9003), &known_name, &known, "户主"), ON_FILE),
            listed((&card(9004), &stranger_name, &elsewhere, "户主"), ON_FILE),
            listed((&card(9005), "白云", "150102197103059410", "户主"), ON_FILE),
            listed((&card(9006), "赵云", &numbers[3], "配偶"), ON_FILE),
            listed(("1509221002019001", "钱云", &numbers[4], "户主"), ON_FILE),
            listed((&card(9007), "孙云", &numbers[5], "户主"), "一般贫困户,已脱贫,因残,,2015-03-01,,享受政策,是,"),
            listed((&card(9008), "李云", &numbers[0], "户主"), ON_FILE),
            child,
            listed((&card(9009), "周云", &numbers[6], "户主"), ON_FILE),
        ];
        let text = csv(HOUSEHOLDS, &rows);
        let expected = ["可导入", "可导入", "可导入", "未导入 ALREADY_MEMBER", "未导入 PERSON_NOT_AVAILABLE", "未导入 INVALID_CITIZEN_NUMBER", "未导入 ONE_HEAD",
            "未导入 12 位 NO_VILLAGE", "未导入 INVALID_VALUE", "未导入 INVALID_VALUE", "未导入 证 ROWS_NOT_TOGETHER", "可导入"];
        let of_files = "SELECT COUNT(*) FROM household";
        let before = db.number(of_files).await;
        let preview = looked_at(&db, &app, &approver, "household", text.as_bytes()).await;
        assert_eq!(told(&results(&app, &approver, &preview).await), expected, "{preview}");
        assert_eq!((&preview["state"], counts(&preview), db.number(of_files).await), (&json!("DONE"), [4, 0, 8], before));
        // Who was told of somebody on another file is on that person's record.
        let looks = format!("SELECT COUNT(*) FROM access_record WHERE household_id = (SELECT household_id FROM person WHERE id = {stranger})");
        assert_eq!(db.number(&looks).await, 1);
        let applied = taken_over(&db, &app, &approver, "household", text.as_bytes()).await;
        assert_eq!((counts(&applied), db.number(of_files).await), ([4, 0, 8], before + 3));
        let of_card = |serial| format!("SELECT id FROM household WHERE card_number = '{}'", card(serial));
        let id = global_id("Household", db.number(&of_card(9001)).await);
        let text_of = "query($id: ID!) { household(id: $id) { class status mainCause otherCauses registeredOn exitedOn policyAfterExit standardYear waterSafe living { roadDistance }
            statusHistory { status validFrom validTo } members { name sex birthDate relation isHead healthStatus labourCapacity ethnicGroup validFrom } } }";
        let file = approver.query(text_of, json!({ "id": id })).await.data()["household"].take();
        let member = |name: &str, sex: &str, relation: &str| json!({ "name": name, "sex": sex, "birthDate": "1971-03-05", "relation": relation, "isHead": relation == "HEAD",
            "healthStatus": "CHRONIC", "labourCapacity": "NORMAL", "ethnicGroup": "MONGOL", "validFrom": "2016-05-01" });
        assert_eq!(file, json!({ "class": "DIBAO_POOR", "status": "REGISTERED", "mainCause": "ILLNESS", "otherCauses": ["LACK_OF_FUNDS"], "registeredOn": "2016-05-01", "exitedOn": null,
            "policyAfterExit": null, "standardYear": 2016, "waterSafe": true, "living": { "roadDistance": 120 },
            "statusHistory": [{ "status": "REGISTERED", "validFrom": "2016-05-01", "validTo": null }],
            "members": [member("云大", "MALE", "HEAD"), member("云二", "FEMALE", "SPOUSE")] }));
        let id = global_id("Household", db.number(&of_card(9002)).await);
        let file = approver.query(text_of, json!({ "id": id })).await.data()["household"].take();
        assert_eq!((&file["exitedOn"], &file["policyAfterExit"], &file["statusHistory"]), (&json!("2017-12-20"), &json!("KEPT"),
            &json!([{ "status": "REGISTERED", "validFrom": "2015-03-01", "validTo": "2017-12-20" }, { "status": "EXITED", "validFrom": "2017-12-20", "validTo": null }])));
        // One request for all that could be taken over, which says which rows of which file they were.
        let of_file = "SELECT COUNT(DISTINCT request_id) FROM audit_record WHERE operation = 'householdLoad' AND request_id LIKE '%/!2:13'";
        assert_eq!(db.number(of_file).await, 1);
        // The same again changes nothing; nor does a file that says the same in another order. What says something else is refused.
        let again = taken_over(&db, &app, &approver, "household", text.as_bytes()).await;
        assert_eq!((counts(&again), db.number(of_files).await), ([0, 4, 8], before + 3), "{:?}", results(&app, &approver, &again).await);
        let same = csv(HOUSEHOLDS, &[rows[11].clone(), rows[1].clone(), rows[0].clone(), rows[2].replace("一般贫困户", "低保贫困户")]);
        let other = taken_over(&db, &app, &approver, "household", same.as_bytes()).await;
        assert_eq!(told(&results(&app, &approver, &other).await), ["无变化", "无变化", "无变化", "未导入 ALREADY_ON_RECORD"]);
        // What the list says otherwise of a household on file is kept beside it, until the list says what is on record.
        let kept = "SELECT COUNT(*) FROM reported_record WHERE row_key IS NOT NULL AND source_agency = 'POVERTY'";
        assert_eq!(db.number(kept).await, 1);
        let as_before = taken_over(&db, &app, &approver, "household", csv(HOUSEHOLDS, &[rows[2].clone()]).as_bytes()).await;
        assert_eq!((counts(&as_before), db.number(kept).await), ([0, 1, 0], 0));
        // Who does not decide has no such file taken over.
        let input = json!({ "kind": "household", "region": OWN, "fileName": "名单.csv", "format": "CSV" });
        let refused = mutation("importBegin", input).mistakes(&app.clerk(D::Poverty, OWN)).await;
        assert_eq!(refused, ["input.kind KIND_NOT_YOURS"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_workbook_is_read_the_same_and_answered_as_one(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let (_, name, number) = insured(&db, 150_921, 2).await;
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name("参保").expect("a name");
        for (at, heading) in (0..).zip(ENROLMENT.split(',')) {
            sheet.write_string(0, at, heading).expect("a cell");
        }
        for (at, cell) in (1..).zip([name.as_str(), &number]) {
            sheet.write_string(1, at, cell).expect("a cell");
        }
        sheet.write_number(1, 3, 2019.0).expect("a cell");
        sheet.write_string(1, 4, "普通居民").expect("a cell");
        sheet.write_number(1, 5, 220.0).expect("a cell");
        sheet.write_number(1, 7, 43_439.0).expect("a cell");
        let bytes = book.save_to_buffer().expect("a workbook");
        let job = announced(&clerk, "medical_enrolment", "XLSX").await;
        assert_eq!(send(&app, &clerk, &job, &bytes).await.0, 200);
        work(&db).await;
        let job = read(&clerk, &job).await;
        assert_eq!((&job["state"], counts(&job), &job["fileName"]), (&json!("DONE"), [1, 0, 0], &json!("result-medical_enrolment.xlsx")), "{job}");
        let request = app.http("GET", job["filePath"].as_str().expect("a path"));
        let answer = request.header("authorization", clerk.authorization().expect("a token")).send().await.expect("an answer");
        let mut copy = Xlsx::new(Cursor::new(answer.bytes().await.expect("bytes").to_vec())).expect("a workbook");
        let sheet = copy.worksheet_range_at(0).expect("a sheet").expect("its cells");
        let cell = |row, column| sheet.get((row, column)).map(ToString::to_string).unwrap_or_default();
        assert_eq!((cell(0, 9), cell(1, 1), cell(1, 2), cell(1, 9)), ("处理结果".to_owned(), name, number, "可导入".to_owned()));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_sheet_with_the_headings_is_taken_over_and_the_others_are_named(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let mut insured_ones = Vec::new();
        for place in 6..9 {
            insured_ones.push(insured(&db, 150_921, place).await);
        }
        let mut book = Workbook::new();
        let mut sheet = |name: &str, headings: &[&str], rows: &[&[&str]], hidden: bool| {
            let sheet = book.add_worksheet().set_name(name).expect("a name").set_hidden(hidden);
            let rows = std::iter::once(headings).chain(rows.iter().copied());
            for (row, cells) in (0..).zip(rows) {
                for (column, cell) in (0..).zip(cells) {
                    sheet.write_string(row, column, *cell).expect("a cell");
                }
            }
        };
        let row = |place: usize| [insured_ones[place].1.as_str(), insured_ones[place].2.as_str(), "2019", "普通居民", "220", "2018-12-05"];
        let headings = ["姓名", "身份证号", "参保年度", "参保类别", "个人缴费", "缴费日期"];
        let [who, number, year, category, premium, paid] = row(1);
        sheet("一村", &headings, &[&row(0)], false);
        sheet("说明", &["本表由乡镇填报"], &[], false);
        sheet("二村", &["身份证号", "姓名", "参保年渡", "参保年度", "参保类别", "个人缴费", "缴费日期"], &[&[number, who, "注", year, category, premium, paid], &[number, "错名字", "", "2018", category, premium, paid]], false);
        sheet("旧表", &headings, &[&row(2)], true);
        let bytes = book.save_to_buffer().expect("a workbook");
        let preview = looked_at(&db, &app, &clerk, "medical_enrolment", &bytes).await;
        assert_eq!((&preview["state"], counts(&preview)), (&json!("DONE"), [2, 0, 1]), "{preview}");
        let notices = preview["notices"].as_str().expect("notices");
        for part in ["NO_HEADING", "UNKNOWN_HEADING", "do you mean 参保年"] {
            assert!(notices.contains(part), "{part}: {notices}");
        }
        let copy = clerk.send(app.http("GET", preview["filePath"].as_str().expect("a path"))).await.text;
        let lines: Vec<_> = copy.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines[0], "姓名,身份证号,参保年度,参保类别,个人缴费,缴费日期,工作表,处理结果,说明");
        assert_eq!(lines[1], format!("{},一村,可导入,新增。", row(0).join(",")));
        assert_eq!(lines[2], format!("{} 注,二村,可导入,新增。", row(1).join(",")));
        assert!(lines[3].contains("二村,未导入,") && lines[3].contains("NAME_DIFFERS"), "{}", lines[3]);
        let applied = taken_over(&db, &app, &clerk, "medical_enrolment", &bytes).await;
        assert_eq!(counts(&applied), [2, 0, 1], "{applied}");
        let enrolled = async |place: usize| db.number(&format!("SELECT COUNT(*) FROM medical_enrolment WHERE year = 2019 AND person_id = {}", insured_ones[place].0)).await;
        assert_eq!((enrolled(0).await, enrolled(1).await, enrolled(2).await), (1, 1, 0));
        let requests = "SELECT COUNT(DISTINCT request_id) FROM audit_record WHERE operation = 'medicalEnrolmentRecord' AND (request_id LIKE '%/一村!2' OR request_id LIKE '%/二村!2')";
        assert_eq!(db.number(requests).await, 2);
        // What a correction would change stands beside its row.
        let corrected = csv("姓名,身份证号,参保年度,参保类别,个人缴费,缴费日期", &[format!("{who},{number},{year},{category},280,{paid}")]);
        let preview = looked_at(&db, &app, &clerk, "medical_enrolment", corrected.as_bytes()).await;
        let copy = clerk.send(app.http("GET", preview["filePath"].as_str().expect("a path"))).await.text;
        assert!(copy.contains("可导入,更正：个人缴费标准 220.00 → 280.00"), "{copy}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn files_of_other_kinds_are_taken_over(db: TestDatabase) {
        let app = App::start(&db).await;
        let one = async |actor: &Actor, kind: &str, headings: &str, row: String| {
            let text = csv(headings, &[row]);
            let job = taken_over(&db, &app, actor, kind, text.as_bytes()).await;
            assert_eq!(counts(&job), [1, 0, 0], "{kind}: {:?}", results(&app, actor, &job).await);
            let again = taken_over(&db, &app, actor, kind, format!("{text}\r\n").as_bytes()).await;
            (counts(&again), told(&results(&app, actor, &again).await))
        };
        let unchanged = ([0, 1, 0], vec!["无变化".to_owned()]);
        let named = async |person: i64| (name(&db, person).await, citizen_number(&db, person).await.0);
        let family = free_family(&db, 0).await;
        let person = first_member(&db, family).await;
        let (who, number) = named(person).await;
        let certificate = format!("{who},{number},{number}42,2018-03-01");
        assert_eq!(one(&app.clerk(D::Dpf, OWN), "disability", "姓名,身份证号,残疾人证号,发证日期", certificate).await, unchanged);
        let support = format!("{who},{number},TK-2019-1,分散供养,5200,433.33,120,2018.12.20,2019-1-1");
        let headings = "姓名,身份证号,特困供养证号,供养方式,供养标准,月供养金,月护理费,批准日期,享受开始日期";
        assert_eq!(one(&app.clerk(D::Civil, OWN), "special_support", headings, support).await, unchanged);
        let patient = parse_global_id(&member_without(&db, &["medical_claim"]).await).expect("an id").1;
        let (who, number) = named(patient).await;
        let claim = format!("{who},{number},BX-77,住院,{},2018-03-01,2018-03-09,5000,4200.10", hospital(&db).await);
        let headings = "姓名,身份证号,报销单号,报销类别,医疗机构代码,入院日期,出院日期,总费用,合规费用";
        assert_eq!(one(&app.clerk(D::Medins, OWN), "claim", headings, claim.clone()).await, unchanged);
        // One that was settled elsewhere is history, and never one that is still to be paid, however little the file says of it.
        let settled = claim.replace("BX-77", "BX-78").replace("2018-03", "2018-06");
        let medins = app.clerk(D::Medins, OWN);
        for (more, cells) in [("状态", "已结算"), ("结算日期", "2018-03-10"), ("基本医保报销", "3000"), ("状态,结算日期,基本医保报销", "已申报,,3000")] {
            let file = csv(&format!("{headings},{more}"), &[format!("{settled},{cells}")]);
            let preview = looked_at(&db, &app, &medins, "claim", file.as_bytes()).await;
            let told = told(&results(&app, &medins, &preview).await);
            assert!(told.len() == 1 && told[0].starts_with("未导入 INVALID_VALUE"), "{more} {told:?}");
        }
        let headings_of_settled = format!("{headings},结算日期,起付线,基本医保报销,民政救助10%");
        assert_eq!(one(&medins, "claim", &headings_of_settled, format!("{settled},2018-06-20,250,3000,100.05")).await, unchanged);
        let history = "SELECT COUNT(*) FROM medical_claim m WHERE m.claim_number = 'BX-78' AND m.state = 'SETTLED' AND m.settled_elsewhere AND m.deductible_fen = 25000 \
            AND (SELECT SUM(s.paid_fen) FROM claim_stage s WHERE s.claim_id = m.id) = 310005";
        assert_eq!(db.number(history).await, 1);
        // Told once more with another amount it is not the same.
        let file = csv(&headings_of_settled, &[format!("{settled},2018-06-20,250,3000.01,100.05")]);
        let preview = looked_at(&db, &app, &medins, "claim", file.as_bytes()).await;
        assert_eq!(told(&results(&app, &medins, &preview).await), ["未导入 ALREADY_ON_RECORD"]);
        // Nobody grants anew what has ended.
        let not_taken = vec!["未导入 STATE_NOT_TAKEN".to_owned()];
        let civil = app.clerk(D::Civil, OWN);
        let headings_of_dibao = "姓名,身份证号,低保证号,低保类别,保障标准,月保障金,批准日期,享受开始日期,低保状态,停发日期";
        for (state, ended) in [("已停发", ""), ("渐退", ""), ("按月发放", "2018-06-30")] {
            let row = format!("{who},{number},DB-2018-77,补差,3906,300,2017-12-20,2018-01-01,{state},{ended}");
            let preview = looked_at(&db, &app, &civil, "dibao", csv(headings_of_dibao, &[row]).as_bytes()).await;
            assert_eq!(told(&results(&app, &civil, &preview).await), not_taken, "{state}");
        }
        let (_, family) = house(&db, NOT_RENOVATED).await;
        let head = format!("SELECT MIN(id) FROM person WHERE household_id = {} AND valid_to IS NULL AND citizen_number_state = 'VALID'", parse_global_id(&family).expect("an id").1);
        let (who, number) = named(db.number(&head).await).await;
        let survey = format!("{who},{number},C级,2018/10/5,80.5");
        assert_eq!(one(&app.clerk(D::Housing, OWN), "house", "户主姓名,身份证号,房屋等级,鉴定日期,建筑面积", survey).await, unchanged);
        let (_, members) = stranger(&db).await;
        let (who, number) = named(members[0].id).await;
        let bank = app.institution(D::Bank, BANK);
        let card = one(&bank, "card", "持卡人姓名,身份证号,银行卡号,开户日期", format!("{who},{number},{CARD},20181201")).await;
        assert_eq!(card.0, [0, 1, 0]);
        let loan = format!("{who},{number},JK-2018-001,扶贫小额信贷,正常,50000,32000.50,4.35%,2018-01-10,2021-01-10");
        let headings = "借款人姓名,身份证号,借据号,贷款类别,贷款状态,贷款金额,贷款余额,年利率,发放日期,到期日期";
        assert_eq!(one(&bank, "loan", headings, loan.clone()).await, unchanged);
        let lent = "SELECT COUNT(*) FROM loan WHERE loan_number = 'JK-2018-001' AND principal_fen = 5000000 AND balance_fen = 3200050 AND rate_bp = 435 AND NOT guarantor";
        assert_eq!(db.number(lent).await, 1);
        // The same number with another sum, a state that has a history, and a loan by hand under the same number.
        for (row, expected) in [(loan.replace("50000,", "60000,"), "未导入 ALREADY_ON_RECORD"), (loan.replace("正常", "已结清"), "未导入 STATE_NOT_TAKEN")] {
            let job = taken_over(&db, &app, &bank, "loan", csv(headings, &[row]).as_bytes()).await;
            assert_eq!(told(&results(&app, &bank, &job).await), [expected]);
        }
        let again = json!({ "citizenNumber": number, "loanNumber": "JK-2018-001", "kind": "MICRO", "principal": "30000.00", "rateBasisPoints": 435,
            "grantedOn": "2018-01-10", "dueOn": "2018-12-10", "guarantor": false, "collateral": false });
        assert_eq!(mutation("loanGrant", again).mistakes(&bank).await, ["input.loanNumber LOAN_ON_RECORD"]);
        let pupil = crate::education_writing::enrolment(&db, "e.stage = 'JUNIOR' AND e.school_year = 2018").await;
        let (who, number) = named(pupil.person_id).await;
        let roll = format!("{who},{number},{},2014-2015学年,秋季学期,初中,2,是,否", pupil.school_code);
        let headings = "学生姓名,身份证号,学校代码,学年,学期,学段,年级,是否寄宿,是否在旗县所在地就读";
        assert_eq!(one(&app.clerk(D::Edu, OWN), "school_roll", headings, roll.clone()).await, unchanged);
        // It is the school that confirms.
        let confirmed = csv(&format!("{headings},学校确认日期"), &[format!("{},2015-03-20", roll.replace("秋季", "春季"))]);
        let preview = looked_at(&db, &app, &app.clerk(D::Edu, OWN), "school_roll", confirmed.as_bytes()).await;
        assert_eq!(told(&results(&app, &app.clerk(D::Edu, OWN), &preview).await), not_taken);
        // An application that was paid elsewhere is history; one in between is not taken.
        let student = crate::education_writing::student(&db).await;
        let (who, number) = named(student.person_id).await;
        let form = format!("{who},{number},{},2018,高职", student.school_code);
        let headings = "学生姓名,身份证号,学校代码,学年,学段,状态,申请日期,认定日期,发放日期,补助金额";
        let poverty = app.clerk(D::Poverty, OWN);
        for (more, expected) in [("县扶贫办已审核,2018-09-05,2018-09-20,,1500", "STATE_NOT_TAKEN"), ("已发放,2018-09-05,2018-09-20,,1500", "INVALID_VALUE"), (",2018-09-05,,,1500", "INVALID_VALUE")] {
            let preview = looked_at(&db, &app, &poverty, "rain_dew", csv(headings, &[format!("{form},{more}")]).as_bytes()).await;
            let told = told(&results(&app, &poverty, &preview).await);
            assert!(told[0].starts_with(&format!("未导入 {expected}")), "{more} {told:?}");
        }
        assert_eq!(one(&poverty, "rain_dew", headings, format!("{form},已发放,2018-09-05,2018-09-20,2018-11-20,1500")).await, unchanged);
        let paid = format!("SELECT COUNT(*) FROM rain_dew_application WHERE person_id = {} AND school_year = 2018 AND state = 'PAID' AND amount_fen = 150000", student.person_id);
        assert_eq!(db.number(&paid).await, 1);
        let died = db.number("SELECT MAX(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL AND NOT is_head AND citizen_number_state = 'VALID'").await;
        let (who, number) = named(died).await;
        let death = one(&app.clerk(D::Police, OWN), "death", "姓名,身份证号,死亡日期", format!("{who},{number},2018-12-30")).await;
        assert_eq!(death, ([0, 0, 1], vec!["未导入 PERSON_NOT_AVAILABLE".to_owned()]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_the_register_refuses_is_kept_beside_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let patient = parse_global_id(&member_without(&db, &["medical_claim"]).await).expect("an id").1;
        let (who, number) = (name(&db, patient).await, citizen_number(&db, patient).await.0);
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {patient}")).await;
        let hospital = hospital(&db).await;
        let stay = |serial: &str, begun: &str, ended: &str| format!("{who},{number},{serial},住院,{hospital},{begun},{ended},5000,4200.10");
        let headings = "姓名,身份证号,报销单号,报销类别,医疗机构代码,入院日期,出院日期,总费用,合规费用";
        let rows = [stay("BX-81", "2018-03-01", "2018-03-09"), stay("BX-82", "2018-03-05", "2018-03-20"), stay("BX-81", "2018-03-01", "2018-03-19")];
        let reports = "SELECT COUNT(*) FROM reported_record WHERE row_key IS NOT NULL";
        let first = csv(headings, &rows[..2]);
        let preview = looked_at(&db, &app, &clerk, "claim", first.as_bytes()).await;
        assert_eq!((counts(&preview), db.number(reports).await), ([2, 0, 0], 0));
        for expected in [[1, 0, 1], [0, 1, 1]] {
            let applied = taken_over(&db, &app, &clerk, "claim", first.as_bytes()).await;
            assert_eq!((counts(&applied), db.number(reports).await), (expected, 1));
        }
        let other = csv(headings, &rows[2..]);
        let refused = taken_over(&db, &app, &clerk, "claim", other.as_bytes()).await;
        assert_eq!(told(&results(&app, &clerk, &refused).await), ["未导入 ALREADY_ON_RECORD"]);
        // What it tells is kept, and neither a name nor a number; of other people's households nothing is.
        let kept = async |kind: &str| {
            let sql = format!("SELECT source_agency || ' ' || row_number || ' ' || values_json FROM reported_record WHERE household_id = {household} AND row_key IS NOT NULL AND kind = '{kind}'");
            let text = db.text(&sql).await;
            assert!(!text.contains(&who) && !text.contains(&number[..14]), "{text}");
            text
        };
        let (overlapping, other) = (kept("STAY").await, kept("ROW").await);
        assert!(overlapping.starts_with("MEDINS 3 ") && overlapping.contains("（STAYS_OVERLAP）") && overlapping.contains("\"admittedOn\":\"2018-03-05\""), "{overlapping}");
        assert!(other.starts_with("MEDINS 2 ") && other.contains("入院日期 2018-03-01；出院日期 2018-03-19；总费用 5000.00"), "{other}");
        // Of somebody who does not exist for the sender nothing is.
        let (_, stranger, number) = insured(&db, 150_922, 0).await;
        let elsewhere = format!("{stranger},{number},BX-83,住院,{hospital},2018-05-01,2018-05-09,5000,4200.10");
        let refused = taken_over(&db, &app, &clerk, "claim", csv(headings, &[elsewhere]).as_bytes()).await;
        assert_eq!((told(&results(&app, &clerk, &refused).await), db.number(reports).await), (vec!["未导入 PERSON_NOT_AVAILABLE".to_owned()], 2));
        // Both are found, and read by those who sent them; who repairs the list closes the finding.
        let runner = crate::contradictions::runner(&db).await;
        let run = async || {
            let wanted = Wanted { region: OWN.parse().expect("a region"), as_of: time::macros::date!(2018 - 12 - 31), check: None, since: None };
            runner.run(&wanted, |_| {}).await.expect("the run ends");
        };
        run().await;
        let open = async |check: &str| db.number(&format!("SELECT COUNT(*) FROM finding WHERE household_id = {household} AND check_id = '{check}' AND closed_on IS NULL")).await;
        assert_eq!((open("RC-27").await, open("RC-95").await), (1, 1));
        let text = "query($household: ID!) { household(id: $household) { findings { check evidence { name value } } } }";
        let read = clerk.query(text, json!({ "household": global_id("Household", household) })).await.data()["household"]["findings"].take();
        let of_list = read.as_array().expect("findings").iter().find(|finding| finding["check"] == "RC-95").expect("one of the list");
        let value = |name: &str| of_list["evidence"].as_array().expect("evidence").iter().find(|one| one["name"] == name).expect("a value")["value"].clone();
        assert_eq!(value("told"), json!("入院日期 2018-03-01；出院日期 2018-03-19；总费用 5000.00"));
        assert!(value("refused").as_str().expect("a text").contains("ALREADY_ON_RECORD"));
        let corrected = csv(headings, &[rows[0].clone()]);
        assert_eq!(counts(&taken_over(&db, &app, &clerk, "claim", corrected.as_bytes()).await), [0, 1, 0]);
        assert_eq!(db.number(reports).await, 1);
        run().await;
        assert_eq!((open("RC-27").await, open("RC-95").await), (1, 0));
        let of_reports = "SELECT COUNT(*) FROM audit_record WHERE operation = 'importApply' AND object_type = 'reported_record' AND department = 'MEDINS'";
        assert_eq!(db.number(of_reports).await, 3);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_a_bank_reports_of_payments_is_recorded(db: TestDatabase) {
        let app = App::start(&db).await;
        let finance = app.clerk(D::Finance, OWN);
        let of_two = "SELECT household_id FROM person WHERE county_code = 150921 AND valid_to IS NULL AND citizen_number_state = 'VALID' AND valid_from < '2018-01-01' \
            GROUP BY household_id HAVING COUNT(*) > 1 ORDER BY household_id LIMIT 1";
        let household = db.number(of_two).await;
        db.execute(&format!("DELETE FROM payment WHERE household_id = {household}")).await;
        let members: Vec<_> = members_of(&db, household).await.into_iter().filter(|member| member.citizen_number_state == CitizenNumberState::Valid).collect();
        let home = global_id("Household", household);
        let named: Vec<String> = {
            let mut named = Vec::new();
            for member in &members[..2] {
                named.push(format!("{},{}", name(&db, member.id).await, citizen_number(&db, member.id).await.0));
            }
            named
        };
        for (person, period) in [(None, "2018-10"), (Some(&members[0]), "2018-10"), (Some(&members[0]), "2018-11"), (Some(&members[1]), "2018-11")] {
            let mut input = payment(person, None);
            input["period"] = json!(period);
            mutation("paymentRecord", input).of_household(&home).done_by(&finance).await;
        }
        let headings = "收款人姓名,收款人身份证号,补贴项目,发放期,发放类别,金额,发放状态,实发日期";
        let row = |payee: usize, period: &str, amount: &str, result: &str| format!("{},nursing-allowance,{period},正常发放,{amount},{result}", named[payee]);
        let rows = [
            row(0, "2018-11", "80", "已发放,2018年12月11日"),
            row(1, "2018-11", "80.00", "退票,2018-12-12"),
            // The household's, whoever of it is named.
            row(1, "2018-10", "80", "已发放,2018-12-11"),
            row(0, "2018-10", "81", "已发放,2018-12-11"),
            row(0, "2018-09", "80", "已发放,2018-12-11"),
        ];
        let file = csv(headings, &rows);
        let applied = taken_over(&db, &app, &finance, "payment", file.as_bytes()).await;
        let expected = ["已导入", "已导入", "已导入", "未导入 OTHER_AMOUNT", "未导入 NOT_ON_RECORD"];
        assert_eq!(told(&results(&app, &finance, &applied).await), expected);
        let of = |person: &str, period: &str| format!("SELECT state || ' ' || COALESCE(CAST(paid_on AS TEXT), 'never') FROM payment WHERE household_id = {household} AND person_id {person} AND period = '{period}'");
        let is = |member: usize| format!("= {}", members[member].id);
        let mut states = Vec::new();
        for (person, period) in [(is(0), "2018-11"), (is(1), "2018-11"), ("IS NULL".to_owned(), "2018-10"), (is(0), "2018-10")] {
            states.push(db.text(&of(&person, period)).await);
        }
        assert_eq!(states, ["PAID 2018-12-11", "BOUNCED never", "PAID 2018-12-11", "PENDING never"]);
        // What was paid is not paid again by another file; what came back is, when it went out once more.
        let later = csv(headings, &[row(0, "2018-11", "80", "已发放,2018-12-20"), row(1, "2018-11", "80", "已发放,2018-12-20")]);
        let applied = taken_over(&db, &app, &finance, "payment", later.as_bytes()).await;
        assert_eq!(told(&results(&app, &finance, &applied).await), ["未导入 ALREADY_RECORDED", "已导入"]);
        assert_eq!((db.text(&of(&is(0), "2018-11")).await, db.text(&of(&is(1), "2018-11")).await), ("PAID 2018-12-11".to_owned(), "PAID 2018-12-20".to_owned()));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM payment WHERE household_id = {household}")).await, 4);
        // The older file once more, by somebody else, does not undo what came later; and that is no contradiction.
        let reports = db.number("SELECT COUNT(*) FROM reported_record").await;
        let again = taken_over(&db, &app, &finance.clone().named("colleague"), "payment", file.as_bytes()).await;
        let expected = ["无变化", "未导入 OLDER_RESULT", "无变化", "未导入 OTHER_AMOUNT", "未导入 NOT_ON_RECORD"];
        assert_eq!(told(&results(&app, &finance.clone().named("colleague"), &again).await), expected);
        assert_eq!((db.text(&of(&is(0), "2018-11")).await, db.text(&of(&is(1), "2018-11")).await), ("PAID 2018-12-11".to_owned(), "PAID 2018-12-20".to_owned()));
        // The two that are refused were kept before; what the later file said of a payment that agrees now is gone.
        assert_eq!(db.number("SELECT COUNT(*) FROM reported_record").await, reports - 1);
        // What came back again is told with its day, and not paid by an older result.
        let back = csv(headings, &[row(0, "2018-11", "80", "退票,2018-12-13")]);
        let paid = csv(headings, &[row(0, "2018-11", "80", "已发放,2018-12-12")]);
        for (text, expected) in [(back, "已导入"), (paid, "未导入 OLDER_RESULT")] {
            let applied = taken_over(&db, &app, &finance, "payment", text.as_bytes()).await;
            assert_eq!(told(&results(&app, &finance, &applied).await), [expected]);
        }
        let returned = format!("SELECT state || ' ' || CAST(returned_on AS TEXT) FROM payment WHERE household_id = {household} AND person_id {} AND period = '2018-11'", is(0));
        assert_eq!(db.text(&returned).await, "BOUNCED 2018-12-13");
        // One that is on record as failed without a day, as from before days were kept, is given the day once.
        db.execute(&format!("UPDATE payment SET returned_on = NULL WHERE household_id = {household}")).await;
        for (day, expected) in [("2018-12-14", "已导入"), ("2018-12-13", "无变化")] {
            let told_again = csv(headings, &[row(0, "2018-11", "80", &format!("退票,{day}"))]);
            let applied = taken_over(&db, &app, &finance, "payment", told_again.as_bytes()).await;
            assert_eq!(told(&results(&app, &finance, &applied).await), [expected]);
        }
        assert_eq!(db.text(&returned).await, "BOUNCED 2018-12-14");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_not_yours_to_send_is_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let before = records(&db).await;
        let begin = |kind: &str, region: &str, name: &str| mutation("importBegin", json!({ "kind": kind, "region": region, "fileName": name }));
        assert_eq!(begin("manna", OWN, "a.csv").mistakes(&clerk).await, ["input.kind UNKNOWN_KIND"]);
        assert_eq!(begin("claim", OWN, "../a.csv").mistakes(&clerk).await, ["input.fileName BAD_FILE_NAME"]);
        begin("claim", OWN, "a.csv").refused_to(&db, &[app.clerk(D::Stats, OWN), app.reader(D::Medins, OWN), app.clerk(D::Medins, "1509")]).await;
        assert_eq!(records(&db).await, before);
        let job = announced(&clerk, "medical_enrolment", "CSV").await;
        // Only who announced the file sends it, and only once.
        for other in [app.clerk(D::Medins, NEIGHBOUR), app.clerk(D::Civil, OWN)] {
            assert_eq!(send(&app, &other, &job, b"x").await.0, 404);
        }
        let (status, told) = send(&app, &clerk.clone().named("colleague"), &job, b"x").await;
        assert_eq!((status, &told["errors"][0]["extensions"]["code"]), (409, &json!("FILE_NOT_AWAITED")));
        // A department sends files only of what it does itself.
        let (_, who, number) = insured(&db, 150_921, 4).await;
        let text = csv(ENROLMENT, &[enrolment(&who, &number, "220")]);
        let civil = app.clerk(D::Civil, OWN);
        assert_eq!(begin("medical_enrolment", OWN, "a.csv").mistakes(&civil).await, ["input.kind KIND_NOT_YOURS"]);
        // The copy repeats the numbers that were sent: it is for who sent them.
        let preview = looked_at(&db, &app, &clerk, "medical_enrolment", text.as_bytes()).await;
        assert_eq!(told_of(&app, &clerk, &preview).await, ["可导入"]);
        for other in [clerk.clone().named("colleague"), app.reader(D::Medins, OWN), app.auditor()] {
            let answer = other.send(app.http("GET", preview["filePath"].as_str().expect("a path"))).await;
            assert_eq!((answer.status(), answer.text.contains(&number)), (404, false));
        }
        // What is no table, or not of the kind, is told as a whole.
        for (bytes, code) in [(&b"%PDF-1.4 something"[..], "NOT_A_TABLE"), (b"a,b\r\n1,2\r\n", "NO_HEADING"), (b"", "EMPTY_FILE")] {
            let job = looked_at(&db, &app, &clerk, "medical_enrolment", bytes).await;
            assert_eq!((&job["state"], &job["problem"]), (&json!("FAILED"), &json!("FILE_UNUSABLE")), "{job}");
            assert!(job["problemDetail"].as_str().is_some_and(|detail| detail.contains(code)), "{code}: {job}");
        }
        let failed = announced(&clerk, "medical_enrolment", "CSV").await;
        let apply = |job: &str| mutation("importApply", Value::Null).without_input().of_record(job);
        assert_eq!(apply(&failed).mistakes(&clerk).await, ["id NO_PREVIEW"]);
        // What a colleague has looked at is not taken over in somebody else's name: the copy would show the numbers.
        let before = records(&db).await;
        let previewed = preview["id"].as_str().expect("an id");
        assert_eq!(apply(previewed).mistakes(&clerk.clone().named("colleague")).await, ["id NO_PREVIEW"]);
        assert_eq!(records(&db).await, before);
    }
}

async fn told_of(app: &App, actor: &Actor, job: &Value) -> Vec<String> {
    told(&results(app, actor, job).await)
}

fn by_command(db: &TestDatabase, folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = yihu(folder);
    command
        .args(["import", "--demo", "--database", &db.url, "--region", OWN])
        .args(arguments);
    // The numbers on file are sealed by the suite of the test.
    command.env("YIHU_VAULT_SUITE", word());
    let done = command.output().expect("it runs");
    let text = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8(text).expect("a text"))
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_file_cut_off_again_and_again_ends_as_one_that_was_not(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let mut rows = Vec::new();
        for place in 0..60 {
            let (_, who, number) = insured(&db, 150_921, place).await;
            rows.push(enrolment(&who, &number, "220"));
        }
        let damaged = enrolment("某人", "4.2E+17", "220");
        let (_, who, number) = insured(&db, 150_921, 1).await;
        let (first, otherwise) = (rows[0].clone(), enrolment(&who, &number, "180"));
        rows.insert(20, damaged);
        rows.extend([first, otherwise]);
        let preview = looked_at(&db, &app, &clerk, "medical_enrolment", csv(ENROLMENT, &rows).as_bytes()).await;
        let apply = mutation("importApply", Value::Null).without_input().of_record(preview["id"].as_str().expect("an id"));
        let job = apply.read("id").done_by(&clerk).await["id"].as_str().expect("an id").to_owned();
        let audited = "SELECT COUNT(*) FROM audit_record WHERE operation = 'medicalEnrolmentRecord' AND request_id LIKE '%/!%'";
        let mut cut = 0;
        for patience in (0..12).map(|tries| Duration::from_millis(100 << tries)) {
            let runner = runner(&db).await;
            let ended = tokio::time::timeout(patience, runner.once()).await;
            if read(&clerk, &job).await["state"] == "DONE" {
                break;
            }
            assert!(ended.is_err(), "{}", read(&clerk, &job).await);
            cut += 1;
            // Its process is gone: nobody holds it any more.
            db.execute("UPDATE job SET lease_until_ms = 0 WHERE state = 'RUNNING'").await;
        }
        let done = read(&clerk, &job).await;
        assert!(cut > 0);
        assert_eq!((&done["state"], counts(&done), db.number(audited).await), (&json!("DONE"), [60, 1, 2], 60), "{done}");
        let told = told_of(&app, &clerk, &done).await;
        let expected = |place| match place {
            20 => "未导入 DAMAGED_NUMBER",
            61 => "无变化",
            62 => "未导入 CONTRADICTORY_ROWS",
            _ => "已导入",
        };
        assert_eq!(told, (0..63).map(expected).collect::<Vec<_>>());
        assert_eq!(db.number("SELECT COUNT(*) FROM medical_enrolment WHERE year = 2019 AND premium_fen = 22000").await, 60);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_command_does_the_same(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut rows = Vec::new();
        for place in 5..25 {
            let (_, who, number) = insured(&db, 150_921, place).await;
            rows.push(enrolment(&who, &number, "220"));
        }
        rows.push(enrolment("无此人", "11010519491231002X", "220"));
        fs::write(folder.path().join("参保.csv"), csv(ENROLMENT, &rows)).expect("a file");
        let enrolled = async || db.number("SELECT COUNT(*) FROM medical_enrolment WHERE year = 2019").await;
        let (code, said) = by_command(&db, folder.path(), &["medical_enrolment", "参保.csv"]);
        assert_eq!((code, said.trim()), (Some(0), "参保.csv: 20 rows would be taken over, 0 on record already, 1 refused: see 参保.result.csv"));
        assert_eq!(enrolled().await, 0);
        let (code, said) = by_command(&db, folder.path(), &["medical_enrolment", "参保.csv", "--apply", "--out", "结果.xlsx"]);
        assert_eq!((code, said.trim()), (Some(0), "参保.csv: 20 rows taken over, 0 on record already, 1 refused: see 结果.xlsx"));
        assert_eq!(enrolled().await, 20);
        let mut copy = Xlsx::new(fs::File::open(folder.path().join("结果.xlsx")).expect("a file")).expect("a workbook");
        let sheet = copy.worksheet_range_at(0).expect("a sheet").expect("its cells");
        assert_eq!((sheet.height(), sheet.get((20, 9)).map(ToString::to_string), sheet.get((21, 9)).map(ToString::to_string)), (22, Some("已导入".to_owned()), Some("未导入".to_owned())));
        let (_, said) = by_command(&db, folder.path(), &["medical_enrolment", "参保.csv", "--apply"]);
        assert!(said.contains("0 rows taken over, 20 on record already, 1 refused"), "{said}");
        fs::write(folder.path().join("别.csv"), csv(&format!("{ENROLMENT},缴费日奇"), &[format!("{},", rows[0])])).expect("a file");
        let (_, said) = by_command(&db, folder.path(), &["medical_enrolment", "别.csv"]);
        assert!(said.contains("1 on record already") && said.contains("do you mean 缴费日期?"), "{said}");
        assert_eq!(enrolled().await, 20);
        for (arguments, expected) in [
            (&["manna", "参保.csv"][..], "no files of the kind `manna` are taken over; those that are: household, death, income_form"),
            (&["claim", "none.csv"], "none.csv: No such file"),
            (&["claim", "参保.csv"], "MISSING_COLUMN"),
            (&["claim", "参保.csv", "--out", "a.parquet"], "the copy is a .csv or .xlsx file"),
        ] {
            let (code, said) = by_command(&db, folder.path(), arguments);
            assert!(code == Some(1) && said.contains(expected), "{arguments:?}: {said}");
        }
    }
}
