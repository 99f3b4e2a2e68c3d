//! Findings that stand on a region and on no household: who sees them, how they go on, and which run looks at them.

use crate::{
    contradictions::{recorded, runner},
    harness::{
        Actor, App, TestDatabase, both_dbs,
        writes::{mutation, records},
    },
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use time::macros::date;
use yihu::{
    graphql::scalars::global_id,
    reconciliation::{Order, Report, Wanted},
};

const COUNTY: &str = "150921";
const TOWNSHIP: &str = "150921210";
const ON: time::Date = date!(2018 - 12 - 31);

/// Contradictions of a township (accompanying persons, reported totals), of the county (funds) and of villages (teams).
async fn broken(db: &TestDatabase) {
    db.execute("UPDATE village_post_attendance SET days = 230; UPDATE village_post_attendance SET days = 150 WHERE region_code = 150921210200").await;
    db.execute("UPDATE relocation_project SET accompanying_persons = 9 WHERE region_code = 150921210000 AND year = 2017").await;
    db.execute("UPDATE project SET library_on = '2018-06-01' WHERE id = (SELECT MIN(m.project_id) FROM fund_movement m WHERE m.region_code = 150921000000)").await;
    for (id, region, persons) in [
        (1, "150921210000", 30),
        (2, "150921210200", 10),
        (3, "150921210201", 19),
    ] {
        db.execute(&format!(
            "INSERT INTO reported_record (id, source_agency, kind, file_name, file_hash, region_code, reported_on, values_json, received_at_ms) \
             VALUES ({id}, 'STATS', 'TOTALS', 'x', 'x', {region}, '2018-12-31', '{{\"households\": 9, \"persons\": {persons}}}', 0)"
        ))
        .await;
    }
    db.execute("UPDATE reported_record SET values_json = '{\"households\": 0, \"persons\": 10}' WHERE id = 2").await;
}

/// Runs all checks over a region.
async fn run(db: &TestDatabase, region: &str) -> Report {
    let wanted = Wanted {
        region: region.parse().expect("a region"),
        as_of: ON,
        check: None,
        since: None,
    };
    let report = runner(db).await.run(&wanted, |_| {}).await;
    report.expect("the run ends")
}

const LIST: &str = "{ findings(filter: { ofRegions: true }) { nodes { check region { code } } } }";

/// The findings of regions that somebody sees, by check and region.
async fn seen(actor: &Actor) -> Vec<String> {
    let data = actor.query(LIST, json!({})).await.data();
    let nodes = data["findings"]["nodes"].as_array().expect("nodes").clone();
    let mut seen: Vec<String> = nodes
        .iter()
        .map(|node| {
            let word = |value: &Value| value.as_str().expect("a text").to_owned();
            format!("{} {}", word(&node["check"]), word(&node["region"]["code"]))
        })
        .collect();
    seen.sort();
    seen
}

async fn key_of(db: &TestDatabase, check: &str) -> i64 {
    db.number(&format!(
        "SELECT id FROM finding WHERE check_id = '{check}' AND household_id IS NULL"
    ))
    .await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_finding_of_a_region_is_seen_by_those_whose_region_and_data_it_is(db: TestDatabase) {
        broken(&db).await;
        run(&db, COUNTY).await;
        let app = App::start(&db).await;
        let (relocation, funds, totals, team) = ("RC-49 150921210000", "RC-62 150921000000", "RC-79 150921210000", "RC-83 150921210200");
        for (actor, expected) in [
            (app.clerk(D::Poverty, COUNTY), vec![relocation, funds, totals, team]),
            (app.auditor(), vec![relocation, funds, totals, team]),
            (app.reader(D::Poverty, "1509"), vec![relocation, funds, totals, team]),
            // A township covers what is its own, and not the county above.
            (app.clerk(D::Township, TOWNSHIP), vec![relocation, totals, team]),
            (app.clerk(D::Village, "150921210200"), vec![team]),
            (app.clerk(D::Village, "150921210201"), vec![]),
            (app.clerk(D::Township, "150921107"), vec![]),
            (app.clerk(D::Poverty, "150922"), vec![]),
            // A department sees what its data are compared in.
            (app.clerk(D::Reloc, COUNTY), vec![relocation]),
            (app.clerk(D::Reloc, "150922"), vec![]),
            (app.clerk(D::Finance, COUNTY), vec![funds]),
            (app.clerk(D::Health, COUNTY), vec![]),
            (app.reader(D::Org, COUNTY), vec![team]),
            (app.reader(D::Stats, COUNTY), vec![totals]),
            (app.reader(D::Stats, "150922"), vec![]),
        ] {
            assert_eq!(seen(&actor).await, expected, "{:?}", actor.authorization());
        }
        // Whoever keeps data of regions only sees nothing of a family, whatever is asked.
        let stats = app.reader(D::Stats, COUNTY);
        let all = stats.query("{ findings { nodes { check } } }", json!({})).await.data();
        assert_eq!(all["findings"]["nodes"], json!([{ "check": "RC-79" }]));
        let of_family = db.number("SELECT MIN(id) FROM finding WHERE household_id IS NOT NULL").await;
        let text = "query($id: ID!) { node(id: $id) { ... on Finding { check } } }";
        assert_eq!(stats.query(text, json!({ "id": global_id("Finding", of_family) })).await.data()["node"], Value::Null);
        let denied = stats.query("{ findings { nodes { household { id } } } }", json!({})).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        let denied = app.reader(D::Land, COUNTY).query(text, json!({ "id": global_id("Finding", key_of(&db, "RC-79").await) })).await;
        assert_eq!(denied.data()["node"], Value::Null);
        // Households and regions are told apart.
        let others = app.clerk(D::Poverty, COUNTY).query("{ findings(filter: { ofRegions: false }, first: 100) { nodes { household { id } } } }", json!({})).await.data();
        let nodes = others["findings"]["nodes"].as_array().expect("nodes");
        assert!(!nodes.is_empty() && nodes.iter().all(|node| node["household"].is_object()));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_finding_of_a_region_is_a_node_and_is_answered_as_any(db: TestDatabase) {
        broken(&db).await;
        run(&db, COUNTY).await;
        let app = App::start(&db).await;
        let (clerk, office) = (app.clerk(D::Reloc, COUNTY), app.clerk(D::Poverty, COUNTY));
        let key = key_of(&db, "RC-49").await;
        let id = global_id("Finding", key);
        let text = "query($id: ID!) { node(id: $id) { ... on Finding { check household { id } person { id } region { code level } state department \
            between severity evidence { name value withheld } history { kind department note } } } }";
        let node = clerk.query(text, json!({ "id": id })).await.data()["node"].take();
        assert_eq!(node, json!({ "check": "RC-49", "household": null, "person": null, "region": { "code": "150921210000", "level": "TOWNSHIP" },
            "state": "OPEN", "department": "RELOC", "between": ["RELOC"], "severity": "HIGH", "history": [],
            "evidence": [{ "name": "accompanying", "value": "9", "withheld": false }, { "name": "registered", "value": "13", "withheld": false }] }));
        // No family's department is told of it by hand, and nobody raises one against a family.
        let household = db.number("SELECT MIN(id) FROM household WHERE county_code = 150921").await;
        let raise = mutation("findingRaise", json!({ "householdId": global_id("Household", household), "check": "RC-49", "what": "见到" }));
        assert_eq!(raise.mistakes(&office).await, ["input.check UNKNOWN_CHECK"]);
        let resolve = || mutation("findingResolve", json!({ "resolution": "已调整搬迁计划" })).of(&id, 1);
        assert_eq!(resolve().mistakes(&office).await, ["id NOT_ASKED"]);
        assert_eq!(resolve().mistakes(&app.clerk(D::Reloc, "150922")).await, ["id NOT_FOUND"]);
        let done = resolve().read("state household { id } history { kind department }").done_by(&clerk).await;
        assert_eq!(done, json!({ "state": "CORRECTED", "household": null, "history": [{ "kind": "CORRECTED", "department": "RELOC" }] }));
        // The next run looks: nothing was corrected. Then something is, and it closes by itself.
        assert_eq!(run(&db, COUNTY).await.checks["RC-49"].reopened, 1);
        let again = run(&db, COUNTY).await;
        assert_eq!((again.total().found, again.total().changed, again.checks["RC-49"].still_open), (0, 0, 1));
        db.execute("UPDATE relocation_project SET accompanying_persons = 6 WHERE region_code = 150921210000 AND year = 2017").await;
        assert_eq!(run(&db, COUNTY).await.checks["RC-49"].closed, 1);
        let node = clerk.query(text, json!({ "id": id })).await.data()["node"].take();
        assert_eq!((&node["state"], node["history"].as_array().map(Vec::len)), (&json!("CLOSED"), Some(3)));
        // What is counted of the region counts it, and no household for it.
        let totals = "{ region(code: \"150921210\") { totals(asOf: \"2018-12-31\") { findings { byCheck { check opened closed open } foundHouseholds } } } }";
        let data = office.query(totals, json!({})).await.data();
        let by_check = data["region"]["totals"]["findings"]["byCheck"].as_array().expect("checks").clone();
        let of = |check: &str| by_check.iter().find(|of| of["check"] == check).cloned();
        assert_eq!(of("RC-49"), Some(json!({ "check": "RC-49", "opened": 1, "closed": 1, "open": 0 })));
        assert_eq!(of("RC-62"), None);
        let households = db.number("SELECT COUNT(DISTINCT household_id) FROM finding WHERE region_code BETWEEN 150921210000 AND 150921210999 AND closed_on IS NULL").await;
        assert_eq!(data["region"]["totals"]["findings"]["foundHouseholds"], json!(households));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_run_looks_at_the_regions_inside_of_its_own(db: TestDatabase) {
        broken(&db).await;
        // A township's run sees neither the county nor another township.
        run(&db, TOWNSHIP).await;
        let of_regions = "SELECT COUNT(*) FROM finding WHERE household_id IS NULL";
        assert_eq!(db.number(of_regions).await, 3);
        run(&db, COUNTY).await;
        assert_eq!(db.number(of_regions).await, 4);
        db.execute("UPDATE project SET library_on = '2018-01-01' WHERE library_on = '2018-06-01'").await;
        assert_eq!(run(&db, TOWNSHIP).await.total().closed, 0);
        assert_eq!(run(&db, COUNTY).await.checks["RC-62"].closed, 1);
        // A run over what changed looks at all regions: they are few, and what is reported of them nobody writes.
        let runner = runner(&db).await;
        let order = |since_last| Order { region: COUNTY.parse().expect("a region"), as_of: ON, check: None, since_last };
        recorded(&runner, &order(false)).await;
        db.execute("UPDATE project SET library_on = '2018-06-01' WHERE id = (SELECT MIN(m.project_id) FROM fund_movement m WHERE m.region_code = 150921000000)").await;
        let report = recorded(&runner, &order(true)).await;
        assert_eq!((report.households, report.checks["RC-62"].reopened, report.total().found), (0, 1, 0));
        assert_eq!(db.number("SELECT COUNT(*) FROM reconciliation_run WHERE incremental AND reopened = 1").await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_finding_of_a_region_is_raised_by_hand(db: TestDatabase) {
        let app = App::start(&db).await;
        let raise = |mut about: Value, check: &str| {
            about["check"] = json!(check);
            about["what"] = json!("随迁人口多于计划");
            mutation("findingRaise", about)
        };
        let of_township = || json!({ "region": TOWNSHIP });
        let (health, office) = (app.clerk(D::Health, COUNTY), app.clerk(D::Poverty, COUNTY));
        let person = db.number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL").await;
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {person}")).await;
        let (person, household) = (global_id("Person", person), global_id("Household", household));
        let before = records(&db).await;
        for (about, check, mistake) in [
            (json!({}), "RC-49", "input HOUSEHOLD_OR_REGION"),
            (json!({ "region": TOWNSHIP, "householdId": household }), "RC-49", "input HOUSEHOLD_OR_REGION"),
            (json!({ "region": TOWNSHIP, "personId": person }), "RC-49", "input.personId HOUSEHOLD_OR_REGION"),
            // A family's check finds no region.
            (of_township(), "RC-85", "input.check UNKNOWN_CHECK"),
            (of_township(), "RC-999", "input.check UNKNOWN_CHECK"),
            // A region that there is not.
            (json!({ "region": "150921998" }), "RC-49", "input.region NOT_FOUND"),
        ] {
            assert_eq!(raise(about.clone(), check).mistakes(&health).await, [mistake], "{about} {check}");
        }
        // Of what is not one's own nobody says whether there is one: a neighbour's, and the county above.
        for (actor, region) in [(app.clerk(D::Health, "150922"), TOWNSHIP), (app.clerk(D::Township, TOWNSHIP), COUNTY), (app.clerk(D::Village, "150921210200"), TOWNSHIP)] {
            assert_eq!(raise(json!({ "region": region }), "RC-49").mistakes(&actor).await, ["input.region NOT_FOUND"]);
        }
        raise(of_township(), "RC-49").refused_to(&db, &[app.clerk(D::Org, COUNTY), app.reader(D::Stats, COUNTY), app.clerk(D::Health, "1509")]).await;
        assert_eq!((records(&db).await, db.number("SELECT COUNT(*) FROM finding").await), (before, 0));

        let fields = "id check household { id } region { code } severity department raisedBy between dueOn state history { kind department note }";
        let done = raise(of_township(), "RC-49").read("id").done_by(&health).await;
        let id = done["id"].as_str().expect("an id").to_owned();
        let text = format!("query($id: ID!) {{ node(id: $id) {{ ... on Finding {{ {fields} }} }} }}");
        let node = health.query(&text, json!({ "id": id })).await.data()["node"].take();
        assert_eq!(node, json!({ "id": id, "check": "RC-49", "household": null, "region": { "code": "150921210000" }, "severity": "HIGH", "department": "RELOC",
            "raisedBy": "HEALTH", "between": ["RELOC", "HEALTH"], "dueOn": "2019-01-30", "state": "OPEN",
            "history": [{ "kind": "COMMENTED", "department": "HEALTH", "note": "随迁人口多于计划" }] }));
        // Seen and answered as any of a region; no run closes it.
        let of_region = ["RC-49 150921210000"];
        assert_eq!(seen(&app.clerk(D::Township, TOWNSHIP)).await, of_region);
        assert_eq!(seen(&app.clerk(D::Reloc, "150922")).await, Vec::<String>::new());
        assert_eq!(run(&db, COUNTY).await.checks["RC-49"].closed, 0);
        assert_eq!(seen(&office).await.iter().filter(|seen| **seen == of_region[0]).count(), 1);
        let resolve = mutation("findingResolve", json!({ "resolution": "已调整搬迁计划" })).of(&id, 1);
        assert_eq!(resolve.mistakes(&office).await, ["id NOT_ASKED"]);
        assert_eq!(resolve.read("state").done_by(&app.clerk(D::Reloc, COUNTY)).await, json!({ "state": "CORRECTED" }));
    }
}
