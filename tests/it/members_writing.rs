//! Members leave, move, die, and change their head; what was recorded of them stays where it was.

use crate::family_writing::key;
use crate::harness::{Actor, App, TestDatabase, both_dbs};
use crate::help_writing::{edit, refused, run, text, variables, written};
use crate::reading::number_of_person;
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";

/// A family of three or more, where everybody has a valid number and is nowhere else.
pub(crate) struct Family {
    pub(crate) key: i64,
    pub(crate) id: String,
    pub(crate) township: String,
    pub(crate) head: Member,
    pub(crate) others: Vec<Member>,
}

#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) key: i64,
    pub(crate) id: String,
}

impl Member {
    fn of(key: i64) -> Member {
        Member {
            key,
            id: global_id("Person", key),
        }
    }
}

/// The nth such family of a county, in the county's first township that has several of them.
pub(crate) async fn family(db: &TestDatabase, county: i64, nth: i64) -> Family {
    let suitable = format!(
        "FROM household h WHERE h.county_code = {county} AND h.status = 'REGISTERED' AND 3 <= (SELECT COUNT(*) FROM person p WHERE p.household_id = h.id \
         AND p.valid_to IS NULL AND p.valid_from < '2018-06-01') AND NOT EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND \
         (p.valid_from >= '2018-06-01' OR p.valid_to IS NOT NULL OR p.citizen_number_state <> 'VALID')) AND EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.is_head)"
    );
    let township = db.number(&format!(
        "SELECT t.township FROM (SELECT h.region_code / 1000 AS township, COUNT(*) AS families {suitable} GROUP BY h.region_code / 1000) t \
         ORDER BY t.families DESC, t.township LIMIT 1"
    )).await;
    let key = db.number(&format!("SELECT h.id {suitable} AND h.region_code / 1000 = {township} ORDER BY h.id LIMIT 1 OFFSET {nth}")).await;
    let members = |of: &str| {
        format!(
            "SELECT p.id FROM person p WHERE p.household_id = {key} AND p.valid_to IS NULL AND {of} ORDER BY p.id"
        )
    };
    let head = Member::of(db.number(&members("p.is_head")).await);
    let count = db
        .number(&format!(
            "SELECT COUNT(*) FROM person WHERE household_id = {key} AND valid_to IS NULL"
        ))
        .await;
    let mut others = vec![];
    for place in 0..count - 1 {
        others.push(Member::of(
            db.number(&format!(
                "{} LIMIT 1 OFFSET {place}",
                members("NOT p.is_head")
            ))
            .await,
        ));
    }
    Family {
        key,
        id: global_id("Household", key),
        township: township.to_string(),
        head,
        others,
    }
}

const PERSON: &str =
    "id relation isHead validFrom validTo leftReason diedOn household { id } version";

async fn remove(actor: &Actor, member: &Member, reason: &str, on: &str) -> Value {
    edit(
        actor,
        "memberRemove",
        PERSON,
        (&member.id, 1),
        json!({ "reason": reason, "on": on }),
    )
    .await
}

async fn transfer(actor: &Actor, member: &Member, input: Value) -> Value {
    edit(actor, "memberTransfer", PERSON, (&member.id, 1), input).await
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn members_leave_and_the_last_one_closes_the_file(db: TestDatabase) {
        let app = App::start(&db).await;
        let family = family(&db, 150_921, 0).await;
        let clerk = app.clerk(D::Township, &family.township);
        assert_eq!(refused(&remove(&clerk, &family.head, "MOVED_OUT", "2019-01-01").await), ["input.on INVALID_VALUE", "id HEAD_LEAVES"]);
        assert_eq!(refused(&remove(&clerk, &family.others[0], "TRANSFERRED", "2018-12-30").await), ["input.reason INVALID_VALUE"]);
        assert_eq!(refused(&remove(&clerk, &family.others[0], "MOVED_OUT", "1949-01-01").await), ["input.on INVALID_VALUE"]);
        let moved = remove(&clerk, &family.others[0], "MOVED_OUT", "2018-12-20").await;
        assert_eq!((&moved["changed"]["validTo"], &moved["changed"]["leftReason"], &moved["changed"]["diedOn"], &moved["changed"]["version"]),
            (&json!("2018-12-20"), &json!("MOVED_OUT"), &Value::Null, &json!(2)));
        let again = edit(&clerk, "memberRemove", PERSON, (&family.others[0].id, 2), json!({ "reason": "DIED", "on": "2018-12-30" })).await;
        assert_eq!(refused(&again), ["id LEFT_ALREADY"]);
        let before = written(&db).await;
        for actor in [app.clerk(D::Poverty, OWN), app.clerk(D::Police, OWN), app.reader(D::Township, &family.township)] {
            let text = "mutation($id: ID!) { memberRemove(requestId: \"018f0000-0000-7000-8000-000000000001\", id: $id, version: 1, input: { reason: DIED, on: \"2018-12-30\" }) { changed { id } } }";
            assert_eq!(actor.query(text, json!({ "id": family.others[1].id })).await.codes(), ["FORBIDDEN"]);
        }
        let neighbour = app.clerk(D::Township, "150922100");
        assert_eq!(refused(&remove(&neighbour, &family.others[1], "DIED", "2018-12-30").await), ["id NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
        for other in &family.others[1..] {
            let died = remove(&clerk, other, "DIED", "2018-12-21").await;
            assert_eq!(died["changed"]["diedOn"], json!("2018-12-21"));
        }
        assert_eq!(remove(&clerk, &family.head, "MOVED_OUT", "2018-12-22").await["userErrors"], json!([]));
        let text = "query($id: ID!) { household(id: $id) { status closedOn size statusHistory { status validFrom } help { helpers { name } } } }";
        let file = clerk.query(text, json!({ "id": family.id })).await.data()["household"].take();
        assert_eq!((&file["status"], &file["closedOn"], &file["size"], &file["help"]["helpers"]), (&json!("CLOSED"), &json!("2018-12-22"), &json!(0), &json!([])));
        let last = file["statusHistory"].as_array().and_then(|history| history.last()).cloned();
        assert_eq!(last, Some(json!({ "status": "CLOSED", "validFrom": "2018-12-22" })));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM household_link WHERE household_id = {} AND valid_to IS NULL", family.key)).await, 0);
        let added = "mutation($h: ID!) { memberAdd(requestId: \"018f0000-0000-7000-8000-000000000002\", householdId: $h, input: { name: \"云\", relation: SON, sex: MALE, birthDate: \"2000-01-01\" }) { changed { id } userErrors { field code } } }";
        assert_eq!(refused(&clerk.query(added, json!({ "h": family.id })).await.data()["memberAdd"]), ["householdId HOUSEHOLD_NOT_OPEN"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_member_moves_at_once_inside_of_one_region(db: TestDatabase) {
        let app = App::start(&db).await;
        let (from, to) = (family(&db, 150_921, 0).await, family(&db, 150_921, 1).await);
        let clerk = app.clerk(D::Township, &from.township);
        let (member, number) = (from.others[0].clone(), number_of_person(&db, from.others[0].key).await);
        let into = json!({ "householdId": to.id, "relation": "OTHER_RELATIVE", "on": "2018-12-15" });
        assert_eq!(refused(&transfer(&clerk, &from.head, into.clone()).await), ["id HEAD_LEAVES"]);
        let mut as_head = into.clone();
        as_head["relation"] = json!("HEAD");
        assert_eq!(refused(&transfer(&clerk, &member, as_head).await), ["input.relation ONE_HEAD"]);
        let both = json!({ "householdId": to.id, "relation": "SON", "toRegion": "150922100", "on": "2018-12-15" });
        assert_eq!(refused(&transfer(&clerk, &member, both).await), ["input.householdId INVALID_VALUE"]);
        let moved = transfer(&clerk, &member, into.clone()).await["changed"].take();
        assert_eq!(moved, json!({ "id": moved["id"], "relation": "OTHER_RELATIVE", "isHead": false, "validFrom": "2018-12-15", "validTo": null, "leftReason": null,
            "diedOn": null, "household": { "id": to.id }, "version": 1 }));
        // The old row stays as it was, the new one is found by the number, which is sealed for its new place.
        let text = format!("query($id: ID!, $n: String!) {{ old: person(id: $id) {{ {PERSON} }} new: person(citizenNumber: $n) {{ id }} }}");
        let data = clerk.query(&text, json!({ "id": member.id, "n": number })).await.data();
        assert_eq!((&data["old"]["validTo"], &data["old"]["leftReason"], &data["old"]["household"]["id"]), (&json!("2018-12-15"), &json!("TRANSFERRED"), &json!(from.id)));
        assert_eq!(data["new"]["id"], moved["id"]);
        assert_eq!(number_of_person(&db, key(moved["id"].as_str().expect("an id"))).await, number);
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM person p JOIN person q ON q.identity_id = p.identity_id WHERE p.id = {} AND q.valid_to IS NULL", member.key)).await, 1);
        assert_eq!(refused(&edit(&clerk, "memberTransfer", PERSON, (&member.id, 2), into.clone()).await), ["id LEFT_ALREADY"]);
        let before = written(&db).await;
        let neighbour = app.clerk(D::Township, "150922100");
        assert_eq!(refused(&transfer(&neighbour, &from.others[1], into).await), ["id NOT_FOUND"]);
        // Of a household elsewhere there is nothing to be known.
        let foreign = family(&db, 150_922, 0).await;
        let away = json!({ "householdId": foreign.id, "relation": "SON", "on": "2018-12-15" });
        assert_eq!(refused(&transfer(&clerk, &from.others[1], away).await), ["input.householdId NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_member_is_offered_to_another_county_and_accepted_there(db: TestDatabase) {
        let app = App::start(&db).await;
        let (from, to) = (family(&db, 150_921, 0).await, family(&db, 150_922, 0).await);
        let (here, there) = (app.clerk(D::Township, &from.township), app.clerk(D::Township, &to.township));
        let member = from.others[0].clone();
        let away = |region: &str| json!({ "toRegion": region, "on": "2018-12-15" });
        for region in ["150922", &from.township, "150922999"] {
            assert_eq!(refused(&transfer(&here, &member, away(region)).await), ["input.toRegion NO_TOWNSHIP"], "{region}");
        }
        let offered = transfer(&here, &member, away(&to.township)).await["changed"].take();
        assert_eq!((&offered["id"], &offered["validTo"], &offered["version"]), (&json!(member.id), &Value::Null, &json!(1)));
        assert_eq!(refused(&transfer(&here, &member, away(&to.township)).await), ["id OFFERED_ALREADY"]);
        let roll = "{ memberOffers { nodes { id name citizenNumber sex state leavesOn fromCounty { code } region { code } version } } }";
        assert_eq!(here.query(roll, json!({})).await.data()["memberOffers"]["nodes"], json!([]));
        let offer = there.query(roll, json!({})).await.data()["memberOffers"]["nodes"][0].take();
        assert_eq!((&offer["state"], &offer["fromCounty"]["code"], &offer["region"]["code"]), (&json!("OFFERED"), &json!("150921000000"), &json!(format!("{}000", to.township))));
        assert!(offer["citizenNumber"].as_str().is_some_and(|mask| mask.ends_with("*****************")));
        let id = offer["id"].as_str().expect("an id");
        let accept = |actor: Actor, version: i64, household: String| async move {
            let input = json!({ "householdId": household, "relation": "DAUGHTER_IN_LAW" });
            edit(&actor, "memberTransferAccept", "state acceptedOn version", (id, version), input).await
        };
        let before = written(&db).await;
        assert_eq!(refused(&accept(here.clone(), 1, from.id.clone()).await), ["id NOT_FOUND"]);
        assert_eq!(refused(&accept(there.clone(), 1, from.id.clone()).await), ["input.householdId NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
        assert_eq!(accept(there.clone(), 1, to.id.clone()).await["changed"], json!({ "state": "ACCEPTED", "acceptedOn": "2018-12-31", "version": 2 }));
        assert_eq!(refused(&accept(there.clone(), 2, to.id.clone()).await), ["id OFFER_ENDED"]);
        // The old county sees its old row, the new one the new one.
        let text = format!("query($id: ID!) {{ person(id: $id) {{ {PERSON} }} }}");
        let old = here.query(&text, json!({ "id": member.id })).await.data()["person"].take();
        assert_eq!((&old["validTo"], &old["leftReason"], &old["household"]["id"]), (&json!("2018-12-15"), &json!("TRANSFERRED"), &json!(from.id)));
        let new = db.number(&format!("SELECT q.id FROM person p JOIN person q ON q.identity_id = p.identity_id WHERE p.id = {} AND q.valid_to IS NULL", member.key)).await;
        let new = global_id("Person", new);
        assert_eq!(here.query(&text, json!({ "id": new })).await.data()["person"], Value::Null);
        let seen = there.query(&text, json!({ "id": new })).await.data()["person"].take();
        assert_eq!((&seen["household"]["id"], &seen["relation"], &seen["validFrom"]), (&json!(to.id), &json!("DAUGHTER_IN_LAW"), &json!("2018-12-15")));
        assert_eq!(there.query(&text, json!({ "id": member.id })).await.data()["person"], Value::Null);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_household_has_another_head_splits_and_merges(db: TestDatabase) {
        let app = App::start(&db).await;
        let family = family(&db, 150_921, 0).await;
        let clerk = app.clerk(D::Township, &family.township);
        let related = |members: &[&Member], relation: &str| -> Value {
            members.iter().map(|member| json!({ "member": member.id, "relation": relation })).collect()
        };
        let everybody: Vec<_> = family.others[1..].iter().chain([&family.head]).collect();
        let change = json!({ "householdId": family.id, "head": family.others[0].id, "relations": related(&everybody, "OTHER_RELATIVE") });
        let mut wrong = change.clone();
        wrong["relations"] = related(&[&family.head, &family.head, &family.others[0]], "HEAD");
        let mistakes = refused(&run(&clerk, "headChange", "id", wrong).await);
        assert!(mistakes.starts_with(&["input.relations.1.member NO_MEMBER".to_owned()]), "{mistakes:?}");
        assert!(mistakes.contains(&"input.relations.0 ONE_HEAD".to_owned()), "{mistakes:?}");
        let mut missing = change.clone();
        missing["relations"] = related(&everybody[1..], "OTHER_RELATIVE");
        assert_eq!(refused(&run(&clerk, "headChange", "id", missing).await), ["input.relations EVERY_MEMBER"]);
        let changed = run(&clerk, "headChange", "head { id relation } members { id isHead }", change).await["changed"].take();
        assert_eq!(changed["head"], json!({ "id": family.others[0].id, "relation": "HEAD" }));
        assert_eq!(changed["members"].as_array().map(|members| members.iter().filter(|member| member["isHead"] == json!(true)).count()), Some(1));
        // The old head goes, with nobody else.
        let split = json!({ "householdId": family.id, "on": "2018-12-15", "group": "九组", "members": related(&[&family.head], "HEAD") });
        let mut with_head = split.clone();
        with_head["members"] = related(&[&family.others[0]], "SPOUSE");
        assert_eq!(refused(&run(&clerk, "householdSplit", "id", with_head).await), ["input.members ONE_HEAD", "input.members HEAD_LEAVES"]);
        let fields = "id status cardNumber group size openedBy headName statusHistory { status validFrom validTo }";
        let new = run(&clerk, "householdSplit", fields, split.clone()).await["changed"].take();
        assert_eq!((&new["status"], &new["cardNumber"], &new["group"], &new["size"], &new["openedBy"]), (&json!("CANDIDATE"), &Value::Null, &json!("九组"), &json!(1), &json!("TOWNSHIP")));
        assert_eq!(new["statusHistory"], json!([{ "status": "CANDIDATE", "validFrom": "2018-12-15", "validTo": null }]));
        assert_eq!(refused(&run(&clerk, "householdSplit", "id", split).await), ["input.members.0.member NO_MEMBER", "input.members ONE_HEAD"]);
        // And comes back: the new household is closed.
        let member = db.number(&format!("SELECT id FROM person WHERE household_id = {} AND valid_to IS NULL", key(new["id"].as_str().expect("an id")))).await;
        let merge = json!({ "householdId": family.id, "mergedId": new["id"], "on": "2018-12-20", "members": related(&[&Member::of(member)], "PARENT") });
        let mut nobody = merge.clone();
        nobody["members"] = json!([]);
        assert_eq!(refused(&run(&clerk, "householdMerge", "id", nobody).await), ["input.members EVERY_MEMBER"]);
        let merged = run(&clerk, "householdMerge", "id size status", merge.clone()).await["changed"].take();
        assert_eq!(merged, json!({ "id": family.id, "size": family.others.len() + 1, "status": "REGISTERED" }));
        let closed = clerk.query("query($id: ID!) { household(id: $id) { status closedOn size } }", json!({ "id": new["id"] })).await;
        assert_eq!(closed.data()["household"], json!({ "status": "CLOSED", "closedOn": "2018-12-20", "size": 0 }));
        let before = written(&db).await;
        assert_eq!(refused(&run(&clerk, "householdMerge", "id", merge.clone()).await)[0], "input.mergedId HOUSEHOLD_NOT_OPEN");
        for actor in [app.clerk(D::Civil, OWN), app.clerk(D::Village, &family.township), app.clerk(D::Township, OWN)] {
            assert_eq!(actor.query(&text("householdMerge", "id"), variables(merge.clone())).await.codes(), ["FORBIDDEN"]);
        }
        assert_eq!(written(&db).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn the_police_records_a_death(db: TestDatabase) {
        let app = App::start(&db).await;
        let family = family(&db, 150_921, 0).await;
        let police = app.clerk(D::Police, OWN);
        let death = |member: &Member, on: &str| json!({ "personId": member.id, "diedOn": on });
        assert_eq!(refused(&run(&police, "deathRecord", "id", death(&family.head, "2019-01-01")).await), ["input.diedOn INVALID_VALUE"]);
        let fields = "id validTo leftReason diedOn household { id size headName }";
        let died = run(&police, "deathRecord", fields, death(&family.others[0], "2018-12-10")).await["changed"].take();
        assert_eq!((&died["validTo"], &died["leftReason"], &died["diedOn"]), (&json!("2018-12-10"), &json!("DIED"), &json!("2018-12-10")));
        assert_eq!(died["household"]["size"], json!(family.others.len()));
        let headless = format!("SELECT COUNT(*) FROM finding WHERE household_id = {} AND check_id = 'RC-07' AND severity = 'BLOCK' AND department = 'TOWNSHIP' AND state = 'OPEN'", family.key);
        assert_eq!(db.number(&headless).await, 0);
        // Where the head dies the township is asked for another one.
        let died = run(&police, "deathRecord", fields, death(&family.head, "2018-12-11")).await["changed"].take();
        assert_eq!((&died["household"]["headName"], db.number(&headless).await), (&Value::Null, 1));
        assert_eq!(db.number(&format!("{headless} AND due_on = '2019-01-07'")).await, 1);
        assert_eq!(refused(&run(&police, "deathRecord", fields, death(&family.head, "2018-12-11")).await), ["input.personId LEFT_ALREADY"]);
        let before = written(&db).await;
        for actor in [app.clerk(D::Township, &family.township), app.clerk(D::Poverty, OWN), app.clerk(D::Police, "1509"), app.reader(D::Police, OWN)] {
            assert_eq!(actor.query(&text("deathRecord", "id"), variables(death(&family.others[1], "2018-12-11"))).await.codes(), ["FORBIDDEN"]);
        }
        let neighbour = app.clerk(D::Police, "150922");
        assert_eq!(refused(&run(&neighbour, "deathRecord", "id", death(&family.others[1], "2018-12-11")).await), ["input.personId NOT_FOUND"]);
        assert_eq!(written(&db).await, before);
        // Whoever is dead joins no household.
        let clerk = app.clerk(D::Township, &family.township);
        let number = number_of_person(&db, family.head.key).await;
        let text = "mutation($h: ID!, $n: String!) { memberAdd(requestId: \"018f0000-0000-7000-8000-000000000003\", householdId: $h, input: { name: \"云\", citizenNumber: $n, relation: HEAD }) { changed { id } userErrors { field code } } }";
        assert_eq!(refused(&clerk.query(text, json!({ "h": family.id, "n": number })).await.data()["memberAdd"]), ["input.citizenNumber PERSON_DIED"]);
    }
}
