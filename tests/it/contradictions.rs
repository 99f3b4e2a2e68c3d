//! The checks against the manifest of the demonstration: every contradiction that it tells is found, nothing is found that it
//! does not tell, checks of which it tells nothing find what they are known to, a second run changes nothing, and what is
//! repaired closes.

use crate::{
    demo::filled_and_told,
    harness::{TestDatabase, both_dbs, vault, yihu},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::macros::date;
use yihu::{
    authz::{Access, Policy},
    clock::Clock,
    db::{Database, Settings},
    demo::Wanted,
    departments,
    entitlement::Rules,
    reconciliation::{self, Deadlines, Order, Reconciler, Report, Tally, server},
    schema,
    writing::Own,
};

const LAST_DAY: time::Date = date!(2018 - 12 - 31);
/// Everything: the demonstration and the village of published figures.
const REGIONS: [&str; 2] = ["15", "99"];

/// Runs the checks over a database, as the command does.
pub(crate) async fn runner(db: &TestDatabase) -> Reconciler {
    let database = Database::connect(&db.url, &Settings::default())
        .await
        .expect("the database opens");
    let matrix = schema::matrix().expect("the matrix");
    let rules = Arc::new(Rules::of(departments::facts(), &[]).expect("the rules"));
    let checks = reconciliation::shipped(&matrix, &rules.catalogue).expect("the checks");
    let policy = Policy {
        matrix,
        links: vec![],
    };
    let access = Access::new(Arc::new(server()), Arc::new(policy));
    let own = Own::new(database, Arc::new(vault()), Clock::fixed(LAST_DAY), access);
    Reconciler::new(own, Arc::new(checks), rules, Deadlines::default())
}

/// What a run on record comes to.
pub(crate) async fn recorded(runner: &Reconciler, order: &Order) -> Report {
    let planned = runner.plan(order).await.expect("a plan");
    let report = runner.run_on_record(&planned, |_| {}).await;
    report.expect("the run ends")
}

/// What a run over these regions comes to.
async fn run(runner: &Reconciler, regions: &[&str]) -> BTreeMap<String, Tally> {
    let mut tallies = BTreeMap::new();
    for region in regions {
        let wanted = reconciliation::Wanted {
            region: region.parse().expect("a region"),
            as_of: LAST_DAY,
            check: None,
            since: None,
        };
        let report = runner
            .run(&wanted, |_| {})
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        for (check, tally) in report.checks {
            let sum: &mut Tally = tallies.entry(check).or_default();
            sum.found += tally.found;
            sum.changed += tally.changed;
            sum.still_open += tally.still_open;
            sum.closed += tally.closed;
            sum.reopened += tally.reopened;
        }
    }
    tallies
}

/// What checks find of which the manifest tells nothing: so much of it the dice have made. All others of those find nothing.
const UNTOLD: [(&str, usize); 5] = [
    ("RC-24", 255),
    ("RC-28", 192),
    ("RC-50", 5),
    ("RC-83", 221),
    ("RC-84", 334),
];

type Findings = BTreeMap<(String, i64, i64), usize>;

/// The findings that are not closed: check, household (a region below zero) and person, 0 for none.
async fn open(db: &TestDatabase) -> Findings {
    let connection = db.connect().await;
    let sql =
        "SELECT check_id, owner_key, COALESCE(person_id, 0) FROM finding WHERE closed_on IS NULL";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let mut found = Findings::new();
    for row in connection.query_all_raw(statement).await.expect("findings") {
        let key = |at| row.try_get_by_index::<i64>(at).expect("a key");
        let check: String = row.try_get_by_index(0).expect("a check");
        *found.entry((check, key(1), key(2))).or_default() += 1;
    }
    found
}

fn told(manifest: &[u8]) -> Findings {
    let mut told = Findings::new();
    for line in std::str::from_utf8(manifest).expect("a text").lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let check = line["check"].as_str().expect("a check").to_owned();
        let household = line["household"]["id"].as_i64().expect("a household");
        let person = line["person"].as_i64().unwrap_or(0);
        *told.entry((check, household, person)).or_default() += 1;
    }
    told
}

both_dbs! {
    async fn what_is_found_is_what_the_manifest_tells(db: TestDatabase) {
        let (_, manifest) = filled_and_told(&db, Wanted::default()).await;
        let runner = runner(&db).await;
        let first = run(&runner, &REGIONS).await;
        let told = told(&manifest);
        let planted: BTreeSet<&str> = told.keys().map(|(check, ..)| check.as_str()).collect();
        let (found, untold): (Findings, Findings) =
            open(&db).await.into_iter().partition(|((check, ..), _)| planted.contains(check.as_str()));
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        for ((check, ..), count) in &untold {
            *counted.entry(check).or_default() += count;
        }
        assert_eq!(counted, BTreeMap::from(UNTOLD));
        let missing: Vec<_> = told.iter().filter(|(finding, count)| found.get(finding) != Some(*count)).collect();
        let surplus: Vec<_> = found.iter().filter(|(finding, count)| told.get(finding) != Some(*count)).collect();
        assert!(missing.is_empty() && surplus.is_empty(), "told but not found: {missing:?}\nfound but not told: {surplus:?}");
        let checked: BTreeSet<&str> = first.keys().map(String::as_str).collect();
        assert!(planted.is_subset(&checked), "{planted:?} {checked:?}");
        // Of the first families and of the village of published figures nothing is planted.
        let lines: Vec<Value> = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("JSON")).collect();
        for line in lines.iter().filter(|line| !line["plant"].is_null()) {
            assert!(line["household"]["id"].as_i64().expect("a key") > 200, "{line}");
        }
        let published = |line: &&Value| line["household"]["region"].as_str().expect("a region").starts_with("99");
        assert_eq!(lines.iter().find(published), None);
        a_second_run_changes_nothing(&db, &runner, &first).await;
        what_is_repaired_closes(&db, &runner).await;
    }
}

async fn a_second_run_changes_nothing(
    db: &TestDatabase,
    runner: &Reconciler,
    first: &BTreeMap<String, Tally>,
) {
    let records = "SELECT COUNT(*) FROM audit_record";
    let before = (
        db.number(records).await,
        db.number("SELECT MAX(recorded_at_ms) FROM checked_village")
            .await,
    );
    let second = run(runner, &REGIONS).await;
    for (check, tally) in &second {
        let still_open = first[check].found;
        assert_eq!(
            *tally,
            Tally {
                still_open,
                ..Tally::default()
            },
            "{check}"
        );
    }
    let after = (
        db.number(records).await,
        db.number("SELECT MAX(recorded_at_ms) FROM checked_village")
            .await,
    );
    assert_eq!(before, after);
}

/// Of each planted check of which the repair is one statement, one is repaired: exactly one finding closes. Broken again it is
/// the same finding, opened again.
async fn what_is_repaired_closes(db: &TestDatabase, runner: &Reconciler) {
    let one = "SELECT MIN(id) FROM finding WHERE check_id = 'RC-86' AND closed_on IS NULL";
    let finding = db.number(one).await;
    let household = db
        .number(&format!(
            "SELECT household_id FROM finding WHERE id = {finding}"
        ))
        .await;
    let connection = db.connect().await;
    let set =
        |cause: &str| format!("UPDATE household SET main_cause = {cause} WHERE id = {household}");
    connection
        .execute_unprepared(&set("'LACK_OF_FUNDS'"))
        .await
        .expect("repaired");
    let others = |tallies: &BTreeMap<String, Tally>| {
        let others = tallies.iter().filter(|(check, _)| *check != "RC-86");
        others
            .filter(|(_, tally)| {
                (tally.found, tally.changed, tally.closed, tally.reopened) != (0, 0, 0, 0)
            })
            .count()
    };
    let repaired = run(runner, &REGIONS).await;
    assert_eq!((repaired["RC-86"].closed, others(&repaired)), (1, 0));
    let state = format!(
        "SELECT COUNT(*) FROM finding WHERE id = {finding} AND state = 'CLOSED' AND closed_on = '2018-12-31'"
    );
    assert_eq!(db.number(&state).await, 1);
    connection
        .execute_unprepared(&set("NULL"))
        .await
        .expect("broken again");
    let broken = run(runner, &REGIONS).await;
    assert_eq!(
        (
            broken["RC-86"].reopened,
            broken["RC-86"].found,
            others(&broken)
        ),
        (1, 0, 0)
    );
    let state = format!(
        "SELECT COUNT(*) FROM finding WHERE id = {finding} AND state = 'OPEN' AND reopened_on = '2018-12-31' AND closed_on IS NULL"
    );
    assert_eq!(db.number(&state).await, 1);
    let events = format!(
        "SELECT COUNT(*) FROM finding_event WHERE finding_id = {finding} AND kind IN ('CLOSED', 'REOPENED')"
    );
    assert_eq!(db.number(&events).await, 2);
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_command_tells_what_it_found(db: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = |arguments: &[&str]| {
            let mut command = yihu(folder.path());
            command.args(["reconcile", "--demo", "--database", &db.url, "--as-of", "2018-12-31"]).args(arguments);
            let done = command.output().expect("it runs");
            let text = |bytes| String::from_utf8(bytes).expect("a text");
            (done.status.code(), text(done.stdout), text(done.stderr))
        };
        let (code, said, complained) = run(&["--region", "150921", "--check", "RC-17"]);
        assert_eq!(code, Some(0), "{complained}");
        let households = db.number("SELECT COUNT(*) FROM household WHERE county_code = 150921").await;
        let found = db.number("SELECT COUNT(*) FROM finding").await;
        assert_eq!(db.number("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-17' AND county_code = 150921").await, found);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], format!("RC-17 HIGH   {found} new, 0 changed, 0 still open, 0 closed, 0 reopened  Registered person not enrolled in the basic insurance of the year"));
        assert!(lines[1].starts_with(&format!("150921000000: {households} households on 2018-12-31 in ")), "{said}");
        assert_eq!(lines.len(), 2);
        // Where one check was run, nobody can say that the village was compared.
        assert_eq!(db.number("SELECT COUNT(*) FROM checked_village").await, 0);
        let (code, said, _) = run(&["--region", "150921"]);
        assert_eq!(code, Some(0));
        assert!(said.contains(&format!("RC-17 HIGH   0 new, 0 changed, {found} still open, ")), "{said}");
        assert_eq!(db.number("SELECT SUM(households) FROM checked_village").await, households);
        let (code, _, complained) = run(&["--region", "150921", "--check", "RC-00"]);
        assert_eq!((code, complained.as_str()), (Some(1), "yihu: there is no check RC-00\n"));
    }
}
