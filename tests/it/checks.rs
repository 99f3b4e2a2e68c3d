//! The checks for which nothing is planted, one by one: of a contradiction, its nearest innocent neighbour and the repair, exactly
//! the first is found, and it closes with the last (`checks/cases.txt`).

use crate::{
    contradictions::runner,
    harness::{TestDatabase, both_dbs},
};
use entity::codes::{CodeList as _, Department, StudentStage};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use time::macros::date;
use yihu::{
    departments,
    entitlement::Rules,
    reconciliation::{Reconciler, Tally, Wanted},
};

const CASES: &str = include_str!("checks/cases.txt");

/// A case as it is written.
#[derive(Debug, Default)]
struct Case {
    /// The check, and what is made.
    check: String,
    title: String,
    /// Names and statements of keys, in their order.
    keys: Vec<(String, String)>,
    region: String,
    prepared: String,
    innocent: String,
    broken: String,
    repaired: String,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let lines = CASES.lines().filter(|line| !line.starts_with('#'));
    for line in lines.filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("== ") {
            cases.push(Case {
                check: title[..5].to_owned(),
                title: title.to_owned(),
                region: "15".to_owned(),
                ..Case::default()
            });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with ==");
        let (name, text) = match line.split_once(": ") {
            Some((name, text)) if !name.contains(' ') => (name, text),
            _ => line.split_once(" = ").expect("a key or a statement"),
        };
        let place = match name {
            "region" => &mut case.region,
            "prepared" => &mut case.prepared,
            "innocent" => &mut case.innocent,
            "broken" => &mut case.broken,
            "repaired" => &mut case.repaired,
            key => {
                case.keys.push((key.to_owned(), text.to_owned()));
                continue;
            }
        };
        text.clone_into(place);
    }
    cases
}

async fn run(runner: &Reconciler, case: &Case) -> Tally {
    let wanted = Wanted {
        region: case.region.parse().expect("a region"),
        as_of: date!(2018 - 12 - 31),
        check: Some(case.check.clone()),
        since: None,
    };
    let report = runner.run(&wanted, |_| {}).await;
    report
        .unwrap_or_else(|error| panic!("{}: {error}", case.title))
        .total()
}

impl Case {
    /// A statement with the keys in it.
    fn filled(&self, statement: &str, keys: &[i64]) -> String {
        let named = self.keys.iter().zip(keys);
        named.fold(statement.to_owned(), |text, ((name, _), key)| {
            text.replace(&format!("{{{name}}}"), &key.to_string())
        })
    }

    async fn holds(&self, db: &TestDatabase, runner: &Reconciler) {
        let mut keys = Vec::new();
        for (_, statement) in &self.keys {
            let statement = format!("SELECT CAST(({}) AS BIGINT)", self.filled(statement, &keys));
            keys.push(db.number(&statement).await);
        }
        let on = self.keys.iter().position(|(name, _)| name == "on");
        let on = keys[on.expect("what it stands on")];
        if !self.prepared.is_empty() {
            db.execute(&self.filled(&self.prepared, &keys)).await;
        }
        run(runner, self).await;
        let newest = db
            .number("SELECT COALESCE(MAX(id), 0) FROM finding WHERE raised_by IS NULL")
            .await;
        db.execute(&self.filled(&self.innocent, &keys)).await;
        let innocent = run(runner, self).await;
        assert_eq!((innocent.found, innocent.closed), (0, 0), "{}", self.title);
        db.execute(&self.filled(&self.broken, &keys)).await;
        let broken = run(runner, self).await;
        assert_eq!((broken.found, broken.closed), (1, 0), "{}", self.title);
        let found = format!(
            "SELECT COUNT(*) FROM finding WHERE id > {newest} AND check_id = '{}' AND owner_key = {on} AND state = 'OPEN'",
            self.check
        );
        assert_eq!(db.number(&found).await, 1, "{}", self.title);
        // Again it is the same.
        let again = run(runner, self).await;
        assert_eq!(
            (again.found, again.changed, again.closed, again.still_open),
            (0, 0, 0, broken.found + broken.still_open + broken.changed),
            "{}",
            self.title
        );
        db.execute(&self.filled(&self.repaired, &keys)).await;
        let repaired = run(runner, self).await;
        assert_eq!((repaired.found, repaired.closed), (0, 1), "{}", self.title);
        let closed = found.replace("'OPEN'", "'CLOSED'");
        assert_eq!(db.number(&closed).await, 1, "{}", self.title);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_finds_its_contradiction_and_not_its_neighbour(db: TestDatabase) {
        let runner = runner(&db).await;
        let cases = cases();
        for case in &cases {
            case.holds(&db, &runner).await;
        }
        // Those without a plant, and those of regions.
        let checked: BTreeSet<&str> = cases.iter().map(|case| case.check.as_str()).collect();
        let expected = ["RC-18", "RC-20", "RC-22", "RC-23", "RC-24", "RC-25", "RC-28", "RC-29", "RC-42", "RC-44", "RC-45", "RC-48", "RC-49", "RC-50", "RC-51",
            "RC-61", "RC-62", "RC-63", "RC-64", "RC-67", "RC-77", "RC-78", "RC-79", "RC-80", "RC-83", "RC-84", "RC-89", "RC-90"];
        assert_eq!(checked, BTreeSet::from(expected));
    }
}

/// What the rule of a village comes to for these inputs.
fn gives(rules: &Rules, benefit: &str, inputs: &Value) -> Value {
    let day = date!(2018 - 09 - 20);
    let found = rules.catalogue.in_force("150921107201", benefit, day);
    let inputs = inputs.as_object().expect("inputs");
    let answer = found.expect("a rule").1.answer(inputs);
    answer.expect("an answer").gives
}

fn rules() -> Rules {
    Rules::of(departments::facts(), &[]).expect("the rules")
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// RC-41 names stages of its own: they are those for which the pack gives something.
    async fn a_student_lacks_an_allowance_where_the_pack_gives_one(db: TestDatabase) {
        let runner = runner(&db).await;
        let enrolment = db.number("SELECT MIN(e.id) FROM school_enrolment e JOIN household h ON h.id = e.household_id AND h.status = 'REGISTERED' \
            JOIN household_status_period s ON s.household_id = h.id AND s.status = 'REGISTERED' AND s.valid_to IS NULL AND s.valid_from < '2018-01-01' \
            WHERE e.school_year = 2018 AND e.term = 'AUTUMN'").await;
        let person = db.number(&format!("SELECT person_id FROM school_enrolment WHERE id = {enrolment}")).await;
        db.execute(&format!("DELETE FROM study_allowance WHERE person_id = {person}")).await;
        let case = Case { check: "RC-41".to_owned(), title: "RC-41".to_owned(), region: "15".to_owned(), ..Case::default() };
        let (rules, mut lacking) = (rules(), 0);
        for entry in StudentStage::ENTRIES {
            for boarding in [true, false] {
                let set = format!("UPDATE school_enrolment SET stage = '{}', boarding = {boarding} WHERE id = {enrolment}", entry.word);
                db.execute(&set).await;
                run(&runner, &case).await;
                let open = format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-41' AND person_id = {person} AND closed_on IS NULL");
                let inputs = json!({ "stage": entry.word.to_lowercase(), "boarding": boarding, "school_in_county_seat": false,
                    "spring_enrolled": true, "autumn_enrolled": true });
                let full = gives(&rules, "education-support", &inputs)["full_year"].clone();
                let is_due = full.as_str().expect("an amount").parse::<f64>().expect("a number") > 0.0;
                assert_eq!(db.number(&open).await, i64::from(is_due), "{} {boarding} {full}", entry.word);
                lacking += i64::from(is_due);
            }
        }
        assert!(lacking > 3, "{lacking}");
    }
}

/// RC-59 lets December be up to 11 fen more than the months before it: what twelfths leave.
#[test]
fn december_takes_what_the_twelfths_leave() {
    let (rules, mut most) = (rules(), 0);
    for income in 0..200 {
        let inputs = json!({ "members": 3, "annual_income": format!("{}.{:02}", income / 100, income % 100) });
        let gives = gives(&rules, "dibao", &inputs);
        let fen = |name: &str| -> i64 {
            let yuan = gives[name].as_str().expect("an amount").replace('.', "");
            yuan.parse().expect("fen")
        };
        let more = fen("december") - fen("monthly_jan_to_nov");
        assert!((0..=11).contains(&more), "{inputs} {gives}");
        most = most.max(more);
    }
    assert_eq!(most, 11);
}

/// RC-11 compares with the standard of the place and year, and with none where the packs have none; the lines of years are those
/// of the packs where they state one.
#[test]
fn figures_are_those_of_the_packs() {
    let rules = rules();
    let matrix = yihu::schema::matrix().expect("the matrix");
    let checks = yihu::reconciliation::shipped(&matrix, &rules.catalogue).expect("the checks");
    let sql = |check: &str| {
        let check = checks.of_id(check).expect("a check");
        let here = yihu::reconciliation::Here::Regions((0, 1));
        let statement = check.statement(yihu::db::Dialect::Sqlite, &here, date!(2018 - 12 - 31));
        statement.sql.to_string()
    };
    let standard = sql("RC-11");
    for year in [2017, 2018] {
        let case = format!(
            "WHEN i.year = {year} AND h.region_code BETWEEN 150900000000 AND 150999999999 THEN 390600"
        );
        assert!(standard.contains(&case), "{standard}");
    }
    assert_eq!(standard.matches("WHEN i.year").count(), 2, "{standard}");
    let line = sql("RC-76");
    for year in 2010..=2020 {
        let inputs = json!({ "year": year, "members": 1, "household_net_income": "0.00" });
        let gives = gives(&rules, "poverty-line-test", &inputs);
        let Some(yuan) = gives["line"].as_str() else {
            continue;
        };
        let fen = yuan.replace('.', "");
        let stated = line.contains(&format!("WHEN {year} THEN {fen}"));
        // Of the year 2020 nothing is compared yet.
        assert!(stated || year == 2020, "{year} {yuan}: {line}");
    }
}

/// Whoever is asked reads findings and writes to them: otherwise they rest for ever.
#[test]
fn who_is_asked_can_answer() {
    let matrix = yihu::schema::matrix().expect("the matrix");
    let checks = yihu::reconciliation::shipped(&matrix, &rules().catalogue).expect("the checks");
    let may = |type_name: &str, field: &str, department: Department| {
        let readers = matrix.readers(type_name, field).expect("a field");
        readers.split(' ').any(|word| word == department.word())
    };
    for check in checks.all() {
        let asked = check.asked;
        assert!(may("Finding", "state", asked), "{}", check.id);
        assert!(may("Mutation", "findingResolve", asked), "{}", check.id);
        assert!(may("Mutation", "findingExplain", asked), "{}", check.id);
    }
    // The control: banks were asked once.
    assert!(!may("Finding", "state", Department::Bank));
}
