//! Runs of the checks: asked for as a job, over what changed only, and by themselves when one is due.

use crate::{
    contradictions::{recorded, runner},
    harness::{Actor, App, TestDatabase, both_dbs, settled, word, writes::mutation, yihu},
};
use entity::codes::Department as D;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::sync::Arc;
use time::macros::date;
use yihu::{
    clock::Clock,
    db::{Database, Settings},
    graphql::scalars::global_id,
    jobs::{JobOptions, Runner, Worked},
    reconciliation::{ReconciliationWork, Schedule},
};

const OWN: &str = "150921";

async fn worker(db: &TestDatabase) -> Runner {
    let database = Database::connect(&db.url, &Settings::default())
        .await
        .expect("a database");
    let work = ReconciliationWork {
        reconciler: runner(db).await,
    };
    let clock = Clock::fixed(date!(2018 - 12 - 31));
    Runner::new(
        database,
        clock,
        vec![Arc::new(work)],
        &JobOptions::default(),
    )
}

/// Has the region compared, and gives the job as it ended.
async fn compared(db: &TestDatabase, actor: &Actor, since_last: bool) -> Value {
    let run = mutation(
        "reconciliationRun",
        json!({ "region": OWN, "sinceLast": since_last }),
    );
    let job = run.done_by(actor).await["id"].clone();
    assert_eq!(worker(db).await.once().await.expect("done"), Worked::Once);
    let text =
        "query($id: ID!) { job(id: $id) { kind state problemDetail total done lines fileName } }";
    actor.query(text, json!({ "id": job })).await.data()["job"].take()
}

/// Runs that ended: incremental, households, new, changed, closed, reopened.
async fn runs(db: &TestDatabase) -> Vec<[i64; 6]> {
    let connection = db.connect().await;
    let sql = "SELECT CASE WHEN incremental THEN 1 ELSE 0 END, households, found, changed, closed, reopened FROM reconciliation_run ORDER BY followed_transaction, id";
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            sql,
        ))
        .await
        .expect("runs");
    let cell = |row: &sea_orm::QueryResult, at: usize| match at {
        0 => i64::from(row.try_get_by_index::<i32>(0).expect("a flag")),
        at => row.try_get_by_index::<i64>(at).expect("a number"),
    };
    rows.iter()
        .map(|row| [0, 1, 2, 3, 4, 5].map(|at| cell(row, at)))
        .collect()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_region_is_compared_as_a_job_and_then_what_changed(db: TestDatabase) {
        let app = App::start(&db).await;
        let office = app.clerk(D::Poverty, OWN);
        let households = db.number("SELECT COUNT(*) FROM household WHERE county_code = 150921").await;
        let whole = json!({ "kind": "RECONCILIATION", "state": "DONE", "problemDetail": null, "total": households, "done": households, "lines": 88,
            "fileName": "reconciliation-150921000000-2018-12-31.csv" });
        // Where nothing was ever compared, all is.
        assert_eq!(compared(&db, &office, true).await, whole);
        let found = db.number("SELECT COUNT(*) FROM finding").await;
        assert!(found > 0);
        assert_eq!(db.number("SELECT COUNT(*) FROM finding WHERE county_code = 150921").await, found);
        // Nobody wrote: nobody is looked at.
        let none = compared(&db, &office, true).await;
        assert_eq!((&none["state"], &none["done"]), (&json!("DONE"), &json!(0)));

        // A family is written: it alone is looked at, and what it lacks is found.
        let household = db.number("SELECT MIN(id) FROM household WHERE county_code = 150921 AND status = 'REGISTERED'").await;
        let village = db.number(&format!("SELECT region_code FROM household WHERE id = {household}")).await.to_string();
        let version = db.number(&format!("SELECT CAST(version AS BIGINT) FROM household WHERE id = {household}")).await;
        db.execute(&format!("UPDATE household SET main_cause = NULL, second_cause = NULL, third_cause = NULL WHERE id = {household}")).await;
        let amend = mutation("householdAmend", json!({ "address": "村东头" })).of(&global_id("Household", household), version);
        amend.done_by(&app.clerk(D::Township, &village[..9])).await;
        settled(&db).await;
        assert_eq!(compared(&db, &office, true).await["done"], json!(1));
        assert_eq!(compared(&db, &office, false).await, whole);
        assert_eq!(runs(&db).await, [
            [0, households, found, 0, 0, 0],
            [1, 0, 0, 0, 0, 0],
            [1, 1, 1, 0, 0, 0],
            [0, households, 0, 0, 0, 0],
        ]);
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-86' AND household_id = {household} AND state = 'OPEN'")).await, 1);

        let run = |region: &str, check: &str| mutation("reconciliationRun", json!({ "region": region, "check": check }));
        assert_eq!(run("150922", "RC-17").mistakes(&office).await, ["input.region NOT_FOUND"]);
        assert_eq!(run(OWN, "RC-00").mistakes(&office).await, ["input.check NO_SUCH_CHECK"]);
        run(OWN, "RC-17").refused_to(&db, &[app.clerk(D::Health, OWN), app.auditor()]).await;
    }
}

/// A run over what may differ since the last one, on a day.
async fn since_last(db: &TestDatabase, as_of: time::Date) -> yihu::reconciliation::Report {
    let order = yihu::reconciliation::Order {
        region: OWN.parse().expect("a region"),
        as_of,
        check: None,
        since_last: true,
    };
    recorded(&runner(db).await, &order).await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_run_over_what_changed_sees_the_day_and_what_is_reported(db: TestDatabase) {
        let app = App::start(&db).await;
        let office = app.clerk(D::Poverty, OWN);
        compared(&db, &office, false).await;
        let today = date!(2018 - 12 - 31);
        // A contract ends on the next day: nobody writes.
        let contract = db.number("SELECT MIN(k.person_id) FROM doctor_contract k JOIN household h ON h.id = k.household_id JOIN person p ON p.id = k.person_id \
            WHERE h.county_code = 150921 AND h.status = 'REGISTERED' AND k.valid_to IS NULL AND p.valid_to IS NULL").await;
        db.execute(&format!("UPDATE doctor_contract SET valid_to = '2019-01-01' WHERE person_id = {contract} AND valid_to IS NULL")).await;
        let same = since_last(&db, today).await;
        assert_eq!((same.households, same.total().found, same.checks["RC-29"].still_open), (0, 0, 0));
        let households = db.number("SELECT COUNT(*) FROM household WHERE county_code = 150921").await;
        let next = since_last(&db, date!(2019 - 01 - 01)).await;
        assert_eq!((next.households, next.checks["RC-29"].found), (households.unsigned_abs(), 1));
        // What says nothing of the day is not looked at again.
        assert_eq!(next.checks["RC-86"].still_open, 0);
        let again = since_last(&db, date!(2019 - 01 - 01)).await;
        assert_eq!((again.households, again.total().found), (0, 0));

        // Another agency reports of a person: the family is looked at.
        let person = db.number("SELECT MIN(p.id) FROM person p JOIN household h ON h.id = p.household_id WHERE h.county_code = 150921 AND h.status = 'REGISTERED' AND p.valid_to IS NULL").await;
        db.execute(&format!("INSERT INTO reported_record (id, source_agency, kind, file_name, file_hash, identity_index, reported_on, values_json, received_at_ms) \
            SELECT 990001, 'POLICE', 'VEHICLE', 'x', 'x', p.citizen_number_index, '2018-12-31', '{{}}', (SELECT MAX(started_at_ms) FROM reconciliation_run) FROM person p WHERE p.id = {person}")).await;
        let reported = since_last(&db, date!(2019 - 01 - 01)).await;
        assert_eq!((reported.households, reported.checks["RC-85"].found), (1, 1));

        // What was explained for a time is looked at when the time is over.
        db.execute("UPDATE reported_record SET received_at_ms = 0 WHERE id = 990001").await;
        db.execute("UPDATE finding SET state = 'EXPLAINED', explanation = '已核实', explained_until = '2019-01-02' WHERE check_id = 'RC-85'").await;
        let before = since_last(&db, date!(2019 - 01 - 02)).await;
        assert_eq!(before.checks["RC-85"].changed, 0);
        since_last(&db, date!(2019 - 01 - 03)).await;
        assert_eq!(db.number("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-85' AND state = 'OPEN'").await, 1);

        // What was said to be corrected is looked at by the next run, and is as it was.
        db.execute("UPDATE finding SET state = 'CORRECTED', closed_on = '2019-01-03' WHERE check_id = 'RC-85'").await;
        let corrected = since_last(&db, date!(2019 - 01 - 03)).await;
        assert_eq!((corrected.households, corrected.checks["RC-85"].reopened), (1, 1));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_run_is_ordered_once_when_it_is_due(db: TestDatabase) {
        let reconciler = runner(&db).await;
        let schedule = Schedule { region: OWN.parse().expect("a region"), full_hour: 2, every_minutes: 60 };
        assert!(schedule.order(&reconciler).await.expect("asked"));
        // Another instance looks, before and after it was run.
        assert!(!schedule.order(&reconciler).await.expect("asked"));
        assert_eq!(worker(&db).await.once().await.expect("done"), Worked::Once);
        assert!(!schedule.order(&reconciler).await.expect("asked"));
        assert_eq!(runs(&db).await.len(), 1);
        assert_eq!(worker(&db).await.once().await.expect("nothing"), Worked::Nothing);
    }
}

/// A family of the county is written, and its main cause is gone: RC-86 finds it.
async fn without_a_cause(db: &TestDatabase, app: &App) -> i64 {
    let household = db
        .number(
            "SELECT MIN(id) FROM household WHERE county_code = 150921 AND status = 'REGISTERED'",
        )
        .await;
    let of = async |column: &str| {
        db.number(&format!(
            "SELECT CAST({column} AS BIGINT) FROM household WHERE id = {household}"
        ))
        .await
    };
    let (village, version) = (of("region_code").await.to_string(), of("version").await);
    db.execute(&format!("UPDATE household SET main_cause = NULL, second_cause = NULL, third_cause = NULL WHERE id = {household}")).await;
    let amend = mutation("householdAmend", json!({ "address": "村东头" }))
        .of(&global_id("Household", household), version);
    amend.done_by(&app.clerk(D::Township, &village[..9])).await;
    settled(db).await;
    household
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_check_that_fails_ends_no_run_and_closes_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let office = app.clerk(D::Poverty, OWN);
        compared(&db, &office, false).await;
        let open = "SELECT COUNT(*) FROM finding WHERE check_id = 'RC-28' AND state = 'OPEN'";
        let before = db.number(open).await;
        assert!(before > 0);
        let household = without_a_cause(&db, &app).await;
        // What RC-28 reads is not there: the others go on, and what it had found stands.
        db.execute("ALTER TABLE check_up RENAME TO check_up_away").await;
        let order = yihu::reconciliation::Order { region: OWN.parse().expect("a region"), as_of: date!(2018 - 12 - 31), check: None, since_last: false };
        let report = recorded(&runner(&db).await, &order).await;
        assert_eq!(report.unfinished.keys().collect::<Vec<_>>(), ["RC-28"]);
        assert_eq!((report.checks.len(), report.checks["RC-28"], report.total().found, report.checks["RC-86"].found), (88, Default::default(), 1, 1));
        assert_eq!(db.number(open).await, before);
        assert_eq!(db.text("SELECT unfinished FROM reconciliation_run WHERE unfinished IS NOT NULL").await, "RC-28");
        // As a job it is done, and its file says which.
        let job = compared(&db, &office, false).await;
        assert_eq!((&job["state"], &job["lines"]), (&json!("DONE"), &json!(88)));
        assert_eq!(db.number("SELECT COUNT(*) FROM reconciliation_run WHERE unfinished = 'RC-28'").await, 2);
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = yihu(folder.path());
        command.args(["reconcile", "--demo", "--database", &db.url, "--region", OWN, "--as-of", "2018-12-31", "--check", "RC-28"]);
        let done = command.env("YIHU_VAULT_SUITE", word()).output().expect("it runs");
        let said = String::from_utf8([done.stdout, done.stderr].concat()).expect("a text");
        assert!(done.status.code() == Some(1) && said.contains("not finished") && said.contains("did not come to their end"), "{said}");
        assert_eq!(db.number(open).await, before);
        // No run over what changed begins there: the family is looked at again.
        db.execute("ALTER TABLE check_up_away RENAME TO check_up").await;
        let since = since_last(&db, date!(2018 - 12 - 31)).await;
        assert_eq!((since.households, since.total().found, since.unfinished.len()), (1, 0, 0));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-86' AND household_id = {household} AND state = 'OPEN'")).await, 1);
        assert_eq!(db.number(open).await, before);
    }
}
