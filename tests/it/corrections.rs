//! Requests to the owner of a field to correct it.

use crate::harness::{
    Actor, App, TestDatabase, both_dbs,
    writes::{Sent, mutation, records},
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const FIELDS: &str = "id version state subject objectType field owner raisedBy recordedValue proposedValue reason answer raisedOn closedOn";

fn raise(subject: &str, field: &str, proposed: impl Into<Value>) -> Sent {
    let input = json!({ "subject": subject, "field": field, "proposedValue": proposed.into(), "reason": "入户核实" });
    mutation("correctionRequestRaise", input).read(FIELDS)
}

fn accept(request: &Value) -> Sent {
    of("correctionRequestAccept", request, Value::Null).without_input()
}

fn withdraw(request: &Value) -> Sent {
    of("correctionRequestWithdraw", request, Value::Null).without_input()
}

fn answer(request: &Value, answer: &str) -> Sent {
    let input = json!({ "answer": answer, "explanation": "经查" });
    of("correctionRequestAnswer", request, input)
}

fn of(name: &str, request: &Value, input: Value) -> Sent {
    let version = request["version"].as_i64().expect("a version");
    mutation(name, input)
        .of(request["id"].as_str().expect("an id"), version)
        .read(FIELDS)
}

/// The requests that exist for an actor, as the roll lists them.
async fn listed(actor: &Actor, filter: Value) -> Vec<Value> {
    let roll = "query($filter: CorrectionRequestFilter) { correctionRequests(filter: $filter) { nodes { id } } }";
    let data = actor.query(roll, json!({ "filter": filter })).await.data();
    let nodes = data["correctionRequests"]["nodes"].as_array();
    let nodes = nodes.expect("nodes").iter();
    nodes.map(|node| node["id"].clone()).collect()
}

/// A house of record of the county whose grade is C.
async fn house(db: &TestDatabase) -> i64 {
    db.number(
        "SELECT MIN(id) FROM house WHERE county_code = 150921 AND grade = 'C' AND valid_to IS NULL",
    )
    .await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_owner_takes_a_value_over(db: TestDatabase) {
        let app = App::start(&db).await;
        let (poverty, housing) = (app.clerk(D::Poverty, OWN), app.clerk(D::Housing, OWN));
        let house = house(&db).await;
        let id = global_id("House", house);
        let household = db.number(&format!("SELECT household_id FROM house WHERE id = {house}")).await;
        let request = raise(&id, "grade", "D").done_by(&poverty).await;
        let told = ["state", "subject", "objectType", "field", "owner", "raisedBy", "recordedValue", "proposedValue", "reason", "answer", "closedOn"];
        let told = told.map(|field| request[field].clone());
        let expected = [
            json!("OPEN"), json!(id), json!("House"), json!("grade"), json!("HOUSING"), json!("POVERTY"), json!("C"), json!("D"), json!("入户核实"),
            Value::Null, Value::Null,
        ];
        assert_eq!(told, expected);
        // The two departments see it, and who leads and who checks; nobody else, not even at the household.
        for actor in [&poverty, &housing, &app.auditor()] {
            assert_eq!(listed(actor, json!({ "owner": ["HOUSING"], "state": ["OPEN"] })).await, [request["id"].clone()]);
        }
        let others = [app.clerk(D::Civil, OWN), app.clerk(D::Township, "150921100"), app.clerk(D::Housing, "150922"), app.clerk(D::Poverty, "150922")];
        let at_household = "query($id: ID!, $request: ID!) { household(id: $id) { correctionRequests { id } } node(id: $request) { id } }";
        let variables = json!({ "id": global_id("Household", household), "request": request["id"] });
        let seen = housing.query(at_household, variables.clone()).await.data();
        assert_eq!(seen, json!({ "household": { "correctionRequests": [{ "id": request["id"] }] }, "node": { "id": request["id"] } }));
        let before = records(&db).await;
        for actor in &others {
            assert_eq!(listed(actor, json!({})).await, [Value::Null; 0]);
            let answer = actor.query(at_household, variables.clone()).await;
            assert_eq!(answer.data()["node"], Value::Null);
            assert!(!answer.text.contains(request["id"].as_str().expect("an id")), "{}", answer.text);
        }
        assert_eq!(accept(&request).mistakes(&poverty).await, ["id NOT_YOURS"]);
        assert_eq!(accept(&request).mistakes(&others[2]).await, ["id NOT_FOUND"]);
        accept(&request).refused_to(&db, &[app.clerk(D::Village, "150921100001"), app.reader(D::Housing, OWN), app.auditor(), app.clerk(D::Housing, "15")]).await;
        assert_eq!(records(&db).await, before);
        // It is written with the house, in one transaction, by the owner.
        let version = db.number(&format!("SELECT CAST(version AS BIGINT) FROM house WHERE id = {house}")).await;
        let accepted = accept(&request).done_by(&housing).await;
        assert_eq!([&accepted["state"], &accepted["version"]], [&json!("ACCEPTED"), &json!(2)]);
        assert_eq!(accepted["closedOn"], accepted["raisedOn"]);
        assert_eq!(db.text(&format!("SELECT grade FROM house WHERE id = {house}")).await, "D");
        assert_eq!(db.number(&format!("SELECT CAST(version AS BIGINT) FROM house WHERE id = {house}")).await, version + 1);
        let audited = format!(
            "SELECT COUNT(*) FROM audit_record WHERE operation = 'correctionRequestAccept' AND department = 'HOUSING' AND object_type = 'house' AND object_id = {house}"
        );
        assert_eq!(db.number(&audited).await, 1);
        let after = records(&db).await;
        assert_eq!(after, [before[0] + 1, before[1] + 2, before[2] + 2]);
        // It has ended.
        assert_eq!(accept(&accepted).mistakes(&housing).await, ["id NOT_OPEN"]);
        assert_eq!(withdraw(&accepted).mistakes(&poverty).await, ["id NOT_OPEN"]);
        assert_eq!(answer(&request, "DECLINED").mistakes(&housing).await, ["version CONFLICT"]);
        assert_eq!(records(&db).await, after);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_cannot_be_asked_is_told(db: TestDatabase) {
        let app = App::start(&db).await;
        let (poverty, civil) = (app.clerk(D::Poverty, OWN), app.clerk(D::Civil, OWN));
        let house = global_id("House", house(&db).await);
        let household = db.number("SELECT MIN(id) FROM household WHERE county_code = 150921 AND phone_mask IS NOT NULL").await;
        let household = global_id("Household", household);
        let card = global_id("BankCard", db.number("SELECT MIN(id) FROM bank_card WHERE county_code = 150921").await);
        let visit = global_id("HelpVisit", db.number("SELECT MIN(id) FROM help_visit WHERE county_code = 150921").await);
        let dibao = global_id("Dibao", db.number("SELECT MIN(id) FROM dibao WHERE county_code = 150921").await);
        let before = records(&db).await;
        let mistakes = async |actor: &Actor, sent: Sent| sent.mistakes(actor).await;
        // What may not be read is as what there is not.
        for (subject, field) in [(&household, "address"), (&household, "nothing"), (&household, "version"), (&household, "id")] {
            assert_eq!(mistakes(&civil, raise(subject, field, "x")).await, ["input.field NO_FIELD"], "{field}");
        }
        assert_eq!(mistakes(&civil, raise(&house, "grade", "D")).await, ["input.field NO_FIELD"]);
        assert_eq!(mistakes(&poverty, raise(&visit, "what", "走访")).await, ["input.subject NOT_CORRECTABLE"]);
        assert_eq!(mistakes(&poverty, raise("x", "state", "OPEN")).await, ["input.subject NOT_FOUND"]);
        assert_eq!(mistakes(&app.clerk(D::Poverty, "150922"), raise(&house, "grade", "D")).await, ["input.subject NOT_FOUND"]);
        assert_eq!(mistakes(&poverty, raise(&household, "mainCause", "ILLNESS")).await[..1], ["input.field OWN_FIELD"]);
        assert_eq!(mistakes(&poverty, raise(&household, "phone", "13812345678")).await, ["input.proposedValue SENSITIVE"]);
        assert_eq!(mistakes(&poverty, raise(&card, "cardNumber", "6222021234567890123")).await, ["input.field NO_FIELD"]);
        assert_eq!(mistakes(&app.clerk(D::Finance, OWN), raise(&card, "cardNumber", "6222021234567890123")).await, ["input.proposedValue SENSITIVE"]);
        assert_eq!(mistakes(&poverty, raise(&house, "grade", "C")).await, ["input.proposedValue NO_DIFFERENCE"]);
        let unfit = [
            ("grade", json!("E")), ("grade", Value::Null), ("surveyedOn", json!("2018-02-30")), ("builtYear", json!("1e3")), ("builtYear", json!("99999999999")),
            ("area", json!("80,5")), ("solution", json!("")),
        ];
        for (field, value) in unfit {
            assert_eq!(mistakes(&poverty, raise(&house, field, value.clone())).await, ["input.proposedValue INVALID_VALUE"], "{field} {value}");
        }
        let long = "长".repeat(201);
        assert_eq!(mistakes(&poverty, raise(&dibao, "monthlyAmount", long)).await, ["input.proposedValue INVALID_VALUE"]);
        // All at once.
        let input = json!({ "subject": house, "field": "grade", "proposedValue": "E", "reason": " ", "documentNumber": "文\u{1b}" });
        let telling = json!({ "subject": house, "field": "grade", "proposedValue": "D", "reason": "户主电话13812345678" });
        assert_eq!(mutation("correctionRequestRaise", telling).mistakes(&poverty).await, ["input.reason SENSITIVE"]);
        let all = mutation("correctionRequestRaise", input).mistakes(&poverty).await;
        assert_eq!(all, ["input.proposedValue INVALID_VALUE", "input.reason INVALID_VALUE", "input.documentNumber INVALID_VALUE"]);
        assert_eq!(records(&db).await, before);
        raise(&house, "grade", "D").done_by(&poverty).await;
        assert_eq!(mistakes(&poverty, raise(&house, "grade", "B")).await, ["input.field ALREADY_RAISED"]);
        raise(&house, "area", "80.50").done_by(&poverty).await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_owner_answers_otherwise(db: TestDatabase) {
        let app = App::start(&db).await;
        let (poverty, housing, civil) = (app.clerk(D::Poverty, OWN), app.clerk(D::Housing, OWN), app.clerk(D::Civil, OWN));
        let house = house(&db).await;
        // What has changed since is not overwritten.
        let request = raise(&global_id("House", house), "grade", "D").done_by(&poverty).await;
        db.execute(&format!("UPDATE house SET grade = 'B' WHERE id = {house}")).await;
        assert_eq!(accept(&request).mistakes(&housing).await, ["id CHANGED_SINCE"]);
        assert_eq!(answer(&request, "DECLINED").mistakes(&poverty).await, ["id NOT_YOURS"]);
        let declined = answer(&request, "DECLINED").done_by(&housing).await;
        assert_eq!([&declined["state"], &declined["answer"]], [&json!("DECLINED"), &json!("经查")]);
        assert_eq!(db.text(&format!("SELECT grade FROM house WHERE id = {house}")).await, "B");
        // What money hangs on is corrected by its own action.
        let dibao = db.number("SELECT MIN(id) FROM dibao WHERE county_code = 150921 AND valid_to IS NULL").await;
        let amount = db.number(&format!("SELECT monthly_fen FROM dibao WHERE id = {dibao}")).await;
        let request = raise(&global_id("Dibao", dibao), "monthlyAmount", "1.00").done_by(&poverty).await;
        assert_eq!(request["recordedValue"], json!(format!("{}.{:02}", amount / 100, amount % 100)));
        assert_eq!(accept(&request).mistakes(&civil).await, ["id BY_ACTION"]);
        let corrected = answer(&request, "CORRECTED").done_by(&civil).await;
        assert_eq!(corrected["state"], "CORRECTED");
        assert_eq!(db.number(&format!("SELECT monthly_fen FROM dibao WHERE id = {dibao}")).await, amount);
        // The raiser takes it back, and may ask anew; a value may be taken away.
        let request = raise(&global_id("House", house), "builtYear", Value::Null).done_by(&poverty).await;
        assert_eq!(request["proposedValue"], Value::Null);
        assert_eq!(withdraw(&request).mistakes(&housing).await, ["id NOT_YOURS"]);
        assert_eq!(withdraw(&request).done_by(&poverty).await["state"], "WITHDRAWN");
        let request = raise(&global_id("House", house), "builtYear", Value::Null).done_by(&poverty).await;
        accept(&request).done_by(&housing).await;
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM house WHERE id = {house} AND built_year IS NULL")).await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn families_and_institutions_ask_too(db: TestDatabase) {
        let app = App::start(&db).await;
        let schooled = "SELECT MIN(e.person_id) FROM school_enrolment e JOIN person p ON p.id = e.person_id \
            WHERE e.county_code = 150921 AND p.county_code = 150921 AND p.valid_to IS NULL";
        let pupil = db.number(schooled).await;
        let code = db.text(&format!("SELECT MIN(school_code) FROM school_enrolment WHERE person_id = {pupil}")).await;
        let village = db.number(&format!("SELECT region_code FROM person WHERE id = {pupil}")).await;
        let township = app.clerk(D::Township, &(village / 1000).to_string());
        let (school, other) = (app.institution(D::School, &code), app.institution(D::School, "2115090092"));
        let id = global_id("Person", pupil);
        let request = raise(&id, "name", "王小满").done_by(&school).await;
        assert_eq!([&request["owner"], &request["raisedBy"]], [&json!("TOWNSHIP"), &json!("SCHOOL")]);
        assert_eq!(listed(&school, json!({ "raisedBy": ["SCHOOL"], "objectType": "Person" })).await, [request["id"].clone()]);
        assert_eq!(listed(&other, json!({})).await, [Value::Null; 0]);
        // Nor does the poverty office, which may not read all that others ask about.
        assert_eq!(listed(&app.clerk(D::Poverty, OWN), json!({})).await, [Value::Null; 0]);
        assert_eq!(withdraw(&request).mistakes(&other).await, ["id NOT_FOUND"]);
        assert_eq!(raise(&id, "ethnicGroup", "HAN").mistakes(&school).await, ["input.field NO_FIELD"]);
        accept(&request).done_by(&township).await;
        let named = format!("SELECT name || ' ' || name_mask FROM person WHERE id = {pupil}");
        assert_eq!(db.text(&named).await, "王小满 王*满");
        // A bank owns its own loans only.
        let loan = db.number("SELECT MIN(id) FROM loan WHERE county_code = 150921").await;
        let bank = db.text(&format!("SELECT bank_code FROM loan WHERE id = {loan}")).await;
        let was = db.number(&format!("SELECT CAST(CASE WHEN guarantor THEN 1 ELSE 0 END AS BIGINT) FROM loan WHERE id = {loan}")).await;
        let poverty = app.clerk(D::Poverty, OWN);
        let request = raise(&global_id("Loan", loan), "guarantor", (was == 0).to_string()).done_by(&poverty).await;
        assert_eq!(accept(&request).mistakes(&app.institution(D::Bank, "2115090092")).await, ["id NOT_FOUND"]);
        accept(&request).done_by(&app.institution(D::Bank, &bank)).await;
        let is = db.number(&format!("SELECT CAST(CASE WHEN guarantor THEN 1 ELSE 0 END AS BIGINT) FROM loan WHERE id = {loan}")).await;
        assert_eq!(is, 1 - was);
        // A family asks about its own file.
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {pupil}")).await;
        let user = format!("{}|FAMILY-OF-PUPIL", yihu::authz::token::DEMO_ISSUER);
        let county = village / 1_000_000;
        let link = format!(
            "INSERT INTO household_link (id, household_id, region_code, user_id, kind, person_id, valid_from) \
             VALUES (900000001, {household}, {village}, '{user}', 'OWN', {pupil}, '2018-01-01')"
        );
        db.execute(&link).await;
        let family = app.household("FAMILY-OF-PUPIL", &county.to_string());
        let request = raise(&global_id("Household", household), "address", "三组十二号").done_by(&family).await;
        assert_eq!(listed(&family, json!({})).await, [request["id"].clone()]);
        let strange = db.number(&format!("SELECT MIN(id) FROM household WHERE county_code = {county} AND id <> {household}")).await;
        assert_eq!(raise(&global_id("Household", strange), "address", "一组").mistakes(&family).await, ["input.subject NOT_FOUND"]);
        accept(&request).done_by(&township).await;
        assert_eq!(db.text(&format!("SELECT address FROM household WHERE id = {household}")).await, "三组十二号");
    }
}
