//! Findings: who reads them, the roll, and the figures.

use crate::harness::{App, both_dbs};
use entity::codes::Department as D;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

const COUNTY: &str = "150921";
const OTHER: &str = "150922";

/// Three findings of two households of one village, of ten compared, and one of another county.
async fn find(db: &crate::harness::TestDatabase) -> (i64, i64) {
    let connection = db.connect().await;
    let mut households = Vec::new();
    for county in [150_921, 150_922] {
        let first = db
            .number(&format!(
                "SELECT MIN(id) FROM household WHERE county_code = {county}"
            ))
            .await;
        let region = format!("SELECT region_code FROM household WHERE id = {first}");
        households.push((first, db.number(&region).await));
    }
    let (mine, village) = households[0];
    let second = db
        .number(&format!(
            "SELECT MIN(id) FROM household WHERE county_code = 150921 AND id > {mine}"
        ))
        .await;
    let of_second = db
        .number(&format!(
            "SELECT region_code FROM household WHERE id = {second}"
        ))
        .await;
    let (other, elsewhere) = households[1];
    for (id, household, region, check, severity, department, state, opened, due, closed) in [
        (
            1,
            mine,
            village,
            "RC-17",
            "HIGH",
            "MEDINS",
            "OPEN",
            "2018-03-01",
            "'2018-04-01'",
            "NULL",
        ),
        (
            2,
            mine,
            village,
            "RC-46",
            "HIGH",
            "HOUSING",
            "CORRECTED",
            "2017-11-01",
            "NULL",
            "'2018-05-02'",
        ),
        (
            3,
            second,
            of_second,
            "RC-17",
            "HIGH",
            "MEDINS",
            "EXPLAINED",
            "2018-06-01",
            "NULL",
            "NULL",
        ),
        (
            4,
            other,
            elsewhere,
            "RC-03",
            "HIGH",
            "POLICE",
            "OPEN",
            "2018-07-01",
            "NULL",
            "NULL",
        ),
    ] {
        let sql = format!(
            "INSERT INTO finding (id, household_id, region_code, check_id, severity, department, parties, stops, evidence, state, opened_on, due_on, closed_on, recorded_at_ms) \
             VALUES ({id}, {household}, {region}, '{check}', '{severity}', '{department}', ' {department} ', ' ', '[]', '{state}', '{opened}', {due}, {closed}, 0)"
        );
        connection
            .execute_unprepared(&sql)
            .await
            .expect("a finding");
    }
    for (id, day, households) in [(1, "2018-02-01", 99), (2, "2018-12-01", 8)] {
        let sql = format!(
            "INSERT INTO checked_village (id, region_code, checked_on, households, recorded_at_ms) \
             VALUES ({id}, {village}, '{day}', {households}, 0)"
        );
        connection.execute_unprepared(&sql).await.expect("a day");
    }
    (mine, second)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn findings_are_counted_where_they_are(db: TestDatabase) {
        find(&db).await;
        let app = App::start(&db).await;
        let text = "{ region(code: \"150921\") { totals(from: \"2018-01-01\", asOf: \"2018-12-31\") { findings { opened closed open \
            byCheck { check opened closed open } byDepartment { department opened closed open } byWeek { week monday opened closed } checkedHouseholds foundHouseholds errorPercent } } } }";
        let data = app.clerk(D::Poverty, COUNTY).query(text, json!({})).await.data();
        assert_eq!(data["region"]["totals"]["findings"], json!({
            "opened": 2, "closed": 1, "open": 2,
            "byCheck": [{ "check": "RC-17", "opened": 2, "closed": 0, "open": 2 }, { "check": "RC-46", "opened": 0, "closed": 1, "open": 0 }],
            "byDepartment": [{ "department": "MEDINS", "opened": 2, "closed": 0, "open": 2 }, { "department": "HOUSING", "opened": 0, "closed": 1, "open": 0 }],
            "byWeek": [{ "week": "2018-W09", "monday": "2018-02-26", "opened": 1, "closed": 0 },
                { "week": "2018-W18", "monday": "2018-04-30", "opened": 0, "closed": 1 }, { "week": "2018-W22", "monday": "2018-05-28", "opened": 1, "closed": 0 }],
            "checkedHouseholds": 8, "foundHouseholds": 2, "errorPercent": "25.0",
        }));
        // A week belongs to the year of its Thursday; of both ends of a week there is one line.
        db.execute("UPDATE finding SET opened_on = '2018-12-31' WHERE id = 3").await;
        db.execute("UPDATE finding SET closed_on = '2018-12-30', opened_on = '2018-12-24' WHERE id = 2").await;
        let data = app.clerk(D::Poverty, COUNTY).query(text, json!({})).await.data();
        assert_eq!(data["region"]["totals"]["findings"]["byWeek"], json!([{ "week": "2018-W09", "monday": "2018-02-26", "opened": 1, "closed": 0 },
            { "week": "2018-W52", "monday": "2018-12-24", "opened": 1, "closed": 1 }, { "week": "2019-W01", "monday": "2018-12-31", "opened": 1, "closed": 0 }]));
        db.execute("UPDATE finding SET opened_on = '2018-06-01' WHERE id = 3").await;
        db.execute("UPDATE finding SET closed_on = '2018-05-02', opened_on = '2017-11-01' WHERE id = 2").await;
        // On an earlier day: what was open then, of what was compared by then.
        let earlier = text.replace("2018-12-31", "2018-04-30");
        let data = app.clerk(D::Poverty, COUNTY).query(&earlier, json!({})).await.data();
        let findings = &data["region"]["totals"]["findings"];
        assert_eq!((&findings["opened"], &findings["open"], &findings["checkedHouseholds"]), (&json!(1), &json!(2), &json!(99)));
        let denied = app.clerk(D::Finance, COUNTY).query(text, json!({})).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        assert_eq!(denied.partial_data(), Value::Null);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn findings_are_rolled_and_stand_at_the_household(db: TestDatabase) {
        let (mine, _) = find(&db).await;
        let app = App::start(&db).await;
        let text = "query($filter: FindingFilter) { findings(filter: $filter) { nodes { check state dueOn } } }";
        let clerk = app.clerk(D::Poverty, COUNTY);
        for (filter, checks) in [
            (json!({}), vec!["RC-17", "RC-17", "RC-46"]),
            (json!({ "check": "RC-46" }), vec!["RC-46"]),
            (json!({ "state": ["OPEN"] }), vec!["RC-17"]),
            (json!({ "department": ["MEDINS"], "openedFrom": "2018-04-01" }), vec!["RC-17"]),
            (json!({ "overdueOn": "2018-04-02" }), vec!["RC-17"]),
            (json!({ "overdueOn": "2018-04-01" }), vec![]),
        ] {
            let data = clerk.query(text, json!({ "filter": filter })).await.data();
            let nodes = data["findings"]["nodes"].as_array().expect("nodes");
            let found: Vec<_> = nodes.iter().map(|node| node["check"].as_str().expect("a check")).collect();
            assert_eq!(found, checks, "{filter}");
        }
        let data = app.clerk(D::Poverty, OTHER).query(text, json!({})).await.data();
        assert_eq!(data["findings"]["nodes"], json!([{ "check": "RC-03", "state": "OPEN", "dueOn": null }]));

        let card = db.number(&format!("SELECT CAST(card_number AS BIGINT) FROM household WHERE id = {mine}")).await;
        let card = format!("{card:016}");
        let one = "query($card: String) { household(cardNumber: $card) { findings { check closedOn } } }";
        let data = clerk.query(one, json!({ "card": card })).await.data();
        assert_eq!(data["household"]["findings"], json!([{ "check": "RC-17", "closedOn": null }, { "check": "RC-46", "closedOn": "2018-05-02" }]));
        // A department sees those that it is between, and no others; who has nothing to do with files sees none.
        let data = app.clerk(D::Medins, COUNTY).query(one, json!({ "card": card })).await.data();
        assert_eq!(data["household"]["findings"], json!([{ "check": "RC-17", "closedOn": null }]));
        let data = app.clerk(D::Dpf, COUNTY).query(one, json!({ "card": card })).await.data();
        assert_eq!(data["household"]["findings"], json!([]));
        let denied = app.clerk(D::Org, COUNTY).query(one, json!({ "card": card })).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        assert!(!denied.text.contains("RC-17"), "{}", denied.text);
    }
}
