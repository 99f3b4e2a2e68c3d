//! What education writes: schools confirm their pupils, the bureau grants and reports, Rain and Dew goes from stamp to stamp.

use crate::harness::{Actor, App, Mutation, TestDatabase, both_dbs};
use entity::{codes::Department as D, education::school_enrolment};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";

const CONFIRM: Mutation = Mutation {
    name: "schoolEnrolmentConfirm",
    about: None,
    with_input: true,
    fields: "id confirmedOn version",
};
const ALLOWANCE: Mutation = Mutation {
    name: "studyAllowanceRecord",
    about: Some("enrolmentId"),
    with_input: true,
    fields: "department programme schoolYear term stage boarding oneOff amount state dueOn paidOn version",
};
const DROPOUT: Mutation = Mutation {
    name: "dropoutReport",
    about: Some("enrolmentId"),
    with_input: true,
    fields: "id school { code } stage schoolYear term reportedOn reason state returnedOn version",
};
const RETURN: Mutation = Mutation {
    name: "dropoutReturn",
    about: Some("id"),
    with_input: true,
    fields: "state returnedOn version",
};
const APPLY: Mutation = Mutation {
    name: "rainDewApply",
    about: Some("personId"),
    with_input: true,
    fields: "id person { id } schoolCode schoolYear stage state appliedOn recognisedOn amount version",
};
const STAMP: Mutation = Mutation {
    name: "rainDewStamp",
    about: Some("id"),
    with_input: false,
    fields: "state version",
};
const CONFIRM_ENROLMENT: Mutation = Mutation {
    name: "rainDewConfirmEnrolment",
    about: Some("id"),
    with_input: false,
    fields: "state version",
};
const DECIDE: Mutation = Mutation {
    name: "rainDewDecide",
    about: Some("id"),
    with_input: true,
    fields: "state recognisedOn amount version",
};

/// The first enrolment of the county that fulfils a condition.
pub(crate) async fn enrolment(db: &TestDatabase, condition: &str) -> school_enrolment::Model {
    let sql = format!(
        "SELECT MIN(e.id) FROM school_enrolment e WHERE e.county_code = 150921 AND {condition}"
    );
    let found = school_enrolment::Entity::find_by_id(db.number(&sql).await);
    let found = found.one(&db.connect().await).await;
    found.expect("the enrolments").expect("an enrolment")
}

pub(crate) fn id_of(enrolment: &school_enrolment::Model) -> String {
    global_id("SchoolEnrolment", enrolment.id)
}

async fn untouched(db: &TestDatabase) {
    for table in ["request_record", "audit_record", "change_record"] {
        let rows = db.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(rows, 0, "{table}");
    }
}

/// Nobody of these may do it, and nothing is changed.
async fn refused(mutation: Mutation, id: &str, input: &Value, actors: Vec<Actor>) {
    for actor in actors {
        let answer = mutation.ask(&actor, id, 1, input.clone()).await;
        let told = (answer.codes(), answer.partial_data()["done"].take());
        assert_eq!(
            told,
            (vec!["FORBIDDEN".to_owned()], Value::Null),
            "{}",
            mutation.name
        );
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_school_confirms_its_own_pupils(db: TestDatabase) {
        let app = App::start(&db).await;
        let pupil = enrolment(&db, "e.confirmed_on IS NULL AND e.stage = 'JUNIOR'").await;
        let (id, school) = (id_of(&pupil), app.institution(D::School, &pupil.school_code));
        let input = |day: Value| json!({ "id": id, "version": 1, "confirmedOn": day });
        refused(CONFIRM, "", &input(Value::Null), vec![
            app.clerk(D::Poverty, OWN), app.clerk(D::Civil, OWN), app.auditor(),
            // The bureau grants by what is confirmed, and confirms nothing itself.
            app.clerk(D::Edu, OWN),
        ]).await;
        // For another school the pupil does not exist.
        let stranger = app.institution(D::School, "2115092102");
        assert_eq!(CONFIRM.refused(&stranger, "", 1, input(Value::Null)).await, ["input.id NOT_FOUND"]);
        assert_eq!(CONFIRM.refused(&school, "", 1, input(json!("2017-12-31"))).await, ["input.confirmedOn NOT_BEGUN"]);
        assert_eq!(CONFIRM.refused(&school, "", 1, input(json!("2019-01-01"))).await, ["input.confirmedOn INVALID_VALUE"]);
        untouched(&db).await;
        assert_eq!(CONFIRM.done(&school, "", 1, input(Value::Null)).await, json!({ "id": id, "confirmedOn": "2018-12-31", "version": 2 }));
        assert_eq!(CONFIRM.refused(&school, "", 1, input(Value::Null)).await, ["input.version CONFLICT"]);
        let again = json!({ "id": id, "version": 2 });
        assert_eq!(CONFIRM.refused(&school, "", 1, again.clone()).await, ["input.id CONFIRMED"]);
        // Many at once, each its own.
        let other = enrolment(&db, "e.confirmed_on IS NULL AND e.stage = 'PRIMARY'").await;
        let list = "mutation($r: UUID!, $inputs: [SchoolEnrolmentConfirmInput!]!) { schoolEnrolmentConfirmList(requestId: $r, inputs: $inputs) { \
            results { changed { confirmedOn version } userErrors { field code } } } }";
        let inputs = json!([again, { "id": id_of(&other), "version": 1, "confirmedOn": "2018-12-20" }]);
        let theirs = app.institution(D::School, &other.school_code);
        let mut variables = json!({ "r": crate::writing::request_id(), "inputs": inputs });
        assert_eq!(theirs.query(list, variables.clone()).await.data()["schoolEnrolmentConfirmList"]["results"], json!([
            { "changed": null, "userErrors": [{ "field": ["inputs", "0", "id"], "code": "NOT_FOUND" }] },
            { "changed": { "confirmedOn": "2018-12-20", "version": 2 }, "userErrors": [] },
        ]));
        variables["r"] = json!(crate::writing::request_id());
        let of_school = school.query(list, variables).await.data();
        let codes = [0, 1].map(|at| of_school["schoolEnrolmentConfirmList"]["results"][at]["userErrors"][0]["code"].clone());
        assert_eq!(codes, ["CONFIRMED", "NOT_FOUND"]);
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM school_enrolment WHERE id IN ({}, {}) AND version = 2", pupil.id, other.id)).await, 2);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_allowance_follows_from_a_confirmed_enrolment(db: TestDatabase) {
        let app = App::start(&db).await;
        let bureau = app.clerk(D::Edu, OWN);
        let pupil = enrolment(&db, "e.confirmed_on IS NOT NULL AND e.stage = 'SENIOR_HIGH' AND e.school_year = 2017 AND e.term = 'AUTUMN' AND EXISTS \
            (SELECT 1 FROM school_enrolment s WHERE s.person_id = e.person_id AND s.school_year = 2017 AND s.term = 'SPRING' AND s.confirmed_on IS NOT NULL)").await;
        let id = id_of(&pupil);
        let regular = json!({ "programme": "local-support", "amount": "500.00" });
        refused(ALLOWANCE, &id, &regular, vec![
            app.clerk(D::Poverty, OWN), app.institution(D::School, &pupil.school_code), app.reader(D::Edu, OWN), app.approver(D::Edu, OWN), app.clerk(D::Edu, "1509"),
        ]).await;
        assert_eq!(ALLOWANCE.refused(&app.clerk(D::Edu, "150922"), &id, 1, regular.clone()).await, ["enrolmentId NOT_FOUND"]);
        let open = enrolment(&db, "e.confirmed_on IS NULL").await;
        let wrong = json!({ "programme": "\u{7}", "amount": "0.00" });
        assert_eq!(ALLOWANCE.refused(&bureau, &id_of(&open), 1, wrong).await, [
            "enrolmentId NOT_CONFIRMED", "input.programme INVALID_VALUE", "input.amount INVALID_VALUE",
        ]);
        untouched(&db).await;
        assert_eq!(ALLOWANCE.done(&bureau, &id, 1, regular.clone()).await, json!({
            "department": "EDU", "programme": "local-support", "schoolYear": 2017, "term": "AUTUMN", "stage": "SENIOR_HIGH", "boarding": pupil.boarding,
            "oneOff": false, "amount": "500.00", "state": "APPROVED", "dueOn": "2017-10-31", "paidOn": null, "version": 1,
        }));
        assert_eq!(ALLOWANCE.refused(&bureau, &id, 1, regular.clone()).await, ["input.programme GRANTED"]);
        let spring = enrolment(&db, &format!("e.person_id = {} AND e.school_year = 2017 AND e.term = 'SPRING'", pupil.person_id)).await;
        assert_eq!(ALLOWANCE.done(&bureau, &id_of(&spring), 1, regular.clone()).await["dueOn"], json!("2018-05-31"));
        let once = json!({ "programme": "entrance-grant", "amount": "3000.00", "oneOff": true });
        let granted = ALLOWANCE.done(&bureau, &id, 1, once.clone()).await;
        assert_eq!((&granted["oneOff"], &granted["dueOn"]), (&json!(true), &Value::Null));
        assert_eq!(ALLOWANCE.refused(&bureau, &id_of(&spring), 1, once).await, ["input.programme ONCE_IN_LIFE"]);
        // Undergraduate support and Rain and Dew exclude each other, whichever is first.
        let student = enrolment(&db, "e.confirmed_on IS NOT NULL AND e.stage = 'UNDERGRADUATE' AND e.school_year = 2018 AND EXISTS \
            (SELECT 1 FROM person p JOIN household h ON h.id = p.household_id WHERE p.id = e.person_id AND p.valid_to IS NULL AND h.status = 'REGISTERED')").await;
        db.execute(&format!("DELETE FROM study_allowance WHERE person_id = {}", student.person_id)).await;
        let person = global_id("Person", student.person_id);
        let application = json!({ "schoolCode": "2115090091", "schoolYear": 2018, "stage": "HIGHER_VOCATIONAL" });
        let poverty = app.clerk(D::Poverty, OWN);
        APPLY.done(&poverty, &person, 1, application.clone()).await;
        assert_eq!(ALLOWANCE.refused(&bureau, &id_of(&student), 1, regular.clone()).await, ["enrolmentId ON_RAIN_DEW"]);
        db.execute(&format!("DELETE FROM rain_dew_application WHERE person_id = {}", student.person_id)).await;
        ALLOWANCE.done(&bureau, &id_of(&student), 1, regular).await;
        assert_eq!(APPLY.refused(&poverty, &person, 1, application).await, ["input.schoolYear SUPPORTED_AS_UNDERGRADUATE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_child_leaves_school_and_comes_back(db: TestDatabase) {
        let app = App::start(&db).await;
        let bureau = app.clerk(D::Edu, OWN);
        let child = enrolment(&db, "e.stage = 'JUNIOR' AND e.school_year = 2018 AND NOT EXISTS (SELECT 1 FROM dropout_case d WHERE d.person_id = e.person_id)").await;
        let id = id_of(&child);
        let report = json!({ "schoolYear": 2018, "term": "AUTUMN", "reason": "WEARY", "reportedOn": "2018-11-01" });
        refused(DROPOUT, &id, &report, vec![
            app.clerk(D::Poverty, OWN), app.institution(D::School, &child.school_code), app.reader(D::Edu, OWN), app.clerk(D::Edu, "1509"),
        ]).await;
        assert_eq!(DROPOUT.refused(&app.clerk(D::Edu, "150922"), &id, 1, report.clone()).await, ["enrolmentId NOT_FOUND"]);
        let older = enrolment(&db, "e.stage = 'SENIOR_HIGH' AND e.school_year = 2018").await;
        let wrong = json!({ "schoolYear": 2017, "term": "SPRING", "reason": "OTHER", "reportedOn": "2019-01-01" });
        assert_eq!(DROPOUT.refused(&bureau, &id_of(&older), 1, wrong).await, [
            "enrolmentId NOT_COMPULSORY", "input.schoolYear INVALID_VALUE", "input.reportedOn INVALID_VALUE",
        ]);
        untouched(&db).await;
        let case = DROPOUT.done(&bureau, &id, 1, report.clone()).await;
        assert_eq!(case, json!({
            "id": case["id"], "school": { "code": child.school_code }, "stage": "JUNIOR", "schoolYear": 2018, "term": "AUTUMN", "reportedOn": "2018-11-01",
            "reason": "WEARY", "state": "REPORTED", "returnedOn": null, "version": 1,
        }));
        assert_eq!(DROPOUT.refused(&bureau, &id, 1, report).await, ["enrolmentId CASE_OPEN"]);
        let key = case["id"].as_str().expect("an id");
        let back = |day: &str| json!({ "returnedOn": day });
        refused(RETURN, key, &back("2018-12-03"), vec![app.institution(D::School, &child.school_code), app.clerk(D::Poverty, OWN), app.auditor()]).await;
        assert_eq!(RETURN.refused(&app.clerk(D::Edu, "150922"), key, 1, back("2018-12-03")).await, ["id NOT_FOUND"]);
        assert_eq!(RETURN.refused(&bureau, key, 1, back("2018-10-31")).await, ["input.returnedOn INVALID_VALUE"]);
        assert_eq!(RETURN.refused(&bureau, key, 1, back("2019-01-01")).await, ["input.returnedOn INVALID_VALUE"]);
        assert_eq!(RETURN.done(&bureau, key, 1, back("2018-12-03")).await, json!({ "state": "RETURNED", "returnedOn": "2018-12-03", "version": 2 }));
        assert_eq!(RETURN.refused(&bureau, key, 2, back("2018-12-03")).await, ["id CASE_ENDED"]);
        // Gone again: another case.
        let again = json!({ "schoolYear": 2018, "term": "SPRING", "reason": "WORK" });
        assert_eq!(DROPOUT.done(&bureau, &id, 1, again).await["reportedOn"], json!("2018-12-31"));
    }
}

/// A vocational student of a household on file, without an application of 2018.
pub(crate) async fn student(db: &TestDatabase) -> school_enrolment::Model {
    let student = enrolment(
        db,
        "e.confirmed_on IS NOT NULL AND e.stage = 'HIGHER_VOCATIONAL' AND e.school_year = 2018 AND EXISTS \
         (SELECT 1 FROM person p JOIN household h ON h.id = p.household_id WHERE p.id = e.person_id AND p.valid_to IS NULL AND h.status = 'REGISTERED')",
    )
    .await;
    let person = student.person_id;
    db.execute(&format!(
        "DELETE FROM rain_dew_application WHERE person_id = {person} AND school_year = 2018"
    ))
    .await;
    student
}

pub(crate) fn application(student: &school_enrolment::Model) -> Value {
    json!({ "schoolCode": student.school_code, "schoolYear": 2018, "stage": "HIGHER_VOCATIONAL", "appliedOn": "2018-09-05" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn rain_and_dew_goes_from_stamp_to_stamp(db: TestDatabase) {
        let app = App::start(&db).await;
        let student = student(&db).await;
        let (person, input) = (global_id("Person", student.person_id), application(&student));
        let region = student.region_code.to_string();
        let (poverty, village, township) = (app.clerk(D::Poverty, OWN), app.clerk(D::Village, &region), app.clerk(D::Township, &region[..9]));
        let (school, approver) = (app.institution(D::School, &student.school_code), app.approver(D::Poverty, OWN));
        refused(APPLY, &person, &input, vec![village.clone(), township.clone(), school.clone(), app.clerk(D::Edu, OWN), app.reader(D::Poverty, OWN), app.clerk(D::Poverty, "1509")]).await;
        assert_eq!(APPLY.refused(&app.clerk(D::Poverty, "150922"), &person, 1, input.clone()).await, ["personId NOT_FOUND"]);
        untouched(&db).await;
        let taken = APPLY.done(&poverty, &person, 1, input.clone()).await;
        assert_eq!(taken, json!({
            "id": taken["id"], "person": { "id": person }, "schoolCode": student.school_code, "schoolYear": 2018, "stage": "HIGHER_VOCATIONAL",
            "state": "FORM_TAKEN", "appliedOn": "2018-09-05", "recognisedOn": null, "amount": null, "version": 1,
        }));
        assert_eq!(APPLY.refused(&poverty, &person, 1, input).await, ["input.schoolYear APPLIED"]);
        let id = taken["id"].as_str().expect("an id");
        let decision = |day: &str| json!({ "recognised": true, "recognisedOn": day, "amount": "1500.00" });
        // Each step by its own office, in its order, in its own region.
        refused(STAMP, id, &json!(null), vec![poverty.clone(), school.clone(), app.clerk(D::Edu, OWN)]).await;
        refused(CONFIRM_ENROLMENT, id, &json!(null), vec![poverty.clone(), village.clone(), app.clerk(D::Edu, OWN)]).await;
        refused(DECIDE, id, &decision("2018-09-20"), vec![poverty.clone(), school.clone(), app.approver(D::Edu, OWN), app.approver(D::Poverty, "1509")]).await;
        let nothing = Value::Null;
        assert_eq!(STAMP.refused(&township, id, 1, nothing.clone()).await, ["id WRONG_STATE"]);
        assert_eq!(CONFIRM_ENROLMENT.refused(&school, id, 1, nothing.clone()).await, ["id WRONG_STATE"]);
        assert_eq!(DECIDE.refused(&approver, id, 1, decision("2018-09-20")).await, ["id WRONG_STATE"]);
        assert_eq!(STAMP.refused(&app.clerk(D::Village, "150922105201"), id, 1, nothing.clone()).await, ["id NOT_FOUND"]);
        assert_eq!(STAMP.done(&village, id, 1, nothing.clone()).await, json!({ "state": "VILLAGE_STAMPED", "version": 2 }));
        assert_eq!(STAMP.refused(&village, id, 2, nothing.clone()).await, ["id WRONG_STATE"]);
        assert_eq!(STAMP.done(&township, id, 2, nothing.clone()).await, json!({ "state": "TOWNSHIP_STAMPED", "version": 3 }));
        assert_eq!(CONFIRM_ENROLMENT.refused(&app.institution(D::School, "2115092181"), id, 3, nothing.clone()).await, ["id NOT_FOUND"]);
        let confirmed = |day: &str| format!("UPDATE school_enrolment SET confirmed_on = {day} WHERE person_id = {} AND school_year = 2018", student.person_id);
        db.execute(&confirmed("NULL")).await;
        assert_eq!(CONFIRM_ENROLMENT.refused(&school, id, 3, nothing.clone()).await, ["id NOT_ENROLLED"]);
        db.execute(&confirmed("'2018-09-20'")).await;
        assert_eq!(CONFIRM_ENROLMENT.done(&school, id, 3, nothing).await, json!({ "state": "SCHOOL_STAMPED", "version": 4 }));
        // Recognised by 30 September, else in the next round.
        assert_eq!(DECIDE.refused(&approver, id, 4, json!({ "recognised": true })).await, ["input.recognisedOn RECOGNISED_LATE", "input.amount INVALID_VALUE"]);
        assert_eq!(DECIDE.refused(&approver, id, 4, decision("2018-10-01")).await, ["input.recognisedOn RECOGNISED_LATE"]);
        assert_eq!(DECIDE.refused(&approver, id, 4, decision("2018-09-04")).await, ["input.recognisedOn INVALID_VALUE"]);
        assert_eq!(DECIDE.done(&approver, id, 4, decision("2018-09-30")).await, json!({ "state": "COUNTY_REVIEWED", "recognisedOn": "2018-09-30", "amount": "1500.00", "version": 5 }));
        assert_eq!(DECIDE.refused(&approver, id, 5, json!({ "recognised": false })).await, ["id WRONG_STATE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_family_applies_itself_and_may_be_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let student = student(&db).await;
        let person = global_id("Person", student.person_id);
        db.execute(&format!(
            "INSERT INTO household_link (id, household_id, region_code, user_id, kind, valid_from) VALUES (900001, {}, {}, 'yihu-demo|student', 'OWN', '2018-01-01')",
            student.household_id, student.region_code,
        )).await;
        let family = app.household("student", OWN);
        let wrong = json!({ "schoolCode": "2115099999", "schoolYear": 2016, "stage": "HIGHER_VOCATIONAL", "appliedOn": "2019-01-01" });
        assert_eq!(APPLY.refused(&family, &person, 1, wrong).await, ["input.schoolCode NO_SCHOOL", "input.appliedOn INVALID_VALUE", "input.schoolYear INVALID_VALUE"]);
        let mut other = application(&student);
        other["schoolCode"] = json!("2115092181");
        assert_eq!(APPLY.refused(&family, &person, 1, other.clone()).await, ["input.stage STAGE_NOT_TAUGHT"]);
        other["stage"] = json!("UNDERGRADUATE");
        assert_eq!(APPLY.refused(&family, &person, 1, other).await, ["input.stage STAGE_NOT_COVERED"]);
        let stranger = db.number(&format!("SELECT MIN(id) FROM person WHERE county_code = 150921 AND household_id <> {}", student.household_id)).await;
        assert_eq!(APPLY.refused(&family, &global_id("Person", stranger), 1, application(&student)).await, ["personId NOT_FOUND"]);
        let status = |words: &str| format!("UPDATE household SET {words} WHERE id = {}", student.household_id);
        db.execute(&status("status = 'EXITED', policy_after_exit = 'ENDED'")).await;
        assert_eq!(APPLY.refused(&family, &person, 1, application(&student)).await, ["personId NOT_REGISTERED"]);
        db.execute(&status("policy_after_exit = 'KEPT'")).await;
        untouched(&db).await;
        let taken = APPLY.done(&family, &person, 1, application(&student)).await;
        let id = taken["id"].as_str().expect("an id");
        let refusal = DECIDE.done(&app.approver(D::Poverty, OWN), id, 1, json!({ "recognised": false })).await;
        assert_eq!(refusal, json!({ "state": "REFUSED", "recognisedOn": null, "amount": null, "version": 2 }));
    }
}
