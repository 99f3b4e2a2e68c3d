//! Canaries: sensitive values that are written through mutations, and looked for wherever anything of them could stay: in the
//! files of the database, its log of writes, a dump, our logs and traces, the metrics, the file of the seals and every answer
//! that is none of a reveal; plainly, in hex, base64, GBK and UTF-16.

use crate::harness::{
    Actor, App, Engine, Program, TestDatabase, both_dbs, installed_binaries,
    writes::{Sent, mutation},
};
use aho_corasick::AhoCorasick;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use entity::codes::Department as D;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use time::macros::date;
use yihu::identifiers::CitizenNumber;

const OWN: &str = "150921";
/// Stands in plain, so that the search is known to see.
const VILLAGE_GROUP: &str = "丝雀七组";
const FAMILIES: usize = 3;
const MEMBERS: usize = 17;

/// What one member has that nobody else may read in full.
#[derive(Clone)]
struct Canary {
    citizen: String,
    phone: String,
    card: String,
    disease: String,
}

impl Canary {
    fn of(place: usize) -> Canary {
        let order = u16::try_from(2 * place + 101).expect("small");
        let citizen =
            CitizenNumber::from_parts(654_327, date!(1961 - 07 - 09), order).expect("a number");
        Canary {
            citizen: citizen.reveal().to_owned(),
            phone: format!("13987{:06}", 706_001 + 37 * place),
            card: with_check_digit(&format!("62284804027{:07}", 7_310_117 + 91 * place)),
            disease: format!("C34.9{:03}X{:05}", 101 + place, 70_707 + 13 * place),
        }
    }

    fn values(&self) -> [&str; 4] {
        [&self.citizen, &self.phone, &self.card, &self.disease]
    }
}

/// The digits with the one that Luhn's rule asks for.
fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = digit.to_digit(10).expect("a digit") * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// Looks for values in every form in which bytes may hold them.
struct Search {
    forms: AhoCorasick,
    of: Vec<(String, &'static str)>,
}

impl Search {
    fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Search {
        let (mut needles, mut of): (Vec<Vec<u8>>, Vec<_>) = (Vec::new(), Vec::new());
        for value in values {
            for (form, bytes) in forms(value) {
                needles.push(bytes);
                of.push((value.to_owned(), form));
            }
        }
        Search {
            forms: AhoCorasick::new(needles).expect("needles"),
            of,
        }
    }

    /// What was found, as value and form.
    fn found(&self, bytes: &[u8]) -> BTreeSet<String> {
        let found = self.forms.find_overlapping_iter(bytes);
        found
            .map(|found| {
                let (value, form) = &self.of[found.pattern().as_usize()];
                format!("{value} in {form}")
            })
            .collect()
    }
}

fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![("plain text", value.as_bytes().to_vec())];
    let (gbk, _, unknown) = encoding_rs::GBK.encode(value);
    assert!(!unknown, "{value}");
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    for (bytes, hex, capital, base64) in [
        (value.as_bytes(), "hex", "HEX", "base64"),
        (&gbk, "hex of GBK", "HEX of GBK", "base64 of GBK"),
        (
            &little,
            "hex of UTF-16LE",
            "HEX of UTF-16LE",
            "base64 of UTF-16LE",
        ),
        (
            &big,
            "hex of UTF-16BE",
            "HEX of UTF-16BE",
            "base64 of UTF-16BE",
        ),
    ] {
        let lower: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.push((capital, lower.to_uppercase().into_bytes()));
        forms.push((hex, lower.into_bytes()));
        for skipped in 0..3 {
            for text in [
                STANDARD_NO_PAD.encode([&vec![0; skipped], bytes].concat()),
                URL_SAFE_NO_PAD.encode([&vec![0; skipped], bytes].concat()),
            ] {
                // Characters that hold a bit of what stands before or behind are left out.
                let (first, end) = ((skipped * 8).div_ceil(6), (skipped + bytes.len()) * 8 / 6);
                forms.push((base64, text.as_bytes()[first..end].to_vec()));
            }
        }
    }
    forms.extend([
        ("GBK", gbk.into_owned()),
        ("UTF-16LE", little),
        ("UTF-16BE", big),
    ]);
    forms
}

#[test]
fn the_search_finds_every_form_at_every_place() {
    let value = "654327196107091013";
    for (text, search) in [(value, Search::of([value])), ("肺癌", Search::of(["肺癌"]))] {
        let utf16 =
            |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let gbk = encoding_rs::GBK.encode(text).0.into_owned();
        for bytes in [
            text.as_bytes().to_vec(),
            gbk,
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            for before in 0..7 {
                let inside = [vec![0xa7; before], bytes.clone(), vec![0x5c; 5]].concat();
                let hex: String = inside.iter().map(|byte| format!("{byte:02x}")).collect();
                let base64 = [
                    STANDARD_NO_PAD.encode(&inside),
                    URL_SAFE_NO_PAD.encode(&inside),
                ];
                for hidden in [
                    inside,
                    hex.to_uppercase().into_bytes(),
                    hex.into_bytes(),
                    base64[0].clone().into_bytes(),
                    base64[1].clone().into_bytes(),
                ] {
                    assert!(
                        !search.found(&hidden).is_empty(),
                        "{text} {before} {}",
                        String::from_utf8_lossy(&hidden)
                    );
                }
            }
        }
        let other = [b"654327196107091023".as_slice(), "肺炎".as_bytes()].concat();
        assert_eq!(search.found(&other), BTreeSet::new());
    }
}

/// Takes what is sent to it, as a collector of traces.
pub(crate) fn collector() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!(
        "http://{}/v1/traces",
        listener.local_addr().expect("an address")
    );
    let taken = Arc::new(Mutex::new(Vec::new()));
    let into = taken.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (mut request, mut part) = (Vec::new(), [0; 64 * 1024]);
            while !is_whole(&request) {
                match stream.read(&mut part) {
                    Ok(length @ 1..) => request.extend_from_slice(&part[..length]),
                    _ => break,
                }
            }
            into.lock().expect("no panic").extend(request);
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (address, taken)
}

/// Whether a request is there to its end.
fn is_whole(request: &[u8]) -> bool {
    let Some(head) = request.windows(4).position(|end| end == b"\r\n\r\n") else {
        return false;
    };
    let text = String::from_utf8_lossy(&request[..head]).to_lowercase();
    let length = text.lines().find_map(|line| {
        line.strip_prefix("content-length: ")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    request.len() >= head + 4 + length.unwrap_or_default()
}

/// Everything that was answered, except reveals.
#[derive(Default)]
struct Answers(String);

impl Answers {
    async fn of(&mut self, actor: &Actor, sent: &Sent) -> Value {
        let (text, variables) = sent.request();
        self.ask(actor, &text, variables).await
    }

    async fn ask(&mut self, actor: &Actor, text: &str, variables: Value) -> Value {
        let answer = actor.query(text, variables).await;
        self.0 += &answer.text;
        answer.json()
    }
}

/// A village of the county.
async fn own_village(db: &TestDatabase) -> String {
    let village = "SELECT MIN(region_code) FROM household WHERE county_code = 150921";
    db.number(village).await.to_string()
}

/// The member's id of each canary, after all of them have been written.
async fn write(
    db: &TestDatabase,
    app: &App,
    canaries: &[Canary],
    answers: &mut Answers,
) -> Vec<Written> {
    let village = own_village(db).await;
    let town = app.clerk(D::Township, &village[..9]);
    let mut written = Vec::new();
    for family in canaries.chunks(MEMBERS) {
        let members: Vec<_> = family.iter().enumerate().map(|(place, canary)| json!({
            "name": format!("云丝{place}"), "citizenNumber": canary.citizen, "phone": canary.phone, "from": "2018-12-01",
            "relation": if place == 0 { "HEAD" } else { "OTHER_RELATIVE" },
        })).collect();
        let input = json!({ "village": village, "group": VILLAGE_GROUP, "phone": family[0].phone, "members": members });
        let opened = answers
            .of(
                &town,
                &mutation("householdOpen", input).read("id members { id name citizenNumber }"),
            )
            .await;
        let changed = &opened["data"]["householdOpen"]["changed"];
        let named = changed["members"]
            .as_array()
            .unwrap_or_else(|| panic!("{opened}"));
        for (place, canary) in family.iter().enumerate() {
            let name = json!(format!("云丝{place}"));
            let member = named
                .iter()
                .find(|member| member["name"] == name)
                .expect("a member");
            written.push(Written {
                household: changed["id"].clone(),
                member: member["id"].clone(),
                card: Value::Null,
                flag: Value::Null,
                canary: canary.clone(),
            });
        }
    }
    let health = app.clerk(D::Health, OWN);
    for (place, of) in written.iter_mut().enumerate() {
        // A bank's users are slowed down by themselves.
        let bank = app
            .institution(D::Bank, "91150921MA0QYH0012")
            .named(&format!("bank-{}", place / 10));
        let input = json!({ "citizenNumber": of.canary.citizen, "cardNumber": of.canary.card, "openedOn": "2018-12-10" });
        let card = answers
            .of(&bank, &mutation("bankCardRegister", input))
            .await;
        of.card = card["data"]["bankCardRegister"]["changed"]["id"].clone();
        let input = json!({ "personId": of.member, "class": "MAJOR", "disease": of.canary.disease, "diagnosedOn": "2018-12-12" });
        let flag = answers
            .of(&health, &mutation("diseaseFlagSet", input))
            .await;
        of.flag = flag["data"]["diseaseFlagSet"]["changed"]["id"].clone();
        assert!(of.card.is_string() && of.flag.is_string(), "{card} {flag}");
    }
    written
}

struct Written {
    household: Value,
    member: Value,
    card: Value,
    flag: Value,
    canary: Canary,
}

/// The full values of some, told to those who may see them: what was written is what is kept.
async fn reveal(app: &App, written: &[Written]) {
    let text = "mutation($s: [ID!]!, $f: [SensitiveField!]!) { sensitiveReveal(subjects: $s, fields: $f, purpose: VERIFICATION, caseNumber: \"案-7\") { values { value } } }";
    for of in written.iter().step_by(7) {
        let bank = app
            .institution(D::Bank, "91150921MA0QYH0012")
            .named("bank-reveal");
        for (actor, subject, field, value) in [
            (
                app.clerk(D::Poverty, OWN),
                &of.member,
                "CITIZEN_NUMBER",
                &of.canary.citizen,
            ),
            (
                app.clerk(D::Poverty, OWN),
                &of.member,
                "PHONE",
                &of.canary.phone,
            ),
            (bank, &of.card, "BANK_CARD", &of.canary.card),
            (
                app.clerk(D::Health, OWN),
                &of.flag,
                "DIAGNOSIS",
                &of.canary.disease,
            ),
        ] {
            let answer = actor
                .query(text, json!({ "s": [subject], "f": [field] }))
                .await;
            assert_eq!(
                answer.data()["sensitiveReveal"]["values"],
                json!([{ "value": value }]),
                "{field}"
            );
        }
    }
}

/// Everything that goes wrong with a value, or asks for it, and what moves it.
async fn stumble(db: &TestDatabase, app: &App, written: &[Written], answers: &mut Answers) {
    let of = &written[3];
    let Canary {
        citizen,
        phone,
        card,
        disease,
    } = &of.canary;
    let (poverty, health) = (app.clerk(D::Poverty, OWN), app.clerk(D::Health, OWN));
    let bank = app
        .institution(D::Bank, "91150921MA0QYH0012")
        .named("bank-errors");
    let member = json!({ "name": citizen, "citizenNumber": citizen, "phone": phone, "relation": "SON", "sex": "FEMALE" });
    let open = mutation(
        "householdOpen",
        json!({ "village": "150921101201", "members": [member] }),
    );
    answers.of(&poverty, &open).await;
    for citizen in [
        citizen.clone(),
        format!("{citizen}1"),
        citizen.replace('6', "*"),
    ] {
        let again =
            json!({ "citizenNumber": citizen, "cardNumber": card, "openedOn": "2018-12-10" });
        answers
            .of(&bank, &mutation("bankCardRegister", again))
            .await;
    }
    for day in ["2018-12-12", "2999-01-01", disease] {
        let flag = json!({ "personId": of.member, "class": "MAJOR", "disease": disease, "diagnosedOn": day });
        answers.of(&health, &mutation("diseaseFlagSet", flag)).await;
    }
    for value in of.canary.values() {
        for text in [
            format!("{{ person(citizenNumber: \"{value}\") {{ id }} }}"),
            format!("{{ person(citizenNumber: \"{value}\") {{ x{value} }}"),
            format!("{{ households(filter: {{ memberName: \"{value}\" }}) {{ nodes {{ id }} }} }}"),
            format!(
                "query Q{} {{ node(id: \"{value}\") {{ id }} }} # {value}",
                &value[1..4]
            ),
            format!(
                "mutation {{ householdConfirm(requestId: \"{value}\", id: \"{value}\", version: 1) {{ changed {{ id }} }} }}"
            ),
        ] {
            answers.ask(&poverty, &text, json!({ "more": value })).await;
        }
        let get = poverty
            .send(app.http(
                "GET",
                &format!("/graphql?query=%7B__typename%7D&variables=%7B%22n%22:%22{value}%22%7D"),
            ))
            .await;
        answers.0 += &get.text;
        let correction = json!({ "subject": of.member, "field": "phone", "proposedValue": value, "reason": "登记有误" });
        answers
            .of(&health, &mutation("correctionRequestRaise", correction))
            .await;
    }
    // A split seals the values anew, for other rows.
    let town = app.clerk(D::Township, &own_village(db).await[..9]);
    let split = json!({ "householdId": of.household, "on": "2018-12-20", "members": [{ "member": of.member, "relation": "HEAD" }] });
    let payload =
        answers.of(&town, &mutation("householdSplit", split)).await["data"]["householdSplit"]
            .take();
    assert!(payload["changed"]["id"].is_string(), "{payload}");
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, into),
            path => into.push(path),
        }
    }
}

/// The administrator of the tests' own server; none of a server that somebody else runs.
async fn administrator(db: &TestDatabase) -> Option<DatabaseConnection> {
    let url = db.url.strip_prefix("postgres://yihu:")?;
    sea_orm::Database::connect(format!("postgres://postgres:{url}"))
        .await
        .ok()
}

/// The files in which the database keeps what is written.
async fn database_files(db: &TestDatabase) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(file) = db.url.strip_prefix("sqlite://") {
        // The database, and beside it -wal, -shm or -journal.
        files(Path::new(file).parent().expect("a folder"), &mut found);
        return found;
    }
    let Some(connection) = administrator(db).await else {
        return found;
    };
    let text = async |sql: &str| -> String {
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection
            .query_one_raw(statement)
            .await
            .expect("an answer")
            .expect("a row");
        row.try_get_by_index(0).expect("a text")
    };
    let data = PathBuf::from(text("SHOW data_directory").await);
    let own =
        text("SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()").await;
    connection
        .execute_unprepared("CHECKPOINT")
        .await
        .expect("a checkpoint");
    // The log of writes and the server's own log are the whole server's, the other folders this database's.
    for folder in [
        "pg_wal".to_owned(),
        "global".to_owned(),
        format!("base/{own}"),
        "base/pgsql_tmp".to_owned(),
    ] {
        files(&data.join(folder), &mut found);
    }
    found.push(data.with_file_name("log"));
    found
}

/// A dump as it is kept elsewhere, by a role that row security lets pass; of SQLite that is its file.
fn dump(db: &TestDatabase) -> Vec<u8> {
    let Some(programs) = installed_binaries().filter(|_| db.engine == Engine::Postgres) else {
        return Vec::new();
    };
    let output = Command::new(programs.join("pg_dump"))
        .arg("--dbname")
        .arg(db.url.replacen("://yihu:", "://postgres:", 1))
        .output()
        .expect("pg_dump runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn no_sensitive_value_stands_anywhere(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let canaries: Vec<_> = (0..FAMILIES * MEMBERS).map(Canary::of).collect();
        assert!(canaries.iter().flat_map(Canary::values).collect::<BTreeSet<_>>().len() >= 200);
        let (search, control) = (Search::of(canaries.iter().flat_map(Canary::values)), Search::of([VILLAGE_GROUP]));
        let (otlp, traces) = collector();
        let seals = folder.path().join("seals.jsonl");
        let program = Program::on(&db, folder.path(), &[], &[
            ("YIHU_TELEMETRY_OTLP", &otlp), ("YIHU_AUDIT_SEAL_FILE", seals.to_str().expect("a path")), ("YIHU_AUDIT_SEAL_SECONDS", "1"),
        ]);
        let app = program.app();
        let mut answers = Answers::default();
        let written = write(&db, &app, &canaries, &mut answers).await;
        reveal(&app, &written).await;
        stumble(&db, &app, &written, &mut answers).await;
        assert!(db.number("SELECT COUNT(*) FROM audit_record").await >= 150);
        // The sealer looks every second.
        let sealed = async {
            while fs::read_to_string(&seals).unwrap_or_default().is_empty() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), sealed).await.expect("a seal");
        let metrics = app.anonymous().send(app.http("GET", "/metrics")).await.text;
        let mut places = vec![("answers".to_owned(), answers.0.into_bytes()), ("metrics".to_owned(), metrics.into_bytes()), ("dump".to_owned(), dump(&db))];
        let read = |path: PathBuf| (path.display().to_string(), fs::read(&path).unwrap_or_default());
        // While the server runs, SQLite's log is beside the database; when it has ended, what it left.
        let running = database_files(&db).await;
        let names: String = running.iter().map(|path| path.display().to_string()).collect();
        places.extend(running.into_iter().map(read));
        places.push(("log".to_owned(), program.stop().into_bytes()));
        places.extend(database_files(&db).await.into_iter().map(read));
        places.push(read(seals));
        places.push(("traces".to_owned(), traces.lock().expect("no panic").clone()));

        let mut seen = BTreeSet::new();
        for (place, bytes) in &places {
            assert_eq!(search.found(bytes), BTreeSet::new(), "{place}");
            if !control.found(bytes).is_empty() {
                seen.insert(place.rsplit(['/', '.']).next().expect("a name").to_owned());
            }
        }
        // The controls: what is written in plain is seen, and every place holds what it should.
        let holds = |place: &str, word: &str| {
            let found = places.iter().filter(|(name, _)| name.ends_with(place));
            let word = AhoCorasick::new([word]).expect("a word");
            assert!(found.into_iter().any(|(_, bytes)| word.is_match(bytes)), "{place}");
        };
        holds("log", "\"level\":\"TRACE\"");
        holds("traces", "yihu::http");
        holds("metrics", "yihu_");
        holds("answers", "ALREADY_MEMBER");
        holds("seals.jsonl", "root");
        match db.engine {
            Engine::Sqlite => assert!(names.contains("-wal") && seen.contains("sqlite"), "{seen:?} {names}"),
            // A file of the table or its log of writes, and the dump.
            Engine::Postgres => assert!(seen.contains("dump") && seen.len() >= 3, "{seen:?}"),
        }
    }
}
