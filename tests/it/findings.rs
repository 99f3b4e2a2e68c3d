//! What is done about findings: who sees which value, who answers, how a finding goes on, and what it stops.

use crate::{
    contradictions::runner,
    demo::filled_and_told,
    harness::{
        Actor, App, TestDatabase, both_dbs,
        writes::{Sent, mutation, records},
    },
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use time::macros::date;
use yihu::{
    demo::Wanted,
    graphql::scalars::global_id,
    reconciliation::{Reconciler, Wanted as WantedRun},
};

/// A database with the plants, and what the checks find there.
async fn found(db: &TestDatabase) -> Reconciler {
    filled_and_told(
        db,
        Wanted {
            village: false,
            ..Wanted::default()
        },
    )
    .await;
    let runner = runner(db).await;
    run(&runner, date!(2018 - 12 - 31)).await;
    runner
}

async fn run(runner: &Reconciler, as_of: time::Date) {
    run_of(runner, as_of, None).await;
}

/// Looks at one check again.
async fn run_check(runner: &Reconciler, check: &str) {
    run_of(runner, date!(2018 - 12 - 31), Some(check.to_owned())).await;
}

async fn run_of(runner: &Reconciler, as_of: time::Date, check: Option<String>) {
    let wanted = WantedRun {
        region: "15".parse().expect("a region"),
        as_of,
        check,
        since: None,
    };
    runner.run(&wanted, |_| {}).await.expect("the run ends");
}

/// A finding of a check with its county and household.
struct One {
    key: i64,
    id: String,
    county: String,
    household: i64,
}

async fn one(db: &TestDatabase, check: &str) -> One {
    open(db, "MIN", check).await
}

async fn last(db: &TestDatabase, check: &str) -> One {
    open(db, "MAX", check).await
}

/// The first or the last that is open.
async fn open(db: &TestDatabase, which: &str, check: &str) -> One {
    let key = db
        .number(&format!(
            "SELECT {which}(id) FROM finding WHERE check_id = '{check}' AND closed_on IS NULL"
        ))
        .await;
    let of = |column: &str| format!("SELECT {column} FROM finding WHERE id = {key}");
    One {
        id: global_id("Finding", key),
        county: db.number(&of("county_code")).await.to_string(),
        household: db.number(&of("household_id")).await,
        key,
    }
}

impl One {
    async fn read(&self, actor: &Actor, fields: &str) -> Value {
        let text =
            format!("query($id: ID!) {{ node(id: $id) {{ ... on Finding {{ {fields} }} }} }}");
        actor.query(&text, json!({ "id": self.id })).await.data()["node"].take()
    }

    fn sent(&self, name: &str, version: i64, input: Value) -> Sent {
        mutation(name, input).of(&self.id, version)
    }

    async fn state(&self, db: &TestDatabase, state: &str) -> bool {
        db.number(&format!(
            "SELECT COUNT(*) FROM finding WHERE id = {} AND state = '{state}'",
            self.key
        ))
        .await
            == 1
    }
}

/// Money for the household of a finding.
fn payment(of: &One, period: &str) -> Sent {
    let input = json!({ "department": "CIVIL", "programme": "temporary-assistance", "period": period, "kind": "ONE_OFF", "amount": "500.00" });
    mutation("paymentRecord", input).of_household(&global_id("Household", of.household))
}

const VALUES: &str =
    "check department between evidence { name department field value on withheld }";

both_dbs! {
    async fn a_finding_shows_each_value_to_those_who_read_its_field(db: TestDatabase) {
        found(&db).await;
        let app = App::start(&db).await;
        let finding = one(&db, "RC-14").await;
        let income = db.number(&format!("SELECT per_capita_fen FROM income_form WHERE household_id = {} AND year = 2018", finding.household)).await;
        let yuan = |fen: i64| format!("{}.{:02}", fen / 100, fen % 100);
        let value = |name: &str, of: &str, value: Value, on: Value| json!({ "name": name, "department": of, "field": "IncomeForm.perCapitaNetIncome",
            "value": value, "on": on, "withheld": false });
        let told = finding.read(&app.clerk(D::Civil, &finding.county), VALUES).await;
        let surveyed = told["evidence"][0]["on"].clone();
        assert_eq!(told, json!({ "check": "RC-14", "department": "CIVIL", "between": ["CIVIL", "TOWNSHIP"], "evidence": [
            value("per_capita_fen", "TOWNSHIP", json!(yuan(income)), surveyed),
            value("civil_fen", "CIVIL", json!(yuan(income - 64_000)), json!("2018-12-31")),
        ] }));
        // A department that it is not between sees nothing of it, nor the neighbour.
        for nobody in [app.clerk(D::Health, &finding.county), app.clerk(D::Civil, if finding.county == "150921" { "150922" } else { "150921" })] {
            assert_eq!(finding.read(&nobody, VALUES).await, Value::Null);
        }
        // One that it is between, and that does not read incomes, sees that values differ.
        let finding = one(&db, "RC-70").await;
        db.execute(&format!("UPDATE finding SET parties = ' POVERTY TOWNSHIP EDU ' WHERE id = {}", finding.key)).await;
        let told = finding.read(&app.clerk(D::Edu, &finding.county), VALUES).await;
        let values: Vec<_> = told["evidence"].as_array().expect("values").iter()
            .map(|value| (value["name"].as_str().expect("a name"), value["withheld"].as_bool(), value["value"].is_null())).collect();
        assert_eq!(values, [("exited", Some(false), false), ("per_capita_fen", Some(true), true), ("line_fen", Some(false), false)]);
    }
}

both_dbs! {
    async fn a_finding_is_answered_by_who_is_asked(db: TestDatabase) {
        let runner = found(&db).await;
        let app = App::start(&db).await;
        let finding = one(&db, "RC-17").await;
        let (asked, office, other) = (app.clerk(D::Medins, &finding.county), app.clerk(D::Poverty, &finding.county), app.clerk(D::Finance, &finding.county));
        let explain = |until: &str| finding.sent("findingExplain", 1, json!({ "explanation": "外出务工，已在当地参保", "until": until }));
        let before = records(&db).await;
        assert_eq!(explain("2019-06-30").mistakes(&office).await, ["id NOT_ASKED"]);
        assert_eq!(explain("2019-06-30").mistakes(&other).await, ["id NOT_FOUND"]);
        for until in ["2018-12-30", "2020-01-02"] {
            assert_eq!(explain(until).mistakes(&asked).await, ["input.until INVALID_VALUE"], "{until}");
        }
        let told = finding.sent("findingResolve", 1, json!({ "resolution": "号码 152630198001011234 已更正" }));
        assert_eq!(told.mistakes(&asked).await, ["input.resolution SENSITIVE"]);
        let assign = finding.sent("findingAssign", 1, json!({ "department": "EDU" }));
        assert_eq!(assign.mistakes(&office).await, ["input.department INVALID_VALUE"]);
        assert_eq!(records(&db).await, before);

        let assigned = finding.sent("findingAssign", 1, json!({ "officer": "参保科李某", "dueOn": "2019-01-15" }));
        let changed = assigned.read("state officer dueOn department").done_by(&office).await;
        assert_eq!(changed, json!({ "state": "IN_WORK", "officer": "参保科李某", "dueOn": "2019-01-15", "department": "MEDINS" }));
        let explain = finding.sent("findingExplain", 2, json!({ "explanation": "外出务工，已在当地参保", "until": "2019-06-30" }));
        explain.done_by(&asked).await;
        // It stays explained as long as the values stay and the time is not over.
        run(&runner, date!(2018 - 12 - 31)).await;
        assert!(finding.state(&db, "EXPLAINED").await);
        // The clock stands: of one moment they are in no order.
        let happened = |events: &[&str]| events.iter().map(ToString::to_string).collect();
        let kinds = |told: &Value| told["history"].as_array().expect("a history").iter()
            .map(|event| format!("{} {}", event["kind"].as_str().expect("a kind"), event["department"].as_str().unwrap_or("-"))).collect::<std::collections::BTreeSet<_>>();
        let told = finding.read(&office, "explanation explainedUntil history { kind department note }").await;
        assert_eq!((&told["explanation"], &told["explainedUntil"]), (&json!("外出务工，已在当地参保"), &json!("2019-06-30")));
        assert_eq!(kinds(&told), happened(&["ASSIGNED POVERTY", "EXPLAINED MEDINS"]));
        // The enrolment of another year is another value: what was said of the old one does not hold for it.
        db.execute(&format!("UPDATE finding SET evidence = '[]' WHERE id = {}", finding.key)).await;
        run(&runner, date!(2018 - 12 - 31)).await;
        assert!(finding.state(&db, "OPEN").await);
        let resolve = finding.sent("findingResolve", 4, json!({ "resolution": "已补办参保" }));
        let changed = resolve.read("state closedOn resolution").done_by(&asked).await;
        assert_eq!(changed, json!({ "state": "CORRECTED", "closedOn": "2018-12-31", "resolution": "已补办参保" }));
        let again = finding.sent("findingResolve", 5, json!({ "resolution": "已补办参保" }));
        assert_eq!(again.mistakes(&asked).await, ["id NOT_OPEN"]);
        // The next run looks: nobody is enrolled.
        run(&runner, date!(2018 - 12 - 31)).await;
        let told = finding.read(&office, "state reopenedOn closedOn resolution history { kind department }").await;
        assert_eq!((&told["state"], &told["reopenedOn"], &told["closedOn"], &told["resolution"]), (&json!("OPEN"), &json!("2018-12-31"), &Value::Null, &Value::Null));
        assert_eq!(kinds(&told), happened(&["ASSIGNED POVERTY", "CORRECTED MEDINS", "EXPLAINED MEDINS", "REOPENED -"]));
        assert_eq!(told["history"].as_array().map(Vec::len), Some(5));
    }
}

both_dbs! {
    async fn an_explanation_ends_with_its_time(db: TestDatabase) {
        let runner = found(&db).await;
        let app = App::start(&db).await;
        // What is compared does not hang on the day.
        let finding = one(&db, "RC-86").await;
        let village = db.number(&format!("SELECT region_code FROM finding WHERE id = {}", finding.key)).await.to_string();
        let asked = app.clerk(D::Township, &village[..9]);
        let explain = finding.sent("findingExplain", 1, json!({ "explanation": "正在核实", "until": "2019-01-31" }));
        explain.done_by(&asked).await;
        run(&runner, date!(2019 - 01 - 31)).await;
        assert!(finding.state(&db, "EXPLAINED").await);
        run(&runner, date!(2019 - 02 - 01)).await;
        assert!(finding.state(&db, "OPEN").await);
        let events = format!("SELECT COUNT(*) FROM finding_event WHERE finding_id = {} AND kind = 'EXPIRED' AND happened_on = '2019-02-01'", finding.key);
        assert_eq!(db.number(&events).await, 1);
    }
}

both_dbs! {
    async fn what_blocks_stops_a_payment_until_it_is_resolved(db: TestDatabase) {
        let runner = found(&db).await;
        let app = App::start(&db).await;
        let finding = one(&db, "RC-12").await;
        let (asked, finance) = (app.clerk(D::Civil, &finding.county), app.clerk(D::Finance, &finding.county));
        let paid = format!("SELECT COUNT(*) FROM payment WHERE household_id = {} AND programme = 'temporary-assistance' AND amount_fen = 50000", finding.household);
        let before = db.number(&paid).await;
        assert_eq!(payment(&finding, "2018-12").mistakes(&finance).await, ["householdId OPEN_FINDINGS"]);
        assert_eq!(db.number(&paid).await, before);
        // That the data were corrected is what somebody says: it stops on, and the next run finds them as they were.
        let resolve = |finding: &One, version| finding.sent("findingResolve", version, json!({ "resolution": "现金救助已停发" }));
        resolve(&finding, 1).done_by(&asked).await;
        assert_eq!(payment(&finding, "2018-12").mistakes(&finance).await, ["householdId OPEN_FINDINGS"]);
        assert_eq!((db.number(&paid).await, finding.state(&db, "CORRECTED").await), (before, true));
        run_check(&runner, "RC-12").await;
        assert!(finding.state(&db, "OPEN").await);
        // A clerk does not explain away what blocks.
        let explain = finding.sent("findingExplain", 3, json!({ "explanation": "现金救助已停发", "until": "2019-03-31" }));
        assert_eq!(explain.mistakes(&asked).await, ["id NEEDS_APPROVER"]);
        explain.done_by(&app.approver(D::Civil, &finding.county)).await;
        payment(&finding, "2018-12").done_by(&finance).await;
        assert_eq!(db.number(&paid).await, before + 1);
        // Where they agree it stops until the run has seen it.
        let repaired = last(&db, "RC-12").await;
        let (asked, finance) = (app.clerk(D::Civil, &repaired.county), app.clerk(D::Finance, &repaired.county));
        db.execute(&format!("DELETE FROM reported_record WHERE household_id = {} AND kind = 'CASH_SUBSIDY'", repaired.household)).await;
        resolve(&repaired, 1).done_by(&asked).await;
        assert_eq!(payment(&repaired, "2018-12").mistakes(&finance).await, ["householdId OPEN_FINDINGS"]);
        run_check(&runner, "RC-12").await;
        assert!(repaired.state(&db, "CLOSED").await);
        payment(&repaired, "2018-12").done_by(&finance).await;
        // No run looks at what somebody raised: it ends with who is asked.
        let raise = mutation("findingRaise", json!({ "householdId": global_id("Household", repaired.household), "check": "RC-12", "what": "仍在领取现金救助" }));
        let raised = raise.read("id").done_by(&finance).await["id"].as_str().expect("an id").to_owned();
        assert_eq!(payment(&repaired, "2018-11").mistakes(&finance).await, ["householdId OPEN_FINDINGS"]);
        mutation("findingResolve", json!({ "resolution": "已核实" })).of(&raised, 1).done_by(&asked).await;
        payment(&repaired, "2018-11").done_by(&finance).await;
    }
}

both_dbs! {
    async fn what_blocks_the_exit_stops_no_payment(db: TestDatabase) {
        found(&db).await;
        let app = App::start(&db).await;
        let finding = one(&db, "RC-70").await;
        payment(&finding, "2018-12").done_by(&app.clerk(D::Finance, &finding.county)).await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_somebody_raises_no_run_closes(db: TestDatabase) {
        let app = App::start(&db).await;
        let household = db.number("SELECT MIN(id) FROM household WHERE county_code = 150921 AND status = 'REGISTERED'").await;
        let id = global_id("Household", household);
        let raise = |check: &str, what: &str| mutation("findingRaise", json!({ "householdId": id, "check": check, "what": what }));
        let health = app.clerk(D::Health, "150921");
        assert_eq!(raise("RC-999", "见到轿车").mistakes(&health).await, ["input.check UNKNOWN_CHECK"]);
        let done = raise("RC-85", "院内停有轿车").read("id severity department raisedBy between dueOn history { kind department note }").done_by(&health).await;
        let raised = done["id"].as_str().expect("an id").to_owned();
        assert_eq!(done, json!({ "id": raised, "severity": "HIGH", "department": "TOWNSHIP", "raisedBy": "HEALTH", "between": ["POLICE", "HOUSING", "TOWNSHIP", "HEALTH"],
            "dueOn": "2019-01-30", "history": [{ "kind": "COMMENTED", "department": "HEALTH", "note": "院内停有轿车" }] }));
        run(&runner(&db).await, date!(2018 - 12 - 31)).await;
        assert_eq!(db.number("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-85' AND closed_on IS NULL").await, 1);
        raise("RC-85", "见到轿车").refused_to(&db, &[app.clerk(D::Org, "150921"), app.clerk(D::Health, "1509")]).await;
        let comment = mutation("findingComment", json!({ "text": "已入户查看" })).of_record(&raised);
        comment.done_by(&app.clerk(D::Police, "150921")).await;
        assert_eq!(comment.mistakes(&app.clerk(D::Civil, "150921")).await, ["id NOT_FOUND"]);
        let checks = app.clerk(D::Civil, "150921").query("{ checks { number severity between asked stops evidence { name field } } }", json!({})).await.data();
        let checks = checks["checks"].as_array().expect("checks");
        assert_eq!(checks.len(), 88);
        assert_eq!(checks[0], json!({ "number": "RC-01", "severity": "BLOCK", "between": ["TOWNSHIP", "POLICE"], "asked": "TOWNSHIP",
            "stops": ["EXIT", "CONFIRMATION", "PAYMENT"], "evidence": [{ "name": "number_state", "field": "Person.citizenNumberState" }] }));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_is_raised_is_due_by_the_days_of_the_configuration(db: TestDatabase) {
        let days = |config: &mut yihu::config::Config| {
            config.reconciliation.high_days = 3;
            config.reconciliation.block_days = 2;
        };
        let app = App::configured(&db, days).await;
        let head = db.number("SELECT MIN(p.id) FROM person p JOIN household h ON h.id = p.household_id AND h.status = 'REGISTERED' WHERE p.is_head \
            AND p.valid_to IS NULL AND h.county_code = 150921 AND (SELECT COUNT(*) FROM person o WHERE o.household_id = h.id AND o.valid_to IS NULL) > 1").await;
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {head}")).await;
        let raise = mutation("findingRaise", json!({ "householdId": global_id("Household", household), "check": "RC-85", "what": "院内停有轿车" }));
        let raised = raise.read("dueOn").done_by(&app.clerk(D::Health, "150921")).await;
        assert_eq!(raised["dueOn"], json!("2019-01-03"));
        // A room raises one where a head dies.
        let death = mutation("deathRecord", json!({ "personId": global_id("Person", head), "diedOn": "2018-12-20" }));
        death.done_by(&app.clerk(D::Police, "150921")).await;
        let due = format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-07' AND household_id = {household} AND due_on = '2019-01-02'");
        assert_eq!(db.number(&due).await, 1);
    }
}
