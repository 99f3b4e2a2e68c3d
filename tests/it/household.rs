//! The household room: who is found by name, the help for a family, how it lives, and who is posted in its village.

use crate::harness::{Actor, App, TestDatabase, both_dbs};
use entity::{
    codes::Department as D,
    education::school_enrolment,
    household::{helper, person},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OWN: &str = "150921";
const OTHER: &str = "150922";

/// The households that a filter leaves, all pages of them.
async fn ids_of(actor: &Actor, filter: Value) -> BTreeSet<String> {
    let text = "query($filter: HouseholdFilter, $after: String) { households(filter: $filter, first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
    let (mut ids, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let variables = json!({ "filter": filter, "after": after });
        let data = actor.query(text, variables).await.data();
        for node in data["households"]["nodes"].as_array().expect("nodes") {
            ids.insert(node["id"].as_str().expect("an id").to_owned());
        }
        if data["households"]["pageInfo"]["hasNextPage"] == json!(false) {
            return ids;
        }
        after = data["households"]["pageInfo"]["endCursor"].clone();
    }
}

async fn count(actor: &Actor, filter: Value) -> i64 {
    i64::try_from(ids_of(actor, filter).await.len()).expect("a count")
}

/// Households of 卓资县 under a condition.
async fn households(db: &TestDatabase, condition: &str) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM household h WHERE h.county_code = 150921 AND ";
    db.number(&format!("{sql}{condition}")).await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_family_is_found_by_the_name_of_a_member(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let members = person::Entity::find()
            .filter(person::Column::CountyCode.eq(150_921))
            .order_by_asc(person::Column::Id)
            .all(&db.connect().await)
            .await
            .expect("the people");
        for member in members.iter().step_by(9) {
            let named = |one: &&person::Model| one.valid_to.is_none() && one.name == member.name;
            let of: BTreeSet<_> = members.iter().filter(named).map(|one| one.household_id).collect();
            assert_eq!(count(&clerk, json!({ "memberName": member.name })).await, i64::try_from(of.len()).expect("a count"), "{}", member.name);
        }
        let begins = members.iter().filter(|one| one.valid_to.is_none() && one.name.starts_with('王'));
        let of: BTreeSet<_> = begins.map(|one| one.household_id).collect();
        assert!(of.len() > 1);
        assert_eq!(count(&clerk, json!({ "memberNamePrefix": "王" })).await, i64::try_from(of.len()).expect("a count"));
        // Who has left is not found, and nobody of another county.
        let left = members.iter().find(|one| one.valid_to.is_some()).expect("somebody has left");
        let namesakes = members.iter().any(|one| one.valid_to.is_none() && one.name == left.name);
        assert_eq!(count(&clerk, json!({ "memberName": left.name })).await > 0, namesakes);
        let there = count(&app.clerk(D::Civil, "1509"), json!({ "memberNamePrefix": "王", "region": OTHER })).await;
        assert!(there > 0);
        assert_eq!(count(&clerk, json!({ "memberNamePrefix": "王", "region": OTHER })).await, 0);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn names_are_looked_for_in_one_county_and_by_departments_of_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "query($filter: HouseholdFilter) { households(filter: $filter) { nodes { id } } }";
        let city = app.clerk(D::Poverty, "1509");
        for (filter, code, argument) in [
            (json!({ "memberName": "王贵" }), "NAME_TOO_WIDE", "memberName"),
            (json!({ "memberNamePrefix": "王", "region": "1509" }), "NAME_TOO_WIDE", "memberNamePrefix"),
            (json!({ "memberNamePrefix": "", "region": OWN }), "INVALID_TEXT", "memberNamePrefix"),
            (json!({ "memberName": "王\u{0}", "region": OWN }), "INVALID_TEXT", "memberName"),
            (json!({ "registeredIn": 1800 }), "YEAR_OUT_OF_RANGE", "registeredIn"),
        ] {
            let answer = city.query(text, json!({ "filter": filter })).await;
            assert_eq!(answer.codes(), [code], "{filter}");
            assert_eq!(answer.errors()[0]["extensions"]["argument"], json!(["filter", argument]));
        }
        // Of a pupil's household a school would find the brother.
        let pupil = school_enrolment::Entity::find().one(&db.connect().await).await.expect("the pupils").expect("a pupil");
        let school = app.institution(D::School, &pupil.school_code);
        for argument in ["memberName", "memberNamePrefix"] {
            let answer = school.query(text, json!({ "filter": { argument: "王", "region": OWN } })).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn families_are_found_by_their_help_and_their_years(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Poverty, OWN);
        let helped = "EXISTS (SELECT 1 FROM helper p WHERE p.household_id = h.id AND p.valid_to IS NULL)";
        for (filter, condition) in [
            (json!({ "help": { "hasHelper": true } }), helped.to_owned()),
            (json!({ "help": { "hasHelper": false } }), format!("NOT {helped}")),
            (json!({ "help": { "plannedExitYear": 2019 } }), "h.planned_exit_year = 2019".to_owned()),
            (json!({ "help": { "measureBatch": ["PRODUCTION"] } }),
             "h.id IN (SELECT household_id FROM help_measure WHERE state = 'ACTIVE' AND batch = 'PRODUCTION')".to_owned()),
            (json!({ "help": { "measureBatch": ["ECOLOGY", "EDUCATION"], "plannedExitYear": 2020 }, "status": ["REGISTERED"] }),
             "h.status = 'REGISTERED' AND h.planned_exit_year = 2020 AND h.id IN (SELECT household_id FROM help_measure \
              WHERE state = 'ACTIVE' AND batch IN ('ECOLOGY', 'EDUCATION'))".to_owned()),
            (json!({ "registeredIn": 2014 }), "h.registered_on BETWEEN '2014-01-01' AND '2014-12-31'".to_owned()),
            (json!({ "exitedIn": 2018 }), "h.exited_on BETWEEN '2018-01-01' AND '2018-12-31'".to_owned()),
        ] {
            let expected = households(&db, &condition).await;
            assert!(expected > 0, "{filter}");
            assert_eq!(count(&clerk, filter.clone()).await, expected, "{filter}");
        }
        assert_eq!(count(&clerk, json!({ "help": { "hasHelper": false }, "status": ["REGISTERED", "RETURNED"] })).await, 0);
        // A department that reads no help may not find out by filtering either.
        let answer = app.clerk(D::Civil, OWN).query("{ households(filter: { help: { hasHelper: true } }) { nodes { id } } }", json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        assert_eq!(answer.partial_data(), Value::Null);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn help_is_for_those_who_read_the_whole_file(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ households(filter: { status: [REGISTERED] }, first: 5) { nodes { wishes registrationPlace living { power land { farmland } } help { helpers { name unit phone hasAccount validTo } measures { batch what } visits { visitor what } } } } }";
        let data = app.clerk(D::Township, "150921107").query(text, json!({})).await.data();
        let nodes = data["households"]["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), 5);
        for node in nodes {
            let helpers = node["help"]["helpers"].as_array().expect("helpers");
            assert_eq!(helpers.len(), 1, "{node}");
            assert_eq!(helpers[0]["validTo"], Value::Null);
            let phone = helpers[0]["phone"].as_str().expect("a mask");
            assert!(phone.starts_with("141****") && phone.len() == 11, "{phone}");
            assert!(!node["help"]["measures"].as_array().expect("measures").is_empty());
            let farmland = node["living"]["land"][0]["farmland"].as_str().expect("mu");
            assert_eq!(farmland.split_once('.').expect("a place").1.len(), 1, "{farmland}");
        }
        for department in [D::Civil, D::Medins, D::Edu, D::Housing, D::Finance, D::Hrss] {
            let answer = app.clerk(department, "150921107").query(text, json!({})).await;
            let nodes = answer.partial_data()["households"]["nodes"].clone();
            for node in nodes.as_array().expect("nodes") {
                assert_eq!(node, &json!({ "wishes": null, "registrationPlace": null, "living": null, "help": null }));
            }
            assert_eq!(answer.codes(), ["FORBIDDEN"; 4], "{department}");
        }
        // The helper's own: with the account that the token names.
        let own = app.helper("helper-1", OWN).query("{ households { nodes { help { helpers { hasAccount } } } } helpVisits { nodes { visitor } } }", json!({})).await.data();
        let helpers: Vec<_> = own["households"]["nodes"].as_array().expect("nodes").iter().flat_map(|node| node["help"]["helpers"].as_array().expect("helpers")).collect();
        assert_eq!(helpers, vec![&json!({ "hasAccount": true }); 5]);
        let visitors: BTreeSet<_> = own["helpVisits"]["nodes"].as_array().expect("nodes").iter().map(|node| node["visitor"].as_str()).collect();
        assert_eq!(visitors.len(), 1, "all five families have the same helper");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Work and pension for the social security bureau, marriage not.
    async fn work_is_for_the_social_security_bureau_too(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ households(first: 20) { nodes { members { work workPlace workMonths pensionEnrolled maritalStatus } } } }";
        let answer = app.clerk(D::Hrss, OWN).query(text, json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        let data = answer.partial_data();
        let members: Vec<_> = data["households"]["nodes"].as_array().expect("nodes").iter().flat_map(|node| node["members"].as_array().expect("members")).collect();
        assert!(members.iter().all(|member| member["maritalStatus"].is_null()));
        assert!(members.iter().any(|member| member["work"] == "务工" && member["workMonths"].is_i64()));
        assert!(members.iter().any(|member| member["pensionEnrolled"] == true));
        let data = app.clerk(D::Township, OWN).query(text, json!({})).await.data();
        assert!(data["households"]["nodes"][0]["members"][0]["maritalStatus"].is_string());
        let answer = app.clerk(D::Civil, OWN).query(text, json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"; 5]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_rolls_of_help_answer_what_is_asked(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.service(D::Poverty, OWN, "tests");
        let helper = helper::Entity::find()
            .filter(helper::Column::CountyCode.eq(150_921))
            .order_by_desc(helper::Column::Id)
            .one(&db.connect().await)
            .await
            .expect("the helpers")
            .expect("a helper");
        let rows = async |list: &str, kind: &str, filter: Value| {
            let text = format!("query($filter: {kind}) {{ {list}(filter: $filter, first: 1000) {{ nodes {{ id }} }} }}");
            let data = clerk.query(&text, json!({ "filter": filter })).await.data();
            i64::try_from(data[list]["nodes"].as_array().expect("nodes").len()).expect("a count")
        };
        for (list, kind, filter, table) in [
            ("helpVisits", "HelpVisitFilter", json!({}), "help_visit t".to_owned()),
            ("helpVisits", "HelpVisitFilter", json!({ "visitor": helper.name }), format!("help_visit t WHERE visitor = '{}'", helper.name)),
            ("helpVisits", "HelpVisitFilter", json!({ "way": ["PHONE"], "from": "2018-04-01", "to": "2018-06-30" }),
             "help_visit t WHERE way = 'PHONE' AND visited_on BETWEEN '2018-04-01' AND '2018-06-30'".to_owned()),
            ("helpMeasures", "HelpMeasureFilter", json!({ "batch": ["SOCIAL_SECURITY"], "state": ["ACTIVE"] }),
             "help_measure t WHERE batch = 'SOCIAL_SECURITY' AND state = 'ACTIVE'".to_owned()),
            ("helpMeasures", "HelpMeasureFilter", json!({ "department": ["EDU", "AGRI"], "region": "150921107" }),
             "help_measure t WHERE department IN ('EDU', 'AGRI') AND region_code BETWEEN 150921107000 AND 150921107999".to_owned()),
            ("needs", "NeedFilter", json!({ "year": 2018, "answered": false }), "need t WHERE year = 2018 AND answered_on IS NULL".to_owned()),
            ("needs", "NeedFilter", json!({ "sector": ["CIVIL"] }), "need t WHERE sector = 'CIVIL'".to_owned()),
        ] {
            let and = if table.contains("WHERE") { "AND" } else { "WHERE" };
            let expected = db.number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table} {and} t.county_code = 150921")).await;
            assert!(expected > 0, "{list} {filter}");
            assert_eq!(rows(list, kind, filter.clone()).await, expected, "{list} {filter}");
        }
        for list in ["helpVisits", "helpMeasures", "needs"] {
            let answer = app.clerk(D::Civil, OWN).query(&format!("{{ {list} {{ nodes {{ id }} }} }}"), json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{list}");
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn regions_have_tags_and_villages_have_posts(db: TestDatabase) {
        let app = App::start(&db).await;
        let tags = "{ region(code: \"150921\") { tags } four: region(code: \"150929\") { tags } border: region(code: \"152202\") { tags } none: region(code: \"11\") { tags } }";
        assert_eq!(app.clerk(D::Stats, OWN).query(tags, json!({})).await.data(), json!({
            "region": { "tags": ["NATIONAL_POOR", "OLD_REVOLUTIONARY_BASE"] },
            "four": { "tags": ["BORDER", "NATIONAL_POOR", "OLD_REVOLUTIONARY_BASE", "PASTORAL"] },
            "border": { "tags": ["BORDER", "CONTIGUOUS_GREATER_KHINGAN", "NATIONAL_POOR", "OLD_REVOLUTIONARY_BASE"] },
            "none": { "tags": [] },
        }));
        let village = db.number("SELECT MIN(region_code) FROM region_tag WHERE tag = 'POOR_VILLAGE' AND region_code / 1000000 = 150921").await;
        let text = "query($code: RegionCode!) { region(code: $code) { tags posts { personName role state grade validTo village { code } attendance { year days } } } }";
        let variables = json!({ "code": village.to_string() });
        let data = app.clerk(D::Org, OWN).query(text, variables.clone()).await.data();
        assert!(data["region"]["tags"].as_array().expect("tags").contains(&json!("POOR_VILLAGE")));
        let posts = data["region"]["posts"].as_array().expect("posts");
        let today: Vec<_> = posts.iter().filter(|post| post["validTo"].is_null()).collect();
        assert_eq!(today.len(), 5);
        assert_eq!(today.iter().filter(|post| post["role"] == "FIRST_SECRETARY").count(), 1);
        for post in today {
            assert_eq!(post["village"]["code"], village.to_string());
            assert_eq!(post["attendance"][0]["year"], 2018);
        }
        // Another county's posts are null, and a department that reads none is refused.
        let elsewhere = app.clerk(D::Org, OTHER).query(text, variables.clone()).await;
        assert_eq!(elsewhere.data()["region"]["posts"], Value::Null);
        for actor in [app.clerk(D::Civil, OWN), app.helper("helper-1", OWN)] {
            let answer = actor.query(text, variables.clone()).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
            assert_eq!(answer.partial_data(), Value::Null);
        }
        let roll = "{ villagePosts(filter: { role: [FIRST_SECRETARY], state: [RECALLED] }, first: 100) { nodes { grade village { name } validTo } } }";
        let recalled = db.number("SELECT CAST(COUNT(*) AS BIGINT) FROM village_post WHERE county_code BETWEEN 150900 AND 150999 AND state = 'RECALLED'").await;
        let data = app.reader(D::Org, "1509").query(roll, json!({})).await.data();
        let nodes = data["villagePosts"]["nodes"].as_array().expect("nodes");
        assert_eq!(i64::try_from(nodes.len()).expect("a count"), recalled);
        assert!(recalled > 0 && nodes.iter().all(|node| node["grade"] == "AVERAGE"));
        let today = "{ villagePosts(filter: { asOf: \"2018-12-31\" }, first: 100) { nodes { validTo } } }";
        let data = app.reader(D::Org, OWN).query(today, json!({})).await.data();
        assert!(data["villagePosts"]["nodes"].as_array().expect("nodes").iter().all(|node| node["validTo"].is_null()));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn villages_earn_and_lists_are_posted(db: TestDatabase) {
        let app = App::start(&db).await;
        let roll = "query($filter: CollectiveIncomeFilter) { collectiveIncomes(filter: $filter, first: 100) { nodes { year amount village { code } } } }";
        let count = async |condition: &str| db.number(&format!("SELECT COUNT(*) FROM collective_income t WHERE t.county_code = 150921 AND t.year = 2018 {condition}")).await;
        for (filter, condition) in [
            (json!({ "year": 2018, "region": OWN }), ""),
            (json!({ "year": 2018, "region": OWN, "below": "0.01" }), "AND t.amount_fen = 0"),
            (json!({ "year": 2018, "region": OWN, "atLeast": "50000.00" }), "AND t.amount_fen >= 5000000"),
        ] {
            let data = app.clerk(D::Agri, OWN).query(roll, json!({ "filter": filter })).await.data();
            let nodes = data["collectiveIncomes"]["nodes"].as_array().expect("nodes");
            assert_eq!(i64::try_from(nodes.len()).expect("a count"), count(condition).await, "{filter}");
            assert!(!nodes.is_empty() && nodes.iter().all(|node| node["year"] == 2018));
        }
        let village = db.number("SELECT MIN(region_code) FROM collective_income WHERE county_code = 150921").await;
        let (one, variables) = ("query($code: RegionCode!) { region(code: $code) { collectiveIncome { year amount } } }", json!({ "code": village.to_string() }));
        let data = app.clerk(D::Agri, OWN).query(one, variables.clone()).await.data();
        let years: Vec<_> = data["region"]["collectiveIncome"].as_array().expect("years").iter().map(|of| of["year"].clone()).collect();
        assert_eq!(years, [json!(2018), json!(2017)]);
        assert_eq!(app.clerk(D::Agri, OTHER).query(one, variables).await.data()["region"]["collectiveIncome"], Value::Null);

        let running = "{ publicities(filter: { runningOn: \"2018-12-31\" }, first: 100) { nodes { kind endsOn result region { code } } } }";
        let data = app.clerk(D::Finance, OWN).query(running, json!({})).await.data();
        assert_eq!(data["publicities"]["nodes"], json!([{ "kind": "FUND_USE", "endsOn": "2019-01-03", "result": null, "region": { "code": "150921000000" } }]));

        // Who objected is read where objections are decided, and nowhere else.
        let objections = "{ publicities(first: 100) { nodes { objections { raisedBy what decision decidedOn household { cardNumber } } } } }";
        let data = app.clerk(D::Poverty, "1509").query(objections, json!({})).await.data();
        let lists = data["publicities"]["nodes"].as_array().expect("nodes").iter();
        assert!(lists.len() < 100);
        let raised: Vec<_> = lists.flat_map(|list| list["objections"].as_array().expect("objections").clone()).collect();
        let objected = db.number("SELECT COUNT(*) FROM objection WHERE county_code BETWEEN 150900 AND 150999").await;
        assert_eq!(i64::try_from(raised.len()).expect("a count"), objected);
        let named = db.number("SELECT COUNT(*) FROM objection WHERE county_code BETWEEN 150900 AND 150999 AND household_id IS NOT NULL").await;
        let shown = raised.iter().filter(|of| of["household"]["cardNumber"].is_string()).count();
        assert_eq!(i64::try_from(shown).expect("a count"), named);
        assert!(named > 0 && objected > 0 && raised.iter().all(|of| of["decision"].is_null() == of["decidedOn"].is_null()));
        let denied = app.clerk(D::Finance, OWN).query(objections, json!({})).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        assert_eq!(denied.partial_data(), Value::Null);
        let denied = app.clerk(D::Finance, OWN).query("{ publicities(filter: { hasOpenObjection: true }) { nodes { title } } }", json!({})).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
    }
}
