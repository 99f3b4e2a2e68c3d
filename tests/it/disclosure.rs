//! Full values behind masks: shown to whoever reads the mask, recorded before they leave, and known to the family.

use crate::harness::{App, TestDatabase, both_dbs};
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const REVEAL: &str = "mutation($subjects: [ID!]!, $fields: [SensitiveField!]!, $case: String!) { \
    sensitiveReveal(subjects: $subjects, fields: $fields, purpose: VERIFICATION, caseNumber: $case) { values { subject field value } } }";
const RECORDS: &str = "query($filter: AccessRecordFilter) { accessRecords(filter: $filter, first: 100) { nodes { \
    department role action purpose caseNumber fields found person { id } household { id } } } }";

fn asked(subjects: &[&str], fields: &[&str]) -> Value {
    json!({ "subjects": subjects, "fields": fields, "case": "案2018-7" })
}

async fn reveals(db: &TestDatabase) -> i64 {
    db.number("SELECT COUNT(*) FROM access_record WHERE action = 'REVEAL'")
        .await
}

/// A grown member of the county with number and phone, and the household.
async fn member(db: &TestDatabase) -> (i64, i64) {
    let person = db
        .number(
            "SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL \
             AND citizen_number_state = 'VALID' AND phone_cipher IS NOT NULL",
        )
        .await;
    let household = db
        .number(&format!(
            "SELECT household_id FROM person WHERE id = {person}"
        ))
        .await;
    (person, household)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_full_value_is_recorded_before_it_leaves(db: TestDatabase) {
        let app = App::start(&db).await;
        let (person, household) = member(&db).await;
        let (id, family) = (global_id("Person", person), global_id("Household", household));
        let township = app.clerk(D::Township, OWN);
        let masks = "query($id: ID!) { node(id: $id) { ... on Person { citizenNumber phone birthDate } } }";
        let masked = township.query(masks, json!({ "id": id })).await.data()["node"].take();
        let shown = township.query(REVEAL, asked(&[&id, &family], &["CITIZEN_NUMBER", "PHONE"])).await.data()["sensitiveReveal"]["values"].take();
        let values = shown.as_array().expect("values");
        let of = |subject: &str, field: &str| values.iter().find(|value| value["subject"] == subject && value["field"] == field)
            .map(|value| value["value"].as_str().expect("text").to_owned());
        let number = of(&id, "CITIZEN_NUMBER").expect("a number");
        assert_eq!(number.len(), 18);
        assert_eq!(number[6..14], masked["birthDate"].as_str().expect("a date").replace('-', ""));
        assert_eq!(number[..1], masked["citizenNumber"].as_str().expect("a mask")[..1]);
        let phone = of(&id, "PHONE").expect("a phone");
        assert_eq!((&phone[..3], &phone[7..]), (&masked["phone"].as_str().expect("a mask")[..3], &masked["phone"].as_str().expect("a mask")[7..]));
        // A record for the person and one for the household, with purpose and case.
        let records = app.auditor().query(RECORDS, json!({ "filter": { "action": ["REVEAL"], "household": family } })).await.data()["accessRecords"]["nodes"].take();
        let records = records.as_array().expect("records");
        let about = |person: Value, fields: Value| json!({
            "department": "TOWNSHIP", "role": "CLERK", "action": "REVEAL", "purpose": "VERIFICATION", "caseNumber": "案2018-7",
            "fields": fields, "found": true, "person": person, "household": { "id": family },
        });
        assert!(records.contains(&about(json!({ "id": id }), json!(["CITIZEN_NUMBER", "PHONE"]))), "{records:?}");
        assert_eq!(i64::try_from(records.len()).expect("few"), reveals(&db).await);
        // Each look is a record of its own; one object named twice is one.
        township.query(REVEAL, asked(&[&id, &id], &["PHONE"])).await.data();
        assert_eq!(reveals(&db).await, i64::try_from(records.len()).expect("few") + 1);
        let by_user = json!({ "filter": { "user": format!("{}|TOWNSHIP-CLERK", yihu::authz::token::DEMO_ISSUER), "action": ["REVEAL"], "from": "2018-01-01", "to": "2099-12-31" } });
        let asked_of = app.auditor().query(RECORDS, by_user).await.data()["accessRecords"]["nodes"].take();
        assert_eq!(asked_of.as_array().map(Vec::len), Some(records.len() + 1));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_may_not_read_the_mask_sees_no_value(db: TestDatabase) {
        let app = App::start(&db).await;
        let (person, _) = member(&db).await;
        let id = global_id("Person", person);
        let claim = global_id("Claim", db.number("SELECT MIN(id) FROM medical_claim WHERE county_code = 150921").await);
        let card = global_id("BankCard", db.number("SELECT MIN(id) FROM bank_card WHERE county_code = 150921").await);
        let before = db.number("SELECT COUNT(*) FROM access_record").await;
        for (actor, subjects, fields, code) in [
            // The neighbour: as if there were no such person.
            (app.clerk(D::Township, "150922100"), vec![&*id], vec!["CITIZEN_NUMBER"], "NOT_FOUND"),
            // One that exists and one that does not: nothing is shown.
            (app.clerk(D::Township, OWN), vec![&*id, "UGVyc29uOjk5OTk5OTk"], vec!["CITIZEN_NUMBER"], "NOT_FOUND"),
            // Phones and diagnoses are not for everyone who reads basics.
            (app.clerk(D::Edu, OWN), vec![&*id], vec!["PHONE"], "FORBIDDEN"),
            (app.clerk(D::Civil, OWN), vec![&*claim], vec!["DIAGNOSIS"], "FORBIDDEN"),
            (app.clerk(D::Health, OWN), vec![&*card], vec!["BANK_CARD"], "FORBIDDEN"),
            // Readers don't see full values.
            (app.reader(D::Township, OWN), vec![&*id], vec!["CITIZEN_NUMBER"], "FORBIDDEN"),
            (app.clerk(D::Township, OWN), vec![&*id], vec![], "TOO_MANY_SUBJECTS"),
        ] {
            let answer = actor.query(REVEAL, asked(&subjects, &fields)).await;
            assert_eq!(answer.codes(), [code], "{}", answer.text);
            assert!(!answer.text.contains("\"value\""), "{}", answer.text);
        }
        let no_case = app.clerk(D::Township, OWN).query(REVEAL, json!({ "subjects": [id], "fields": ["PHONE"], "case": " " })).await;
        assert_eq!(no_case.codes(), ["INVALID_VALUE"]);
        assert_eq!(db.number("SELECT COUNT(*) FROM access_record").await, before);
        let shown = app.clerk(D::Health, OWN).query(REVEAL, asked(&[&claim], &["DIAGNOSIS"])).await.data();
        assert!(shown["sensitiveReveal"]["values"][0]["value"].as_str().expect("a diagnosis").len() > 2);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_family_knows_who_has_looked(db: TestDatabase) {
        let app = App::start(&db).await;
        let link = "FROM household_link WHERE kind = 'OWN' AND valid_to IS NULL AND county_code = 150921 AND person_id IS NOT NULL";
        let household = db.number(&format!("SELECT MIN(household_id) {link}")).await;
        let own = db.number(&format!("SELECT MIN(person_id) {link} AND household_id = {household}")).await;
        let other = db.number(&format!("SELECT MIN(id) FROM person WHERE household_id = {household} AND id <> {own} AND citizen_number_cipher IS NOT NULL")).await;
        let user = db.text(&format!("SELECT user_id {link} AND household_id = {household}")).await;
        let user = user.rsplit('|').next().expect("a subject").to_owned();
        let clerk = app.clerk(D::Poverty, OWN);
        for person in [own, other] {
            clerk.query(REVEAL, asked(&[&global_id("Person", person)], &["CITIZEN_NUMBER"])).await.data();
        }
        let family = app.household(&user, OWN);
        let seen = family.query(RECORDS, json!({ "filter": { "action": ["REVEAL"] } })).await.data()["accessRecords"]["nodes"].take();
        let persons: Vec<_> = seen.as_array().expect("records").iter().map(|record| record["person"]["id"].clone()).collect();
        assert_eq!(persons, [json!(global_id("Person", own))]);
        // Who it was by name of the account is for the auditors, and other departments read no records at all.
        for (actor, text) in [
            (&family, "{ accessRecords { nodes { user } } }"),
            (&family, "{ accessRecords(filter: { user: \"x\" }) { nodes { at } } }"),
            (&clerk, "{ accessRecords { nodes { at } } }"),
        ] {
            assert_eq!(actor.query(text, json!({})).await.codes(), ["FORBIDDEN"]);
        }
    }
}
