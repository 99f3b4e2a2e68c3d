//! The feed of changes: who is told what, in which order, and that nobody misses one.

use crate::harness::{
    Actor, App, ChangeRow, Engine, TestDatabase, both_dbs, change, number_of, record, settled,
};
use entity::codes::{ChangeAction, Department as D, Role, Slice};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};
use yihu::{
    changes::OldChanges,
    clock::Clock,
    db::{Database, DbError, Purge, Settings},
    graphql::scalars::global_id,
};

const COUNTY: &str = "150921";
const OTHER: &str = "150922";
const PAGE: &str = "query($after: String!, $first: Int, $slices: [Slice!], $region: RegionCode) { \
    changes(after: $after, first: $first, slices: $slices, region: $region) { \
    entries { cursor slice action objectType object household region at } endCursor hasMore } }";

/// The first household of a county, and the village it lies in.
pub(crate) async fn household_of(db: &TestDatabase, county: &str) -> (i64, i64) {
    let first = format!("SELECT MIN(id) FROM household WHERE county_code = {county}");
    let household = db.number(&first).await;
    let region = format!("SELECT region_code FROM household WHERE id = {household}");
    (household, db.number(&region).await)
}

pub(crate) async fn cursor(actor: &Actor) -> String {
    let data = actor.query("{ changeCursor }", json!({})).await.data();
    data["changeCursor"].as_str().expect("a cursor").to_owned()
}

async fn page(actor: &Actor, variables: Value) -> Value {
    actor.query(PAGE, variables).await.data()["changes"].take()
}

async fn entries(actor: &Actor, after: &str) -> Vec<Value> {
    let page = page(actor, json!({ "after": after, "first": 100 })).await;
    assert_eq!(page["hasMore"], json!(false));
    page["entries"].as_array().expect("entries").clone()
}

/// What is written straight is what the library resolves: it is asked in a fragment, which only the library dissolves.
async fn assert_both_ways_agree(actor: &Actor, after: &str) {
    const FIELDS: &str =
        "__typename at: cursor slice action objectType object household region on: at";
    let written =
        format!("query($after: String!) {{ changes(after: $after) {{ entries {{ {FIELDS} }} }} }}");
    let resolved = format!(
        "query($after: String!) {{ changes(after: $after) {{ entries {{ ...one }} }} }} fragment one on Change {{ {FIELDS} }}"
    );
    let after = json!({ "after": after });
    let written = actor.query(&written, after.clone()).await.data();
    assert_eq!(
        written.to_string(),
        actor.query(&resolved, after).await.data().to_string()
    );
}

async fn refused(actor: &Actor, variables: Value) -> Vec<String> {
    let answer = actor.query(PAGE, variables).await;
    assert_eq!(answer.partial_data(), json!({ "changes": null }));
    answer.codes()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn pages_follow_the_order_of_the_writes(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, COUNTY);
        let start = cursor(&clerk).await;
        let here = household_of(&db, COUNTY).await;
        let created = ChangeRow { action: ChangeAction::Create, before: None, ..change(Slice::Civil, "dibao", 901, here) };
        record(app.database(), &[created, change(Slice::Core, "household", here.0, here)]).await;
        record(app.database(), &[ChangeRow { action: ChangeAction::Delete, region: None, ..change(Slice::Civil, "covered_person", 902, here) }]).await;
        settled(&db).await;

        let statements = app.statements();
        let first = page(&clerk, json!({ "after": start, "first": 2 })).await;
        assert_eq!(app.statements() - statements, 1);
        let entry = |action: &str, slice: &str, of: Option<(&str, i64)>, cursor: &Value| json!({
            "cursor": cursor, "slice": slice, "action": action,
            "objectType": of.map(|(name, _)| name),
            "object": of.map(|(name, key)| global_id(name, key)),
            "household": global_id("Household", here.0), "region": here.1.to_string(),
            "at": "2018-12-28T12:26:40.123Z",
        });
        let told = first["entries"].as_array().expect("entries");
        assert_eq!(told[0], entry("CREATE", "CIVIL", Some(("Dibao", 901)), &told[0]["cursor"]));
        assert_eq!(told[1], entry("UPDATE", "CORE", Some(("Household", here.0)), &told[1]["cursor"]));
        assert_eq!((told.len(), &first["hasMore"], &first["endCursor"]), (2, &json!(true), &told[1]["cursor"]));

        let last = page(&clerk, json!({ "after": first["endCursor"], "first": 2 })).await;
        let told = last["entries"].as_array().expect("entries");
        assert_eq!(*told, [entry("DELETE", "CIVIL", None, &told[0]["cursor"])]);
        assert_eq!(last["hasMore"], json!(false));
        // From the cursor of a change on come the later ones; from the end on, nothing.
        let from_one = entries(&clerk, first["entries"][0]["cursor"].as_str().expect("a cursor")).await;
        assert_eq!(from_one, [first["entries"][1].clone(), told[0].clone()]);
        assert_both_ways_agree(&clerk, &start).await;
        let end = last["endCursor"].as_str().expect("a cursor");
        assert_eq!(entries(&clerk, end).await, Vec::<Value>::new());
        assert_eq!(entries(&clerk, &cursor(&clerk).await).await, Vec::<Value>::new());
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_neighbour_is_told_nothing_and_who_lost_a_household_only_that(db: TestDatabase) {
        let app = App::start(&db).await;
        let (own, other) = (app.clerk(D::Civil, COUNTY), app.clerk(D::Civil, OTHER));
        let start = cursor(&own).await;
        let here = household_of(&db, COUNTY).await;
        let there = household_of(&db, OTHER).await;
        record(app.database(), &[change(Slice::Civil, "dibao", 901, here)]).await;
        let moved = ChangeRow { region: Some(there.1), ..change(Slice::Core, "household", here.0, here) };
        record(app.database(), &[moved, change(Slice::Civil, "dibao", 901, (here.0, there.1))]).await;
        settled(&db).await;

        let gone = entries(&own, &start).await;
        assert_eq!(gone.len(), 2);
        assert_both_ways_agree(&own, &start).await;
        assert_eq!(gone[0]["objectType"], json!("Dibao"));
        let left = json!({
            "cursor": gone[1]["cursor"], "slice": null, "action": "LEFT_SCOPE", "objectType": null, "object": null,
            "household": global_id("Household", here.0), "region": null, "at": gone[1]["at"],
        });
        assert_eq!(gone[1], left);
        let come = entries(&other, &start).await;
        assert_eq!(come.iter().map(|entry| &entry["objectType"]).collect::<Vec<_>>(), ["Household", "Dibao"]);
        // Who reads both counties sees it move, and who follows one of them sees it leave.
        let whole = app.auditor();
        let told: Vec<_> = entries(&whole, &start).await.iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(told, ["UPDATE", "UPDATE", "UPDATE"]);
        for region in [COUNTY, "1509"] {
            let page = page(&whole, json!({ "after": start, "region": region })).await;
            let last = page["entries"].as_array().expect("entries").last().expect("one")["action"].clone();
            assert_eq!(last, if region == COUNTY { "LEFT_SCOPE" } else { "UPDATE" });
        }
        // A province and a prefecture go through the other index, a village through the county's.
        for (region, count) in [("15", 3), ("1509", 3), ("13", 0), (&here.1.to_string(), 2), (&there.1.to_string(), 2)] {
            let reader = app.reader(D::Poverty, region);
            assert_eq!(entries(&reader, &start).await.len(), count, "{region}");
        }
        // Beyond one's own region nothing is followed.
        let beyond = page(&own, json!({ "after": start, "region": OTHER })).await;
        assert_eq!(beyond["entries"], json!([]));
        assert_eq!(refused(&own, json!({ "after": start, "region": "999999" })).await, ["UNKNOWN_REGION"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn each_department_is_told_of_what_it_reads(db: TestDatabase) {
        let app = App::start(&db).await;
        let start = cursor(&app.auditor()).await;
        let here = household_of(&db, COUNTY).await;
        let of = [
            (Slice::Core, "household"), (Slice::Core, "help_visit"), (Slice::Income, "income_form"), (Slice::Civil, "dibao"),
            (Slice::Children, "left_behind_child"), (Slice::Disability, "disability_certificate"), (Slice::Health, "medical_claim"),
            (Slice::Health, "disease_flag"), (Slice::Education, "school_enrolment"), (Slice::Housing, "house"), (Slice::Housing, "homestead"),
            (Slice::Finance, "loan"), (Slice::Finance, "bank_card"), (Slice::Work, "person"), (Slice::Industry, "livestock"), (Slice::Pension, "person"),
        ];
        let rows: Vec<_> = of.iter().zip(1..).map(|((slice, table), id)| change(*slice, table, id, here)).collect();
        record(app.database(), &rows).await;
        settled(&db).await;
        let all = "Household HelpVisit IncomeForm Dibao LeftBehindChild DisabilityCertificate Claim DiseaseFlag SchoolEnrolment House Homestead Loan BankCard Person - Person";
        for (department, region, told) in [
            (D::Audit, COUNTY, all),
            (D::Poverty, COUNTY, &all.replace("DisabilityCertificate ", "").replace("BankCard ", "")),
            (D::Civil, COUNTY, "Household IncomeForm Dibao LeftBehindChild DisabilityCertificate Claim"),
            (D::Edu, COUNTY, "Household SchoolEnrolment"),
            (D::Medins, COUNTY, "Household Claim DiseaseFlag"),
            (D::Hrss, COUNTY, "Household Person Person"),
            (D::Land, COUNTY, "Household Homestead"),
            (D::Women, COUNTY, "Household LeftBehindChild"),
            (D::Village, &here.1.to_string(), &all.replace("DisabilityCertificate ", "").replace("BankCard ", "")),
            (D::Police, COUNTY, "Household"),
            (D::Edu, OTHER, ""),
        ] {
            let reader = app.reader(department, region);
            let types = entries(&reader, &start).await;
            let types: Vec<_> = types.iter().map(|entry| entry["objectType"].as_str().unwrap_or("-")).collect();
            assert_eq!(types.join(" "), told, "{department}");
        }
        let only = page(&app.reader(D::Civil, COUNTY), json!({ "after": start, "slices": ["CHILDREN", "HOUSING"] })).await;
        assert_eq!(only["entries"].as_array().map(Vec::len), Some(1));
        assert_eq!(only["entries"][0]["slice"], json!("CHILDREN"));
        // Who reads no household follows none, and administrators read no files.
        for stranger in [app.reader(D::Stats, COUNTY), app.actor(D::Poverty, Role::SystemAdmin).within(COUNTY)] {
            let answer = stranger.query("{ changeCursor }", json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn single_households_are_followed_by_those_who_are_linked(db: TestDatabase) {
        let app = App::start(&db).await;
        let start = cursor(&app.auditor()).await;
        let own = db.number("SELECT household_id FROM household_link WHERE user_id = 'yihu-demo|household-1' AND valid_to IS NULL").await;
        let region = db.number(&format!("SELECT region_code FROM household WHERE id = {own}")).await;
        let linked = "SELECT l.household_id FROM household_link l WHERE l.user_id = 'yihu-demo|helper-1' AND l.kind = 'HELPER' AND l.valid_to IS NULL";
        let helped = db.number(&format!("SELECT MIN(household_id) FROM ({linked}) x")).await;
        let of_helped = db.number(&format!("SELECT region_code FROM household WHERE id = {helped}")).await;
        let pupil = "SELECT MIN(household_id) FROM school_enrolment WHERE school_code = (SELECT MIN(school_code) FROM school_enrolment)";
        let pupils = db.number(pupil).await;
        let of_pupils = db.number(&format!("SELECT region_code FROM household WHERE id = {pupils}")).await;
        let stranger = db.number(&format!(
            "SELECT MIN(id) FROM household WHERE county_code = 150921 AND id NOT IN ({own}, {helped}, {pupils}) AND id NOT IN ({linked}) \
             AND id NOT IN (SELECT household_id FROM school_enrolment)")).await;
        let rows = [(own, region), (helped, of_helped), (pupils, of_pupils), (stranger, region)];
        let rows: Vec<_> = rows.into_iter().map(|at| change(Slice::Education, "school_enrolment", at.0, at)).collect();
        record(app.database(), &rows).await;
        // Something of the region that is nobody's.
        record(app.database(), &[ChangeRow { household: None, ..change(Slice::Finance, "fund_account", 3, (0, region)) }]).await;
        settled(&db).await;
        let told = async |actor: Actor| -> BTreeSet<String> {
            let told = entries(&actor, &start).await;
            told.iter().map(|entry| entry["household"].as_str().unwrap_or("-").to_owned()).collect()
        };
        let id = |key| global_id("Household", key);
        assert_eq!(told(app.household("household-1", COUNTY)).await, BTreeSet::from([id(own)]));
        assert!(told(app.helper("helper-1", COUNTY)).await.contains(&id(helped)));
        assert!(!told(app.helper("helper-1", COUNTY)).await.contains(&id(stranger)));
        assert_eq!(told(app.helper("nobody", COUNTY)).await, BTreeSet::new());
        assert!(told(app.reader(D::Finance, COUNTY)).await.contains("-"));

        let code = db.text("SELECT MIN(school_code) FROM school_enrolment").await;
        let school = app.institution(D::School, &code);
        let of_school = entries(&school, &start).await;
        assert!(of_school.iter().any(|entry| entry["household"] == json!(id(pupils))));
        assert!(of_school.iter().all(|entry| entry["object"].is_null() && entry["objectType"].is_null()));
        assert!(!told(school).await.contains(&id(stranger)));
        assert_eq!(told(app.institution(D::School, "0000000000")).await, BTreeSet::new());
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_cursor_is_ours_and_not_older_than_what_is_kept(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, COUNTY);
        let start = cursor(&clerk).await;
        for bad in ["", "x", "MTIzNA", "Y2hhbmdlczE6NzotMw", &"A".repeat(300)] {
            assert_eq!(refused(&clerk, json!({ "after": bad })).await, ["INVALID_CURSOR"], "{bad}");
        }
        for first in [0, -1, 101] {
            assert_eq!(refused(&clerk, json!({ "after": start, "first": first })).await, ["FIRST_OUT_OF_RANGE"]);
        }
        let job = app.service(D::Civil, COUNTY, "sync");
        assert_eq!(page(&job, json!({ "after": start, "first": 1000 })).await["entries"], json!([]));
        assert_eq!(refused(&job, json!({ "after": start, "first": 1001 })).await, ["FIRST_OUT_OF_RANGE"]);

        let (here, day_ms) = (household_of(&db, COUNTY).await, 86_400_000);
        let now = Clock::fixed(time::macros::date!(2018 - 12 - 31)).now_ms();
        for age in [31, 30, 29] {
            let at_ms = now - age * day_ms - 1;
            let row = ChangeRow { at_ms, ..change(Slice::Civil, "dibao", age, here) };
            record(app.database(), &[row.clone(), row]).await;
        }
        settled(&db).await;
        let before = entries(&clerk, &start).await;
        assert_eq!(before.len(), 6);
        let purge = OldChanges { database: app.database().clone(), clock: Clock::fixed_ms(now), keep_days: 30 };
        for _ in 0..2 {
            assert!(!purge.batch().await.expect("removed"));
            assert_eq!(db.number("SELECT CAST(COUNT(*) AS BIGINT) FROM change_record").await, 2);
        }
        // Of what lies before the last change that is gone something is missing; from there on nothing is.
        for entry in &before[..3] {
            assert_eq!(refused(&clerk, json!({ "after": entry["cursor"] })).await, ["CURSOR_EXPIRED"]);
        }
        assert_eq!(refused(&clerk, json!({ "after": start })).await, ["CURSOR_EXPIRED"]);
        let last_gone = before[3]["cursor"].as_str().expect("a cursor");
        assert_eq!(entries(&clerk, last_gone).await, before[4..]);
    }
}

/// Changes of the whole country, all below the horizon. Of 200,000 are 100 of one village.
const MANY: &str = "INSERT INTO change_record \
    SELECT 1 + i / 1000, i % 1000, 1, 'CIVIL', 'UPDATE', 'dibao', i, i, code, code FROM ( \
    SELECT i, CASE WHEN i % 2000 = 0 THEN 150921107201 \
    ELSE ((11 + i % 31) * 10000 + (i / 31 % 9 + 1) * 100 + i / 279 % 9 + 1) * 1000000::bigint + 1 END AS code FROM generate_series({from}, {from} + 9999) i) x";

/// How often the table was read from one end to the other, and how many rows were fetched through indexes.
async fn scans(db: &TestDatabase) -> (i64, i64) {
    let number = async |column: &str| {
        db.number(&format!(
            "SELECT {column} FROM pg_stat_user_tables WHERE relname = 'change_record'"
        ))
        .await
    };
    (number("seq_scan").await, number("idx_tup_fetch").await)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_page_reads_no_more_than_itself(db: TestDatabase) {
        if db.engine == Engine::Sqlite {
            return; // it keeps no account
        }
        let app = App::start(&db).await;
        let connection = db.connect().await;
        // In parts: a transaction that lasts would hold up every other test's changes.
        for part in 0..20 {
            let sql = MANY.replace("{from}", &(part * 10_000).to_string());
            connection.execute_unprepared(&sql).await.expect("inserted");
        }
        connection.execute_unprepared("ANALYZE change_record").await.expect("analysed");
        let start = json!("Y2hhbmdlczE6MDow"); // the position before all
        let village = "150921107201";
        for (actor, region, told, most) in [
            (app.clerk(D::Civil, COUNTY), None, 100, 400),
            (app.reader(D::Village, village), None, 100, 400),
            (app.auditor(), Some(COUNTY), 100, 400),
            (app.auditor(), None, 100, 400),
            (app.reader(D::Poverty, "15"), None, 100, 400),
            // Of a prefecture, its part of the province.
            (app.reader(D::Poverty, "1503"), None, 100, 1_500),
            (app.clerk(D::Civil, OTHER), None, 0, 10),
            (app.helper("helper-1", COUNTY), None, 0, 100),
        ] {
            // A session of the server gives its account when it has not done so for a second.
            let pause = Duration::from_millis(1_200);
            let variables = json!({ "after": start, "region": region, "first": 100 });
            tokio::time::sleep(pause).await;
            assert_eq!(page(&actor, variables.clone()).await["entries"].as_array().map(Vec::len), Some(told));
            tokio::time::sleep(pause).await;
            let before = scans(&db).await;
            for _ in 0..3 {
                page(&actor, variables.clone()).await;
                tokio::time::sleep(pause).await;
            }
            let after = scans(&db).await;
            let (whole, fetched) = (after.0 - before.0, after.1 - before.1);
            assert!(whole == 0 && fetched <= 3 * most, "{told} {region:?}: {whole} {fetched}");
            println!("{region:?}: {} rows fetched a page", fetched / 3);
        }
    }
}

/// Writers that take their number and commit some time later; each leaves two changes.
async fn write_late(url: String, writer: u64, here: (i64, i64)) {
    // On a busy machine too, nobody gives up.
    let settings = Settings {
        write_connections: 1,
        lock_timeout: Duration::from_secs(60),
        statement_timeout: Duration::from_secs(60),
        ..Settings::default()
    };
    let database = Database::connect(&url, &settings)
        .await
        .expect("a database");
    for turn in 0..25_u64 {
        let written = database.write("late", |transaction| async move {
            let number = number_of(&transaction).await?;
            // No two wait alike, so commits overtake each other.
            let pause = (writer * 7 + turn * 13) % 23;
            tokio::time::sleep(Duration::from_millis(pause)).await;
            let object = writer * 1_000 + turn;
            let sql = format!(
                "INSERT INTO change_record (transaction_id, ordinal, at_ms, slice, action, object_type, object_id, household_id, region_before, region_code) \
                 VALUES ({number}, 0, 1, 'CIVIL', 'UPDATE', 'dibao', {object}, {h}, {r}, {r}), ({number}, 1, 1, 'CIVIL', 'UPDATE', 'dibao', {object}, {h}, {r}, {r})",
                h = here.0, r = here.1
            );
            transaction.execute_unprepared(&sql).await?;
            Ok::<(), DbError>(())
        });
        written.await.expect("written");
        database.changed();
    }
}

/// Reads by "later than the last one", as one does who does not know of the horizon.
async fn naive_reader(db: TestDatabase, done: Arc<tokio::sync::Notify>) -> usize {
    let connection = db.connect().await;
    let (mut last, mut read, mut ending) = ((0_i64, 0_i32), 0, false);
    loop {
        let sql = format!(
            "SELECT transaction_id, ordinal FROM change_record WHERE (transaction_id, ordinal) > ({}, {}) ORDER BY 1, 2",
            last.0, last.1
        );
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.expect("rows");
        read += rows.len();
        if let Some(row) = rows.last() {
            last = (
                row.try_get_by_index(0).expect("a number"),
                row.try_get_by_index(1).expect("a number"),
            );
        }
        if ending {
            return read;
        }
        ending = tokio::time::timeout(Duration::from_millis(2), done.notified())
            .await
            .is_ok();
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn eight_writers_at_once_and_no_change_is_missed(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, COUNTY);
        let start = cursor(&clerk).await;
        let here = household_of(&db, COUNTY).await;
        let done = Arc::new(tokio::sync::Notify::new());
        let naive = tokio::spawn(naive_reader(db.clone(), done.clone()));
        let writers: Vec<_> = (0..8).map(|writer| tokio::spawn(write_late(db.url.clone(), writer, here))).collect();
        let (mut after, mut read, begun) = (start.clone(), Vec::new(), Instant::now());
        while read.len() < 400 && begun.elapsed() < Duration::from_secs(60) {
            let page = page(&clerk, json!({ "after": after, "first": 7 })).await;
            read.extend(page["entries"].as_array().expect("entries").iter().map(|entry| entry["cursor"].clone()));
            after = page["endCursor"].as_str().expect("a cursor").to_owned();
        }
        for writer in writers {
            writer.await.expect("a writer");
        }
        done.notify_one();
        let naive = naive.await.expect("the control");
        // Each once, and as they stand in the end.
        settled(&db).await;
        let mut all = Vec::new();
        let (mut from, mut more) = (start, true);
        while more {
            let page = page(&clerk, json!({ "after": from, "first": 100 })).await;
            all.extend(page["entries"].as_array().expect("entries").iter().map(|entry| entry["cursor"].clone()));
            from = page["endCursor"].as_str().expect("a cursor").to_owned();
            more = page["hasMore"] == json!(true);
        }
        assert_eq!(all.len(), 400);
        assert_eq!(read, all);
        match db.engine {
            Engine::Postgres => assert!(naive < 400, "the control read everything"),
            // One writer at a time: its numbers are committed in their order.
            Engine::Sqlite => assert_eq!(naive, 400),
        }
        println!("of 400 changes a reader without the horizon missed {}", 400 - naive);
    }
}
