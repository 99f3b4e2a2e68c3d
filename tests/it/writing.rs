//! How anything is changed, shown on dibao: once, on the record, by its owner only, and with every mistake told.

use crate::harness::{Actor, Answer, App, Engine, TestDatabase, both_dbs};
use entity::codes::{Department as D, Role};
use serde_json::{Value, json};
use yihu::{clock::Clock, db::Purge, graphql::scalars::global_id, writing::OldRequests};

const OWN: &str = "150921";

const GRANT: &str = "mutation($r: UUID!, $dry: Boolean, $household: ID!, $input: DibaoGrantInput!) { \
    dibaoGrant(requestId: $r, dryRun: $dry, householdId: $household, input: $input) { \
    changed { id dibaoNumber state monthlyAmount persons version coveredPersons { person { id } validFrom validTo } } \
    userErrors { field label message code } conflict { currentVersion } preview { action object fields { field before after } } } }";
const ADJUST: &str = "mutation($r: UUID!, $input: DibaoAdjustInput!) { dibaoAdjust(requestId: $r, input: $input) { \
    changed { id monthlyAmount validFrom version } userErrors { field code } \
    conflict { currentVersion changedBy changedByUser fields { field before after } } } }";
const GRADUAL: &str = "mutation($r: UUID!, $id: ID!, $version: Int!) { \
    dibaoBeginGradualExit(requestId: $r, id: $id, version: $version, input: {}) { changed { id state version } userErrors { code } } }";

pub(crate) fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A family of the county without any income benefit, with its members.
struct Family {
    id: String,
    members: Vec<String>,
}

async fn family(db: &TestDatabase) -> Family {
    let household = db
        .number(
            "SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' \
             AND NOT EXISTS (SELECT 1 FROM income_benefit_period p WHERE p.household_id = h.id)",
        )
        .await;
    let members = format!(
        "SELECT p.id FROM person p WHERE p.household_id = {household} AND p.valid_to IS NULL"
    );
    Family {
        id: global_id("Household", household),
        members: db.ids("Person", &members).await.into_iter().collect(),
    }
}

fn input(family: &Family) -> Value {
    json!({
        "dibaoNumber": "DB-2018-0001", "class": "GAP_FILLING", "members": family.members,
        "standard": "4000.00", "monthlyAmount": "310.50", "approvedOn": "2018-12-20", "validFrom": "2019-01-01",
    })
}

async fn grant(actor: &Actor, request: &str, family: &Family, input: Value) -> Answer {
    let variables = json!({ "r": request, "household": family.id, "input": input });
    actor.query(GRANT, variables).await
}

async fn rows(db: &TestDatabase) -> [i64; 5] {
    let mut rows = [0; 5];
    let tables = [
        "dibao",
        "income_benefit_period",
        "request_record",
        "audit_record",
        "change_record",
    ];
    for (rows, table) in rows.iter_mut().zip(tables) {
        *rows = db.number(&format!("SELECT COUNT(*) FROM {table}")).await;
    }
    rows
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_grant_is_made_once_and_on_the_record(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let before = rows(&db).await;
        let request = request_id();
        let first = grant(&clerk, &request, &family, input(&family)).await;
        let payload = first.data()["dibaoGrant"].take();
        assert_eq!(payload["userErrors"], json!([]));
        let changed = &payload["changed"];
        let fields = ["dibaoNumber", "state", "monthlyAmount", "persons", "version"].map(|field| changed[field].clone());
        assert_eq!(fields, [json!("DB-2018-0001"), json!("APPROVED"), json!("310.50"), json!(family.members.len()), json!(1)]);
        let count = i64::try_from(family.members.len()).expect("few");
        // The grant, one period for the household and one for each member; one request; a record of each row.
        let once = [before[0] + 1, before[1] + 1 + count, before[2] + 1, before[3] + 2 + count, before[4] + 2 + count];
        assert_eq!(rows(&db).await, once);
        // The same request again, many times at once, on another instance and in another order of fields.
        let other = App::start(&db).await.clerk(D::Civil, OWN);
        let again = (0..20).map(|at| grant(if at % 2 == 0 { &clerk } else { &other }, &request, &family, input(&family)));
        for answer in futures_util::future::join_all(again).await {
            assert_eq!(answer.text, first.text);
        }
        assert_eq!(rows(&db).await, once);
        let mut changed = input(&family);
        changed["monthlyAmount"] = json!("310.51");
        let answer = grant(&clerk, &request, &family, changed).await;
        assert_eq!((answer.codes(), answer.partial_data()), (vec!["REQUEST_ID_REUSED".to_owned()], json!({ "dibaoGrant": null })));
        // The number belongs to its user: somebody else may have the same.
        let colleague = grant(&clerk.clone().named("CIVIL-2"), &request, &family, input(&family)).await;
        assert_eq!(colleague.data()["dibaoGrant"]["userErrors"][0]["code"], json!("ON_DIBAO"));
        assert_eq!(rows(&db).await, once);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_request_is_known_for_400_days(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let request = request_id();
        let first = grant(&clerk, &request, &family, input(&family)).await;
        let at_ms = db.number("SELECT at_ms FROM request_record").await;
        let known = "SELECT COUNT(*) FROM request_record";
        // Others are so old that it takes two batches.
        let old: Vec<_> = (0..1_001).map(|at| format!("('u', 'c', '{at}', 'o', {}, '', {at})", match db.engine {
            Engine::Sqlite => "zeroblob(32)",
            Engine::Postgres => "decode(repeat('00', 32), 'hex')",
        })).collect();
        db.execute(&format!("INSERT INTO request_record VALUES {}", old.join(", "))).await;
        let after = |ms: i64| OldRequests {
            database: app.database().clone(),
            clock: Clock::fixed_ms(at_ms + 400 * 86_400_000 + ms),
        };
        assert!(after(0).batch().await.expect("a batch"));
        assert_eq!(db.number(known).await, 2);
        assert!(!after(0).batch().await.expect("the rest"));
        assert_eq!(db.number(known).await, 1);
        assert_eq!(grant(&clerk, &request, &family, input(&family)).await.text, first.text);
        assert!(!after(1).batch().await.expect("the last"));
        assert_eq!(db.number(known).await, 0);
        // What it did is still there, and is not done again.
        let again = grant(&clerk, &request, &family, input(&family)).await;
        assert_eq!(again.data()["dibaoGrant"]["userErrors"][0]["code"], json!("ON_DIBAO"));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn many_at_once_give_one_effect(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let before = rows(&db).await;
        let request = request_id();
        let at_once = (0..50).map(|_| grant(&clerk, &request, &family, input(&family)));
        let answers: Vec<_> = futures_util::future::join_all(at_once).await.into_iter().map(|answer| answer.text).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert!(answers[0].contains("DB-2018-0001"), "{}", answers[0]);
        assert_eq!(rows(&db).await[..1], [before[0] + 1]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn only_its_owner_writes_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let family = family(&db).await;
        let before = rows(&db).await;
        let refused = [
            app.clerk(D::Health, OWN),
            app.clerk(D::Poverty, OWN),
            app.clerk(D::Township, "150921100"),
            app.reader(D::Civil, OWN),
            app.approver(D::Civil, OWN),
            app.service(D::Civil, OWN, "reconciliation"),
            app.auditor(),
            app.household("150921000001", OWN),
            // From above nobody writes.
            app.clerk(D::Civil, "1509"),
            app.clerk(D::Civil, "15"),
        ];
        for actor in refused {
            let answer = grant(&actor, &request_id(), &family, input(&family)).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{}", answer.text);
            assert!(!answer.text.contains("DB-2018"), "{}", answer.text);
        }
        // For the neighbour the household does not exist, as for one that there is none.
        let neighbour = grant(&app.clerk(D::Civil, "150922"), &request_id(), &family, input(&family)).await;
        let nobody = Family { id: global_id("Household", 9_999_999), members: family.members.clone() };
        let none = grant(&app.clerk(D::Civil, OWN), &request_id(), &nobody, input(&family)).await;
        assert_eq!(neighbour.text, none.text);
        assert_eq!(none.data()["dibaoGrant"]["userErrors"][0]["code"], json!("NOT_FOUND"));
        assert_eq!(rows(&db).await, before);
        // Whoever has the role besides others may.
        let clerk = app.reader(D::Civil, OWN).and(Role::Clerk);
        assert_eq!(grant(&clerk, &request_id(), &family, input(&family)).await.data()["dibaoGrant"]["userErrors"], json!([]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn every_mistake_is_told_at_once(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN).in_language("zh-CN"), family(&db).await);
        let before = rows(&db).await;
        let wrong = json!({
            "dibaoNumber": " \u{7} ", "class": "GAP_FILLING", "members": [family.members[0], family.members[0], "x"],
            "standard": "-1.00", "monthlyAmount": "310.50", "approvedOn": "2019-02-20", "validFrom": "2019-01-02",
        });
        let payload = grant(&clerk, &request_id(), &family, wrong).await.data()["dibaoGrant"].take();
        let told: Vec<_> = payload["userErrors"].as_array().expect("errors").iter()
            .map(|error| (error["field"].as_array().expect("a path").iter().map(|part| part.as_str().expect("text")).collect::<Vec<_>>().join("."),
                error["label"].as_str().expect("a label").to_owned(), error["code"].as_str().expect("a code").to_owned()))
            .collect();
        let told: Vec<_> = told.iter().map(|(field, label, code)| (field.as_str(), label.as_str(), code.as_str())).collect();
        assert_eq!(told, [
            ("input.dibaoNumber", "低保证号", "INVALID_VALUE"),
            ("input.standard", "保障标准", "INVALID_VALUE"),
            ("input.validFrom", "起始日期", "NOT_FIRST_OF_MONTH"),
            ("input.approvedOn", "批准日期", "INVALID_VALUE"),
            ("input.members.1", "保障对象", "NO_MEMBER"),
            ("input.members.2", "保障对象", "NO_MEMBER"),
        ]);
        assert_eq!(payload["userErrors"][2]["message"], json!("日期须为某月一日：请更正。"));
        assert_eq!(payload["changed"], Value::Null);
        // What is malformed never reaches the service; a mistake does not use the number up.
        let request = request_id();
        for (variables, code) in [
            (json!({ "r": "1", "household": family.id, "input": input(&family) }), "ARGUMENT"),
            (json!({ "r": request, "household": family.id, "input": { "dibaoNumber": 5 } }), "VARIABLES"),
        ] {
            assert_eq!(clerk.query(GRANT, variables).await.codes(), [code]);
        }
        assert_eq!(rows(&db).await, before);
        // What other grants of the month exclude.
        let on_subsidy = db.number("SELECT MIN(household_id) FROM cash_subsidy WHERE county_code = 150921 AND valid_to > '2018-12-01' AND valid_from <= '2018-12-01'").await;
        let person = db.number(&format!("SELECT MIN(id) FROM person WHERE household_id = {on_subsidy} AND valid_to IS NULL")).await;
        let other = Family { id: global_id("Household", on_subsidy), members: vec![global_id("Person", person)] };
        let mut same_month = input(&other);
        same_month["approvedOn"] = json!("2018-11-20");
        same_month["validFrom"] = json!("2018-12-01");
        let payload = grant(&clerk, &request, &other, same_month).await.data()["dibaoGrant"].take();
        assert_eq!(payload["userErrors"][0]["code"], json!("OTHER_INCOME_BENEFIT"));
        assert_eq!(rows(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_dry_run_writes_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let before = rows(&db).await;
        let request = request_id();
        let variables = json!({ "r": request, "dry": true, "household": family.id, "input": input(&family) });
        let payload = clerk.query(GRANT, variables).await.data()["dibaoGrant"].take();
        assert_eq!((&payload["changed"], &payload["userErrors"]), (&Value::Null, &json!([])));
        let grant_row = &payload["preview"][0];
        assert_eq!((&grant_row["action"], &grant_row["object"]), (&json!("CREATE"), &json!("Dibao")));
        let monthly = json!({ "field": "monthlyAmount", "before": null, "after": "310.50" });
        assert!(grant_row["fields"].as_array().expect("fields").contains(&monthly), "{grant_row}");
        assert_eq!(rows(&db).await, before);
        // The number is not used up.
        let done = grant(&clerk, &request, &family, input(&family)).await.data();
        assert_eq!(done["dibaoGrant"]["userErrors"], json!([]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_was_faster_is_told(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let granted = grant(&clerk, &request_id(), &family, input(&family)).await.data()["dibaoGrant"]["changed"].take();
        let variables = json!({ "r": request_id(), "id": granted["id"], "version": 1 });
        let gradual = clerk.clone().named("CIVIL-2").query(GRADUAL, variables).await.data()["dibaoBeginGradualExit"].take();
        assert_eq!(gradual["changed"], json!({ "id": granted["id"], "state": "GRADUAL_EXIT", "version": 2 }));
        let before = rows(&db).await;
        let adjust = json!({ "id": granted["id"], "version": 1, "from": "2019-03-01", "monthlyAmount": "400.00" });
        let payload = clerk.query(ADJUST, json!({ "r": request_id(), "input": adjust })).await.data()["dibaoAdjust"].take();
        assert_eq!(payload["userErrors"], json!([{ "field": ["input", "version"], "code": "CONFLICT" }]));
        let conflict = &payload["conflict"];
        assert_eq!((&conflict["currentVersion"], &conflict["changedBy"]), (&json!(2), &json!("CIVIL")));
        assert!(conflict["changedByUser"].as_str().expect("a user").ends_with("CIVIL-2"));
        assert!(conflict["fields"].as_array().expect("fields").contains(&json!({ "field": "state", "before": "APPROVED", "after": "GRADUAL_EXIT" })), "{conflict}");
        assert_eq!(rows(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_adjustment_keeps_what_was_and_a_list_answers_each(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let granted = grant(&clerk, &request_id(), &family, input(&family)).await.data()["dibaoGrant"]["changed"].take();
        let list = "mutation($r: UUID!, $inputs: [DibaoAdjustInput!]!) { dibaoAdjustList(requestId: $r, inputs: $inputs) { \
            results { changed { monthlyAmount validFrom validTo persons version } userErrors { field code } } } }";
        let inputs = json!([
            { "id": granted["id"], "version": 1, "from": "2019-04-01", "monthlyAmount": "280.00", "members": [family.members[0]] },
            { "id": granted["id"], "version": 1, "from": "2019-05-02", "monthlyAmount": "1.00" },
            { "id": global_id("Dibao", 9_999_999), "version": 1, "from": "2019-05-01" },
        ]);
        let request = request_id();
        let first = clerk.query(list, json!({ "r": request, "inputs": inputs })).await;
        let results = first.data()["dibaoAdjustList"]["results"].take();
        let adjusted = json!({ "monthlyAmount": "280.00", "validFrom": "2019-04-01", "validTo": null, "persons": 1, "version": 1 });
        assert_eq!(results, json!([
            { "changed": adjusted, "userErrors": [] },
            { "changed": null, "userErrors": [{ "field": ["inputs", "1", "version"], "code": "CONFLICT" }] },
            { "changed": null, "userErrors": [{ "field": ["inputs", "2", "id"], "code": "NOT_FOUND" }] },
        ]));
        let again = clerk.query(list, json!({ "r": request, "inputs": inputs })).await;
        assert_eq!(again.text, first.text);
        let history = "query($id: ID!) { household(id: $id) { civilAffairs { dibaoHistory { monthlyAmount validFrom validTo } } } }";
        let history = clerk.query(history, json!({ "id": family.id })).await.data()["household"]["civilAffairs"]["dibaoHistory"].take();
        assert_eq!(history, json!([
            { "monthlyAmount": "280.00", "validFrom": "2019-04-01", "validTo": null },
            { "monthlyAmount": "310.50", "validFrom": "2019-01-01", "validTo": "2019-04-01" },
        ]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_file_tells_its_history_to_those_who_read_the_fields(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, family) = (app.clerk(D::Civil, OWN), family(&db).await);
        let granted = grant(&clerk, &request_id(), &family, input(&family)).await.data()["dibaoGrant"]["changed"].take();
        let variables = json!({ "r": request_id(), "id": granted["id"], "version": 1 });
        clerk.query(GRADUAL, variables).await.data();
        let text = "query($id: ID!, $first: Int, $after: String) { household(id: $id) { history(first: $first, after: $after) { \
            entries { department operation action object objectId fields { field before after } } endCursor hasMore } } }";
        let history = async |actor: &Actor, variables: Value| actor.query(text, variables).await.data()["household"]["history"].take();
        let first = history(&clerk, json!({ "id": family.id, "first": 1 })).await;
        let change = |field: &str, before: Value, after: Value| json!({ "field": field, "before": before, "after": after });
        let entry = &first["entries"][0];
        assert_eq!((&entry["operation"], &entry["action"], &entry["object"], &entry["objectId"]),
            (&json!("dibaoBeginGradualExit"), &json!("UPDATE"), &json!("Dibao"), &granted["id"]));
        let fields = entry["fields"].as_array().expect("fields");
        assert_eq!(fields.len(), 2);
        assert!(fields.contains(&change("state", json!("APPROVED"), json!("GRADUAL_EXIT"))), "{fields:?}");
        assert_eq!(first["hasMore"], json!(true));
        let rest = history(&app.reader(D::Poverty, OWN), json!({ "id": family.id, "after": first["endCursor"] })).await;
        assert_eq!((&rest["entries"][0]["operation"], &rest["hasMore"]), (&json!("dibaoGrant"), &json!(false)));
        assert!(rest["entries"][0]["fields"].as_array().expect("fields").contains(&change("monthlyAmount", Value::Null, json!("310.50"))));
        // Who may not read the grant learns nothing of it, not even that there is one.
        for department in [D::Edu, D::Housing, D::Bank] {
            let actor = if department == D::Bank { app.institution(D::Bank, "ABC") } else { app.clerk(department, OWN) };
            let answer = actor.query(text, json!({ "id": family.id })).await;
            assert!(!answer.text.contains("ibao") && !answer.text.contains("310.50"), "{}", answer.text);
        }
        assert_eq!(history(&app.clerk(D::Edu, OWN), json!({ "id": family.id })).await, json!({ "entries": [], "endCursor": null, "hasMore": false }));
        // A page of families costs one statement more, however long it is.
        let page = "query($n: Int) { households(first: $n) { nodes { id history(first: 5) { entries { operation } } } } }";
        let mut costs = vec![];
        for count in [2, 60] {
            let before = app.statements();
            clerk.query(page, json!({ "n": count })).await.data();
            costs.push(app.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
    }
}
