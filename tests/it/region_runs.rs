//! What is due to all households of a region, and what would be: as files, and as a simulation.

use crate::harness::{Actor, App, TestDatabase, both_dbs, yihu};
use calamine::{Data, Reader as _, Xlsx, open_workbook};
use entity::codes::Department as D;
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::Path,
    process::Command,
    time::Duration,
};

const OWN: &str = "150921";
const DAY: &str = "2018-11-30";

fn command(db: &TestDatabase, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = yihu(folder);
    command
        .args(arguments)
        .args(["--demo", "--database", &db.url, "--as-of", DAY]);
    command
}

/// The exit code, what was printed, and what was complained of.
fn run(db: &TestDatabase, folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = command(db, folder, arguments).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    (done.status.code(), text(done.stdout), text(done.stderr))
}

fn csv_rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("a file");
    let text = text.strip_prefix('\u{feff}').expect("a mark for Excel");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// All answers of the county as the graph gives them, each as a line of the file.
async fn told_by_the_graph(actor: &Actor) -> BTreeSet<String> {
    let query = "query($on: Date, $after: String) { households(filter: { region: \"150921\" }, first: 50, after: $after) { nodes { id cardNumber entitlements(asOf: $on) { benefit personId loanId status amount granted difference payBy } } pageInfo { hasNextPage endCursor } } }";
    let (mut lines, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let variables = json!({ "on": DAY, "after": after });
        let data = actor.query(query, variables).await.data();
        for node in data["households"]["nodes"].as_array().expect("nodes") {
            for answer in node["entitlements"].as_array().expect("answers") {
                let parts = [
                    "personId",
                    "loanId",
                    "benefit",
                    "status",
                    "amount",
                    "granted",
                    "difference",
                    "payBy",
                ];
                let parts = parts.map(|part| answer[part].as_str().unwrap_or_default());
                let [id, card] =
                    ["id", "cardNumber"].map(|part| node[part].as_str().unwrap_or_default());
                lines.insert(format!("{card} {id} {}", parts.join(" ")));
            }
        }
        if data["households"]["pageInfo"]["hasNextPage"] == false {
            return lines;
        }
        after = data["households"]["pageInfo"]["endCursor"].clone();
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_file_says_what_the_graph_says(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::start(&db).await;
        let (code, said, complained) = run(&db, folder.path(), &["entitle", "--region", OWN, "--out", "all.csv", "--all", "--at-once", "7"]);
        assert_eq!(code, Some(0), "{complained}");
        let households = db.number(&format!("SELECT COUNT(*) FROM household WHERE county_code = {OWN}")).await;
        assert!(said.starts_with(&format!("all.csv: {households} households on {DAY} in ")), "{said}");
        let mut rows = csv_rows(&folder.path().join("all.csv"));
        let names = rows.remove(0);
        let at = |name: &str| names.iter().position(|of| of == name).expect("a column");
        let columns = ["card_number", "household", "person", "loan", "benefit", "status", "due_yuan", "granted_yuan", "difference", "pay_by"].map(at);
        let lines: BTreeSet<String> = rows.iter().map(|row| columns.map(|at| row[at].as_str()).join(" ")).collect();
        assert_eq!(lines.len(), rows.len());
        assert_eq!(lines, told_by_the_graph(&app.auditor()).await);
        // Left to itself it tells what somebody has to look at.
        assert_eq!(run(&db, folder.path(), &["entitle", "--region", OWN, "--out", "some.csv"]).0, Some(0));
        let some = csv_rows(&folder.path().join("some.csv"));
        let (status, difference) = (at("status"), at("difference"));
        let expected: Vec<_> = rows.iter().filter(|row| row[status] != "NOT_ENTITLED" || !["EQUAL", "UNKNOWN"].contains(&row[difference].as_str())).cloned().collect();
        assert_eq!(some[1..], expected);
        assert!(some.len() < rows.len());
        // Nothing is left beside the files.
        let files: BTreeSet<_> = fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
        assert_eq!(files.iter().map(|name| name.to_str().expect("a name")).collect::<Vec<_>>(), ["all.csv", "some.csv"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn every_format_holds_the_same(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        for out in ["due.csv", "due.xlsx", "due.parquet"] {
            let arguments = ["entitle", "--region", OWN, "--benefit", "yulu", "--benefit", "dibao", "--out", out];
            assert_eq!(run(&db, folder.path(), &arguments).0, Some(0));
        }
        let rows = csv_rows(&folder.path().join("due.csv"));
        let benefits: BTreeSet<_> = rows[1..].iter().map(|row| row[5].as_str()).collect();
        assert_eq!(benefits, BTreeSet::from(["dibao", "yulu"]));
        let mut workbook: Xlsx<_> = open_workbook(folder.path().join("due.xlsx")).expect("a workbook");
        let sheet = workbook.worksheet_range_at(0).expect("a sheet").expect("its cells");
        let cell = |cell: &Data| match cell {
            Data::Empty => String::new(),
            Data::Float(number) => format!("{number:.2}"),
            other => other.to_string(),
        };
        let of_sheet: Vec<Vec<String>> = sheet.rows().map(|row| row.iter().map(cell).collect()).collect();
        assert_eq!(of_sheet, rows);
        let file = File::open(folder.path().join("due.parquet")).expect("a file");
        let reader = SerializedFileReader::new(file).expect("a table");
        let of_table: Vec<Vec<String>> = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").get_column_iter().map(|(_, field)| match field {
            Field::Null => String::new(),
            Field::Str(text) => text.clone(),
            other => other.to_string(),
        }).collect()).collect();
        let day = |text: &String| text.get(..10).unwrap_or(text).to_owned();
        let until_day = |row: &Vec<String>| [&row[..12], &[day(&row[12])]].concat();
        assert_eq!(of_table.iter().map(until_day).collect::<Vec<_>>(), rows[1..]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Killed again and again, the file is the one of a run that was left alone.
    async fn a_run_that_was_cut_off_goes_on(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = ["entitle", "--region", "15", "--all", "--at-once", "1", "--out"];
        assert_eq!(run(&db, folder.path(), &[&arguments[..], &["whole.csv"]].concat()).0, Some(0));
        let (mut kills, mut patience, mut said) = (0, 60, String::new());
        while !folder.path().join("cut.csv").exists() {
            let mut child = command(&db, folder.path(), &[&arguments[..], &["cut.csv"]].concat());
            let mut child = child.stdout(std::process::Stdio::piped()).spawn().expect("it runs");
            std::thread::sleep(Duration::from_millis(patience));
            kills += i32::from(child.try_wait().expect("a state").is_none());
            child.kill().expect("killed");
            said = String::from_utf8(child.wait_with_output().expect("an end").stdout).expect("a text");
            patience += 15;
        }
        assert!(kills > 0);
        let read = |name: &str| fs::read(folder.path().join(name)).expect("a file");
        assert!(read("whole.csv") == read("cut.csv"), "after {kills} kills: {said}");
        // The part of another table is not gone on with.
        fs::write(folder.path().join("other.csv.checkpoint"), "{}").expect("a file");
        let (code, _, complained) = run(&db, folder.path(), &["entitle", "--region", OWN, "--out", "other.csv"]);
        assert_eq!(code, Some(1));
        assert!(complained.contains("other.csv.part: this is a part of another table"), "{complained}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_can_not_be_run_is_told(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        for (arguments, expected) in [
            (&["entitle", "--region", OWN, "--out", "due.doc"][..], "the name has to end in .csv, .xlsx or .parquet"),
            (&["entitle", "--region", OWN, "--out", "none/due.csv"], "none/due.csv.part: No such file or directory"),
            (&["entitle", "--region", OWN, "--benefit", "manna", "--out", "due.csv"], "no pack has a benefit `manna`"),
            (&["entitle", "--region", "99x", "--out", "due.csv"], "invalid value '99x' for '--region"),
            (&["simulate", "--region", OWN], "the draft is the same as the rules in force"),
            (&["simulate", "--region", OWN, "--set", "ulanqab-2018:dibao.standard=3906.00 yuan", "--pack", "none.yaml"], "none.yaml: No such file"),
            (&["simulate", "--region", OWN, "--set", "atlantis:dibao.standard=1.00 yuan"], "there is no pack `atlantis`"),
            (&["simulate", "--region", OWN, "--set", "ulanqab-2018:dibao.level=1.00 yuan"], "there is no figure or entry `dibao.level`"),
            (&["simulate", "--region", OWN, "--set", "ulanqab-2018:dibao.standard=plenty"], "ulanqab-2018.yaml:"),
            (&["simulate", "--region", OWN, "--set", "dibao"], "expected PACK:BENEFIT.FIGURE=VALUE"),
        ] {
            let (code, said, complained) = run(&db, folder.path(), arguments);
            assert!(code != Some(0) && said.is_empty(), "{arguments:?}");
            assert!(complained.contains(expected), "{arguments:?}: {complained}");
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}

/// A standard of 4,200 in place of 3,906, worked out from the registers: households, subjects and fen before and after, winners.
async fn by_hand(db: &TestDatabase) -> [i64; 6] {
    let of = |standard: i64| {
        format!(
            "SELECT CASE WHEN {standard} * m.members > f.net_income_fen THEN {standard} * m.members - f.net_income_fen ELSE 0 END AS due, h.id AS id FROM household h \
             JOIN (SELECT household_id, COUNT(*) AS members FROM person WHERE valid_from <= '{DAY}' AND (valid_to IS NULL OR valid_to > '{DAY}') GROUP BY household_id) m ON m.household_id = h.id \
             JOIN income_form f ON f.household_id = h.id AND f.year = (SELECT MAX(g.year) FROM income_form g WHERE g.household_id = h.id AND g.year BETWEEN 2017 AND 2018) \
             WHERE h.county_code = {OWN}"
        )
    };
    let (before, after) = (of(390_600), of(420_000));
    let number = async |sql: String| db.number(&sql).await;
    [
        number(format!(
            "SELECT COUNT(*) FROM household WHERE county_code = {OWN}"
        ))
        .await,
        number(format!("SELECT COUNT(*) FROM ({before}) b WHERE b.due > 0")).await,
        number(format!("SELECT COUNT(*) FROM ({after}) a WHERE a.due > 0")).await,
        number(format!(
            "SELECT CAST(SUM(b.due) AS BIGINT) FROM ({before}) b"
        ))
        .await,
        number(format!(
            "SELECT CAST(SUM(a.due) AS BIGINT) FROM ({after}) a"
        ))
        .await,
        number(format!(
            "SELECT COUNT(*) FROM ({before}) b JOIN ({after}) a ON a.id = b.id WHERE a.due > b.due"
        ))
        .await,
    ]
}

const SIMULATION: &str = "query($region: RegionCode!, $on: Date, $figures: [FigureInput!], $draft: String) { simulation(region: $region, asOf: $on, figures: $figures, draft: $draft) { \
    households winners losers benefits { code departments months { month before after } totals { region subjectsBefore subjectsAfter before after openBefore openAfter } } \
    changed { householdId cardNumber benefit before after subjectsBefore subjectsAfter } } }";

fn raised() -> Value {
    json!([{ "pack": "ulanqab-2018", "path": "dibao.standard", "value": "4200.00 yuan" }])
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_higher_standard_is_simulated(db: TestDatabase) {
        let app = App::start(&db).await;
        let [households, due_before, due_after, before, after, winners] = by_hand(&db).await;
        let variables = json!({ "region": OWN, "on": DAY, "figures": raised(), "draft": null });
        let data = app.reader(D::Poverty, OWN).query(SIMULATION, variables).await.data();
        let simulation = &data["simulation"];
        assert_eq!((&simulation["households"], &simulation["winners"], &simulation["losers"]), (&json!(households), &json!(winners), &json!(0)));
        let [benefit] = simulation["benefits"].as_array().expect("benefits").as_slice() else { panic!("{simulation}") };
        assert_eq!((&benefit["code"], &benefit["departments"]), (&json!("dibao"), &json!(["CIVIL"])));
        let totals = benefit["totals"].as_array().expect("totals");
        let sum = |name: &str| totals.iter().map(|total| match &total[name] {
            Value::String(text) => text.replace('.', "").parse().expect("fen"),
            number => number.as_i64().expect("a count"),
        }).sum::<i64>();
        assert_eq!(["subjectsBefore", "subjectsAfter", "before", "after"].map(sum), [due_before, due_after, before, after]);
        // The county's parts are its townships.
        assert!(totals.iter().all(|total| total["region"].as_str().is_some_and(|code| code.len() == 12 && code.ends_with("000") && code.starts_with(OWN))));
        let months = benefit["months"].as_array().expect("months");
        let year = |name: &str| months.iter().map(|month| month[name].as_str().expect("yuan").replace('.', "").parse::<i64>().expect("fen")).sum::<i64>();
        assert_eq!((months.len(), year("before"), year("after")), (12, before, after));
        let changed = simulation["changed"].as_array().expect("households");
        assert_eq!(i64::try_from(changed.len()), Ok(winners));
        // On the command line it is the same.
        let folder = tempfile::tempdir().expect("a folder");
        let set = "ulanqab-2018:dibao.standard=4200.00 yuan";
        let (code, said, complained) = run(&db, folder.path(), &["simulate", "--region", OWN, "--set", set, "--out", "changed.csv"]);
        assert_eq!(code, Some(0), "{complained}");
        assert!(said.ends_with(&format!("{households} households: more for {winners}, less for 0\n")), "{said}");
        let rows = csv_rows(&folder.path().join("changed.csv"));
        assert_eq!(i64::try_from(rows.len() - 1), Ok(winners));
        let first = &changed[0];
        assert_eq!((json!(rows[1][0]), json!(rows[1][2]), json!(rows[1][4]), json!(rows[1][5])), (first["cardNumber"].clone(), first["householdId"].clone(), first["before"].clone(), first["after"].clone()));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A whole pack in place of the one in force: a rule that is new wins, one that is gone loses.
    async fn a_draft_of_a_pack_is_simulated(db: TestDatabase) {
        let app = App::start(&db).await;
        let poverty = app.reader(D::Poverty, OWN);
        let (_, shipped) = yihu::policy::SHIPPED.iter().find(|(file, _)| *file == "ulanqab-2018.yaml").expect("it");
        let draft = shipped.replace("  cash-direct:\n", "  cash-direct-renamed:\n");
        assert_ne!(draft, *shipped);
        let variables = json!({ "region": OWN, "on": DAY, "figures": null, "draft": draft });
        let data = poverty.query(SIMULATION, variables).await.data();
        let codes: Vec<_> = data["simulation"]["benefits"].as_array().expect("benefits").iter().map(|benefit| benefit["code"].as_str().expect("a code")).collect();
        assert_eq!(codes, ["cash-direct", "cash-direct-renamed"]);
        assert_eq!((&data["simulation"]["winners"], &data["simulation"]["losers"]), (&json!(0), &json!(0)));
        let all = |code: &str, name: &str| data["simulation"]["benefits"].as_array().expect("benefits").iter().find(|benefit| benefit["code"] == code).expect("it")["totals"].as_array().expect("totals").iter().map(|total| total[name].as_i64().expect("a count")).sum::<i64>();
        assert_eq!(all("cash-direct", "subjectsBefore"), all("cash-direct-renamed", "subjectsAfter"));
        assert_eq!((all("cash-direct", "subjectsAfter"), all("cash-direct-renamed", "subjectsBefore")), (0, 0));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_simulation_is_for_who_leads(db: TestDatabase) {
        let app = App::start(&db).await;
        let ask = async |actor: &Actor, region: &str, figures: Value, draft: Value| {
            let variables = json!({ "region": region, "on": DAY, "figures": figures, "draft": draft });
            actor.query(SIMULATION, variables).await
        };
        let poverty = app.reader(D::Poverty, OWN);
        for other in [D::Civil, D::Edu, D::Village, D::Helper] {
            assert_eq!(ask(&app.reader(other, OWN), OWN, raised(), Value::Null).await.codes(), ["FORBIDDEN"]);
        }
        for (region, figures, draft, code) in [
            ("150922", raised(), Value::Null, "OUT_OF_SCOPE"),
            ("15", raised(), Value::Null, "OUT_OF_SCOPE"),
            (OWN, Value::Null, Value::Null, "INVALID_DRAFT"),
            (OWN, json!([{ "pack": "ulanqab-2018", "path": "dibao.standard", "value": "plenty" }]), Value::Null, "INVALID_DRAFT"),
            (OWN, Value::Null, json!("pack: ["), "INVALID_DRAFT"),
            (OWN, json!(vec![raised()[0].clone(); 51]), Value::Null, "TOO_MANY"),
        ] {
            assert_eq!(ask(&poverty, region, figures, draft).await.codes(), [code], "{region}");
        }
        let before = db.number("SELECT COUNT(*) FROM audit_record").await;
        assert!(ask(&poverty, OWN, raised(), Value::Null).await.codes().is_empty());
        assert_eq!(db.number("SELECT COUNT(*) FROM audit_record").await, before);
    }
}
