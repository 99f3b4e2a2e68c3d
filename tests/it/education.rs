//! What only education knows: who should be at school and is not, what is granted for a term, and what a school sees.

use crate::harness::{Actor, App, TestDatabase, both_dbs};
use entity::{
    codes::{Department as D, StudentStage},
    education::{codes::SchoolTerm, dropout_case, school_enrolment, study_allowance},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yihu::graphql::scalars::global_id;

const COUNTY: &str = "150921";

/// The ids of the households that a condition on their education leaves.
async fn households(actor: &Actor, condition: Value) -> BTreeSet<String> {
    let text = "query($filter: HouseholdFilter!) { households(filter: $filter, first: 100) { nodes { id } pageInfo { hasNextPage } } }";
    let filter = json!({ "filter": { "region": COUNTY, "education": condition } });
    let data = actor.query(text, filter).await.data();
    assert_eq!(data["households"]["pageInfo"]["hasNextPage"], false);
    ids(&data["households"]["nodes"])
}

fn ids(nodes: &Value) -> BTreeSet<String> {
    let nodes = nodes.as_array().expect("nodes");
    let id = |node: &Value| node["id"].as_str().expect("an id").to_owned();
    nodes.iter().map(id).collect()
}

/// A pupil of the county in the autumn of 2018, with the id of the household.
async fn pupil(db: &TestDatabase) -> (school_enrolment::Model, String) {
    let enrolment = school_enrolment::Entity::find()
        .filter(school_enrolment::Column::CountyCode.eq(150_921))
        .filter(school_enrolment::Column::SchoolYear.eq(2018))
        .filter(school_enrolment::Column::Stage.eq(StudentStage::Primary))
        .order_by_asc(school_enrolment::Column::Id)
        .one(&db.connect().await)
        .await
        .expect("the pupils")
        .expect("a pupil");
    let household = global_id("Household", enrolment.household_id);
    (enrolment, household)
}

async fn run(db: &TestDatabase, sql: String) {
    db.connect()
        .await
        .execute_unprepared(&sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn children_of_school_age_without_enrolment_are_found(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Edu, COUNTY);
        let (enrolment, household) = pupil(&db).await;
        let autumn = json!({ "notEnrolledIn": { "schoolYear": 2018, "term": "AUTUMN" } });
        let year = json!({ "notEnrolledIn": { "schoolYear": 2018 } });
        let before = households(&clerk, autumn.clone()).await;
        assert!(!before.contains(&household));
        // An enrolment of the other term is one of the year.
        run(&db, format!("UPDATE school_enrolment SET term = 'SPRING' WHERE id = {}", enrolment.id)).await;
        let with_the_pupil: BTreeSet<_> = before.iter().cloned().chain([household.clone()]).collect();
        assert_eq!(households(&clerk, autumn.clone()).await, with_the_pupil);
        assert!(!households(&clerk, year.clone()).await.contains(&household));
        run(&db, format!("DELETE FROM school_enrolment WHERE id = {}", enrolment.id)).await;
        assert_eq!(households(&clerk, year.clone()).await, with_the_pupil);
        // School age is 6 to 15 years on 31 August of the school year.
        run(&db, format!("DELETE FROM school_enrolment WHERE household_id = {}", enrolment.household_id)).await;
        for (birth, found) in [("2012-08-31", true), ("2012-09-01", false), ("2002-09-01", true), ("2002-08-31", false)] {
            run(&db, format!("UPDATE person SET birth_date = '{birth}' WHERE household_id = {}", enrolment.household_id)).await;
            assert_eq!(households(&clerk, autumn.clone()).await.contains(&household), found, "{birth}");
        }
        // Who is no member any more is not looked for.
        run(&db, format!("UPDATE person SET birth_date = '2010-01-01', valid_to = '2018-12-01' WHERE household_id = {}", enrolment.household_id)).await;
        assert_eq!(households(&clerk, autumn).await, before);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn open_dropout_cases_are_found(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Edu, COUNTY);
        let (enrolment, household) = pupil(&db).await;
        run(&db, "DELETE FROM dropout_case".to_owned()).await;
        let insert = |id: i64, state: &str, returned: &str| format!(
            "INSERT INTO dropout_case (id, household_id, region_code, person_id, school_code, stage, school_year, term, \
             reported_on, reason, state, returned_on, recorded_at_ms) VALUES ({id}, {}, {}, {}, '{}', 'PRIMARY', 2018, 'AUTUMN', \
             '2018-10-0{id}', 'WEARY', '{state}', {returned}, 0)",
            enrolment.household_id, enrolment.region_code, enrolment.person_id, enrolment.school_code
        );
        run(&db, insert(1, "RETURNED", "'2018-10-08'")).await;
        let open = json!({ "openDropoutCase": true });
        assert_eq!(households(&clerk, open.clone()).await, BTreeSet::new());
        run(&db, insert(2, "IN_WORK", "NULL")).await;
        assert_eq!(households(&clerk, open).await, BTreeSet::from([household.clone()]));
        let none = households(&clerk, json!({ "openDropoutCase": false, "inStage": ["PRIMARY"] })).await;
        assert!(!none.is_empty() && !none.contains(&household));

        let roll = "query($filter: DropoutCaseFilter) { dropoutCases(filter: $filter) { nodes { reportedOn state returnedOn reason stage term school { code } } } }";
        let of = async |filter: Value| {
            let data = clerk.query(roll, json!({ "filter": filter })).await.data();
            let nodes = data["dropoutCases"]["nodes"].as_array().expect("nodes").clone();
            nodes.iter().map(|node| node["reportedOn"].as_str().expect("a day").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of(json!(null)).await, ["2018-10-02", "2018-10-01"]);
        assert_eq!(of(json!({ "state": ["IN_WORK", "REPORTED"] })).await, ["2018-10-02"]);
        assert_eq!(of(json!({ "reportedTo": "2018-10-01", "school": enrolment.school_code })).await, ["2018-10-01"]);
        assert_eq!(of(json!({ "region": "150922" })).await, [""; 0]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_school_sees_the_allowances_and_cases_of_its_own(db: TestDatabase) {
        let app = App::start(&db).await;
        let connection = db.connect().await;
        let allowances = study_allowance::Entity::find().all(&connection).await.expect("the allowances");
        let case = dropout_case::Entity::find().one(&connection).await.expect("the cases").expect("a case");
        let own: BTreeSet<_> = allowances.iter().filter(|row| row.school_code == case.school_code)
            .map(|row| global_id("StudyAllowance", row.id)).collect();
        assert!(!own.is_empty() && own.len() < allowances.len());
        let text = "{ studyAllowances(first: 100) { nodes { id person { id } } pageInfo { hasNextPage } } dropoutCases(first: 100) { nodes { id person { id education { dropoutCases { id } } } } } }";
        let school = app.institution(D::School, &case.school_code);
        let seen = school.query(text, json!({})).await.data();
        assert_eq!(seen["studyAllowances"]["pageInfo"]["hasNextPage"], false);
        assert_eq!(ids(&seen["studyAllowances"]["nodes"]), own);
        let id = global_id("DropoutCase", case.id);
        let node = seen["dropoutCases"]["nodes"].as_array().expect("nodes").iter().find(|node| node["id"] == id.as_str()).expect("the case");
        assert_eq!(node["person"]["id"], global_id("Person", case.person_id).as_str());
        assert_eq!(node["person"]["education"]["dropoutCases"], json!([{ "id": id }]));
        // The child stays the school's after the enrolments are gone; for another school there is nothing.
        run(&db, format!("DELETE FROM school_enrolment WHERE person_id = {}", case.person_id)).await;
        let one = "query($id: ID!, $case: ID!) { person(id: $id) { id } node(id: $case) { id } }";
        let variables = json!({ "id": global_id("Person", case.person_id), "case": id });
        assert_eq!(school.query(one, variables.clone()).await.data(), json!({ "person": { "id": variables["id"] }, "node": { "id": id } }));
        let other = app.institution(D::School, "2115090092");
        assert_eq!(other.query(one, variables).await.data(), json!({ "person": null, "node": null }));
        for text in ["{ households(filter: { education: { openDropoutCase: true } }) { nodes { id } } }",
            "{ households(filter: { education: { notEnrolledIn: { schoolYear: 2018 } } }) { nodes { id } } }"] {
            let answer = school.query(text, json!({})).await;
            assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn allowances_are_found_by_term_and_state(db: TestDatabase) {
        let app = App::start(&db).await;
        let rows = study_allowance::Entity::find().all(&db.connect().await).await.expect("the allowances");
        let of_term = |row: &&study_allowance::Model| row.school_year == 2018 && row.term == SchoolTerm::Autumn && row.paid_on.is_none();
        let expected: BTreeSet<_> = rows.iter().filter(of_term).map(|row| global_id("StudyAllowance", row.id)).collect();
        assert!(!expected.is_empty());
        let text = "query($filter: StudyAllowanceFilter!) { studyAllowances(filter: $filter, first: 100) { nodes { id amount dueOn state } } }";
        let edu = app.clerk(D::Edu, "1509");
        let late = json!({ "filter": { "schoolYear": 2018, "term": "AUTUMN", "state": ["APPLIED", "APPROVED"], "dueTo": "2018-10-31" } });
        let found = edu.query(text, late).await.data();
        assert_eq!(ids(&found["studyAllowances"]["nodes"]), expected);
        let early = json!({ "filter": { "schoolYear": 2018, "dueTo": "2018-10-30" } });
        assert_eq!(edu.query(text, early).await.data()["studyAllowances"]["nodes"], json!([]));
        let granted = json!({ "filter": { "programme": "fanhai-student-grant" } });
        for node in edu.query(text, granted).await.data()["studyAllowances"]["nodes"].as_array().expect("nodes") {
            assert_eq!((&node["amount"], &node["dueOn"]), (&json!("5000.00"), &Value::Null));
        }
        // Other departments: not the roll, and of a household not the slice.
        let text = "{ households(first: 1) { nodes { education { studyAllowances { id } dropoutCases { id } } } } }";
        for department in [D::Civil, D::Housing, D::Medins] {
            let clerk = app.clerk(department, COUNTY);
            let answer = clerk.query("{ studyAllowances { nodes { id } } }", json!({})).await;
            assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
            let answer = clerk.query(text, json!({})).await;
            assert_eq!(answer.partial_data(), json!({ "households": { "nodes": [{ "education": null }] } }));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The amounts of the packs of 2017 and 2018: half of the year's in a term.
    async fn allowances_follow_the_packs(db: TestDatabase) {
        let rows = study_allowance::Entity::find().filter(study_allowance::Column::OneOff.eq(false))
            .all(&db.connect().await).await.expect("the allowances");
        for row in rows {
            let year = row.school_year + i32::from(row.term == SchoolTerm::Spring);
            let yuan = match (row.stage, row.boarding, row.county_seat, year) {
                (StudentStage::Primary, _, _, 2017) => 945,
                (StudentStage::Primary, true, _, 2018) => 1_445,
                (StudentStage::Junior, true, true, 2017) => 1_230,
                (StudentStage::Junior, false, _, 2017) => 1_080,
                (StudentStage::Junior, true, true, 2018) => 1_855,
                (StudentStage::SeniorHigh, true, true, _) => 2_425,
                (StudentStage::Undergraduate, ..) => 5_000,
                _ => panic!("nothing is granted for this: {row:?}"),
            };
            assert_eq!(row.amount_fen, yuan * 100, "{row:?}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn schools_are_public(db: TestDatabase) {
        let app = App::start(&db).await;
        let text = "{ schools(filter: { region: \"150921\", kind: [JUNIOR, KINDERGARTEN] }) { nodes { code name kind stages region { code name } } }
            school(code: \"2115092161\") { name } hospital: school(code: \"H15092100001\") { name } }";
        let expected = json!({
            "schools": { "nodes": [
                { "code": "2115092151", "name": "卓资县第一幼儿园", "kind": "KINDERGARTEN", "stages": ["PRESCHOOL", "PRESCHOOL_FINAL_YEAR"],
                  "region": { "code": "150921000000", "name": "卓资县" } },
                { "code": "2115092161", "name": "卓资县初级中学", "kind": "JUNIOR", "stages": ["JUNIOR"],
                  "region": { "code": "150921000000", "name": "卓资县" } },
            ] },
            "school": { "name": "卓资县初级中学" }, "hospital": null
        });
        // A clerk of the other county, and a school that is not among them.
        for actor in [app.clerk(D::Edu, "150922"), app.clerk(D::Housing, COUNTY), app.institution(D::School, "2115090092")] {
            assert_eq!(actor.query(text, json!({})).await.data(), expected);
        }
        let answer = app.clerk(D::Stats, COUNTY).query("{ schools { nodes { code } } }", json!({})).await;
        assert_eq!((answer.codes(), answer.partial_data()), (vec!["FORBIDDEN".to_owned()], Value::Null));
        let answer = app.auditor().query("{ schools(filter: { region: \"150999\" }) { nodes { code } } }", json!({})).await;
        assert_eq!(answer.codes(), ["UNKNOWN_REGION"]);
        let pages = "query($after: String) { schools(first: 7, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } } }";
        let (mut after, mut codes) = (Value::Null, Vec::new());
        loop {
            let data = app.auditor().query(pages, json!({ "after": after })).await.data();
            let nodes = data["schools"]["nodes"].as_array().expect("nodes").clone();
            codes.extend(nodes.iter().map(|node| node["code"].as_str().expect("a code").to_owned()));
            if data["schools"]["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = data["schools"]["pageInfo"]["endCursor"].clone();
        }
        let schools = db.number("SELECT CAST(COUNT(*) AS BIGINT) FROM institution WHERE kind = 'SCHOOL'").await;
        assert_eq!(i64::try_from(codes.len()).expect("a count"), schools);
        assert!(codes.is_sorted(), "{codes:?}");
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_school_confirms_its_pupils(db: TestDatabase) {
        let app = App::start(&db).await;
        let rows = school_enrolment::Entity::find().filter(school_enrolment::Column::ConfirmedOn.is_null())
            .all(&db.connect().await).await.expect("the pupils");
        let school = &rows.first().expect("a pupil who is not confirmed").school_code;
        let own = rows.iter().filter(|row| row.school_code == *school);
        let expected: BTreeSet<_> = own.map(|row| global_id("SchoolEnrolment", row.id)).collect();
        let text = "query($confirmed: Boolean!) { schoolEnrolments(filter: { confirmed: $confirmed }, first: 100) { nodes { id confirmedOn school { code } } } }";
        let actor = app.institution(D::School, school);
        let open = actor.query(text, json!({ "confirmed": false })).await.data();
        assert_eq!(ids(&open["schoolEnrolments"]["nodes"]), expected);
        for node in actor.query(text, json!({ "confirmed": true })).await.data()["schoolEnrolments"]["nodes"].as_array().expect("nodes") {
            assert!(node["confirmedOn"].is_string() && node["school"]["code"] == school.as_str(), "{node}");
        }
    }
}
