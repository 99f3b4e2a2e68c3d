//! Relocation, other ways to a safe house, and homesteads: what the offices ask, and who sees what.

use crate::harness::{Actor, App, both_dbs};
use entity::codes::Department as D;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OWN: &str = "150921";
const OTHER: &str = "150922";

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each condition alone and with others gives exactly the households for which it holds.
    async fn households_are_found_by_how_they_are_housed(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Reloc, OWN);
        let project = db.ids("RelocationProject", "SELECT relocation_project_id FROM relocation WHERE county_code = 150921 ORDER BY id LIMIT 1").await;
        let project = project.first().expect("a project");
        let dangerous = "x.valid_to IS NULL AND x.grade IN ('C', 'D') AND x.solution = 'NONE'";
        let cases = [
            (json!({ "relocation": {} }), "EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id)".to_owned()),
            (json!({ "relocation": { "stage": ["BUILDING", "APPROVED"] } }), "EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id AND m.stage IN ('BUILDING', 'APPROVED'))".to_owned()),
            (json!({ "relocation": { "mode": ["CONCENTRATED"], "kind": ["REGISTERED"] } }), "EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id AND m.mode = 'CONCENTRATED' AND m.kind = 'REGISTERED')".to_owned()),
            (json!({ "relocation": { "project": project } }), "EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id AND m.relocation_project_id = (SELECT relocation_project_id FROM relocation WHERE county_code = 150921 ORDER BY id LIMIT 1))".to_owned()),
            (json!({ "renovation": { "state": ["PAID"], "year": 2017 } }), "EXISTS (SELECT 1 FROM renovation r WHERE r.household_id = h.id AND r.state = 'PAID' AND r.year = 2017)".to_owned()),
            (json!({ "arrangement": ["RENT", "SWAP", "PUBLIC_HOUSING", "MUTUAL_HOME"] }), "EXISTS (SELECT 1 FROM housing_arrangement a WHERE a.household_id = h.id)".to_owned()),
            (json!({ "dangerousWithoutSolution": true }), format!("EXISTS (SELECT 1 FROM house x WHERE x.household_id = h.id AND {dangerous})")),
            (json!({ "houseGrade": ["C", "D"], "dangerousWithoutSolution": false }), format!("EXISTS (SELECT 1 FROM house x WHERE x.household_id = h.id AND x.valid_to IS NULL AND x.grade IN ('C', 'D')) AND NOT EXISTS (SELECT 1 FROM house x WHERE x.household_id = h.id AND {dangerous})")),
        ];
        for (filter, condition) in cases {
            let expected = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND {condition}")).await;
            assert!(!expected.is_empty(), "{filter}");
            assert_eq!(clerk.listed("households", "HouseholdFilter", json!({ "housing": filter })).await, expected, "{filter}");
            let registered = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' AND {condition}")).await;
            assert_eq!(clerk.listed("households", "HouseholdFilter", json!({ "status": ["REGISTERED"], "housing": filter })).await, registered, "{filter}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn rolls_of_relocation_give_what_is_asked(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Reloc, OWN);
        for (list, of, filter, sql) in [
            ("relocationProjects", "RelocationProject", json!({ "year": 2017 }), "relocation_project WHERE county_code = 150921 AND year = 2017"),
            ("relocationProjects", "RelocationProject", json!({ "stage": ["BUILDING", "PLANNED"] }), "relocation_project WHERE county_code = 150921 AND stage IN ('BUILDING', 'PLANNED')"),
            ("relocations", "Relocation", json!({ "stage": ["MOVED_IN"] }), "relocation WHERE county_code = 150921 AND stage = 'MOVED_IN'"),
            ("relocations", "Relocation", json!({ "mode": ["CONCENTRATED"], "kind": ["REGISTERED"] }), "relocation WHERE county_code = 150921 AND mode = 'CONCENTRATED' AND kind = 'REGISTERED'"),
            ("housingArrangements", "HousingArrangement", json!({ "solution": ["MUTUAL_HOME"] }), "housing_arrangement WHERE county_code = 150921 AND solution = 'MUTUAL_HOME'"),
            ("homesteads", "Homestead", json!({ "returned": true, "reclaimed": false }), "homestead WHERE county_code = 150921 AND valid_to IS NOT NULL AND reclaimed_on IS NULL"),
            ("homesteads", "Homestead", json!({ "returned": false }), "homestead WHERE county_code = 150921 AND valid_to IS NULL"),
        ] {
            let expected = db.ids(of, &format!("SELECT id FROM {sql}")).await;
            assert_eq!(clerk.listed(list, &format!("{of}Filter"), filter).await, expected, "{sql}");
        }
        // A project's households, each with the project: what belongs to a place is found from a family's slice too.
        for project in clerk.listed("relocationProjects", "RelocationProjectFilter", json!({})).await {
            let text = "query($id: ID!) { relocations(filter: { project: $id }) { nodes { stage persons kind household { housing { relocation { project { id finishedHouses } } } } } }
                node(id: $id) { ... on RelocationProject { plannedHouses finishedHouses registeredPersons accompanyingPersons region { level } } } }";
            let data = clerk.query(text, json!({ "id": project })).await.data();
            let moved = data["relocations"]["nodes"].as_array().expect("nodes");
            assert_eq!(data["node"]["plannedHouses"], json!(moved.len()));
            assert_eq!(data["node"]["region"]["level"], "TOWNSHIP");
            let persons = |kind: &str| -> i64 {
                moved.iter().filter(|of| of["kind"] == kind).map(|of| of["persons"].as_i64().expect("persons")).sum()
            };
            assert_eq!((&data["node"]["registeredPersons"], &data["node"]["accompanyingPersons"]), (&json!(persons("REGISTERED")), &json!(persons("ACCOMPANYING"))));
            for of in moved {
                let seen = &of["household"]["housing"]["relocation"]["project"];
                assert_eq!(*seen, json!({ "id": project, "finishedHouses": data["node"]["finishedHouses"] }));
            }
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A county sees its projects, a township those within, another county none; who sees single families sees theirs.
    async fn a_project_belongs_to_its_place(db: TestDatabase) {
        let app = App::start(&db).await;
        let of_county = |county| format!("SELECT id FROM relocation_project WHERE county_code = {county}");
        let own = db.ids("RelocationProject", &of_county(150_921)).await;
        let other = db.ids("RelocationProject", &of_county(150_922)).await;
        assert!(!own.is_empty() && !other.is_empty());
        let everything = async |actor: Actor| actor.listed("relocationProjects", "RelocationProjectFilter", Value::Null).await;
        for (region, expected) in [(OWN, &own), (OTHER, &other), ("1509", &own.union(&other).cloned().collect())] {
            assert_eq!(everything(app.clerk(D::Reloc, region)).await, *expected, "{region}");
        }
        let township = db.ids("RelocationProject", "SELECT id FROM relocation_project WHERE region_code = 150921210000").await;
        assert!(!township.is_empty());
        assert_eq!(everything(app.clerk(D::Township, "150921210")).await, township);
        assert_eq!(everything(app.clerk(D::Township, "150921212")).await.intersection(&township).count(), 0);

        let id = other.first().expect("a project");
        let by_id = "query($id: ID!) { node(id: $id) { id ... on RelocationProject { name site } } relocations(filter: { project: $id }) { nodes { id } } }";
        let nothing = json!({ "node": null, "relocations": { "nodes": [] } });
        for actor in [app.clerk(D::Housing, OWN), app.helper("helper-1", OWN), app.household("household-1", OWN)] {
            assert_eq!(actor.query(by_id, json!({ "id": id })).await.data(), nothing);
        }
        // To whom families are linked, a project exists where one of theirs is part of it, and nowhere else.
        let connection = db.connect().await;
        let link = "UPDATE household_link SET (household_id, region_code, person_id) = (SELECT p.household_id, p.region_code, p.id FROM person p \
                    WHERE p.is_head AND p.household_id = (SELECT MIN(household_id) FROM relocation)) WHERE user_id = 'yihu-demo|household-1'";
        connection.execute_unprepared(link).await.expect("another family");
        let family = app.household("household-1", OWN);
        assert_eq!(everything(family.clone()).await, BTreeSet::new());
        let text = "{ households { nodes { housing { relocation { project { id name } } } } } }";
        let project = family.query(text, json!({})).await.data()["households"]["nodes"][0]["housing"]["relocation"]["project"].clone();
        assert!(own.contains(project["id"].as_str().expect("a project")), "{project}");
        assert_eq!(family.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": project["id"] })).await.data(), json!({ "node": null }));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The land bureau sees plots, the civil affairs office nothing.
    async fn housing_is_read_by_its_offices(db: TestDatabase) {
        let app = App::start(&db).await;
        let land = app.clerk(D::Land, OWN);
        let plots = db.ids("Homestead", "SELECT id FROM homestead WHERE county_code = 150921").await;
        assert_eq!(land.listed("homesteads", "HomesteadFilter", Value::Null).await, plots);
        let text = "{ homesteads(first: 3) { nodes { area household { cardNumber housing { homesteads { id } house { grade } relocation { stage } } } } } }";
        let answer = land.query(text, json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN", "FORBIDDEN"], "{}", answer.text);
        for node in answer.partial_data()["homesteads"]["nodes"].as_array().expect("nodes") {
            let housing = &node["household"]["housing"];
            assert_eq!((&housing["house"], &housing["relocation"]), (&Value::Null, &Value::Null));
            assert_eq!(housing["homesteads"].as_array().expect("plots").len(), 1);
        }
        let refused = [
            (D::Land, "{ houses { nodes { id } } }", "Query.houses"),
            (D::Land, "{ relocations { nodes { id } } }", "Query.relocations"),
            (D::Land, "{ households(filter: { housing: { relocation: { stage: [MOVED_IN] } } }) { nodes { id } } }", "HouseholdFilter.housing"),
            (D::Civil, "{ relocationProjects { nodes { id } } }", "Query.relocationProjects"),
            (D::Civil, "{ homesteads { nodes { id } } }", "Query.homesteads"),
            (D::Civil, "{ households(filter: { housing: { dangerousWithoutSolution: true } }) { nodes { id } } }", "HouseholdFilter.housing"),
        ];
        for (department, text, field) in refused {
            let answer = app.clerk(department, OWN).query(text, json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{text}");
            assert_eq!(answer.errors()[0]["extensions"]["field"], field);
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_project_is_named_by_its_id(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Reloc, OWN);
        let household = yihu::graphql::scalars::global_id("Household", 1);
        for (text, argument) in [
            ("query($id: ID!) { relocations(filter: { project: $id }) { nodes { id } } }", json!(["filter", "project"])),
            ("query($id: ID!) { households(filter: { housing: { relocation: { project: $id } } }) { nodes { id } } }", json!(["filter", "housing", "relocation", "project"])),
        ] {
            let answer = clerk.query(text, json!({ "id": household })).await;
            assert_eq!(answer.codes(), ["INVALID_ID"], "{text}");
            assert_eq!(answer.errors()[0]["extensions"]["argument"], argument);
        }
    }
}
