//! The life of a file: a household is opened, confirmed, registered and moves from status to status; members join, leave,
//! move and die; whoever is on another file is not told of.

use crate::harness::{Actor, App, TestDatabase, both_dbs};
use crate::help_writing::{edit, household_in, refused, run, variables, written};
use crate::reading::number_of_person;
use crate::writing::request_id;
use entity::codes::Department as D;
use serde_json::{Value, json};
use time::macros::date;
use yihu::{graphql::scalars::global_id, identifiers::CitizenNumber};

const OWN: &str = "150921";

/// A citizen number that nobody of the demonstration has.
pub(crate) fn number(order: u16) -> String {
    let number = CitizenNumber::from_parts(150_102, date!(1971 - 03 - 05), order);
    number.expect("a number").reveal().to_owned()
}

/// A village of the county.
pub(crate) async fn village(db: &TestDatabase) -> String {
    let village = "SELECT MIN(region_code) FROM household WHERE county_code = 150921";
    db.number(village).await.to_string()
}

pub(crate) fn member(name: &str, number: Option<&str>, relation: &str) -> Value {
    json!({ "name": name, "citizenNumber": number, "relation": relation, "from": "2018-12-01" })
}

pub(crate) fn household(village: &str) -> Value {
    json!({ "village": village, "group": "二组", "address": "东头第三家", "phone": "13800138000", "members": [
        member("云生", Some(&number(901)), "HEAD"),
        { "name": "云小", "sex": "FEMALE", "birthDate": "2018-11-20", "relation": "DAUGHTER", "from": "2018-12-01" },
    ] })
}

const FILE: &str = "id cardNumber status openedBy confirmedOn headName size address group phone version \
    statusHistory { status validFrom validTo documentNumber } members { name citizenNumber citizenNumberState sex birthDate relation isHead }";

/// As a department of the county reads it.
const BASICS: &str = "id status openedBy confirmedOn headName size version";

async fn status(actor: &Actor, id: &str, version: i64, input: Value) -> Value {
    let fields =
        "status version cardNumber exitedOn returnedOn closedOn policyAfterExit returnCause";
    edit(actor, "householdStatusRecord", fields, (id, version), input).await
}

pub(crate) fn decision(status: &str, on: &str) -> Value {
    json!({ "status": status, "on": on, "documentNumber": "卓扶发〔2018〕9号" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_household_goes_from_candidate_to_file_and_on(db: TestDatabase) {
        let app = App::start(&db).await;
        let village = village(&db).await;
        let civil = app.clerk(D::Civil, OWN);
        let (office, approver) = (app.clerk(D::Poverty, OWN), app.approver(D::Poverty, OWN));
        let township = app.clerk(D::Township, &village[..9]);
        let opened = run(&civil, "householdOpen", BASICS, household(&village)).await;
        let id = opened["changed"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(opened["changed"], json!({ "id": id, "status": "CANDIDATE", "openedBy": "CIVIL", "confirmedOn": null, "headName": "云生", "size": 2, "version": 1 }));
        let text = format!("query($id: ID!) {{ household(id: $id) {{ {FILE} }} }}");
        let file = township.query(&text, json!({ "id": id })).await.data()["household"].take();
        assert_eq!((&file["cardNumber"], &file["phone"], &file["group"]), (&Value::Null, &json!("138****8000"), &json!("二组")));
        assert_eq!(file["statusHistory"], json!([{ "status": "CANDIDATE", "validFrom": "2018-12-01", "validTo": null, "documentNumber": null }]));
        assert_eq!(file["members"], json!([
            { "name": "云生", "citizenNumber": "1*****************", "citizenNumberState": "VALID", "sex": "MALE", "birthDate": "1971-03-05", "relation": "HEAD", "isHead": true },
            { "name": "云小", "citizenNumber": null, "citizenNumberState": "MISSING", "sex": "FEMALE", "birthDate": "2018-11-20", "relation": "DAUGHTER", "isHead": false },
        ]));
        // The number is found by, and stands nowhere in full.
        let found = office.query("query($n: String!) { person(citizenNumber: $n) { name } }", json!({ "n": number(901) })).await;
        assert_eq!(found.data()["person"]["name"], json!("云生"));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM audit_record WHERE after_json LIKE '%{}%' OR after_json LIKE '%13800138000%'", number(901))).await, 0);

        let register = |version: i64, input: Value| edit(&office, "householdRegister", "status cardNumber class mainCause otherCauses standardYear registeredOn version", (&id, version), input);
        let registration = json!({ "class": "GENERAL", "mainCause": "ILLNESS", "otherCauses": ["SCHOOLING"], "registeredOn": "2018-12-28", "documentNumber": "卓扶发〔2018〕8号" });
        assert_eq!(refused(&register(1, registration.clone()).await), ["id STATUS_NOT_ALLOWED", "id NOT_CONFIRMED"]);
        let confirm = |actor: Actor, version: i64| {
            let id = id.clone();
            async move {
                let text = "mutation($r: UUID!, $id: ID!, $v: Int!) { householdConfirm(requestId: $r, id: $id, version: $v) { changed { confirmedOn version } userErrors { field code } } }";
                actor.query(text, json!({ "r": request_id(), "id": id, "v": version })).await
            }
        };
        assert_eq!(confirm(civil.clone(), 1).await.codes(), ["FORBIDDEN"]);
        assert_eq!(confirm(township.clone(), 1).await.data()["householdConfirm"]["changed"], json!({ "confirmedOn": "2018-12-31", "version": 2 }));
        assert_eq!(refused(&confirm(township.clone(), 2).await.data()["householdConfirm"]), ["id NOTHING_TO_CONFIRM"]);
        assert_eq!(refused(&register(2, registration.clone()).await), ["id STATUS_NOT_ALLOWED"]);
        assert_eq!(status(&approver, &id, 2, decision("UNDER_APPRAISAL", "2018-12-10")).await["changed"]["version"], json!(3));
        let mut wrong = registration.clone();
        wrong["otherCauses"] = json!(["ILLNESS"]);
        wrong["registeredOn"] = json!("2018-12-09");
        wrong["cardNumber"] = json!("1509221002010001");
        assert_eq!(refused(&register(3, wrong).await), ["input.otherCauses INVALID_VALUE", "input.registeredOn INVALID_VALUE", "input.cardNumber CARD_NUMBER"]);
        let next = db.number(&format!("SELECT CAST(MAX(card_number) AS BIGINT) + 1 FROM household WHERE card_number LIKE '{village}%'")).await.to_string();
        let done = register(3, registration).await;
        assert_eq!(done["changed"], json!({ "status": "REGISTERED", "cardNumber": next, "class": "GENERAL", "mainCause": "ILLNESS", "otherCauses": ["SCHOOLING"],
            "standardYear": 2018, "registeredOn": "2018-12-28", "version": 4 }));
        assert_eq!(refused(&status(&approver, &id, 4, decision("EXITED", "2018-12-29")).await), ["input.policyAfterExit INVALID_VALUE"]);
        let mut exit = decision("EXITED", "2018-12-29");
        exit["policyAfterExit"] = json!("KEPT");
        db.execute(&format!("INSERT INTO finding (id, household_id, region_code, check_id, severity, department, parties, stops, evidence, state, opened_on, recorded_at_ms) \
            VALUES (999999, {}, {village}, 'RC-70', 'BLOCK', 'POVERTY', ' POVERTY ', ' EXIT ', '[]', 'OPEN', '2018-12-29', 0)", key(&id))).await;
        assert_eq!(refused(&status(&approver, &id, 4, exit.clone()).await), ["input.status OPEN_FINDINGS"]);
        db.execute("UPDATE finding SET state = 'CORRECTED', closed_on = '2018-12-29' WHERE id = 999999").await;
        assert_eq!(refused(&status(&approver, &id, 4, exit.clone()).await), ["input.status OPEN_FINDINGS"]);
        db.execute("UPDATE finding SET state = 'CLOSED' WHERE id = 999999").await;
        assert_eq!(status(&approver, &id, 4, exit).await["changed"]["exitedOn"], json!("2018-12-29"));
        let mut back = decision("RETURNED", "2018-12-30");
        back["returnCause"] = json!("DISASTER");
        let returned = status(&approver, &id, 5, back).await;
        assert_eq!((&returned["changed"]["cardNumber"], &returned["changed"]["returnCause"]), (&json!(next), &json!("DISASTER")));
        assert_eq!(refused(&status(&approver, &id, 6, decision("CLOSED", "2018-12-31")).await), ["input.status STILL_MEMBERS"]);
        assert_eq!(status(&approver, &id, 6, decision("STRUCK_OFF", "2018-12-31")).await["changed"]["version"], json!(7));
        let text = "mutation($r: UUID!, $id: ID!, $v: Int!, $input: HouseholdStatusRecordInput!) { householdStatusRecord(requestId: $r, id: $id, version: $v, input: $input) { userErrors { message code } } }";
        let told = approver.query(text, json!({ "r": request_id(), "id": id, "v": 7, "input": decision("REGISTERED", "2018-12-31") })).await;
        assert_eq!(told.data()["householdStatusRecord"]["userErrors"], json!([{ "code": "STATUS_NOT_ALLOWED", "message": "The household is STRUCK_OFF; it can become: UNDER_APPRAISAL." }]));
        let history = office.query("query($id: ID!) { household(id: $id) { statusHistory { status validFrom } } }", json!({ "id": id })).await;
        assert_eq!(history.data()["household"]["statusHistory"].as_array().map(Vec::len), Some(6));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM household_status_period WHERE valid_to IS NULL AND household_id = {}", key(&id))).await, 1);
        let before = written(&db).await;
        for actor in [app.clerk(D::Poverty, OWN), app.approver(D::Township, &village[..9]), app.approver(D::Poverty, "1509")] {
            assert_eq!(actor.query(text, json!({ "r": request_id(), "id": id, "v": 7, "input": decision("UNDER_APPRAISAL", "2018-12-31") })).await.codes(), ["FORBIDDEN"]);
        }
        let neighbour = app.approver(D::Poverty, "150922");
        assert_eq!(refused(&status(&neighbour, &id, 7, decision("UNDER_APPRAISAL", "2018-12-31")).await), ["id NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
    }
}

/// The key in a global id.
pub(crate) fn key(id: &str) -> i64 {
    yihu::graphql::scalars::parse_global_id(id)
        .expect("an id")
        .1
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_household_is_opened_without_mistakes_only(db: TestDatabase) {
        let app = App::start(&db).await;
        let village = village(&db).await;
        let township = app.clerk(D::Township, &village[..9]);
        let before = written(&db).await;
        let households = db.number("SELECT COUNT(*) FROM household").await;
        let (own, wrong) = (number(903), number(905));
        let wrong = format!("{}{}", &wrong[..17], if wrong.ends_with('7') { '8' } else { '7' });
        let mut input = household("150922100201");
        input["phone"] = json!("138****8000");
        input["members"] = json!([
            member("云生", Some(&own), "HEAD"),
            member("云大", Some("1*****************"), "HEAD"),
            member("云二", Some(&wrong), "SON"),
            { "name": "云三", "citizenNumber": number(907), "relation": "SON", "sex": "FEMALE", "birthDate": "1971-03-06" },
            member("云四", Some(&own), "SON"),
            member("\u{7}", None, "SON"),
        ]);
        let payload = run(&township, "householdOpen", "id", input).await;
        assert_eq!(refused(&payload), [
            "input.village NO_VILLAGE", "input.phone INVALID_VALUE", "input.members ONE_HEAD",
            "input.members.1.citizenNumber INVALID_CITIZEN_NUMBER", "input.members.2.citizenNumber INVALID_CITIZEN_NUMBER",
            "input.members.3.sex NUMBER_DISAGREES", "input.members.3.birthDate NUMBER_DISAGREES",
            "input.members.5.name INVALID_VALUE", "input.members.5.sex INVALID_VALUE", "input.members.5.birthDate INVALID_VALUE",
            "input.members.4.citizenNumber INVALID_VALUE",
        ]);
        let text = payload.to_string();
        assert!(!text.contains(&own) && !text.contains(&wrong), "{text}");
        for actor in [app.helper("helper-1", OWN), app.clerk(D::Township, OWN), app.reader(D::Civil, OWN), app.institution(D::School, "S1"), app.auditor()] {
            let text = crate::help_writing::text("householdOpen", "id");
            assert_eq!(actor.query(&text, variables(household(&village))).await.codes(), ["FORBIDDEN"]);
        }
        assert_eq!((written(&db).await, db.number("SELECT COUNT(*) FROM household").await), (before, households));
        // What the township opens needs no confirmation.
        let opened = run(&township, "householdOpen", BASICS, household(&village)).await;
        assert_eq!((&opened["changed"]["openedBy"], &opened["changed"]["confirmedOn"]), (&json!("TOWNSHIP"), &json!("2018-12-31")));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn basics_are_amended_by_the_township(db: TestDatabase) {
        let app = App::start(&db).await;
        let key = household_in(&db, "REGISTERED").await;
        let id = global_id("Household", key);
        let township = db.number(&format!("SELECT region_code / 1000 FROM household WHERE id = {key}")).await.to_string();
        let clerk = app.clerk(D::Township, &township);
        let fields = "address phone group wishes version";
        let amend = |actor: Actor, version, input| {
            let id = id.clone();
            async move { edit(&actor, "householdAmend", fields, (&id, version), input).await }
        };
        let first = amend(clerk.clone(), 1, json!({ "address": "新村12号", "phone": "0474-3200 123" })).await["changed"].take();
        assert_eq!((&first["address"], &first["phone"], &first["version"]), (&json!("新村12号"), &json!("047****0123"), &json!(2)));
        assert_ne!(first["group"], Value::Null);
        let second = amend(clerk.clone(), 2, json!({ "phone": null, "group": "五组" })).await["changed"].take();
        assert_eq!((&second["address"], &second["phone"], &second["group"]), (&json!("新村12号"), &Value::Null, &json!("五组")));
        assert_eq!(refused(&amend(clerk.clone(), 3, json!({ "phone": "138****8000", "address": " " })).await), ["input.address INVALID_VALUE", "input.phone INVALID_VALUE"]);
        assert_eq!(refused(&amend(clerk, 2, json!({})).await), ["version CONFLICT"]);
        let before = written(&db).await;
        assert_eq!(refused(&amend(app.clerk(D::Township, "150922100"), 3, json!({ "group": "x" })).await), ["id NOT_FOUND"]);
        let text = "mutation($r: UUID!, $id: ID!) { householdAmend(requestId: $r, id: $id, version: 3, input: { group: \"x\" }) { changed { id } } }";
        for actor in [app.clerk(D::Poverty, "1509"), app.clerk(D::Civil, OWN), app.household("household-1", OWN)] {
            assert_eq!(actor.query(text, json!({ "r": request_id(), "id": id })).await.codes(), ["FORBIDDEN"]);
        }
        assert_eq!(written(&db).await, before);
        // The poverty office corrects them.
        let corrected = amend(app.clerk(D::Poverty, OWN), 3, json!({ "group": "六组" })).await["changed"].take();
        assert_eq!((&corrected["group"], &corrected["version"]), (&json!("六组"), &json!(4)));
    }
}

const ADD: &str = "mutation($r: UUID!, $dry: Boolean, $h: ID!, $input: NewMemberInput!) { memberAdd(requestId: $r, dryRun: $dry, householdId: $h, input: $input) { \
    changed { id name relation validFrom citizenNumber } userErrors { field code message } } }";

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_is_on_another_file_is_not_told_of(db: TestDatabase) {
        let app = App::start(&db).await;
        let key = household_in(&db, "REGISTERED").await;
        let id = global_id("Household", key);
        let township = db.number(&format!("SELECT region_code / 1000 FROM household WHERE id = {key}")).await.to_string();
        let clerk = app.clerk(D::Township, &township);
        let add = |actor: &Actor, number: &str, dry: bool| {
            let actor = actor.clone();
            let input = member("云生", Some(number), "SON");
            let variables = json!({ "r": request_id(), "dry": dry, "h": id, "input": input });
            async move { actor.query(ADD, variables).await }
        };
        let nobody = "SELECT MIN(p.id) FROM person p JOIN household h ON h.id = p.household_id WHERE p.valid_to IS NULL AND p.citizen_number_state = 'VALID' \
            AND p.birth_date < '2000-01-01' AND NOT EXISTS (SELECT 1 FROM person q WHERE q.identity_id = p.identity_id AND q.id <> p.id)";
        let elsewhere = db.number(&format!("{nobody} AND p.county_code = 150922")).await;
        let here = db.number(&format!("{nobody} AND p.region_code / 1000 = {township} AND p.household_id <> {key}")).await;
        let (foreign, own) = (number_of_person(&db, elsewhere).await, number_of_person(&db, here).await);
        let code = |answer: &crate::harness::Answer| answer.data()["memberAdd"]["userErrors"][0]["code"].clone();
        let disclosed = "SELECT COUNT(*) FROM access_record WHERE action = 'DISCLOSE'";
        let persons = db.number("SELECT COUNT(*) FROM person").await;
        assert_eq!(code(&add(&clerk, &own, false).await), json!("ALREADY_MEMBER"));
        assert_eq!(db.number(disclosed).await, 0);
        let before = written(&db).await;
        let told = add(&clerk, &foreign, false).await;
        assert_eq!(told.data()["memberAdd"]["userErrors"], json!([{ "field": ["input", "citizenNumber"], "code": "PERSON_NOT_AVAILABLE",
            "message": "This person can't be entered here: ask the poverty office above." }]));
        assert!(!told.text.contains("150922") && !told.text.contains(&foreign), "{}", told.text);
        // Whose file it is can see it; the office above is told; nothing else is written.
        let of_person = format!("{disclosed} AND person_id = {elsewhere} AND found AND department = 'TOWNSHIP'");
        assert_eq!(db.number(&of_person).await, 1);
        let finding = format!("SELECT COUNT(*) FROM finding WHERE household_id = {key} AND check_id = 'RC-02' AND department = 'POVERTY' AND severity = 'HIGH' AND person_id IS NULL");
        assert_eq!(db.number(&finding).await, 1);
        assert_eq!(written(&db).await, [before[0] + 1, before[1]]);
        // A dry run tells the same, so it is recorded the same; the finding is there already.
        assert_eq!(code(&add(&clerk, &foreign, true).await), json!("PERSON_NOT_AVAILABLE"));
        assert_eq!((db.number(disclosed).await, db.number(&finding).await), (2, 1));
        assert_eq!(db.number("SELECT COUNT(*) FROM person").await, persons);
        // A household that is not opened has no place for a finding; the record is kept all the same.
        let mut household = household(&village(&db).await);
        household["members"][0]["citizenNumber"] = json!(foreign);
        let opened = run(&app.clerk(D::Civil, OWN), "householdOpen", "id", household).await;
        assert_eq!(refused(&opened), ["input.members.0.citizenNumber PERSON_NOT_AVAILABLE"]);
        assert_eq!((db.number(disclosed).await, db.number("SELECT COUNT(*) FROM finding").await), (3, 1));
        // Thirty a minute, whoever is asked for; others go on.
        let asked = futures_util::future::join_all((0..40).map(|_| add(&clerk, &foreign, false))).await;
        let limited = asked.iter().filter(|answer| answer.codes() == ["RATE_LIMITED"]).count();
        assert_eq!((limited, db.number(disclosed).await), (12, 31));
        assert_eq!(add(&clerk, &number(911), false).await.codes(), ["RATE_LIMITED"]);
        let colleague = add(&clerk.clone().named("TOWNSHIP-2"), &number(911), false).await.data()["memberAdd"]["changed"].take();
        assert_eq!((&colleague["name"], &colleague["relation"], &colleague["citizenNumber"]), (&json!("云生"), &json!("SON"), &json!("1*****************")));
        // The same human being has one open membership, whoever was faster.
        let again = add(&clerk.named("TOWNSHIP-2"), &number(911), false).await;
        assert_eq!(code(&again), json!("ALREADY_MEMBER"));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn one_human_being_is_added_once(db: TestDatabase) {
        let app = App::start(&db).await;
        let key = household_in(&db, "REGISTERED").await;
        let township = db.number(&format!("SELECT region_code / 1000 FROM household WHERE id = {key}")).await.to_string();
        let clerk = app.clerk(D::Township, &township);
        let variables = || json!({ "r": request_id(), "h": global_id("Household", key), "input": member("云生", Some(&number(913)), "SON") });
        let at_once = (0..12).map(|_| clerk.query(ADD, variables()));
        let answers = futures_util::future::join_all(at_once).await;
        let done = answers.iter().filter(|answer| answer.data()["memberAdd"]["changed"] != Value::Null).count();
        assert_eq!(done, 1);
        assert!(answers.iter().all(|answer| answer.text.contains("ALREADY_MEMBER") || answer.text.contains("云生")));
    }
}
