//! Insurance, claims, care and illness: what the offices ask, who sees what, and that nobody else learns of a disease.

use crate::harness::{Actor, App, TestDatabase, both_dbs};
use entity::codes::Department as D;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const OTHER: &str = "150922";
const CRITICAL_ILLNESS_INSURER: &str = "91150900MA0QYH101A";
const SUPPLEMENTARY_INSURER: &str = "91150900MA0QYH102D";

async fn run(db: &TestDatabase, sql: &str) {
    let done = db.connect().await.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The whole operation is refused for a field.
async fn refused(actor: &Actor, text: &str, field: &str) {
    let answer = actor.query(text, json!({})).await;
    assert_eq!(answer.codes(), ["FORBIDDEN"], "{text}");
    assert_eq!(answer.errors()[0]["extensions"]["field"], field, "{text}");
    assert_eq!(answer.partial_data(), Value::Null);
}

/// Two accidents of the first member of the county: one paid, one only reported to the other insurer.
async fn add_accidents(db: &TestDatabase) -> i64 {
    run(db, "DELETE FROM accident_case").await;
    let person = db
        .number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL")
        .await;
    let row = |id: i64, insurer: &str, rest: &str| {
        format!(
            "INSERT INTO accident_case (id, household_id, region_code, person_id, insurer_code, occurred_on, reported_on, \
             recorded_at_ms, state, certified_on, paid_on, paid_fen) SELECT {id}, household_id, region_code, id, '{insurer}', \
             '2018-03-0{id}', '2018-03-05', 0, {rest} FROM person WHERE id = {person}"
        )
    };
    run(
        db,
        &row(
            1,
            SUPPLEMENTARY_INSURER,
            "'PAID', '2018-04-10', '2018-04-20', 2000000",
        ),
    )
    .await;
    run(
        db,
        &row(2, CRITICAL_ILLNESS_INSURER, "'REPORTED', NULL, NULL, NULL"),
    )
    .await;
    person
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each condition alone and with others gives exactly the households for which it holds.
    async fn households_are_found_by_their_members_health(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let lacks = |rows: &str| format!("EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL \
            AND p.id NOT IN (SELECT person_id FROM {rows}))");
        // Somebody who joined at the end of the year, and a member of before who was never enrolled.
        run(&db, "DELETE FROM medical_enrolment WHERE year = 2018 AND person_id IN (SELECT MAX(id) FROM person WHERE county_code = 150921 \
            AND valid_to IS NULL GROUP BY region_code)").await;
        run(&db, "DELETE FROM doctor_visit").await;
        run(&db, "DELETE FROM medicine_delivery").await;
        run(&db, "DELETE FROM doctor_contract WHERE person_id IN (SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL \
            GROUP BY region_code)").await;
        let ill = "EXISTS (SELECT 1 FROM disease_flag d JOIN person p ON p.id = d.person_id AND p.valid_to IS NULL \
            WHERE d.household_id = h.id AND d.valid_to IS NULL AND d.class IN";
        let enrolled = "EXISTS (SELECT 1 FROM medical_enrolment e WHERE e.household_id = h.id AND e.year =";
        let cases = [
            (json!({ "enrolledIn": 2017 }), format!("{enrolled} 2017)")),
            (json!({ "notEnrolledIn": 2018 }), lacks("medical_enrolment WHERE year = 2018")),
            (json!({ "notEnrolledIn": 2018, "enrolledIn": 2018 }), format!("{} AND {enrolled} 2018)", lacks("medical_enrolment WHERE year = 2018"))),
            (json!({ "noCheckUpIn": 2018 }), lacks("check_up WHERE checked_on BETWEEN '2018-01-01' AND '2018-12-31'")),
            (json!({ "withoutDoctor": true }), lacks("doctor_contract WHERE valid_to IS NULL")),
            (json!({ "withoutDoctor": false }), format!("NOT {}", lacks("doctor_contract WHERE valid_to IS NULL"))),
            (json!({ "diseaseClass": ["CHRONIC"] }), format!("{ill} ('CHRONIC'))")),
            (json!({ "diseaseClass": ["MAJOR", "SEVERE"], "withoutDoctor": false }), format!("{ill} ('MAJOR', 'SEVERE')) AND NOT {}", lacks("doctor_contract WHERE valid_to IS NULL"))),
            (json!({ "handbookState": ["ISSUED"] }), "EXISTS (SELECT 1 FROM chronic_handbook b WHERE b.household_id = h.id AND b.state = 'ISSUED')".to_owned()),
        ];
        let all = db.number("SELECT COUNT(*) FROM household WHERE county_code = 150921").await;
        for (filter, condition) in cases {
            let expected = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND {condition}")).await;
            assert!(!expected.is_empty() && i64::try_from(expected.len()).expect("a count") < all, "{filter}");
            assert_eq!(clerk.listed("households", "HouseholdFilter", json!({ "health": filter })).await, expected, "{filter}");
            let registered = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' AND {condition}")).await;
            assert_eq!(clerk.listed("households", "HouseholdFilter", json!({ "status": ["REGISTERED"], "health": filter })).await, registered, "{filter}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Of two members one is not enrolled; once he has left, nobody is missing.
    async fn a_member_who_left_need_not_be_enrolled(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Poverty, OWN);
        let person = db.number("SELECT MAX(p.id) FROM person p WHERE p.county_code = 150921 AND p.valid_to IS NULL AND NOT p.is_head \
            AND NOT EXISTS (SELECT 1 FROM person q WHERE q.household_id = p.household_id AND q.valid_to IS NULL \
            AND q.id NOT IN (SELECT person_id FROM medical_enrolment WHERE year = 2018))").await;
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {person}")).await;
        let household = global_id("Household", household);
        let found = async || clerk.listed("households", "HouseholdFilter", json!({ "health": { "notEnrolledIn": 2018 } })).await.contains(&household);
        assert!(!found().await);
        run(&db, &format!("DELETE FROM medical_enrolment WHERE year = 2018 AND person_id = {person}")).await;
        assert!(found().await);
        run(&db, &format!("UPDATE person SET valid_to = '2018-12-01', left_reason = 'MOVED_OUT' WHERE id = {person}")).await;
        assert!(!found().await);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn rolls_give_what_is_asked(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Health, OWN);
        add_accidents(&db).await;
        run(&db, "UPDATE doctor_contract SET valid_to = '2018-06-01' WHERE id = (SELECT MIN(id) FROM doctor_contract WHERE county_code = 150921 AND valid_to IS NULL)").await;
        run(&db, "UPDATE check_up SET free = FALSE WHERE id IN (SELECT MIN(id) FROM check_up GROUP BY region_code)").await;
        let hospital = "H15092100101";
        let cases = [
            ("medicalEnrolments", "MedicalEnrolment", json!({ "year": 2018, "category": ["REGISTERED_POOR", "DIBAO"], "paid": true }), "medical_enrolment WHERE county_code = 150921 AND year = 2018 AND category IN ('REGISTERED_POOR', 'DIBAO')".to_owned()),
            ("supplementaryEnrolments", "SupplementaryEnrolment", json!({ "year": 2017, "insurer": SUPPLEMENTARY_INSURER }), "supplementary_enrolment WHERE county_code = 150921 AND year = 2017".to_owned()),
            ("claims", "Claim", json!({ "institution": hospital, "dischargedFrom": "2017-07-01", "dischargedTo": "2018-06-30" }), format!("medical_claim WHERE county_code = 150921 AND institution_code = '{hospital}' AND discharged_on BETWEEN '2017-07-01' AND '2018-06-30'")),
            ("claims", "Claim", json!({ "kind": ["CHRONIC_OUTPATIENT"], "state": ["SETTLED"] }), "medical_claim WHERE county_code = 150921 AND kind = 'CHRONIC_OUTPATIENT' AND state = 'SETTLED'".to_owned()),
            ("checkUps", "CheckUp", json!({ "year": 2018, "free": true, "result": ["OBSERVE", "REFER"] }), "check_up WHERE county_code = 150921 AND checked_on >= '2018-01-01' AND free AND result <> 'UNREMARKABLE'".to_owned()),
            ("checkUps", "CheckUp", json!({ "free": false }), "check_up WHERE county_code = 150921 AND NOT free".to_owned()),
            ("checkUps", "CheckUp", json!({ "institution": hospital, "year": 2017 }), format!("check_up WHERE county_code = 150921 AND institution_code = '{hospital}' AND checked_on < '2018-01-01'")),
            ("doctorContracts", "DoctorContract", json!({ "focus": true }), "doctor_contract WHERE county_code = 150921 AND focus AND valid_to IS NULL".to_owned()),
            ("doctorContracts", "DoctorContract", json!({ "asOf": "2018-05-31", "focus": false }), "doctor_contract WHERE county_code = 150921 AND NOT focus AND valid_from <= '2018-05-31' AND (valid_to IS NULL OR valid_to > '2018-05-31')".to_owned()),
            ("doctorContracts", "DoctorContract", json!({ "institution": hospital }), format!("doctor_contract WHERE county_code = 150921 AND institution_code = '{hospital}' AND valid_to IS NULL")),
            ("doctorVisits", "DoctorVisit", json!({ "visitedFrom": "2018-11-10", "visitedTo": "2018-12-10" }), "doctor_visit WHERE county_code = 150921 AND visited_on BETWEEN '2018-11-10' AND '2018-12-10'".to_owned()),
            ("medicineDeliveries", "MedicineDelivery", json!({ "deliveredTo": "2018-11-30" }), "medicine_delivery WHERE county_code = 150921 AND delivered_on <= '2018-11-30'".to_owned()),
            ("diseaseFlags", "DiseaseFlag", json!({ "class": ["SEVERE", "MAJOR"] }), "disease_flag WHERE county_code = 150921 AND class IN ('SEVERE', 'MAJOR') AND valid_to IS NULL".to_owned()),
            ("diseaseFlags", "DiseaseFlag", json!({ "asOf": "2015-01-01" }), "disease_flag WHERE county_code = 150921 AND valid_from <= '2015-01-01'".to_owned()),
            ("chronicHandbooks", "ChronicHandbook", json!({ "state": ["APPLIED", "EXPIRED"] }), "chronic_handbook WHERE county_code = 150921 AND state IN ('APPLIED', 'EXPIRED')".to_owned()),
            ("chronicHandbooks", "ChronicHandbook", json!({ "validOn": "2018-12-31" }), "chronic_handbook WHERE county_code = 150921 AND valid_from <= '2018-12-31' AND valid_to > '2018-12-31'".to_owned()),
            ("accidentCases", "AccidentCase", json!({ "state": ["PAID"], "occurredTo": "2018-03-01" }), "accident_case WHERE id = 1".to_owned()),
            ("accidentCases", "AccidentCase", json!({ "occurredFrom": "2018-03-01" }), "accident_case".to_owned()),
        ];
        for (list, of, filter, sql) in cases {
            let expected = db.ids(of, &format!("SELECT id FROM {sql}")).await;
            assert!(!expected.is_empty(), "{sql}");
            assert_eq!(clerk.listed(list, &format!("{of}Filter"), filter).await, expected, "{sql}");
        }
        for (text, code, argument) in [
            ("{ checkUps(filter: { year: 1800 }) { nodes { id } } }", "YEAR_OUT_OF_RANGE", json!(["filter", "year"])),
            ("{ households(filter: { health: { noCheckUpIn: 2200 } }) { nodes { id } } }", "YEAR_OUT_OF_RANGE", json!(["filter", "health", "noCheckUpIn"])),
            ("{ doctorVisits(filter: { visitedFrom: \"2018-02-01\", visitedTo: \"2018-01-01\" }) { nodes { id } } }", "PERIOD_REVERSED", json!(["filter", "visitedFrom"])),
            ("{ supplementaryEnrolments(filter: { insurer: \"a\\u0000\" }) { nodes { id } } }", "INVALID_TEXT", json!(["filter", "insurer"])),
            ("{ households(first: 1) { nodes { health { checkUps(year: 1) { id } } } } }", "YEAR_OUT_OF_RANGE", json!(["year"])),
        ] {
            let answer = clerk.query(text, json!({})).await;
            assert_eq!(answer.codes(), [code], "{text}: {}", answer.text);
            assert_eq!(answer.errors()[0]["extensions"]["argument"], argument, "{text}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The sheet is the sum of the stages, each of which begins where the one before it ended.
    async fn a_sheet_is_the_sum_of_its_stages(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let fen = |json: &Value| -> i64 { json.as_str().expect("yuan").replace('.', "").parse().expect("a number") };
        let text = "{ claims(first: 100) { nodes { state kind totalCost eligibleCost hospitalLevel institutionCode hospital { code level designated region { level } }
            sheet { deductible reimbursed selfPayEligible selfPayTotal } stages { position base paid } } } }";
        let data = clerk.query(text, json!({})).await.data();
        let mut stages = 0;
        for claim in data["claims"]["nodes"].as_array().expect("nodes") {
            assert_eq!(claim["hospital"]["code"], claim["institutionCode"]);
            assert_eq!((&claim["hospital"]["level"], &claim["hospital"]["designated"]), (&claim["hospitalLevel"], &json!(true)));
            if claim["state"] != "SETTLED" {
                assert_eq!(claim["sheet"], Value::Null);
                assert_eq!(claim["stages"], json!([]));
                continue;
            }
            let mut left = fen(&claim["eligibleCost"]);
            for stage in claim["stages"].as_array().expect("stages") {
                assert_eq!(fen(&stage["base"]), left, "{claim}");
                left -= fen(&stage["paid"]);
                stages += 1;
            }
            assert_eq!(fen(&claim["sheet"]["selfPayEligible"]), left, "{claim}");
            assert_eq!(fen(&claim["sheet"]["reimbursed"]), fen(&claim["eligibleCost"]) - left);
            assert_eq!(fen(&claim["sheet"]["selfPayTotal"]), fen(&claim["totalCost"]) - fen(&claim["eligibleCost"]) + left);
            assert_eq!(claim["sheet"]["deductible"].is_null(), claim["kind"] != "INPATIENT");
        }
        assert!(stages > 100, "{stages}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What a family's slice tells is what the rolls tell of its members.
    async fn a_patients_file_is_whole(db: TestDatabase) {
        let app = App::start(&db).await;
        let person = db.number("SELECT MIN(d.person_id) FROM medicine_delivery d WHERE d.county_code = 150921").await;
        let text = "query($id: ID!) { person(id: $id) { health { enrolments(year: 2018) { premium premiumSubsidy ownPayment }
            supplementaryEnrolments(year: 2018) { premium premiumSubsidy ownPayment insurerCode } checkUps(year: 2018) { year free hospital { level } }
            doctorContract { id focus hospital { code level } visits(year: 2018) { way } deliveries { deliveredOn } old: visits(year: 2017) { way } }
            doctorContracts { id } healthCards { validTo } diseaseFlags { class disease } } household { health { doctorContracts { id person { id } } diseaseFlags { person { id } class } } } } }";
        let data = app.clerk(D::Health, OWN).query(text, json!({ "id": global_id("Person", person) })).await.data();
        let health = &data["person"]["health"];
        assert_eq!(health["enrolments"], json!([{ "premium": "180.00", "premiumSubsidy": health["enrolments"][0]["premiumSubsidy"], "ownPayment": health["enrolments"][0]["ownPayment"] }]));
        assert_eq!(health["supplementaryEnrolments"], json!([{ "premium": "100.00", "premiumSubsidy": "100.00", "ownPayment": "0.00", "insurerCode": SUPPLEMENTARY_INSURER }]));
        let contract = &health["doctorContract"];
        assert_eq!((&contract["focus"], &contract["hospital"]["level"]), (&json!(true), &json!("TOWNSHIP")));
        let of = |table: &str| format!("SELECT COUNT(*) FROM {table} WHERE person_id = {person}");
        for (field, table) in [("visits", "doctor_visit"), ("deliveries", "medicine_delivery")] {
            assert_eq!(json!(contract[field].as_array().expect("a list").len()), json!(db.number(&of(table)).await), "{field}");
        }
        assert_eq!(contract["old"], json!([]));
        assert_eq!(health["doctorContracts"], json!([{ "id": contract["id"] }]));
        assert_eq!(health["healthCards"], json!([{ "validTo": null }]));
        let chapter = health["diseaseFlags"][0]["disease"].as_str().expect("a chapter");
        assert!(chapter.contains('-'), "{chapter}");
        let id = json!(global_id("Person", person));
        for list in ["doctorContracts", "diseaseFlags"] {
            let of_family = data["person"]["household"]["health"][list].as_array().expect("a list");
            assert!(of_family.iter().any(|row| row["person"]["id"] == id), "{list}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Who reads the whole file learns that somebody is ill, and of what class; of what, only the two offices and audit.
    async fn nobody_else_learns_of_a_disease(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ diseaseFlags(first: 5) { nodes { class disease } } chronicHandbooks(first: 5) { nodes { state disease } } claims(first: 5) { nodes { state diagnosis } } }";
        for actor in [app.clerk(D::Medins, OWN), app.clerk(D::Health, OWN), app.auditor()] {
            let data = actor.query(text, json!({})).await.data();
            for (list, field) in [("diseaseFlags", "disease"), ("chronicHandbooks", "disease"), ("claims", "diagnosis")] {
                for node in data[list]["nodes"].as_array().expect("nodes") {
                    // A chapter, not the disease.
                    let chapter = node[field].as_str().expect("a chapter");
                    assert!(chapter.len() == 7 && !chapter.contains('.'), "{chapter}");
                }
            }
        }
        for actor in [app.clerk(D::Poverty, OWN), app.clerk(D::Township, "150921107"), app.helper("helper-1", OWN)] {
            let answer = actor.query(text, json!({})).await;
            assert!(answer.codes().iter().all(|code| code == "FORBIDDEN") && !answer.codes().is_empty());
            let data = answer.partial_data();
            for (list, field) in [("diseaseFlags", "disease"), ("chronicHandbooks", "disease"), ("claims", "diagnosis")] {
                for node in data[list]["nodes"].as_array().expect("nodes") {
                    assert_eq!(node[field], Value::Null, "{list}");
                }
            }
            assert!(!answer.text.contains("I00-I99") && !answer.text.contains("C00-D48"), "{}", answer.text);
        }
        // The social security bureau has the handbooks, and nothing besides.
        let bureau = app.clerk(D::Hrss, OWN);
        let handbooks = db.ids("ChronicHandbook", "SELECT id FROM chronic_handbook WHERE county_code = 150921").await;
        assert_eq!(bureau.listed("chronicHandbooks", "ChronicHandbookFilter", Value::Null).await, handbooks);
        let answer = bureau.query("{ households(filter: { health: { handbookState: [ISSUED] } }, first: 3) { nodes { health { chronicHandbooks { state disease } claims { id } diseaseFlags { id } checkUps { id } } } } }", json!({})).await;
        for node in answer.partial_data()["households"]["nodes"].as_array().expect("nodes") {
            let books = node["health"]["chronicHandbooks"].as_array().expect("handbooks");
            // It issues them with medical insurance, and sees the chapter as that does.
            let chapter = |book: &Value| book["disease"].as_str().is_some_and(|chapter| chapter.len() == 7 && !chapter.contains('.'));
            assert!(!books.is_empty() && books.iter().all(chapter));
            for field in ["claims", "diseaseFlags", "checkUps"] {
                assert_eq!(node["health"][field], Value::Null, "{field}");
            }
        }
        refused(&bureau, "{ households(filter: { health: { diseaseClass: [MAJOR] } }) { nodes { id } } }", "HealthHouseholdFilter.diseaseClass").await;
        refused(&bureau, "{ diseaseFlags { nodes { id } } }", "Query.diseaseFlags").await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_pays_aid_sees_amounts_only(db: TestDatabase) {
        let app = App::start(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let text = "{ claims(filter: { state: [SETTLED] }, first: 3) { nodes { eligibleCost sheet { reimbursed } stages { stage base paid } hospital { code } institutionCode diagnosis } } }";
        let answer = civil.query(text, json!({})).await;
        for node in answer.partial_data()["claims"]["nodes"].as_array().expect("nodes") {
            assert!(node["eligibleCost"].is_string() && node["sheet"]["reimbursed"].is_string() && node["stages"].is_array());
            assert_eq!((&node["hospital"], &node["institutionCode"], &node["diagnosis"]), (&Value::Null, &Value::Null, &Value::Null));
        }
        assert_eq!(answer.codes(), ["FORBIDDEN"; 3]);
        assert!(!answer.text.contains("H1509"), "{}", answer.text);
        refused(&civil, "{ claims(filter: { institution: \"H15092100101\" }) { nodes { id } } }", "ClaimFilter.institution").await;
        for (list, field) in [("medicalEnrolments", "Query.medicalEnrolments"), ("checkUps", "Query.checkUps"), ("doctorContracts", "Query.doctorContracts"),
            ("doctorVisits", "Query.doctorVisits"), ("medicineDeliveries", "Query.medicineDeliveries"), ("diseaseFlags", "Query.diseaseFlags"),
            ("chronicHandbooks", "Query.chronicHandbooks"), ("accidentCases", "Query.accidentCases")] {
            refused(&civil, &format!("{{ {list} {{ nodes {{ id }} }} }}"), field).await;
        }
        let text = "{ households(first: 2) { nodes { health { enrolments { id } checkUps { id } diseaseFlags { id } chronicHandbooks { id } } } } }";
        let health = json!({ "enrolments": null, "checkUps": null, "diseaseFlags": null, "chronicHandbooks": null });
        let answer = civil.query(text, json!({})).await;
        assert_eq!(answer.partial_data(), json!({ "households": { "nodes": [{ "health": health }, { "health": health }] } }));
        // Of the rest nobody has a slice at all.
        for department in [D::Edu, D::Housing, D::Finance, D::Police] {
            let answer = app.clerk(department, OWN).query(text, json!({})).await;
            assert_eq!(answer.partial_data(), json!({ "households": { "nodes": [{ "health": null }, { "health": null }] } }), "{department}");
            refused(&app.clerk(department, OWN), "{ households(filter: { health: { notEnrolledIn: 2018 } }) { nodes { id } } }", "HouseholdFilter.health").await;
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What is of another county does not exist, whatever its id.
    async fn a_county_reads_its_own_patients(db: TestDatabase) {
        let app = App::start(&db).await;
        for (list, of, table) in [
            ("supplementaryEnrolments", "SupplementaryEnrolment", "supplementary_enrolment"), ("checkUps", "CheckUp", "check_up"),
            ("doctorVisits", "DoctorVisit", "doctor_visit"), ("medicineDeliveries", "MedicineDelivery", "medicine_delivery"),
            ("chronicHandbooks", "ChronicHandbook", "chronic_handbook"),
        ] {
            let rows = async |county: &str| db.ids(of, &format!("SELECT id FROM {table} WHERE county_code = {county}")).await;
            let (own, other) = (rows(OWN).await, rows(OTHER).await);
            assert!(!own.is_empty() && !other.is_empty());
            assert_eq!(app.clerk(D::Health, OWN).listed(list, &format!("{of}Filter"), Value::Null).await, own, "{list}");
            let id = other.first().expect("a row");
            let answer = app.clerk(D::Health, OWN).query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
            assert_eq!(answer.data(), json!({ "node": null }), "{list}");
        }
        // A family reads its own file, and a helper those of its families.
        let text = "{ households(first: 100) { nodes { id health { checkUps { id } doctorContracts { id } diseaseFlags { class } } } } checkUps(first: 100) { nodes { household { id } } } }";
        for actor in [app.household("household-1", OWN), app.helper("helper-1", OWN)] {
            let data = actor.query(text, json!({})).await.data();
            let households: BTreeSet<_> = data["households"]["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].to_string()).collect();
            let checked: BTreeSet<_> = data["checkUps"]["nodes"].as_array().expect("nodes").iter().map(|node| node["household"]["id"].to_string()).collect();
            assert!(!checked.is_empty() && checked.is_subset(&households));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// An insurer sees the accidents it was told of, the injured and their enrolment, and nothing of others.
    async fn an_insurer_sees_its_accidents(db: TestDatabase) {
        let app = App::start(&db).await;
        let person = add_accidents(&db).await;
        run(&db, "DELETE FROM claim_stage").await;
        let insurer = app.institution(D::Insurer, SUPPLEMENTARY_INSURER);
        let text = "{ accidentCases { nodes { state paid insurerCode person { id } household { id } } } claims { nodes { id } }
            medicalEnrolments(first: 100) { nodes { person { id } } } supplementaryEnrolments(first: 100) { nodes { person { id } insurerCode } } households { nodes { id members { id } } } }";
        let data = insurer.query(text, json!({})).await.data();
        let (id, household) = (global_id("Person", person), db.number(&format!("SELECT household_id FROM person WHERE id = {person}")).await);
        let household = global_id("Household", household);
        assert_eq!(data["accidentCases"]["nodes"], json!([{ "state": "PAID", "paid": "20000.00", "insurerCode": SUPPLEMENTARY_INSURER, "person": { "id": id }, "household": { "id": household } }]));
        assert_eq!(data["claims"]["nodes"], json!([]));
        assert_eq!(data["households"]["nodes"], json!([{ "id": household, "members": [{ "id": id }] }]));
        for (list, table) in [("medicalEnrolments", "medical_enrolment"), ("supplementaryEnrolments", "supplementary_enrolment")] {
            let nodes = data[list]["nodes"].as_array().expect("nodes");
            assert!(nodes.iter().all(|node| node["person"]["id"] == id.as_str()), "{list}");
            let rows = db.number(&format!("SELECT COUNT(*) FROM {table} WHERE person_id = {person}")).await;
            assert_eq!(json!(nodes.len()), json!(rows), "{list}");
        }
        // The other insurer has the same patient, of whose supplementary insurance it sees nothing.
        let other = app.institution(D::Insurer, CRITICAL_ILLNESS_INSURER);
        let data = other.query(text, json!({})).await.data();
        assert_eq!(data["accidentCases"]["nodes"][0]["state"], "REPORTED");
        assert_eq!((data["accidentCases"]["nodes"].as_array().map(Vec::len), &data["supplementaryEnrolments"]["nodes"]), (Some(1), &json!([])));
        for (text, field) in [
            ("{ checkUps { nodes { id } } }", "Query.checkUps"), ("{ diseaseFlags { nodes { id } } }", "Query.diseaseFlags"),
            ("{ chronicHandbooks { nodes { id } } }", "Query.chronicHandbooks"), ("{ doctorContracts { nodes { id } } }", "Query.doctorContracts"),
            ("{ households(filter: { health: { withoutDoctor: true } }) { nodes { id } } }", "HouseholdFilter.health"),
        ] {
            refused(&insurer, text, field).await;
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn hospitals_and_premiums_are_public(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ hospitals(filter: { region: \"150921\", level: [COUNTY], designated: true }) { nodes { code name level designated region { code name } } }
            hospital(code: \"H15090000001\") { name level } school: hospital(code: \"2115092161\") { name }
            none: hospitals(filter: { designated: false }) { nodes { code } }
            premiumStandards(filter: { region: \"150921\", year: 2018 }) { nodes { countyCode year insurance premium premiumSubsidy } } }";
        let expected = json!({
            "hospitals": { "nodes": [{ "code": "H15092100001", "name": "卓资县人民医院", "level": "COUNTY", "designated": true,
                "region": { "code": "150921000000", "name": "卓资县" } }] },
            "hospital": { "name": "乌兰察布市第一医院", "level": "CITY" }, "school": null, "none": { "nodes": [] },
            "premiumStandards": { "nodes": [
                { "countyCode": "150921000000", "year": 2018, "insurance": "SUPPLEMENTARY", "premium": "100.00", "premiumSubsidy": "100.00" },
                { "countyCode": "150921000000", "year": 2018, "insurance": "BASIC", "premium": "180.00", "premiumSubsidy": "60.00" },
            ] },
        });
        for actor in [app.clerk(D::Health, OTHER), app.clerk(D::Edu, OWN), app.institution(D::Insurer, SUPPLEMENTARY_INSURER)] {
            assert_eq!(actor.query(text, json!({})).await.data(), expected);
        }
        for field in ["hospitals", "premiumStandards"] {
            refused(&app.clerk(D::Stats, OWN), &format!("{{ {field} {{ nodes {{ __typename }} }} }}"), &format!("Query.{field}")).await;
        }
        let count = db.number("SELECT COUNT(*) FROM institution WHERE kind = 'HOSPITAL'").await;
        let all = app.auditor().query("{ hospitals(first: 100) { nodes { code } } }", json!({})).await.data();
        assert_eq!(json!(all["hospitals"]["nodes"].as_array().expect("nodes").len()), json!(count));
    }
}
