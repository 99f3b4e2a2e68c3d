//! Civil affairs: grants that exclude each other, disabled people, children without their parents; who reads what of them.

use crate::harness::{App, TestDatabase, both_dbs};
use entity::{civil_affairs::disability_certificate, codes::Department as D};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const NODE: &str = "query($id: ID!) { node(id: $id) { ... on DisabilityCertificate { grade } } }";

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_clerk_finds_the_families(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let today = |table: &str| format!("EXISTS (SELECT 1 FROM {table} o WHERE o.household_id = h.id AND o.valid_to IS NULL)");
        let (dibao, support, disabled) = (today("dibao"), today("special_support"), today("disability_certificate"));
        let found = async |filter: Value| clerk.listed("households", "HouseholdFilter", filter).await;
        for (filter, condition) in [
            (json!({ "civilAffairs": { "onDibao": true } }), dibao.clone()),
            (json!({ "civilAffairs": { "onSpecialSupport": true } }), support.clone()),
            (json!({ "civilAffairs": { "hasDisabledMember": true } }), disabled.clone()),
            (json!({ "civilAffairs": { "hasDisabledMember": false } }), format!("NOT {disabled}")),
            (json!({ "civilAffairs": { "hasLeftBehindChild": true } }), today("left_behind_child")),
            (json!({ "civilAffairs": { "onDibao": true, "hasDisabledMember": true }, "status": ["REGISTERED"], "region": "150921" }),
             format!("{dibao} AND {disabled} AND h.status = 'REGISTERED'")),
            (json!({ "civilAffairs": { "onDibao": false, "onSpecialSupport": true }, "status": ["EXITED"] }),
             format!("NOT {dibao} AND {support} AND h.status = 'EXITED'")),
            (json!({ "civilAffairs": { "onDibao": false, "onSpecialSupport": false }, "memberNamePrefix": "王" }),
             format!("NOT {dibao} AND NOT {support} AND EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL AND p.name LIKE '王%')")),
        ] {
            let expected = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND {condition}")).await;
            assert!(!expected.is_empty(), "{filter}");
            assert_eq!(found(filter.clone()).await, expected, "{filter}");
        }
        // With and without the two support each family is found once; none has both.
        let mut all = BTreeSet::new();
        for (on_dibao, on_support) in [(true, true), (true, false), (false, true), (false, false)] {
            let of = found(json!({ "civilAffairs": { "onDibao": on_dibao, "onSpecialSupport": on_support } })).await;
            assert_eq!(of.is_empty(), on_dibao && on_support);
            assert!(all.is_disjoint(&of));
            all.extend(of);
        }
        assert_eq!(all, db.ids("Household", "SELECT id FROM household WHERE county_code = 150921").await);
        // Any department of the region by yes and no; by children only who reads them.
        let basics = json!({ "civilAffairs": { "hasDisabledMember": true, "onSpecialSupport": false } });
        let of_housing = app.clerk(D::Housing, OWN).listed("households", "HouseholdFilter", basics.clone()).await;
        assert_eq!(of_housing, found(basics).await);
        let children = "{ households(filter: { civilAffairs: { hasLeftBehindChild: true } }) { nodes { id } } }";
        for department in [D::Housing, D::Edu, D::Dpf] {
            let answer = app.clerk(department, OWN).query(children, json!({})).await;
            assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
        }
        assert_eq!(app.clerk(D::Women, OWN).query(children, json!({})).await.data(), clerk.query(children, json!({})).await.data());
    }
}

/// Each roll with a filter, and what it gives of the whole demonstration.
fn rolls() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "dibaoRoll",
            "Dibao",
            json!({}),
            "dibao WHERE valid_to IS NULL",
        ),
        (
            "dibaoRoll",
            "Dibao",
            json!({ "asOf": "2017-06-30" }),
            "dibao WHERE valid_from <= '2017-06-30' AND (valid_to IS NULL OR valid_to > '2017-06-30')",
        ),
        (
            "specialSupportRoll",
            "SpecialSupport",
            json!({}),
            "special_support WHERE valid_to IS NULL",
        ),
        (
            "specialSupportRoll",
            "SpecialSupport",
            json!({ "mode": ["SCATTERED"], "careLevel": ["SELF_CARE"], "asOf": "2018-01-31" }),
            "special_support WHERE mode = 'SCATTERED' AND care_level = 'SELF_CARE' AND valid_from <= '2018-01-31' \
             AND (valid_to IS NULL OR valid_to > '2018-01-31')",
        ),
        (
            "cashSubsidies",
            "CashSubsidy",
            json!({ "year": 2018 }),
            "cash_subsidy WHERE year = 2018",
        ),
        (
            "temporaryAssistance",
            "TemporaryAssistance",
            json!({ "decidedFrom": "2018-03-01", "decidedTo": "2018-11-30" }),
            "temporary_assistance WHERE decided_on BETWEEN '2018-03-01' AND '2018-11-30'",
        ),
        (
            "temporaryAssistance",
            "TemporaryAssistance",
            json!({ "reason": ["ILLNESS", "SCHOOLING"] }),
            "temporary_assistance WHERE reason IN ('ILLNESS', 'SCHOOLING')",
        ),
        (
            "medicalAssistance",
            "MedicalAssistance",
            json!({ "kind": ["OUTPATIENT"], "decidedFrom": "2018-03-01" }),
            "medical_assistance WHERE kind = 'OUTPATIENT'",
        ),
        (
            "disabilityCertificates",
            "DisabilityCertificate",
            json!({ "grade": ["GRADE_1", "GRADE_2"] }),
            "disability_certificate WHERE valid_to IS NULL AND grade IN ('GRADE_1', 'GRADE_2')",
        ),
        (
            "disabilityCertificates",
            "DisabilityCertificate",
            json!({ "category": ["LIMBS"] }),
            "disability_certificate WHERE valid_to IS NULL AND category = 'LIMBS'",
        ),
        (
            "disabilityAllowances",
            "DisabilityAllowance",
            json!({ "kind": ["NURSING"] }),
            "disability_allowance WHERE valid_to IS NULL AND kind = 'NURSING'",
        ),
        (
            "leftBehindChildren",
            "LeftBehindChild",
            json!({ "hasGuardian": true, "absence": ["BOTH_AWAY"] }),
            "left_behind_child WHERE valid_to IS NULL AND absence = 'BOTH_AWAY'",
        ),
        (
            "leftBehindChildren",
            "LeftBehindChild",
            json!({ "care": ["GRANDPARENTS", "RELATIVES"] }),
            "left_behind_child WHERE valid_to IS NULL AND care IN ('GRANDPARENTS', 'RELATIVES')",
        ),
        (
            "orphans",
            "Orphan",
            json!({ "class": ["DE_FACTO"], "placement": ["SCATTERED"] }),
            "orphan WHERE valid_to IS NULL",
        ),
    ]
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each roll gives exactly what lies in the county, and what lies in the village to the village.
    async fn the_rolls_answer_what_is_asked(db: TestDatabase) {
        let app = App::start(&db).await;
        let other = app.clerk(D::Civil, "150922");
        for (list, of, filter, rows) in rolls() {
            let kind = format!("{of}Filter");
            let within = async |place: &str| db.ids(of, &format!("SELECT id FROM {rows} AND {place}")).await;
            let own = within("county_code = 150921").await;
            assert!(!own.is_empty(), "{rows}");
            assert_eq!(app.clerk(D::Civil, OWN).listed(list, &kind, filter.clone()).await, own, "{rows}");
            assert_eq!(other.listed(list, &kind, filter.clone()).await, within("county_code = 150922").await, "{rows}");
            let mut abroad = filter.clone();
            abroad["region"] = json!(OWN);
            assert_eq!(other.listed(list, &kind, abroad).await, BTreeSet::new(), "{rows}");
            let here = within("region_code = 150921107200").await;
            let village = if of == "DisabilityCertificate" { D::Dpf } else { D::Village };
            assert_eq!(app.clerk(village, "150921107200").listed(list, &kind, filter).await, here, "{rows}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_child_without_guardian_is_found(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Women, OWN);
        let text = "{ leftBehindChildren(filter: { hasGuardian: false }) { nodes { care guardian { id } guardianName } } }";
        assert_eq!(clerk.query(text, json!({})).await.data(), json!({ "leftBehindChildren": { "nodes": [] } }));
        db.connect()
            .await
            .execute_unprepared("UPDATE left_behind_child SET guardian_name = NULL, guardian_person_id = NULL, care = 'NOBODY' \
                                 WHERE id = (SELECT MIN(id) FROM left_behind_child WHERE county_code = 150921)")
            .await
            .expect("no guardian");
        assert_eq!(clerk.query(text, json!({})).await.data(),
            json!({ "leftBehindChildren": { "nodes": [{ "care": "NOBODY", "guardian": null, "guardianName": null }] } }));
    }
}

/// A disabled member of a household on file in 卓资县: keys of the certificate, as the database has them.
async fn a_certificate(db: &TestDatabase) -> disability_certificate::Model {
    let severe = db.number("SELECT MIN(c.id) FROM disability_certificate c JOIN household h ON h.id = c.household_id \
                            WHERE c.county_code = 150921 AND c.valid_to IS NULL AND h.status IN ('REGISTERED', 'RETURNED')").await;
    disability_certificate::Entity::find()
        .filter(disability_certificate::Column::Id.eq(severe))
        .one(&db.connect().await)
        .await
        .expect("the certificates")
        .expect("a certificate")
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Category and grade for whom they concern; for the others yes or no, and the reason why not more.
    async fn details_of_a_disability_are_for_few(db: TestDatabase) {
        let app = App::start(&db).await;
        let certificate = a_certificate(&db).await;
        let card = db.number(&format!("SELECT CAST(card_number AS BIGINT) FROM household WHERE id = {}", certificate.household_id)).await;
        let text = "query($card: String!) { household(cardNumber: $card) { hasDisabledMember members { disabled civilAffairs { disabilityCertificate { category grade } } } } }";
        let details = |answer: &Value| -> Vec<Value> {
            let members = answer["household"]["members"].as_array().expect("members").iter();
            members.map(|member| member["civilAffairs"]["disabilityCertificate"].clone()).filter(|one| !one.is_null()).collect()
        };
        let expected = json!({ "category": certificate.category.to_string(), "grade": certificate.grade.to_string() });
        for actor in [app.clerk(D::Dpf, OWN), app.clerk(D::Civil, OWN), app.auditor()] {
            let data = actor.query(text, json!({ "card": card.to_string() })).await.data();
            assert_eq!(data["household"]["hasDisabledMember"], true);
            assert!(details(&data).contains(&expected), "{data}");
        }
        let id = global_id("DisabilityCertificate", certificate.id);
        assert_eq!(app.clerk(D::Dpf, OWN).query(NODE, json!({ "id": id })).await.data(), json!({ "node": { "grade": expected["grade"] } }));
        assert_eq!(app.clerk(D::Dpf, "150922").query(NODE, json!({ "id": id })).await.data(), json!({ "node": null }));
        for department in [D::Poverty, D::Township, D::Village, D::Women, D::Medins, D::Edu, D::Housing, D::Finance, D::Police] {
            let answer = app.clerk(department, OWN).query(text, json!({ "card": card.to_string() })).await;
            let data = answer.partial_data();
            assert_eq!(data["household"]["hasDisabledMember"], true, "{department}");
            let members = data["household"]["members"].as_array().expect("members");
            assert!(members.iter().any(|member| member["disabled"] == true), "{department}");
            assert_eq!(details(&data), Vec::<Value>::new(), "{department}");
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{department}");
            assert!(!answer.text.contains("GRADE_") && !answer.text.contains(&certificate.category.to_string()), "{department}");
            // Neither as a node, nor on the roll, nor by a condition.
            let answer = app.clerk(department, OWN).query(NODE, json!({ "id": id })).await;
            assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null), "{department}");
            let roll = "{ disabilityCertificates(filter: { grade: [GRADE_1] }) { nodes { id } } }";
            let answer = app.clerk(department, OWN).query(roll, json!({})).await;
            assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null), "{department}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The number holds the citizen number: masked for its keeper, null for civil affairs.
    async fn the_number_of_a_certificate_leaves_masked(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ disabilityCertificates(first: 3) { nodes { certificateNumber grade person { citizenNumber } } } }";
        let data = app.clerk(D::Dpf, OWN).query(text, json!({})).await.data();
        for node in data["disabilityCertificates"]["nodes"].as_array().expect("nodes") {
            let number = node["certificateNumber"].as_str().expect("a mask");
            assert_eq!((number.len(), &number[1..]), (20, &"*".repeat(19)[..]), "{number}");
        }
        let answer = app.clerk(D::Civil, OWN).query(text, json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        assert_eq!(answer.errors()[0]["extensions"]["count"], 3);
        for node in answer.partial_data()["disabilityCertificates"]["nodes"].as_array().expect("nodes") {
            assert_eq!(node["certificateNumber"], Value::Null);
            assert!(node["grade"].is_string());
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// One slice of the room is not the others': the federation reads no grants, the women's federation children only.
    async fn each_reads_its_slice_of_the_room(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ households(first: 50, filter: { civilAffairs: { onDibao: true } }) { nodes { civilAffairs { dibao { class } specialSupport { mode } cashSubsidies { amount } \
                    temporaryAssistance { amount } medicalAssistance { amount } disabilityCertificates { grade } disabilityAllowances { kind monthlyAmount } \
                    leftBehindChildren { absence guardianName } orphans { class } } } } }";
        let of = |department: D| match department {
            D::Civil => vec!["dibao", "specialSupport", "cashSubsidies", "temporaryAssistance", "medicalAssistance",
                                          "disabilityCertificates", "disabilityAllowances", "leftBehindChildren", "orphans"],
            D::Dpf => vec!["disabilityCertificates", "disabilityAllowances"],
            D::Women => vec!["leftBehindChildren", "orphans"],
            // All but what a disability is.
            _ => vec!["dibao", "specialSupport", "cashSubsidies", "temporaryAssistance", "medicalAssistance",
                      "disabilityAllowances", "leftBehindChildren", "orphans"],
        };
        for department in [D::Civil, D::Poverty, D::Dpf, D::Women, D::Township, D::Village] {
            let answer = app.clerk(department, OWN).query(text, json!({})).await;
            let data = answer.partial_data();
            for node in data["households"]["nodes"].as_array().expect("nodes") {
                let slices = node["civilAffairs"].as_object().expect("the room");
                assert_eq!(slices.len(), 9);
                let read: Vec<_> = slices.iter().filter(|(_, slice)| !slice.is_null()).map(|(name, _)| name.as_str()).collect();
                assert_eq!(read, of(department), "{department}");
            }
            assert_eq!(answer.codes(), vec!["FORBIDDEN"; 9 - of(department).len()], "{department}");
        }
        let answer = app.clerk(D::Medins, OWN).query(text, json!({})).await;
        assert_eq!(answer.codes(), ["FORBIDDEN"]);
        assert!(answer.partial_data()["households"]["nodes"].as_array().expect("nodes").iter().all(|node| node["civilAffairs"].is_null()));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_grant_tells_whom_it_covers(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ dibaoRoll(first: 100) { nodes { persons household { members { id } } coveredPersons { person { id name } validFrom validTo } } } \
                    cashSubsidies(first: 100) { nodes { year persons amount perHead coveredPersons { person { id } } household { onDibao onSpecialSupport } } } }";
        let data = app.clerk(D::Civil, OWN).query(text, json!({})).await.data();
        for grant in data["dibaoRoll"]["nodes"].as_array().expect("nodes") {
            let covered = grant["coveredPersons"].as_array().expect("covered");
            assert_eq!(covered.len(), usize::try_from(grant["persons"].as_u64().expect("persons")).expect("a count"));
            let today = covered.iter().filter(|one| one["validTo"].is_null());
            let members = grant["household"]["members"].as_array().expect("members");
            for one in today {
                assert!(members.iter().any(|member| member["id"] == one["person"]["id"]), "{grant}");
            }
        }
        let subsidies = data["cashSubsidies"]["nodes"].as_array().expect("nodes");
        assert!(!subsidies.is_empty());
        for subsidy in subsidies {
            assert_eq!((&subsidy["household"]["onDibao"], &subsidy["household"]["onSpecialSupport"]), (&json!(false), &json!(false)));
            let persons = subsidy["persons"].as_u64().expect("persons");
            let head = if subsidy["year"] == 2018 { 3_000 } else { 2_800 };
            assert_eq!((&subsidy["perHead"], &subsidy["amount"]), (&json!(format!("{head}.00")), &json!(format!("{}.00", persons * head))));
            assert_eq!(subsidy["coveredPersons"].as_array().expect("covered").len() as u64, persons);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// `person` and a member's part tell the same; the family with an account reads its own.
    async fn a_person_has_its_part(db: TestDatabase) {
        let app = App::start(&db).await;
        let part = "onSpecialSupport disabled civilAffairs { specialSupport { mode careLevel monthlyAmount } disabilityCertificate { grade } \
                    disabilityAllowances { kind } leftBehind { absence guardian { name } guardianName } orphan { monthlyAmount } medicalAssistance { amount } }";
        let clerk = app.clerk(D::Civil, OWN);
        let roll = format!("{{ specialSupportRoll(first: 5) {{ nodes {{ monthlyAmount person {{ id {part} }} }} }} leftBehindChildren(first: 5) {{ nodes {{ guardianName person {{ id {part} }} }} }} }}");
        let data = clerk.query(&roll, json!({})).await.data();
        for node in data["specialSupportRoll"]["nodes"].as_array().expect("nodes") {
            let person = &node["person"];
            assert_eq!(person["onSpecialSupport"], true);
            assert_eq!(person["civilAffairs"]["specialSupport"]["monthlyAmount"], node["monthlyAmount"]);
            assert_eq!(node["monthlyAmount"], "423.15");
            let alone = clerk.query(&format!("query($id: ID!) {{ person(id: $id) {{ id {part} }} }}"), json!({ "id": person["id"] })).await.data();
            assert_eq!(&alone["person"], person);
        }
        for node in data["leftBehindChildren"]["nodes"].as_array().expect("nodes") {
            let case = &node["person"]["civilAffairs"]["leftBehind"];
            assert_eq!(case["guardianName"], node["guardianName"]);
            assert!(case["guardian"].is_null() || case["guardian"]["name"] == case["guardianName"]);
        }
        let own = app.household("household-1", OWN).query("{ households { nodes { onDibao civilAffairs { dibao { monthlyAmount coveredPersons { person { name } } } disabilityCertificates { certificateNumber grade } } } } }", json!({})).await.data();
        assert_eq!(own["households"]["nodes"][0]["onDibao"], true);
        assert!(!own["households"]["nodes"][0]["civilAffairs"]["dibao"]["coveredPersons"].as_array().expect("covered").is_empty());
    }
}
