//! Subscriptions over graphql-transport-ws: what is told, how sockets end, and that nothing is lost by it.

use crate::changes::{cursor, household_of};
use crate::harness::{
    Actor, App, ChangeRow, Engine, Socket, TestDatabase, both_dbs, change, record, settled,
};
use entity::codes::{Department as D, Slice};
use serde_json::{Value, json};
use std::time::Duration;
use yihu::graphql::scalars::global_id;

const COUNTY: &str = "150921";
const OTHER: &str = "150922";
const FOLLOW: &str = "subscription($slices: [Slice!]!, $region: RegionCode, $after: String) { \
    sliceChanged(slices: $slices, region: $region, after: $after) { cursor slice action object } }";
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

fn civil(after: &Value) -> Value {
    json!({ "slices": ["CIVIL"], "after": after })
}

fn dibao(key: i64) -> Value {
    json!(global_id("Dibao", key))
}

/// The ids of the next changes of a subscription, and the last cursor.
async fn next(socket: &mut Socket, id: &str, count: usize) -> (Vec<Value>, Value) {
    let (mut objects, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..count {
        let mut change = socket.change(id).await;
        objects.push(change["object"].take());
        cursor = change["cursor"].take();
    }
    (objects, cursor)
}

/// The code of the error with which a subscription ends.
async fn refused(socket: &mut Socket, id: &str) -> String {
    let message = socket.next().await;
    assert_eq!(
        (&message["type"], &message["id"]),
        (&json!("error"), &json!(id)),
        "{message}"
    );
    message["payload"][0]["extensions"]["code"]
        .as_str()
        .expect("a code")
        .to_owned()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn changes_are_told_as_they_come(db: TestDatabase) {
        let app = App::start(&db).await;
        let (own, other) = (app.clerk(D::Civil, COUNTY), app.clerk(D::Civil, OTHER));
        let here = household_of(&db, COUNTY).await;
        let there = household_of(&db, OTHER).await;
        let mut socket = Socket::of(&app, &own).await;
        let start = cursor(&own).await;
        socket.subscribe("slices", FOLLOW, civil(&json!(start))).await;
        socket.subscribe("neighbour", FOLLOW, json!({ "slices": ["CIVIL"], "region": OTHER, "after": start })).await;
        let household = "subscription($id: ID!, $after: String) { householdChanged(id: $id, after: $after) { cursor slice action object } }";
        let id = global_id("Household", here.0);
        socket.subscribe("household", household, json!({ "id": id, "after": start })).await;
        let mut neighbour = Socket::of(&app, &other).await;
        neighbour.subscribe("slices", FOLLOW, civil(&json!(start))).await;

        record(app.database(), &[change(Slice::Civil, "dibao", 1, (here.0 + 1, here.1))]).await;
        record(app.database(), &[change(Slice::Core, "household", here.0, here)]).await;
        let mut told = Vec::new();
        for _ in 0..2 {
            let message = socket.next().await;
            told.push(message["id"].as_str().expect("an id").to_owned());
        }
        told.sort_unstable();
        assert_eq!(told, ["household", "slices"]);
        record(app.database(), &[ChangeRow { region: Some(there.1), ..change(Slice::Core, "household", here.0, here) }]).await;
        let mut left: Vec<(Value, Value)> = Vec::new();
        for _ in 0..2 {
            let message = socket.next().await;
            let data = message["payload"]["data"].as_object().expect("data").values().next().expect("a field").clone();
            left.push((data["action"].clone(), data["object"].clone()));
        }
        assert_eq!(left, [(json!("LEFT_SCOPE"), Value::Null), (json!("LEFT_SCOPE"), Value::Null)]);
        socket.assert_quiet().await;
        neighbour.assert_quiet().await;
        // Who has unsubscribed is told nothing more; the id is free again.
        socket.send(json!({ "id": "slices", "type": "complete" })).await;
        socket.subscribe("slices", FOLLOW, json!({ "slices": ["HOUSING"] })).await;
        record(app.database(), &[change(Slice::Civil, "dibao", 2, (here.0 + 1, here.1))]).await;
        socket.assert_quiet().await;
        // A household that does not exist for the viewer is not followed, whether or not there is one.
        for stranger in [there.0 + 1, 999_999_999_999] {
            socket.subscribe("stranger", household, json!({ "id": global_id("Household", stranger) })).await;
            assert_eq!(refused(&mut socket, "stranger").await, "UNKNOWN_HOUSEHOLD");
        }
    }
}

const FOLLOW_FINDINGS: &str = "subscription($region: RegionCode, $after: String) { \
    findingChanged(region: $region, after: $after) { cursor slice action objectType object household region } }";

/// A finding of a household or, without one, of a region.
async fn finding(
    db: &TestDatabase,
    key: i64,
    (household, region): (Option<i64>, i64),
    (asked, parties): (&str, &str),
) {
    let household = household.map_or("NULL".to_owned(), |key| key.to_string());
    db.execute(&format!(
        "INSERT INTO finding (id, household_id, region_code, subject, check_id, severity, department, parties, stops, evidence, state, opened_on, recorded_at_ms) \
         VALUES ({key}, {household}, {region}, {key}, 'RC-17', 'HIGH', '{asked}', ' {parties} ', ' ', '[]', 'OPEN', '2018-03-01', 0)"
    ))
    .await;
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_department_is_told_of_its_own_findings(db: TestDatabase) {
        let app = App::start(&db).await;
        let (here, there) = (household_of(&db, COUNTY).await, household_of(&db, OTHER).await);
        let county = 150_921_000_000;
        finding(&db, 1, (Some(here.0), here.1), ("MEDINS", "MEDINS POVERTY")).await;
        finding(&db, 2, (Some(here.0), here.1), ("HOUSING", "HOUSING POVERTY")).await;
        finding(&db, 3, (None, county), ("FINANCE", "FINANCE MEDINS")).await;
        finding(&db, 4, (Some(there.0), there.1), ("MEDINS", "MEDINS")).await;
        let (medins, poverty, other) = (app.clerk(D::Medins, COUNTY), app.clerk(D::Poverty, COUNTY), app.clerk(D::Medins, OTHER));
        let start = json!(cursor(&medins).await);
        let mut asked = Socket::of(&app, &medins).await;
        asked.subscribe("one", FOLLOW_FINDINGS, json!({ "after": start })).await;
        let mut leads = Socket::of(&app, &poverty).await;
        leads.subscribe("one", FOLLOW_FINDINGS, json!({ "after": start })).await;
        let mut neighbour = Socket::of(&app, &other).await;
        neighbour.subscribe("one", FOLLOW_FINDINGS, json!({ "after": start })).await;
        let mut stranger = Socket::of(&app, &app.clerk(D::Land, COUNTY)).await;
        stranger.subscribe("one", FOLLOW_FINDINGS, json!({ "after": start })).await;
        let of_region = ChangeRow { household: None, before: Some(county), region: Some(county), ..change(Slice::Core, "finding", 3, here) };
        record(app.database(), &[change(Slice::Core, "household", here.0, here), change(Slice::Core, "finding", 1, here),
            change(Slice::Core, "finding_event", 1, here), change(Slice::Core, "finding", 2, here), of_region,
            change(Slice::Core, "finding", 4, there)]).await;
        let id = |key: i64| json!(global_id("Finding", key));
        let first = asked.change("one").await;
        assert_eq!((&first["object"], &first["objectType"], &first["slice"], &first["household"]),
            (&id(1), &json!("Finding"), &json!("CORE"), &json!(global_id("Household", here.0))));
        let second = asked.change("one").await;
        assert_eq!((&second["object"], &second["household"], &second["region"]), (&id(3), &Value::Null, &json!("150921000000")));
        // Who leads is told of those that its own data are in, not of all that it may read.
        assert_eq!(next(&mut leads, "one", 2).await.0, [id(1), id(2)]);
        assert_eq!(next(&mut neighbour, "one", 1).await.0, [id(4)]);
        for socket in [&mut asked, &mut leads, &mut neighbour, &mut stranger] {
            socket.assert_quiet().await;
        }
        // What is given to a department is told to it from then on, and the cursor goes on where it was.
        db.execute("UPDATE finding SET department = 'POVERTY', parties = ' LAND ' WHERE id = 3").await;
        record(app.database(), &[ChangeRow { household: None, before: Some(county), region: Some(county), ..change(Slice::Core, "finding", 3, here) }]).await;
        assert_eq!(next(&mut leads, "one", 1).await.0, [id(3)]);
        assert_eq!(next(&mut stranger, "one", 1).await.0, [id(3)]);
        asked.assert_quiet().await;
        settled(&db).await;
        let mut again = Socket::of(&app, &medins).await;
        again.subscribe("one", FOLLOW_FINDINGS, json!({ "after": first["cursor"], "region": COUNTY })).await;
        again.assert_quiet().await;
        // A household that leaves the scope is told to be gone.
        record(app.database(), &[ChangeRow { region: Some(there.1), ..change(Slice::Core, "household", here.0, here) }]).await;
        let left = asked.change("one").await;
        assert_eq!((&left["action"], &left["object"], &left["household"]), (&json!("LEFT_SCOPE"), &Value::Null, &json!(global_id("Household", here.0))));
        // The walls are those of any subscription.
        for (text, variables, code) in [
            (FOLLOW_FINDINGS, json!({ "after": "x" }), "INVALID_CURSOR"),
            (FOLLOW_FINDINGS, json!({ "region": "999999" }), "UNKNOWN_REGION"),
            ("subscription { findingChanged { nothing } }", json!({}), "VALIDATION"),
        ] {
            asked.subscribe("two", text, variables).await;
            assert_eq!(refused(&mut asked, "two").await, code, "{text}");
        }
        for nobody in [app.reader(D::Stats, COUNTY), app.reader(D::Org, COUNTY)] {
            let mut socket = Socket::of(&app, &nobody).await;
            socket.subscribe("one", FOLLOW_FINDINGS, json!({})).await;
            assert_eq!(refused(&mut socket, "one").await, "FORBIDDEN");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_document_that_subscribes_passes_the_walls_of_a_request(db: TestDatabase) {
        let app = App::configured(&db, |config| config.sockets.subscriptions = 2).await;
        let mut socket = Socket::of(&app, &app.clerk(D::Civil, COUNTY)).await;
        let deep = format!("subscription {{ {}a{} }}", "x { ".repeat(40), " }".repeat(40));
        let wide = format!("subscription {{ sliceChanged(slices: [CIVIL]) {{ {} }} }}", "cursor ".repeat(5_100));
        for (text, code) in [
            ("{ viewer { department } }", "OPERATION_KIND"),
            ("subscription { a: sliceChanged(slices: [CIVIL]) { cursor } b: sliceChanged(slices: [CIVIL]) { cursor } }", "LIMIT_ROOT_FIELDS"),
            (deep.as_str(), "LIMIT_NESTING"),
            (wide.as_str(), "LIMIT_TOKENS"),
            ("subscription { sliceChanged(slices: [CIVIL]) { nothing } }", "VALIDATION"),
            ("subscription { sliceChanged(slices: [NOTHING]) { cursor } }", "VALIDATION"),
            ("subscription { sliceChanged(slices: [CIVIL], after: \"x\") { cursor } }", "INVALID_CURSOR"),
            ("subscription { sliceChanged(slices: [CIVIL], region: \"999999\") { cursor } }", "UNKNOWN_REGION"),
            ("subscription {", "SYNTAX"),
        ] {
            socket.subscribe("one", text, json!({})).await;
            assert_eq!(refused(&mut socket, "one").await, code, "{text}");
        }
        socket.subscribe("one", FOLLOW, json!({ "slices": "x" })).await;
        assert_eq!(refused(&mut socket, "one").await, "VARIABLES");
        for id in ["one", "two"] {
            socket.subscribe(id, FOLLOW, civil(&Value::Null)).await;
        }
        socket.subscribe("three", FOLLOW, civil(&Value::Null)).await;
        assert_eq!(refused(&mut socket, "three").await, "TOO_MANY_SUBSCRIPTIONS");
        socket.send(json!({ "type": "ping", "payload": { "n": 1 } })).await;
        assert_eq!(socket.next().await, json!({ "type": "pong", "payload": { "n": 1 } }));
        // Who reads no household follows none.
        let mut stats = Socket::of(&app, &app.reader(D::Stats, COUNTY)).await;
        stats.subscribe("one", FOLLOW, civil(&Value::Null)).await;
        assert_eq!(refused(&mut stats, "one").await, "FORBIDDEN");
        // By POST nobody subscribes.
        let posted = app.clerk(D::Civil, COUNTY).query(FOLLOW, civil(&Value::Null)).await;
        assert_eq!(posted.codes(), ["OPERATION_KIND"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_mutation_is_told_to_those_who_follow(db: TestDatabase) {
        let app = App::start(&db).await;
        let here = household_of(&db, COUNTY).await;
        let id = global_id("Household", here.0);
        let clerk = app.clerk(D::Township, &(here.1 / 1_000).to_string());
        let mut socket = Socket::of(&app, &app.reader(D::Edu, COUNTY)).await;
        socket.subscribe("one", FOLLOW, json!({ "slices": ["CORE"], "after": cursor(&clerk).await })).await;
        let version = clerk.query("query($id: ID!) { household(id: $id) { version } }", json!({ "id": id })).await.data();
        let text = "mutation($id: ID!, $v: Int!) { householdAmend(requestId: \"018f0000-0000-7000-8000-00000000000a\", id: $id, version: $v, \
            input: { group: \"三组\" }) { changed { id } userErrors { code } } }";
        let amended = clerk.query(text, json!({ "id": id, "v": version["household"]["version"] })).await.data();
        assert_eq!(amended["householdAmend"], json!({ "changed": { "id": id }, "userErrors": [] }));
        let told = socket.change("one").await;
        assert_eq!((&told["slice"], &told["action"], &told["object"]), (&json!("CORE"), &json!("UPDATE"), &json!(id)));
    }
}

async fn closes(socket: &mut Socket, code: u16) {
    let (closed, reason) = socket.closed().await;
    assert_eq!(closed, code, "{reason}");
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn every_close_has_its_code(db: TestDatabase) {
        let app = App::configured(&db, |config| {
            config.sockets.init_seconds = 1;
            config.sockets.per_user = 2;
            config.sockets.message_bytes = 4_000;
        }).await;
        let clerk = app.clerk(D::Civil, COUNTY);
        closes(&mut Socket::silent(&app).await, 4408).await;
        for text in ["x", "[]", "{}", "{\"type\":\"start\"}", "{\"type\":\"subscribe\"}", "{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{}}", "{\"type\":\"ping\",\"payload\":1}", "{\"type\":\"complete\"}"] {
            let mut socket = Socket::silent(&app).await;
            socket.send_text(text).await;
            closes(&mut socket, 4400).await;
        }
        let mut socket = Socket::silent(&app).await;
        socket.send_bytes(b"{}").await;
        closes(&mut socket, 4400).await;
        let mut socket = Socket::silent(&app).await;
        socket.send_text(&"x".repeat(4_001)).await;
        closes(&mut socket, 1009).await;
        let mut socket = Socket::silent(&app).await;
        socket.subscribe("one", FOLLOW, civil(&Value::Null)).await;
        closes(&mut socket, 4401).await;
        for payload in [json!(null), json!({}), json!({ "Authorization": 1 }), json!({ "Authorization": "Bearer x" }), json!({ "Authorization": "x" })] {
            let mut socket = Socket::silent(&app).await;
            socket.send(json!({ "type": "connection_init", "payload": payload })).await;
            closes(&mut socket, 4403).await;
        }
        let mut socket = Socket::of(&app, &clerk).await;
        socket.subscribe("one", FOLLOW, civil(&Value::Null)).await;
        socket.subscribe("one", FOLLOW, civil(&Value::Null)).await;
        assert_eq!(socket.closed().await, (4409, "Subscriber for one already exists".to_owned()));
        let mut socket = Socket::of(&app, &clerk).await;
        socket.init(&clerk).await;
        closes(&mut socket, 4429).await;
        // Sockets of one user: the third is too many, and one that ended makes room.
        let clerk = clerk.named("many");
        let first = Socket::of(&app, &clerk).await;
        let _second = Socket::of(&app, &clerk).await;
        let mut third = Socket::silent(&app).await;
        third.init(&clerk).await;
        closes(&mut third, 4429).await;
        drop(first);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let _again = Socket::of(&app, &clerk).await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_handshake_is_refused_like_a_request(db: TestDatabase) {
        let app = App::start(&db).await;
        let authorization = app.clerk(D::Civil, COUNTY).authorization().expect("a token");
        let open = async |headers: &[(&'static str, &str)]| Socket::open(&app, headers).await.err();
        assert_eq!(open(&[]).await, Some(400));
        assert_eq!(open(&[("sec-websocket-protocol", "graphql-ws")]).await, Some(400));
        assert_eq!(open(&[PROTOCOL, ("authorization", "Bearer x")]).await, Some(401));
        assert_eq!(open(&[PROTOCOL, ("origin", "https://elsewhere.example")]).await, Some(403));
        assert_eq!(open(&[PROTOCOL, ("origin", &format!("http://{}", app.address()))]).await, None);
        // A client that is no browser may say who it is in the header.
        let mut socket = Socket::open(&app, &[("sec-websocket-protocol", "x, graphql-transport-ws"), ("authorization", &authorization)]).await.expect("a socket");
        socket.send(json!({ "type": "connection_init" })).await;
        assert_eq!(socket.next().await, json!({ "type": "connection_ack" }));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_socket_ends_with_its_token_and_the_client_loses_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, COUNTY);
        let here = household_of(&db, COUNTY).await;
        let start = json!(cursor(&clerk).await);
        let mut socket = Socket::of(&app, &clerk.clone().living(3)).await;
        socket.subscribe("one", FOLLOW, civil(&start)).await;
        record(app.database(), &[change(Slice::Civil, "dibao", 1, here), change(Slice::Civil, "dibao", 2, here)]).await;
        let (_, after) = next(&mut socket, "one", 1).await;
        closes(&mut socket, 4403).await;
        record(app.database(), &[change(Slice::Civil, "dibao", 3, here)]).await;
        settled(&db).await;
        let mut socket = Socket::of(&app, &clerk).await;
        socket.subscribe("one", FOLLOW, civil(&after)).await;
        let (objects, after) = next(&mut socket, "one", 2).await;
        assert_eq!(objects, [dibao(2), dibao(3)]);
        // So it is when the server is started anew.
        let stopping = app.clone();
        let stopped = tokio::spawn(async move { stopping.stop().await });
        closes(&mut socket, 1012).await;
        stopped.await.expect("stopped");
        record(app.database(), &[change(Slice::Civil, "dibao", 4, here)]).await;
        settled(&db).await;
        let again = App::start(&db).await;
        let mut socket = Socket::of(&again, &clerk_of(&again)).await;
        socket.subscribe("one", FOLLOW, civil(&after)).await;
        assert_eq!(next(&mut socket, "one", 1).await.0, [dibao(4)]);
        socket.assert_quiet().await;
    }
}

fn clerk_of(app: &App) -> Actor {
    app.clerk(D::Civil, COUNTY)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn three_instances_tell_every_change_once(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            return; // a file is one server's
        }
        let apps = [App::start(&db).await, App::start(&db).await, App::start(&db).await];
        let here = household_of(&db, COUNTY).await;
        let start = json!(cursor(&clerk_of(&apps[0])).await);
        let mut sockets = Vec::new();
        for app in &apps {
            let mut socket = Socket::of(app, &clerk_of(app)).await;
            socket.subscribe("one", FOLLOW, civil(&start)).await;
            sockets.push(socket);
        }
        for key in 1..=60 {
            let app = &apps[key as usize % 3];
            record(app.database(), &[change(Slice::Civil, "dibao", key, here)]).await;
        }
        let all: Vec<_> = (1..=60).map(dibao).collect();
        for socket in &mut sockets {
            let (objects, _) = next(socket, "one", 60).await;
            assert_eq!(objects, all);
            socket.assert_quiet().await;
        }
    }
}
