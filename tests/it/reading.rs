//! Who sees what: scope, linked households, institutions, masks, and input that can't be served.

use crate::harness::{Actor, App, TestDatabase, both_dbs, vault};
use entity::{
    codes::Department as D,
    education::school_enrolment,
    household::{codes::HouseholdStatus, household, person},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use yihu::vault::{Kind, Place, Sensitive};

const OWN: &str = "150921";
const OTHER: &str = "150922";

/// A household of a county with its members, as the auditor sees it.
async fn a_household_of(app: &App, county: &str) -> Value {
    let text = "query($county: RegionCode!) { households(filter: { region: $county, status: [REGISTERED] }, first: 1) { nodes { id cardNumber headName address members { id name } } } }";
    let data = app
        .auditor()
        .query(text, json!({ "county": county }))
        .await
        .data();
    data["households"]["nodes"][0].clone()
}

fn clerks(app: &App) -> Vec<Actor> {
    [D::Civil, D::Medins, D::Edu, D::Housing, D::Finance]
        .map(|department| app.clerk(department, OWN))
        .into()
}

/// What must not appear in an answer about a household that does not exist for the viewer.
fn assert_nothing_of(household: &Value, text: &str) {
    for secret in ["cardNumber", "headName", "address"] {
        let secret = household[secret]
            .as_str()
            .expect("a registered household has it");
        assert!(!text.contains(secret), "{secret} leaked: {text}");
    }
    for member in household["members"].as_array().expect("members") {
        assert!(
            !text.contains(member["name"].as_str().expect("a name")),
            "{text}"
        );
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn another_county_does_not_exist(db: TestDatabase) {
        let app = App::start(&db).await;
        let household = a_household_of(&app, OTHER).await;
        let look_up = "query($id: ID!, $person: ID!, $card: String!) {
            byId: household(id: $id) { id } byCard: household(cardNumber: $card) { id }
            person(id: $person) { id } node(id: $id) { id } nodes(ids: [$id, $person]) { id }
            list: households(filter: { region: \"150922\" }) { nodes { id } pageInfo { hasNextPage endCursor } }
            region(code: \"150922\") { name } }";
        let variables = json!({ "id": household["id"], "person": household["members"][0]["id"], "card": household["cardNumber"] });
        let nothing = json!({ "byId": null, "byCard": null, "person": null, "node": null, "nodes": [null, null],
            "list": { "nodes": [], "pageInfo": { "hasNextPage": false, "endCursor": null } }, "region": { "name": "化德县" } });
        for clerk in clerks(&app) {
            let answer = clerk.query(look_up, variables.clone()).await;
            assert_eq!(answer.data(), nothing);
            let text = "{ region(code: \"150922\") { name totals { households } } upper: region(code: \"1509\") { totals { households } } }";
            assert_eq!(clerk.query(text, json!({})).await.data(),
                json!({ "region": { "name": "化德县", "totals": null }, "upper": { "totals": null } }));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Every list, all pages of it: only rows of the own county, and nothing of the other one in any byte.
    async fn no_list_shows_another_county(db: TestDatabase) {
        let app = App::start(&db).await;
        let stranger = a_household_of(&app, OTHER).await;
        let lists = [
            (D::Poverty, "households"), (D::Civil, "dibaoRoll"), (D::Medins, "medicalEnrolments"), (D::Medins, "claims"),
            (D::Edu, "schoolEnrolments"), (D::Edu, "rainDewApplications"), (D::Edu, "studyAllowances"), (D::Housing, "houses"),
            (D::Housing, "renovations"), (D::Reloc, "relocations"), (D::Housing, "housingArrangements"), (D::Land, "homesteads"),
            (D::Finance, "payments"), (D::Finance, "loans"), (D::Finance, "loanRepayments"), (D::Finance, "interestSubsidies"),
            (D::Finance, "bankCards"), (D::Finance, "projectBeneficiaries"),
            (D::Medins, "supplementaryEnrolments"), (D::Health, "checkUps"), (D::Health, "doctorContracts"), (D::Health, "doctorVisits"),
            (D::Health, "medicineDeliveries"), (D::Health, "diseaseFlags"), (D::Hrss, "chronicHandbooks"),
        ];
        for (department, list) in lists {
            let clerk = app.clerk(department, OWN);
            let household = if list == "households" { "cardNumber region { code }" } else { "household { cardNumber region { code } }" };
            let text = format!("query($after: String) {{ {list}(first: 100, after: $after) {{ nodes {{ id {household} }} pageInfo {{ hasNextPage endCursor }} }} }}");
            let (mut after, mut seen) = (Value::Null, 0);
            loop {
                let answer = clerk.query(&text, json!({ "after": after })).await;
                let data = answer.data();
                for node in data[list]["nodes"].as_array().expect("nodes") {
                    let household = if list == "households" { node } else { &node["household"] };
                    let code = household["region"]["code"].as_str().expect("a region");
                    assert!(code.starts_with(OWN), "{list}: {code}");
                    seen += 1;
                }
                assert!(!answer.text.contains(stranger["cardNumber"].as_str().expect("a card number")));
                if data[list]["pageInfo"]["hasNextPage"] == json!(false) {
                    break;
                }
                after = data[list]["pageInfo"]["endCursor"].clone();
            }
            assert!(seen > 0, "{list} shows nothing at all");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn slices_of_others_are_null_with_one_error(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ households(first: 10) { nodes { cardNumber civilAffairs { dibao { class } } health { claims { diagnosis } } education { enrolments { stage } } housing { house { grade } } address phone mainCause } } }";
        let part = |department: D| match department {
            D::Civil => vec!["education", "housing", "address", "phone", "mainCause"],
            D::Medins => vec!["civilAffairs", "education", "housing", "address", "phone", "mainCause"],
            D::Edu => vec!["civilAffairs", "health", "housing", "address", "phone", "mainCause"],
            D::Housing => vec!["civilAffairs", "health", "education", "address", "phone", "mainCause"],
            _ => vec!["civilAffairs", "health", "education", "housing", "address", "phone", "mainCause"],
        };
        for department in [D::Civil, D::Medins, D::Edu, D::Housing, D::Finance] {
            let answer = app.clerk(department, OWN).query(text, json!({})).await;
            let nodes = answer.partial_data()["households"]["nodes"].clone();
            assert_eq!(nodes.as_array().expect("nodes").len(), 10);
            for field in part(department) {
                assert!(nodes.as_array().expect("nodes").iter().all(|node| node[field].is_null()), "{department}: {field}");
                let errors = answer.errors();
                let of_field: Vec<_> = errors.iter().filter(|error| error["path"] == json!(["households", "nodes", 0, field])).collect();
                assert_eq!(of_field.len(), 1, "{department}: {field}: {errors:?}");
                assert_eq!(of_field[0]["extensions"]["code"], "FORBIDDEN");
                assert_eq!(of_field[0]["extensions"]["count"], 10);
            }
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn linked_viewers_see_what_is_linked(db: TestDatabase) {
        let app = App::start(&db).await;
        let everything = "{ households(first: 100) { nodes { id } pageInfo { hasNextPage } } }";
        let count = async |actor: &Actor| {
            let data = actor.query(everything, json!({})).await.data();
            assert_eq!(data["households"]["pageInfo"]["hasNextPage"], false);
            data["households"]["nodes"].as_array().expect("nodes").len()
        };
        assert_eq!(count(&app.helper("helper-1", OWN)).await, 5);
        assert_eq!(count(&app.household("household-1", OWN)).await, 1);
        // Those whom nothing is linked to, and a helper whose token is of another county.
        assert_eq!(count(&app.helper("helper-2", OWN)).await, 0);
        assert_eq!(count(&app.household("household-2", OWN)).await, 0);
        assert_eq!(count(&app.helper("helper-1", OTHER)).await, 0);
        let stranger = a_household_of(&app, OTHER).await;
        for actor in [app.helper("helper-1", OWN), app.household("household-1", OWN)] {
            let answer = actor.query("query($id: ID!) { household(id: $id) { cardNumber headName address } }", json!({ "id": stranger["id"] })).await;
            assert_eq!(answer.data(), json!({ "household": null }));
            assert_nothing_of(&stranger, &answer.text);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn institutions_see_their_own(db: TestDatabase) {
        let app = App::start(&db).await;
        let schools = "{ schoolEnrolments(first: 100) { nodes { schoolCode person { id } household { id } } } }";
        let all = app.auditor().query(schools, json!({})).await.data();
        let school = all["schoolEnrolments"]["nodes"][0]["schoolCode"].as_str().expect("a school").to_owned();
        let pupils = app.institution(D::School, &school);
        let own = pupils.query("{ schoolEnrolments(first: 100) { nodes { schoolCode person { id name } household { id members { id } } } } households(first: 100) { nodes { id members { id } } } }", json!({})).await.data();
        let mut seen = std::collections::BTreeSet::new();
        for node in own["schoolEnrolments"]["nodes"].as_array().expect("nodes") {
            assert_eq!(node["schoolCode"], school.as_str());
            seen.insert(node["person"]["id"].as_str().expect("a pupil").to_owned());
        }
        assert!(!seen.is_empty());
        // Of a pupil's household the other members do not exist.
        for household in own["households"]["nodes"].as_array().expect("households") {
            for member in household["members"].as_array().expect("members") {
                assert!(seen.contains(member["id"].as_str().expect("an id")), "{member}");
            }
        }
        let nobody = app.institution(D::School, "NO-SUCH-SCHOOL");
        let text = "{ schoolEnrolments { nodes { id } } households { nodes { id } } }";
        assert_eq!(nobody.query(text, json!({})).await.data(), json!({ "schoolEnrolments": { "nodes": [] }, "households": { "nodes": [] } }));
        for (text, field) in [("{ households { nodes { headName } } }", "Household.headName"), ("{ dibaoRoll { nodes { id } } }", "Query.dibaoRoll"), ("{ households(filter: { mainCause: [ILLNESS] }) { nodes { id } } }", "HouseholdFilter.mainCause")] {
            let answer = pupils.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{text}");
            assert_eq!(answer.errors()[0]["extensions"]["field"], field);
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn administrators_and_the_public_read_no_files(db: TestDatabase) {
        let app = App::start(&db).await;
        for actor in [app.clerk(D::Stats, OWN), app.clerk(D::Org, OWN)] {
            let answer = actor.query("{ households { nodes { id } } }", json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"]);
        }
        let data = app.clerk(D::Stats, OWN).query("{ region(code: \"150921\") { totals { households persons byMainCause { households } } } }", json!({})).await.data();
        assert!(data["region"]["totals"]["households"].as_i64().expect("a count") > 50, "{data}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each with its stable code and the path of the argument; never an empty success.
    async fn input_that_cannot_be_served_is_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Poverty, "1509");
        let cursor = clerk.query("{ payments(first: 1) { pageInfo { endCursor } } }", json!({})).await.data()["payments"]["pageInfo"]["endCursor"].clone();
        let cases = [
            ("{ households(first: 0) { nodes { id } } }", "FIRST_OUT_OF_RANGE", json!(["first"])),
            ("{ households(first: 101) { nodes { id } } }", "FIRST_OUT_OF_RANGE", json!(["first"])),
            ("{ households(first: -1) { nodes { id } } }", "FIRST_OUT_OF_RANGE", json!(["first"])),
            ("query($cursor: String) { households(after: $cursor) { nodes { id } } }", "INVALID_CURSOR", json!(["after"])),
            ("{ households(after: \"x\") { nodes { id } } }", "INVALID_CURSOR", json!(["after"])),
            ("{ households(sort: REGISTERED_ON) { nodes { id } } }", "SORT_TOO_WIDE", json!(["sort"])),
            ("{ household(cardNumber: \"15092110\") { id } }", "INVALID_CARD_NUMBER", json!(["cardNumber"])),
            ("{ household { id } }", "ONE_SELECTOR", Value::Null),
            ("{ household(id: \"x\", cardNumber: \"1509211000010001\") { id } }", "ONE_SELECTOR", Value::Null),
            ("{ household(id: \"x\") { id } }", "INVALID_ID", json!(["id"])),
            ("{ node(id: \"x\") { id } }", "INVALID_ID", json!(["id"])),
            ("{ nodes(ids: [\"x\"]) { id } }", "INVALID_ID", json!(["ids"])),
            ("{ household(citizenNumber: \"150921198001010011\") { id } }", "INVALID_CITIZEN_NUMBER", json!(["citizenNumber"])),
            ("{ region(code: \"150921\") { totals(asOf: \"2018-01-01\", from: \"2018-02-01\") { households } } }", "PERIOD_REVERSED", json!(["from"])),
            ("{ region(code: \"999999\") { name } }", "UNKNOWN_REGION", json!(["code"])),
            ("{ households(filter: { region: \"150999\" }) { nodes { id } } }", "UNKNOWN_REGION", json!(["filter", "region"])),
            ("{ dibaoRoll(filter: { region: \"150999\" }) { nodes { id } } }", "UNKNOWN_REGION", json!(["filter", "region"])),
            ("{ medicalEnrolments(filter: { year: 1800 }) { nodes { id } } }", "YEAR_OUT_OF_RANGE", json!(["filter", "year"])),
        ];
        for (text, code, argument) in cases {
            let answer = clerk.query(text, json!({ "cursor": cursor })).await;
            assert_eq!(answer.codes(), [code], "{text}: {}", answer.text);
            assert_eq!(answer.errors()[0]["extensions"]["argument"], argument, "{text}");
            assert!(answer.errors()[0]["path"].is_array(), "{text}");
        }
        // What does not fit its type: a code, the path, and how the value should look.
        let region = "a region code has 2, 4, 6, 9 or 12 digits, such as \"150921\".";
        let day = "a day is from 1900-01-01 to 2199-12-31, such as \"2018-03-01\".";
        for (text, path, form) in [
            ("{ region(code: \"15092\") { name } }", "region", region),
            ("{ households(filter: { region: \"abc\" }) { nodes { id } } }", "households", region),
            ("{ region(code: \"150921\") { totals(asOf: \"2018-02-30\") { households } } }", "region", day),
            ("{ region(code: \"150921\") { totals(asOf: \"1066-01-01\") { households } } }", "region", day),
            ("{ households(first: 3) { nodes { members(asOf: \"2018-13-01\") { id } } } }", "households", day),
        ] {
            let answer = clerk.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["ARGUMENT"], "{text}: {}", answer.text);
            let error = &answer.errors()[0];
            assert_eq!(error["path"][0], path, "{text}");
            let message = error["message"].as_str().expect("a message");
            assert!(message.ends_with(form), "{text}: {message}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A slice whose table is gone nulls what it stands in, as far as that may be null, not the family.
    async fn a_failed_slice_costs_only_its_department(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Poverty, OWN);
        let text = "{ households(first: 3) { nodes { cardNumber civilAffairs { dibao { class } } housing { house { grade renovations { year } } homesteads { area } } } } }";
        let with_arguments = text.replace("cardNumber", "cardNumber members(asOf: \"2018-12-31\") { id }");
        for text in [text, with_arguments.as_str()] {
            let connection = db.connect().await;
            connection.execute_unprepared("ALTER TABLE elsewhere RENAME TO renovation").await.ok();
            let mut expected = clerk.query(text, json!({})).await.data();
            for node in expected["households"]["nodes"].as_array_mut().expect("nodes") {
                node["housing"]["house"] = Value::Null;
            }
            connection.execute_unprepared("ALTER TABLE renovation RENAME TO elsewhere").await.expect("renamed");
            let answer = clerk.query(text, json!({})).await;
            assert_eq!(answer.partial_data(), expected);
            assert_eq!(answer.codes(), ["INTERNAL"], "{}", answer.text);
            let error = &answer.errors()[0];
            assert_eq!((&error["path"], &error["extensions"]["count"]), (&json!(["households", "nodes", 0, "housing", "house"]), &json!(3)));
            assert!(!answer.text.contains("renovation"), "{}", answer.text);
        }
    }
}

/// The citizen number of the person of this key, in full.
pub(crate) async fn number_of_person(db: &TestDatabase, key: i64) -> String {
    let found = person::Entity::find_by_id(key)
        .one(&db.connect().await)
        .await;
    number_of(&found.expect("the table").expect("the person"))
}

/// The citizen number of a person of the demonstration, in full.
pub(crate) fn number_of(person: &person::Model) -> String {
    let vault = vault();
    let cipher = person
        .citizen_number_cipher
        .as_ref()
        .expect("everybody has a number");
    let place = Place::new("person", "citizen_number_cipher", person.id);
    let opened = vault
        .open(Kind::CitizenNumber, place, cipher)
        .expect("a sealed number");
    opened.reveal().to_owned()
}

pub(crate) async fn members_of(db: &TestDatabase, household: i64) -> Vec<person::Model> {
    person::Entity::find()
        .filter(person::Column::HouseholdId.eq(household))
        .filter(person::Column::ValidTo.is_null())
        .all(&db.connect().await)
        .await
        .expect("the members")
}

const BY_NUMBER: &str = "query($number: String!) { household(citizenNumber: $number) { id } person(citizenNumber: $number) { id } }";

both_dbs! {
    crate::harness::Seed::Demo;
    /// A school finds the household of its pupil by the pupil's number, not by the brother's.
    async fn an_institution_finds_by_number_only_its_own(db: TestDatabase) {
        let app = App::start(&db).await;
        let enrolments = school_enrolment::Entity::find().all(&db.connect().await).await.expect("the pupils");
        let mut strangers = 0;
        for pupil in enrolments.iter().step_by(20) {
            let school = app.institution(D::School, &pupil.school_code);
            for member in members_of(&db, pupil.household_id).await {
                let own = enrolments.iter().any(|of| of.person_id == member.id && of.school_code == pupil.school_code);
                let school = school.clone().named(&format!("school-{}", member.id));
                let answer = school.query(BY_NUMBER, json!({ "number": number_of(&member) })).await.data();
                assert_eq!((answer["household"].is_null(), answer["person"].is_null()), (!own, !own), "{}", member.id);
                strangers += usize::from(!own);
            }
        }
        assert!(strangers > 0);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn look_ups_are_recorded_and_limited_across_instances(db: TestDatabase) {
        let (app, other) = (App::start(&db).await, App::start(&db).await);
        let household = household::Entity::find().filter(household::Column::Status.eq(HouseholdStatus::Registered))
            .filter(household::Column::CountyCode.eq(150_921)).all(&db.connect().await).await.expect("households");
        let number = number_of(&members_of(&db, household[0].id).await[0]);
        let records = async |found: &str| db.number(&format!("SELECT CAST(COUNT(*) AS BIGINT) FROM access_record WHERE action = 'LOOK_UP' AND found = {found}")).await;
        assert!(!app.clerk(D::Civil, OWN).query(BY_NUMBER, json!({ "number": number })).await.data()["person"].is_null());
        assert_eq!((records("TRUE").await, records("FALSE").await), (2, 0));
        let clerk = app.clerk(D::Civil, OTHER).named("stranger");
        assert_eq!(clerk.query(BY_NUMBER, json!({ "number": number })).await.data(), json!({ "household": null, "person": null }));
        assert_eq!((records("TRUE").await, records("FALSE").await), (2, 2));
        let one = "query($number: String!) { person(citizenNumber: $number) { id } }";
        for _ in 2..30 {
            clerk.query(one, json!({ "number": number })).await.data();
        }
        for app in [app, other] {
            let answer = app.clerk(D::Civil, OTHER).named("stranger").query(one, json!({ "number": number })).await;
            assert_eq!(answer.codes(), ["RATE_LIMITED"]);
        }
        assert_eq!(records("FALSE").await, 30);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn regions_are_for_institutions_too(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ region(code: \"150921\") { parent { name } children { name } } }";
        let all = app.auditor().query(text, json!({})).await.data();
        assert_eq!(all["region"]["parent"]["name"], "乌兰察布市");
        for department in [D::School, D::Bank, D::Insurer] {
            assert_eq!(app.institution(department, "X").query(text, json!({})).await.data(), all);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A token that names a region reads no further, whatever else bounds its viewer.
    async fn a_region_narrows_an_institution(db: TestDatabase) {
        let app = App::start(&db).await;
        let loans = "{ loans(first: 100) { nodes { bankCode household { region { code } } } } households(first: 100) { nodes { region { code } } } }";
        let all = app.auditor().query(loans, json!({})).await.data();
        let bank = all["loans"]["nodes"][0]["bankCode"].as_str().expect("a bank");
        let home = all["loans"]["nodes"][0]["household"]["region"]["code"].as_str().expect("a region");
        let bank = app.institution(D::Bank, bank);
        let county = if home.starts_with(OWN) { OWN } else { OTHER };
        let elsewhere = if county == OWN { OTHER } else { OWN };
        for (region, some) in [(county, true), (elsewhere, false)] {
            let seen = bank.clone().within(region).query(loans, json!({})).await.data();
            for list in ["loans", "households"] {
                assert_eq!(!seen[list]["nodes"].as_array().expect("nodes").is_empty(), some, "{region}: {seen}");
            }
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Lists that lead back to themselves multiply: both ways end with a refusal, for whoever asks.
    async fn an_answer_without_end_is_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let regions = "{ region(code: \"1509\") { children { children { parent { children { parent { children { parent { children { code } } } } } } } } } }";
        let payments = "{ payments(first: 100) { nodes { household { finance { payments { household { finance { payments { household { finance { payments { id } } } } } } } } } } } }";
        let public = app.reader(D::Public, OWN);
        for (actor, text) in [(public, regions), (app.clerk(D::Poverty, OWN), payments)] {
            let answer = actor.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["ANSWER_TOO_LARGE"], "{} bytes", answer.text.len());
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A plan that was compiled for one value of a switch is not served for another.
    async fn a_switch_is_what_the_request_says(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Poverty, OWN);
        let text = "query($show: Boolean = true) { households(first: 1) { nodes { __typename cardNumber @include(if: $show) } } }";
        let shown = async |variables: Value| clerk.query(text, variables).await.data()["households"]["nodes"][0].get("cardNumber").is_some();
        assert!(!shown(json!({ "show": false })).await);
        let answer = clerk.query(text, json!({ "show": null })).await;
        assert_eq!(answer.codes(), ["VARIABLES"], "{}", answer.text);
        assert!(shown(json!({})).await);
        assert!(shown(json!({ "show": true })).await);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Texts and cursors that no column can hold: refused, not a fault of one database.
    async fn values_that_no_column_holds_are_refused(db: TestDatabase) {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        let app = App::start(&db).await;
        let auditor = app.auditor();
        for (text, argument) in [
            ("{ loans(filter: { bank: \"a\\u0000\" }) { nodes { id } } }", "bank"),
            ("{ payments(filter: { programme: \"a\\u0000\" }) { nodes { id } } }", "programme"),
            ("{ claims(filter: { institution: \"a\\u0000\" }) { nodes { id } } }", "institution"),
            ("{ schoolEnrolments(filter: { school: \"a\\u0000\" }) { nodes { id } } }", "school"),
        ] {
            let answer = auditor.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["INVALID_TEXT"], "{text}: {}", answer.text);
            assert_eq!(answer.errors()[0]["extensions"]["argument"], json!(["filter", argument]));
        }
        for (list, keys) in [
            ("households", "[\"households.CARD_NUMBER\",\"\\u0000\",1]"),
            ("schoolEnrolments", "[\"schoolEnrolments\",99999999999,1]"),
            ("rainDewApplications", "[\"rainDewApplications\",-99999999999,1]"),
            ("medicalEnrolments", "[\"medicalEnrolments\",99999999999,1]"),
            ("renovations", "[\"renovations\",99999999999,1]"),
            ("loans", "[\"loans\",\"-9999-01-01\",1]"),
            ("claims", "[\"claims\",\"2018-01-01\",1.5]"),
        ] {
            let text = format!("query($after: String) {{ {list}(after: $after) {{ nodes {{ id }} }} }}");
            let answer = auditor.query(&text, json!({ "after": URL_SAFE_NO_PAD.encode(keys) })).await;
            assert_eq!(answer.codes(), ["INVALID_CURSOR"], "{list}: {}", answer.text);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// More keys at one level than the library loads at once by itself.
    async fn a_long_level_costs_no_more_statements(db: TestDatabase) {
        let app = App::start(&db).await;
        let service = app.service(D::Poverty, "1509", "tests");
        let text = "query($first: Int!) { households(first: $first) { nodes { members(asOf: \"2018-12-31\") { health { a: enrolments(year: 2018) { id } b: enrolments(year: 2017) { id } c: enrolments(year: 2016) { id } } } } } }";
        let count = async |first: i32| {
            let before = app.statements();
            service.query(text, json!({ "first": first })).await.data();
            app.statements() - before
        };
        assert_eq!(count(10).await, count(1_000).await);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn loans_of_a_region_are_counted_by_the_day_they_were_granted(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "query($code: RegionCode!) { region(code: $code) { totals(from: \"2017-01-01\", asOf: \"2017-12-31\") {
            finance { loans { loans principal households registeredHouseholds registeredPercent } } } } }";
        let mut whole = [0; 3];
        for county in ["150921", "150922"] {
            let data = app.clerk(D::Finance, county).query(text, json!({ "code": county })).await.data();
            let counted = &data["region"]["totals"]["finance"]["loans"];
            let below = format!("FROM loan WHERE county_code = {county} AND granted_on BETWEEN '2017-01-01' AND '2017-12-31'");
            let loans = db.number(&format!("SELECT COUNT(*) {below}")).await;
            let fen = db.number(&format!("SELECT CAST(SUM(principal_fen) AS BIGINT) {below}")).await;
            let households = db.number(&format!("SELECT COUNT(DISTINCT household_id) {below}")).await;
            assert!(loans > 0);
            // The demonstration lends to those on file only.
            assert_eq!(counted, &json!({ "loans": loans, "principal": format!("{}.{:02}", fen / 100, fen % 100),
                "households": households, "registeredHouseholds": households, "registeredPercent": "100.0" }));
            whole = [whole[0] + loans, whole[1] + fen, whole[2] + households];
        }
        let data = app.clerk(D::Audit, "1509").query(text, json!({ "code": "1509" })).await.data();
        let counted = &data["region"]["totals"]["finance"]["loans"];
        assert_eq!(counted["loans"], json!(whole[0]));
        assert_eq!(counted["households"], json!(whole[2]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn people_and_income_of_a_region_add_up(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ region(code: \"150921\") { totals { persons
            people { byAgeBand { ageBand persons } bySex { sex persons } byEthnicGroup { ethnicGroup persons }
                byLabourCapacity { labourCapacity persons } byHealth { healthStatus persons } }
            income { households members wage business property transfer businessCosts netIncome } } } }";
        let data = app.auditor().query(text, json!({})).await.data();
        let totals = &data["region"]["totals"];
        let sum = |list: &str| totals["people"][list].as_array().expect("a list").iter()
            .map(|total| total["persons"].as_i64().expect("a count")).sum::<i64>();
        for list in ["byAgeBand", "bySex", "byEthnicGroup", "byLabourCapacity", "byHealth"] {
            assert_eq!(json!(sum(list)), totals["persons"], "{list}");
        }
        let poor = "FROM household h JOIN person p ON p.household_id = h.id AND p.valid_to IS NULL \
            WHERE h.county_code = 150921 AND h.status IN ('REGISTERED', 'RETURNED')";
        // Today is the last day of 2018.
        let old = db.number(&format!("SELECT COUNT(*) {poor} AND p.birth_date <= '1958-12-31'")).await;
        assert_eq!(totals["people"]["byAgeBand"][3], json!({ "ageBand": "SIXTY_AND_OVER", "persons": old }));
        let pupils = db.number(&format!("SELECT COUNT(*) {poor} AND p.birth_date > '2002-12-31' AND p.birth_date <= '2012-12-31'")).await;
        assert_eq!(totals["people"]["byAgeBand"][1], json!({ "ageBand": "FROM_6_TO_15", "persons": pupils }));

        let forms = "FROM household h JOIN income_form i ON i.household_id = h.id AND i.year = 2018 \
            WHERE h.county_code = 150921 AND h.status IN ('REGISTERED', 'RETURNED')";
        let members = db.number(&format!("SELECT CAST(SUM(i.members) AS BIGINT) {forms}")).await;
        let net = db.number(&format!("SELECT CAST(SUM(i.net_income_fen) AS BIGINT) {forms}")).await;
        let a_head = (2 * net + members) / (2 * members);
        assert_eq!(totals["income"]["members"], json!(members));
        assert_eq!(totals["income"]["netIncome"], json!(format!("{}.{:02}", a_head / 100, a_head % 100)));

        // Causes, people and income are not for those who read the basics only.
        let denied = app.clerk(D::Edu, OWN).query(text, json!({})).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"]);
        assert!(!denied.text.contains("persons\":"), "{}", denied.text);
    }
}
