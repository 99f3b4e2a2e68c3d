//! What the housing bureau and the relocation office write: houses follow each other, and a household has one benefit.

use crate::harness::{
    Actor, App, TestDatabase, both_dbs,
    writes::{mutation, records},
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const OF_RECORD: &str = "SELECT MIN(o.id) FROM house o JOIN household h ON h.id = o.household_id AND h.status = 'REGISTERED' \
    WHERE o.county_code = 150921 AND o.valid_to IS NULL AND o.valid_from < '2018-01-01' \
    AND NOT EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id)";

/// A house of record of a family that is not relocated, and its family, by global id.
pub(crate) async fn house(db: &TestDatabase, condition: &str) -> (String, String) {
    let house = db.number(&format!("{OF_RECORD} AND {condition}")).await;
    let family = db
        .number(&format!(
            "SELECT household_id FROM house WHERE id = {house}"
        ))
        .await;
    (global_id("House", house), global_id("Household", family))
}

pub(crate) const NOT_RENOVATED: &str =
    "NOT EXISTS (SELECT 1 FROM renovation n WHERE n.household_id = o.household_id)";

async fn run(db: &TestDatabase, sql: &str) {
    use sea_orm::ConnectionTrait;
    let done = db.connect().await.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Makes the house of a family one of this grade.
pub(crate) async fn graded(db: &TestDatabase, house: &str, grade: &str) {
    let (_, key) = yihu::graphql::scalars::parse_global_id(house).expect("an id");
    run(
        db,
        &format!("UPDATE house SET grade = '{grade}', solution = 'NONE' WHERE id = {key}"),
    )
    .await;
}

async fn houses(actor: &Actor, family: &str) -> Value {
    let text = "query($id: ID!) { household(id: $id) { housing { houses { grade area builtYear solution validFrom validTo } } } }";
    let data = actor.query(text, json!({ "id": family })).await.data();
    data["household"]["housing"]["houses"].clone()
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_survey_is_followed_by_the_next(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Housing, OWN);
        let (old, family) = house(&db, NOT_RENOVATED).await;
        let before = houses(&clerk, &family).await;
        let survey = |input: Value| mutation("houseSurvey", input).of_household(&family).read("id grade surveyedOn area validFrom validTo version");
        let input = json!({ "previousHouseId": old, "previousVersion": 1, "grade": "C", "surveyedOn": "2018-10-05" });
        let new = survey(input.clone()).done_by(&clerk).await;
        let mut expected = before.clone();
        expected[0]["validTo"] = json!("2018-10-05");
        let mut added = before[0].clone();
        added["grade"] = json!("C");
        added["validFrom"] = json!("2018-10-05");
        expected.as_array_mut().expect("houses").insert(0, added.clone());
        assert_eq!(houses(&clerk, &family).await, expected);
        assert_eq!(new, json!({ "id": new["id"], "grade": "C", "surveyedOn": "2018-10-05", "area": added["area"], "validFrom": "2018-10-05", "validTo": null, "version": 1 }));
        // Who read the house before the survey is told.
        assert_eq!(survey(input).mistakes(&clerk).await, ["input.version CONFLICT"]);
        let without = json!({ "grade": "A", "surveyedOn": "2018-11-05" });
        assert_eq!(survey(without).mistakes(&clerk).await, ["input.previousHouseId HAS_HOUSE"]);
        let half = json!({ "previousHouseId": old, "grade": "A", "surveyedOn": "2018-11-05" });
        assert_eq!(survey(half).mistakes(&clerk).await, ["input.previousVersion INVALID_VALUE"]);
        let ended = json!({ "previousHouseId": old, "previousVersion": 2, "grade": "A", "surveyedOn": "2018-11-05" });
        assert_eq!(survey(ended).mistakes(&clerk).await, ["input.previousHouseId NOT_OF_RECORD"]);
        let wrong = json!({ "previousHouseId": new["id"], "previousVersion": 1, "grade": "A", "surveyedOn": "2018-10-04", "area": "0.00", "builtYear": 2019 });
        assert_eq!(survey(wrong).mistakes(&clerk).await, ["input.surveyedOn INVALID_VALUE", "input.area INVALID_VALUE", "input.builtYear INVALID_VALUE"]);
        // The first house of a family, which has none to follow.
        run(&db, "DELETE FROM renovation WHERE household_id IN (SELECT household_id FROM house WHERE surveyed_on = '2018-10-05')").await;
        let (_, key) = yihu::graphql::scalars::parse_global_id(&family).expect("an id");
        run(&db, &format!("DELETE FROM house WHERE household_id = {key}")).await;
        let first = json!({ "grade": "B", "surveyedOn": "2018-12-01" });
        assert_eq!(survey(first).mistakes(&clerk).await, ["input.area INVALID_VALUE"]);
        let first = json!({ "grade": "B", "surveyedOn": "2018-12-01", "area": "62.50", "builtYear": 1999, "solution": "REINFORCE" });
        survey(first).done_by(&clerk).await;
        assert_eq!(houses(&clerk, &family).await, json!([{ "grade": "B", "area": "62.50", "builtYear": 1999, "solution": "REINFORCE", "validFrom": "2018-12-01", "validTo": null }]));
    }
}

pub(crate) fn approval(house: &str) -> Value {
    json!({ "houseId": house, "year": 2018, "solution": "REBUILD", "subsidy": "28000.00", "approvedOn": "2018-06-01" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_renovation_is_approved_and_accepted(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Housing, OWN);
        let (old, family) = house(&db, NOT_RENOVATED).await;
        graded(&db, &old, "C").await;
        let approve = |input: Value| mutation("renovationApprove", input).read("id state year solution gradeBefore subsidy approvedOn version house { id solution }");
        assert_eq!(approve(approval(&old)).mistakes(&clerk).await, ["input.solution NOT_DANGEROUS"]);
        graded(&db, &old, "D").await;
        let wrong = json!({ "houseId": old, "year": 1990, "solution": "RENT", "subsidy": "0.00", "approvedOn": "2019-06-01" });
        assert_eq!(approve(wrong).mistakes(&clerk).await, [
            "input.year INVALID_VALUE", "input.solution INVALID_VALUE", "input.subsidy INVALID_VALUE", "input.approvedOn INVALID_VALUE",
        ]);
        let approved = approve(approval(&old)).done_by(&clerk).await;
        assert_eq!(approved, json!({ "id": approved["id"], "state": "APPROVED", "year": 2018, "solution": "REBUILD", "gradeBefore": "D",
            "subsidy": "28000.00", "approvedOn": "2018-06-01", "version": 1, "house": { "id": old, "solution": "REBUILD" } }));
        assert_eq!(approve(approval(&old)).mistakes(&clerk).await, ["input.subsidy ONE_HOUSING_BENEFIT"]);
        let id = approved["id"].as_str().expect("an id");
        let accept = |version, input: Value| mutation("renovationAccept", input).of(id, version).read("state areaAfter acceptedOn version");
        let wrong = json!({ "acceptedOn": "2018-05-01", "gradeAfter": "C" });
        assert_eq!(accept(1, wrong).mistakes(&clerk).await, ["input.acceptedOn INVALID_VALUE", "input.gradeAfter STILL_DANGEROUS", "input.areaAfter INVALID_VALUE"]);
        let done = json!({ "acceptedOn": "2018-11-20", "gradeAfter": "A", "areaAfter": "60.00" });
        assert_eq!(accept(1, done.clone()).done_by(&clerk).await, json!({ "state": "ACCEPTED", "areaAfter": "60.00", "acceptedOn": "2018-11-20", "version": 2 }));
        let all = houses(&clerk, &family).await;
        assert_eq!(all[0], json!({ "grade": "A", "area": "60.00", "builtYear": 2018, "solution": "REBUILD", "validFrom": "2018-11-20", "validTo": null }));
        assert_eq!((&all[1]["grade"], &all[1]["validTo"]), (&json!("D"), &json!("2018-11-20")));
        assert_eq!(accept(1, done.clone()).mistakes(&clerk).await, ["version CONFLICT"]);
        assert_eq!(accept(2, done).mistakes(&clerk).await, ["id NOT_IN_WORK"]);
        assert_eq!(approve(approval(&old)).mistakes(&clerk).await, ["input.houseId NOT_OF_RECORD"]);
        // What waits for its approval is approved, not added to; and nobody has two benefits.
        let (house, _) = house(&db, NOT_RENOVATED).await;
        graded(&db, &house, "D").await;
        let (_, key) = yihu::graphql::scalars::parse_global_id(&house).expect("an id");
        run(&db, &format!("INSERT INTO renovation (id, household_id, region_code, house_id, year, solution, state, grade_before, recorded_at_ms) \
            SELECT 900001, household_id, region_code, id, 2018, 'REBUILD', 'APPLIED', 'D', 0 FROM house WHERE id = {key}")).await;
        let approved = approve(approval(&house)).done_by(&clerk).await;
        assert_eq!((&approved["id"], &approved["state"], &approved["version"]), (&json!(global_id("Renovation", 900_001)), &json!("APPROVED"), &json!(2)));
    }
}

/// A project of the county that is not finished.
pub(crate) async fn project(db: &TestDatabase) -> String {
    let sql = "SELECT MIN(id) FROM relocation_project WHERE county_code = 150921 AND stage IN ('PLANNED', 'APPROVED', 'BUILDING')";
    global_id("RelocationProject", db.number(sql).await)
}

pub(crate) fn plan(project: &str) -> Value {
    json!({ "projectId": project, "kind": "REGISTERED", "mode": "CONCENTRATED", "area": "50.00", "subsidy": "40000.00",
        "funding": { "central": "16000.00", "bond": "19480.00", "region": "4520.00", "loan": "30000.00", "self": "2500.00" } })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_family_is_relocated_step_by_step(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Reloc, OWN);
        let (old, family) = house(&db, NOT_RENOVATED).await;
        let project = project(&db).await;
        let (_, key) = yihu::graphql::scalars::parse_global_id(&family).expect("an id");
        let persons = db.number(&format!("SELECT COUNT(*) FROM person WHERE household_id = {key} AND valid_to IS NULL")).await;
        let read = "id stage kind persons decidedOn area subsidy finishedOn movedInOn oldHouseRemovedOn version project { id } oldHouse { id } funding { cost central loan self }";
        let plans = |input: Value| mutation("relocationPlan", input).of_household(&family).read(read);
        let mut wrong = plan(&project);
        wrong["funding"]["bond"] = json!("-1.00");
        wrong["subsidy"] = json!("99999.00");
        wrong["area"] = json!("0.00");
        assert_eq!(plans(wrong).mistakes(&clerk).await, ["input.area INVALID_VALUE", "input.funding.bond INVALID_VALUE", "input.subsidy INVALID_VALUE"]);
        // A list that counts others than the household has is of another time.
        let counting = |persons: i64| {
            let mut input = plan(&project);
            input["persons"] = json!(persons);
            plans(input)
        };
        assert_eq!(counting(persons + 1).mistakes(&clerk).await, ["input.persons PERSONS_DIFFER"]);
        let planned = counting(persons).done_by(&clerk).await;
        assert_eq!(planned, json!({ "id": planned["id"], "stage": "PLANNED", "kind": "REGISTERED", "persons": persons, "decidedOn": null, "area": "50.00",
            "subsidy": "40000.00", "finishedOn": null, "movedInOn": null, "oldHouseRemovedOn": null, "version": 1, "project": { "id": project },
            "oldHouse": { "id": old }, "funding": { "cost": "72500.00", "central": "16000.00", "loan": "30000.00", "self": "2500.00" } }));
        assert_eq!(plans(plan(&project)).mistakes(&clerk).await, ["householdId ALREADY_RELOCATED"]);

        let id = planned["id"].as_str().expect("an id").to_owned();
        let advance = |version, stage: &str, on: &str| mutation("relocationAdvance", json!({ "stage": stage, "on": on })).of(&id, version).read("stage decidedOn finishedOn");
        let move_in = |version, on: &str| mutation("relocationMoveIn", json!({ "movedInOn": on })).of(&id, version).read("stage movedInOn area");
        let demolish = |version, on: &str| mutation("oldHouseDemolish", json!({ "removedOn": on })).of(&id, version).read("stage oldHouseRemovedOn version");
        // Nothing is skipped.
        assert_eq!(advance(1, "FINISHED", "2018-06-01").mistakes(&clerk).await, ["input.stage WRONG_STAGE"]);
        assert_eq!(move_in(1, "2018-06-01").mistakes(&clerk).await, ["id WRONG_STAGE"]);
        assert_eq!(demolish(1, "2018-06-01").mistakes(&clerk).await, ["id WRONG_STAGE"]);
        let decided = json!({ "stage": "APPROVED", "decidedOn": "2018-03-01", "finishedOn": null });
        assert_eq!(advance(1, "APPROVED", "2018-03-01").done_by(&clerk).await, decided);
        assert_eq!(advance(2, "BUILDING", "2018-02-01").mistakes(&clerk).await, ["input.on INVALID_VALUE"]);
        advance(2, "BUILDING", "2018-04-01").done_by(&clerk).await;
        advance(3, "FINISHED", "2018-10-01").done_by(&clerk).await;
        assert_eq!(move_in(4, "2018-09-30").mistakes(&clerk).await, ["input.movedInOn INVALID_VALUE"]);
        assert_eq!(move_in(4, "2018-11-01").done_by(&clerk).await, json!({ "stage": "MOVED_IN", "movedInOn": "2018-11-01", "area": "50.00" }));
        let all = houses(&clerk, &family).await;
        assert_eq!(all[0], json!({ "grade": "A", "area": "50.00", "builtYear": 2018, "solution": "RELOCATE", "validFrom": "2018-11-01", "validTo": null }));
        assert_eq!(all[1]["validTo"], json!("2018-11-01"));
        assert_eq!(demolish(5, "2018-10-31").mistakes(&clerk).await, ["input.removedOn INVALID_VALUE"]);
        assert_eq!(demolish(4, "2018-12-01").mistakes(&clerk).await, ["version CONFLICT"]);
        assert_eq!(demolish(5, "2018-12-01").done_by(&clerk).await, json!({ "stage": "OLD_HOUSE_REMOVED", "oldHouseRemovedOn": "2018-12-01", "version": 6 }));
        // Its new house is not renovated as well, however dangerous it becomes.
        let new = db.number(&format!("SELECT id FROM house WHERE household_id = {key} AND valid_to IS NULL")).await;
        let new = global_id("House", new);
        graded(&db, &new, "D").await;
        let approve = mutation("renovationApprove", approval(&new));
        assert_eq!(approve.mistakes(&app.clerk(D::Housing, OWN)).await, ["input.subsidy ONE_HOUSING_BENEFIT"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_is_not_relocated(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Reloc, OWN);
        let project = project(&db).await;
        let renovated = db.number("SELECT MIN(n.household_id) FROM renovation n JOIN household h ON h.id = n.household_id AND h.status = 'REGISTERED' \
            WHERE n.county_code = 150921 AND n.subsidy_fen > 0").await;
        let of = |family: i64, input: Value| mutation("relocationPlan", input).of_household(&global_id("Household", family));
        assert_eq!(of(renovated, plan(&project)).mistakes(&clerk).await, ["input.subsidy ONE_HOUSING_BENEFIT"]);
        // Without a subsidy it excludes nothing.
        let mut own = plan(&project);
        own["subsidy"] = json!("0.00");
        of(renovated, own).done_by(&clerk).await;
        let candidate = db.number("SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'CANDIDATE' \
            AND NOT EXISTS (SELECT 1 FROM relocation m WHERE m.household_id = h.id)").await;
        assert_eq!(of(candidate, plan(&project)).mistakes(&clerk).await, ["input.kind NOT_ON_FILE"]);
        let finished = db.number("SELECT MIN(id) FROM relocation_project WHERE county_code = 150921 AND stage IN ('FINISHED', 'MOVED_IN', 'OLD_HOUSE_REMOVED', 'SETTLED')").await;
        let mut accompanies = plan(&global_id("RelocationProject", finished));
        accompanies["kind"] = json!("ACCOMPANYING");
        assert_eq!(of(candidate, accompanies).mistakes(&clerk).await, ["input.projectId PROJECT_FINISHED"]);
        let closed = db.number("SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'CLOSED' \
            AND NOT EXISTS (SELECT 1 FROM person p WHERE p.household_id = h.id AND p.valid_to IS NULL)").await;
        assert_eq!(of(closed, plan(&project)).mistakes(&clerk).await, ["input.kind NOT_ON_FILE", "householdId NO_MEMBERS"]);
        let elsewhere = db.number("SELECT MIN(id) FROM relocation_project WHERE county_code = 150922").await;
        assert_eq!(of(candidate, plan(&global_id("RelocationProject", elsewhere))).mistakes(&clerk).await, ["input.projectId NOT_FOUND"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Two offices decide at the same time: one benefit remains.
    async fn of_two_benefits_at_once_one_is_granted(db: TestDatabase) {
        let app = App::start(&db).await;
        let (house, family) = house(&db, NOT_RENOVATED).await;
        graded(&db, &house, "D").await;
        let (housing, reloc) = (app.clerk(D::Housing, OWN), app.clerk(D::Reloc, OWN));
        let renovation = mutation("renovationApprove", approval(&house));
        let relocation = mutation("relocationPlan", plan(&project(&db).await)).of_household(&family);
        let both = (0..8).map(|at| match at % 2 {
            0 => renovation.by(&housing),
            _ => relocation.by(&reloc),
        });
        let done = futures_util::future::join_all(both).await;
        let changed = done.iter().filter(|payload| !payload["changed"].is_null()).count();
        assert_eq!(changed, 1, "{done:?}");
        let (_, key) = yihu::graphql::scalars::parse_global_id(&family).expect("an id");
        let benefits = format!("SELECT (SELECT COUNT(*) FROM renovation WHERE household_id = {key}) + (SELECT COUNT(*) FROM relocation WHERE household_id = {key})");
        assert_eq!(db.number(&benefits).await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn only_the_owner_writes_housing(db: TestDatabase) {
        let app = App::start(&db).await;
        let (house, family) = house(&db, NOT_RENOVATED).await;
        let key = async |table: &str, name: &str| global_id(name, db.number(&format!("SELECT MIN(id) FROM {table} WHERE county_code = 150921")).await);
        let (renovation, relocation) = (key("renovation", "Renovation").await, key("relocation", "Relocation").await);
        let survey = json!({ "previousHouseId": house, "previousVersion": 1, "grade": "C", "surveyedOn": "2018-10-05" });
        let accepted = json!({ "acceptedOn": "2018-11-20", "gradeAfter": "A", "areaAfter": "60.00" });
        let writes = [
            (D::Housing, mutation("houseSurvey", survey).of_household(&family), "householdId"),
            (D::Housing, mutation("renovationApprove", approval(&house)), "input.houseId"),
            (D::Housing, mutation("renovationAccept", accepted).of(&renovation, 1), "id"),
            (D::Reloc, mutation("relocationPlan", plan(&project(&db).await)).of_household(&family), "householdId"),
            (D::Reloc, mutation("relocationAdvance", json!({ "stage": "APPROVED", "on": "2018-10-05" })).of(&relocation, 1), "id"),
            (D::Reloc, mutation("relocationMoveIn", json!({ "movedInOn": "2018-10-05" })).of(&relocation, 1), "id"),
            (D::Reloc, mutation("oldHouseDemolish", json!({ "removedOn": "2018-10-05" })).of(&relocation, 1), "id"),
        ];
        let before = records(&db).await;
        for (owner, write, path) in writes {
            let other = if owner == D::Housing { D::Reloc } else { D::Housing };
            write.refused_to(&db, &[
                app.clerk(other, OWN), app.clerk(D::Land, OWN), app.clerk(D::Township, "150921100"), app.reader(owner, OWN),
                app.approver(owner, OWN), app.auditor(), app.household("150921000001", OWN), app.clerk(owner, "1509"),
            ]).await;
            assert_eq!(write.mistakes(&app.clerk(owner, "150922")).await, [format!("{path} NOT_FOUND")]);
        }
        assert_eq!(records(&db).await, before);
    }
}
