//! What is done for a household: helpers, measures, needs, visits; and the income form of a year.

use crate::harness::{Actor, App, TestDatabase, both_dbs};
use crate::writing::request_id;
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";

/// Runs a mutation of the form `name(requestId, input)`.
pub(crate) async fn run(actor: &Actor, name: &str, selection: &str, input: Value) -> Value {
    let answer = actor.query(&text(name, selection), variables(input)).await;
    answer.data()[name].take()
}

/// The text of such a mutation.
pub(crate) fn text(name: &str, selection: &str) -> String {
    let (first, rest) = name.split_at(1);
    let kind = format!("{}{rest}Input", first.to_uppercase());
    format!(
        "mutation($r: UUID!, $input: {kind}!) {{ {name}(requestId: $r, input: $input) {{ changed {{ {selection} }} userErrors {{ field code }} }} }}"
    )
}

/// Its variables.
pub(crate) fn variables(input: Value) -> Value {
    json!({ "r": request_id(), "input": input })
}

/// The same of a mutation that names what it edits.
pub(crate) async fn edit(
    actor: &Actor,
    name: &str,
    selection: &str,
    (id, version): (&str, i64),
    input: Value,
) -> Value {
    let (first, rest) = name.split_at(1);
    let kind = format!("{}{rest}Input", first.to_uppercase());
    let text = format!(
        "mutation($r: UUID!, $id: ID!, $version: Int!, $input: {kind}!) {{ {name}(requestId: $r, id: $id, version: $version, input: $input) \
         {{ changed {{ {selection} }} userErrors {{ field code }} }} }}"
    );
    let variables = json!({ "r": request_id(), "id": id, "version": version, "input": input });
    actor.query(&text, variables).await.data()[name].take()
}

/// The codes of what is refused, by the field they stand at.
pub(crate) fn refused(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().expect("errors").iter();
    assert_eq!(payload["changed"], Value::Null);
    errors
        .map(|error| {
            let path = error["field"].as_array().expect("a path").iter();
            let path: Vec<_> = path.map(|part| part.as_str().expect("text")).collect();
            format!(
                "{} {}",
                path.join("."),
                error["code"].as_str().expect("a code")
            )
        })
        .collect()
}

/// A household of the county in this status.
pub(crate) async fn household_in(db: &TestDatabase, status: &str) -> i64 {
    db.number(&format!(
        "SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = '{status}' AND EXISTS \
         (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.is_head AND p.valid_to IS NULL)"
    ))
    .await
}

/// What every write adds to.
pub(crate) async fn written(db: &TestDatabase) -> [i64; 2] {
    let mut counts = [0; 2];
    for (count, table) in counts.iter_mut().zip(["audit_record", "request_record"]) {
        *count = db.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    counts
}

fn helper(household: &str) -> Value {
    json!({ "householdId": household, "kind": "RESPONSIBLE", "name": "云生", "unit": "县财政局",
        "phone": "138 0013 8000", "account": "https://issuer.example|helper-9" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_helper_is_assigned_and_replaced(db: TestDatabase) {
        let app = App::start(&db).await;
        let office = app.clerk(D::Poverty, OWN);
        let key = household_in(&db, "REGISTERED").await;
        let household = global_id("Household", key);
        let fields = "id name unit phone kind hasAccount validFrom validTo version";
        let first = run(&office, "helperAssign", fields, helper(&household)).await;
        assert_eq!(first["userErrors"], json!([]));
        let changed = &first["changed"];
        assert_eq!(changed["phone"], json!("138****8000"));
        assert_eq!((&changed["hasAccount"], &changed["validFrom"], &changed["validTo"]), (&json!(true), &json!("2018-12-31"), &Value::Null));
        assert_eq!(refused(&run(&office, "helperAssign", fields, json!({ "householdId": household, "kind": "SOCIAL", "name": "云生", "unit": "县财政局" })).await), ["input.name HELPS_ALREADY"]);
        let mut other = helper(&household);
        other["name"] = json!("王海");
        assert_eq!(refused(&run(&office, "helperAssign", fields, other.clone()).await), ["input.account ACCOUNT_HELPS_ALREADY"]);
        other["account"] = json!("nobody");
        other["phone"] = json!("138****8000");
        other["from"] = json!("2019-01-01");
        other["unit"] = json!("");
        assert_eq!(refused(&run(&office, "helperAssign", fields, other.clone()).await),
            ["input.unit INVALID_VALUE", "input.phone INVALID_VALUE", "input.account INVALID_VALUE", "input.from INVALID_VALUE"]);
        // Whoever takes over ends the other's help and tie.
        let taking_over = json!({ "householdId": household, "kind": "RESPONSIBLE", "name": "王海", "unit": "县财政局", "replaces": changed["id"] });
        let second = run(&office, "helperAssign", fields, taking_over.clone()).await;
        assert_eq!((&second["userErrors"], &second["changed"]["hasAccount"]), (&json!([]), &json!(false)));
        let open = format!("SELECT COUNT(*) FROM household_link WHERE household_id = {key} AND user_id = 'https://issuer.example|helper-9' AND valid_to IS NULL");
        assert_eq!(db.number(&open).await, 0);
        let again = json!({ "householdId": household, "kind": "RESPONSIBLE", "name": "李河", "unit": "县财政局", "replaces": changed["id"] });
        assert_eq!(refused(&run(&office, "helperAssign", fields, again).await), ["input.replaces NO_HELPER"]);
        let struck_off = global_id("Household", household_in(&db, "STRUCK_OFF").await);
        let mut ended = helper(&struck_off);
        ended["account"] = Value::Null;
        assert_eq!(refused(&run(&office, "helperAssign", fields, ended).await), ["input.householdId HOUSEHOLD_NOT_OPEN"]);
        let before = written(&db).await;
        for actor in [app.clerk(D::Township, "150921100"), app.clerk(D::Poverty, "1509"), app.reader(D::Poverty, OWN), app.clerk(D::Civil, OWN)] {
            let answer = actor.query(&text("helperAssign", "id"), variables(helper(&household))).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
        }
        let neighbour = app.clerk(D::Poverty, "150922");
        assert_eq!(refused(&run(&neighbour, "helperAssign", fields, helper(&household)).await), ["input.householdId NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_measure_goes_its_way_and_a_need_is_recorded(db: TestDatabase) {
        let app = App::start(&db).await;
        let office = app.clerk(D::Poverty, OWN);
        let household = global_id("Household", household_in(&db, "REGISTERED").await);
        let plan = json!({ "householdId": household, "batch": "PRODUCTION", "department": "AGRI", "what": "基础母羊20只",
            "amount": "12000.00", "startsOn": "2019-03-01" });
        let fields = "id state amount startsOn endsOn result version";
        let planned = run(&office, "measurePlan", fields, plan.clone()).await;
        assert_eq!(planned["userErrors"], json!([]));
        let id = planned["changed"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(planned["changed"], json!({ "id": id, "state": "PLANNED", "amount": "12000.00", "startsOn": "2019-03-01", "endsOn": null, "result": null, "version": 1 }));
        let mut wrong = plan.clone();
        wrong["amount"] = json!("-1.00");
        wrong["endsOn"] = json!("2019-02-01");
        assert_eq!(refused(&run(&office, "measurePlan", fields, wrong).await), ["input.amount INVALID_VALUE", "input.endsOn INVALID_VALUE"]);
        let record = |version, input| edit(&office, "measureRecord", fields, (&id, version), input);
        assert_eq!(record(1, json!({ "state": "ACTIVE" })).await["changed"]["version"], json!(2));
        assert_eq!(refused(&record(1, json!({ "state": "DONE" })).await), ["version CONFLICT"]);
        assert_eq!(refused(&record(2, json!({ "state": "DONE" })).await), ["input.endsOn INVALID_VALUE"]);
        assert_eq!(refused(&record(2, json!({ "state": "PLANNED" })).await), ["input.state MEASURE_STATE"]);
        let done = record(2, json!({ "state": "DONE", "endsOn": "2019-06-30", "result": "已出栏" })).await;
        assert_eq!(done["changed"], json!({ "id": id, "state": "DONE", "amount": "12000.00", "startsOn": "2019-03-01", "endsOn": "2019-06-30", "result": "已出栏", "version": 3 }));
        assert_eq!(refused(&record(3, json!({ "state": "ACTIVE" })).await), ["input.state MEASURE_STATE"]);
        let need = json!({ "householdId": household, "year": 2019, "what": "打井", "sector": "HOUSING" });
        let fields = "year what sector answer answeredOn";
        assert_eq!(run(&office, "needRecord", fields, need.clone()).await["changed"],
            json!({ "year": 2019, "what": "打井", "sector": "HOUSING", "answer": null, "answeredOn": null }));
        let mut past = need.clone();
        past["year"] = json!(2017);
        assert_eq!(refused(&run(&office, "needRecord", fields, past).await), ["input.year INVALID_VALUE"]);
        let list = "mutation($r: UUID!, $inputs: [NeedRecordInput!]!) { needRecordList(requestId: $r, inputs: $inputs) { results { changed { what } userErrors { field code } } } }";
        let mut gone = need.clone();
        gone["householdId"] = json!(global_id("Household", 9_999_999));
        let results = office.query(list, json!({ "r": request_id(), "inputs": [need.clone(), gone] })).await.data()["needRecordList"]["results"].take();
        assert_eq!(results, json!([
            { "changed": { "what": "打井" }, "userErrors": [] },
            { "changed": null, "userErrors": [{ "field": ["inputs", "1", "householdId"], "code": "NOT_FOUND" }] },
        ]));
        let before = written(&db).await;
        for (name, actor, input) in [
            ("measurePlan", app.clerk(D::Township, "150921100"), plan.clone()),
            ("needRecord", app.clerk(D::Village, "150921100"), need.clone()),
            ("measurePlan", app.helper("helper-1", OWN), plan.clone()),
        ] {
            assert_eq!(actor.query(&text(name, "id"), variables(input)).await.codes(), ["FORBIDDEN"]);
        }
        assert_eq!(written(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_visit_is_taken_from_who_was_the_helper_then(db: TestDatabase) {
        let app = App::start(&db).await;
        let user = yihu::demo::HELPER.rsplit('|').next().expect("a subject");
        let helper = app.helper(user, OWN);
        let key = db.number(&format!("SELECT MIN(household_id) FROM household_link WHERE user_id = '{}'", yihu::demo::HELPER)).await;
        let household = global_id("Household", key);
        let visit = |day: &str| json!({ "householdId": household, "visitedOn": day, "way": "ON_SPOT", "what": "核对收入", "nextStep": "联系培训" });
        let fields = "visitedOn way visitor helper { name } what result nextStep household { id }";
        let first = run(&helper, "visitRecord", fields, visit("2018-12-30")).await;
        assert_eq!(first["userErrors"], json!([]));
        assert_eq!(first["changed"]["visitor"], first["changed"]["helper"]["name"]);
        assert_eq!((&first["changed"]["what"], &first["changed"]["household"]["id"]), (&json!("核对收入"), &json!(household)));
        assert_eq!(refused(&run(&helper, "visitRecord", fields, visit("2019-01-01")).await), ["input.visitedOn INVALID_VALUE"]);
        assert_eq!(refused(&run(&helper, "visitRecord", fields, visit("2017-12-31")).await), ["input.visitedOn NOT_LINKED_THEN"]);
        // Another's household does not exist for the helper.
        let other = db.number(&format!("SELECT MIN(id) FROM household WHERE county_code = 150921 AND id NOT IN (SELECT household_id FROM household_link WHERE user_id = '{}')", yihu::demo::HELPER)).await;
        let before = written(&db).await;
        let mut foreign = visit("2018-12-30");
        foreign["householdId"] = json!(global_id("Household", other));
        assert_eq!(refused(&run(&helper, "visitRecord", fields, foreign).await), ["input.householdId NOT_FOUND"]);
        // After the tie has ended: the days of the tie, for 90 days.
        let visits = format!("SELECT COUNT(*) FROM help_visit WHERE household_id = {key}");
        let count = db.number(&visits).await;
        db.execute(&format!("UPDATE household_link SET valid_to = '2018-10-02' WHERE household_id = {key} AND user_id = '{}'", yihu::demo::HELPER)).await;
        let late = run(&helper, "visitRecord", fields, visit("2018-10-01")).await;
        assert_eq!((&late["userErrors"], &late["changed"]), (&json!([]), &Value::Null));
        assert_eq!(db.number(&visits).await, count + 1);
        assert_eq!(refused(&run(&helper, "visitRecord", fields, visit("2018-10-02")).await), ["input.visitedOn NOT_LINKED_THEN"]);
        db.execute(&format!("UPDATE household_link SET valid_to = '2018-10-01' WHERE household_id = {key} AND user_id = '{}'", yihu::demo::HELPER)).await;
        assert_eq!(refused(&run(&helper, "visitRecord", fields, visit("2018-09-30")).await), ["input.householdId NOT_FOUND"]);
        assert_eq!(db.number(&visits).await, count + 1);
        // The village writes whoever came.
        let village = db.number(&format!("SELECT region_code FROM household WHERE id = {key}")).await.to_string();
        let cadre = app.clerk(D::Village, &village);
        let mut unnamed = visit("2018-12-29");
        assert_eq!(refused(&run(&cadre, "visitRecord", fields, unnamed.clone()).await), ["input.visitor INVALID_VALUE"]);
        unnamed["visitor"] = json!("张书记");
        let seen = run(&cadre, "visitRecord", fields, unnamed).await;
        assert_eq!((&seen["changed"]["visitor"], &seen["changed"]["helper"]), (&json!("张书记"), &Value::Null));
        assert_eq!(written(&db).await[1], before[1] + 2);
        // A village above its own level writes nothing.
        for actor in [app.clerk(D::Poverty, OWN), app.household("150921000001", OWN), app.clerk(D::Village, &village[..9])] {
            assert_eq!(actor.query(&text("visitRecord", "id"), variables(visit("2018-12-30"))).await.codes(), ["FORBIDDEN"]);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_income_form_adds_up(db: TestDatabase) {
        let app = App::start(&db).await;
        let key = db.number("SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' AND \
            4 = (SELECT COUNT(*) FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL AND p.valid_from <= '2018-01-01') AND \
            4 = (SELECT COUNT(*) FROM person p WHERE p.household_id = h.id)").await;
        let township = db.number(&format!("SELECT region_code / 1000 FROM household WHERE id = {key}")).await.to_string();
        let clerk = app.clerk(D::Township, &township);
        let household = global_id("Household", key);
        db.execute(&format!("DELETE FROM income_item WHERE household_id = {key}")).await;
        db.execute(&format!("DELETE FROM income_form WHERE household_id = {key}")).await;
        // The example cn-net-01.
        let form = json!({ "householdId": household, "year": 2018, "businessCosts": "2100.00", "members": 4, "perCapitaNetIncome": "4775.13",
            "surveyor": "云生", "surveyedOn": "2018-12-20", "items": [
                { "kind": "WAGE", "source": "务工", "amount": "12000.00" }, { "kind": "BUSINESS", "source": "养羊", "amount": "6000.00" },
                { "kind": "BUSINESS", "source": "马铃薯", "amount": "500.00" }, { "kind": "PROPERTY", "source": "土地流转", "amount": "300.00" },
                { "kind": "TRANSFER", "source": "低保", "amount": "2400.50" }] });
        let fields = "id year wage business property transfer businessCosts members netIncome perCapitaNetIncome items { kind source amount } surveyedOn version";
        let mut wrong = form.clone();
        wrong["perCapitaNetIncome"] = json!("4775.12");
        assert_eq!(refused(&run(&clerk, "incomeFormFile", fields, wrong.clone()).await), ["input.perCapitaNetIncome DOES_NOT_ADD_UP"]);
        wrong["members"] = json!(5);
        wrong["year"] = json!(2019);
        wrong["items"][1]["amount"] = json!("-0.01");
        wrong["items"][2]["source"] = json!(" ");
        assert_eq!(refused(&run(&clerk, "incomeFormFile", fields, wrong).await),
            ["input.items.1.amount INVALID_VALUE", "input.items.2.source INVALID_VALUE", "input.year INVALID_VALUE", "input.members MEMBERS_DIFFER"]);
        let mut early = form.clone();
        early["surveyedOn"] = json!("2013-01-01");
        early["year"] = json!(2013);
        early["members"] = Value::Null;
        assert_eq!(refused(&run(&clerk, "incomeFormFile", fields, early).await), ["input.surveyedOn NO_MEMBERS"]);
        let filed = run(&clerk, "incomeFormFile", fields, form.clone()).await;
        assert_eq!(filed["userErrors"], json!([]));
        let mut changed = filed["changed"].clone();
        assert_eq!(changed["items"].take().as_array().map(Vec::len), Some(5));
        changed["id"].take();
        assert_eq!(changed, json!({ "id": null, "year": 2018, "wage": "12000.00", "business": "6500.00", "property": "300.00", "transfer": "2400.50",
            "businessCosts": "2100.00", "members": 4, "netIncome": "19100.50", "perCapitaNetIncome": "4775.13", "items": null, "surveyedOn": "2018-12-20", "version": 1 }));
        assert_eq!(refused(&run(&clerk, "incomeFormFile", fields, form.clone()).await), ["input.year FILED_ALREADY"]);
        let before = written(&db).await;
        for actor in [app.clerk(D::Township, OWN), app.clerk(D::Poverty, OWN), app.clerk(D::Civil, OWN), app.approver(D::Township, &township)] {
            assert_eq!(actor.query(&text("incomeFormFile", "id"), variables(form.clone())).await.codes(), ["FORBIDDEN"]);
        }
        let neighbour = app.clerk(D::Township, "150922100");
        assert_eq!(refused(&run(&neighbour, "incomeFormFile", fields, form).await), ["input.householdId NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
    }
}
