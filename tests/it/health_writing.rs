//! What the offices of health write: enrolments, care, illness and claims, each by its owner.

use crate::harness::{
    Actor, App, TestDatabase, both_dbs,
    writes::{mistakes, mutation, records},
};
use entity::codes::Department as D;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use yihu::graphql::scalars::{global_id, parse_global_id};

const OWN: &str = "150921";
/// What the demonstration's people have for long.
const DISEASES: [&str; 12] = [
    "I10", "E11.9", "J44.9", "M17.9", "I25.1", "K74.6", "C34.9", "C16.9", "I63.9", "N18.5",
    "C22.0", "I21.9",
];

/// A member of the county today, of whom no table of these holds a row.
pub(crate) async fn member_without(db: &TestDatabase, tables: &[&str]) -> String {
    let without: String = tables
        .iter()
        .map(|table| format!(" AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.person_id = p.id)"))
        .collect();
    let person = db
        .number(&format!(
            "SELECT MIN(p.id) FROM person p JOIN household h ON h.id = p.household_id AND h.status = 'REGISTERED' \
             WHERE p.county_code = 150921 AND p.valid_to IS NULL AND p.valid_from < '2018-01-01'{without}"
        ))
        .await;
    global_id("Person", person)
}

/// The code of a hospital of the county.
pub(crate) async fn hospital(db: &TestDatabase) -> String {
    db.text(
        "SELECT MIN(code) FROM institution WHERE kind = 'HOSPITAL' AND hospital_level = 'COUNTY' \
         AND region_code BETWEEN 150921000000 AND 150921999999",
    )
    .await
}

pub(crate) fn enrolment(person: &str, year: i32) -> Value {
    json!({ "personId": person, "year": year, "category": "REGISTERED_POOR", "premium": "220.00", "premiumSubsidy": "110.00" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_enrolment_is_recorded_once_a_year_and_completed(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = member_without(&db, &[]).await;
        let read = "id year category premium premiumSubsidy ownPayment paidOn version person { id }";
        let first = mutation("medicalEnrolmentRecord", enrolment(&person, 2019)).read(read).done_by(&clerk).await;
        assert_eq!(first, json!({ "id": first["id"], "year": 2019, "category": "REGISTERED_POOR", "premium": "220.00",
            "premiumSubsidy": "110.00", "ownPayment": "110.00", "paidOn": null, "version": 1, "person": { "id": person } }));
        let again = mutation("medicalEnrolmentRecord", enrolment(&person, 2019));
        assert_eq!(again.mistakes(&clerk).await, ["input.year ALREADY_ENROLLED"]);
        let mut paid = enrolment(&person, 2019);
        paid["paidOn"] = json!("2018-12-30");
        paid["correctsVersion"] = json!(1);
        let paid = mutation("medicalEnrolmentRecord", paid).read(read);
        let changed = paid.done_by(&clerk).await;
        assert_eq!((&changed["id"], &changed["paidOn"], &changed["version"]), (&first["id"], &json!("2018-12-30"), &json!(2)));
        let payload = paid.by(&clerk).await;
        assert_eq!((mistakes(&payload), &payload["conflict"]["currentVersion"]), (vec!["version CONFLICT".to_owned()], &json!(2)));
        let mut none = enrolment(&person, 2001);
        none["correctsVersion"] = json!(1);
        assert_eq!(mutation("medicalEnrolmentRecord", none).mistakes(&clerk).await, ["input.personId NOT_A_MEMBER"]);
        let wrong = json!({ "personId": person, "year": 2031, "category": "DIBAO", "premium": "-1.00", "premiumSubsidy": "5.00", "paidOn": "2019-01-01" });
        assert_eq!(mutation("medicalEnrolmentRecord", wrong).mistakes(&clerk).await, [
            "input.year INVALID_VALUE", "input.premium INVALID_VALUE", "input.premiumSubsidy INVALID_VALUE", "input.paidOn INVALID_VALUE",
        ]);
        let other = "SELECT MAX(id) FROM person WHERE county_code = 150921 AND valid_to IS NULL AND valid_from < '2018-01-01'";
        let other = global_id("Person", db.number(other).await);
        let mut unknown = enrolment(&other, 2019);
        unknown["correctsVersion"] = json!(1);
        assert_eq!(mutation("medicalEnrolmentRecord", unknown).mistakes(&clerk).await, ["input.year NOT_ENROLLED"]);
        let list = "mutation($r: UUID!, $inputs: [MedicalEnrolmentRecordInput!]!) { medicalEnrolmentRecordList(requestId: $r, inputs: $inputs) { \
            results { changed { year } userErrors { field code } } } }";
        let inputs = json!([enrolment(&other, 2019), enrolment(&person, 2019)]);
        let variables = json!({ "r": crate::writing::request_id(), "inputs": inputs });
        let results = clerk.query(list, variables).await.data()["medicalEnrolmentRecordList"]["results"].take();
        assert_eq!(results, json!([
            { "changed": { "year": 2019 }, "userErrors": [] },
            { "changed": null, "userErrors": [{ "field": ["inputs", "1", "year"], "code": "ALREADY_ENROLLED" }] },
        ]));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn check_ups_contracts_and_visits_follow_each_other(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, hospital) = (app.clerk(D::Health, OWN), hospital(&db).await);
        let person = member_without(&db, &[]).await;
        let (_, key) = parse_global_id(&person).expect("an id");
        for table in ["doctor_visit", "medicine_delivery", "doctor_contract", "check_up"] {
            let cut = format!("DELETE FROM {table} WHERE person_id = {key}");
            db.connect().await.execute_unprepared(&cut).await.expect("no rows");
        }
        let check_up = |free: bool, day: &str| json!({ "personId": person, "checkedOn": day, "institutionCode": hospital, "free": free, "result": "OBSERVE" });
        let read = "checkedOn year free result hospital { code } version";
        let done = mutation("checkupRecord", check_up(true, "2018-03-05")).read(read).done_by(&clerk).await;
        assert_eq!(done, json!({ "checkedOn": "2018-03-05", "year": 2018, "free": true, "result": "OBSERVE", "hospital": { "code": hospital }, "version": 1 }));
        let second = mutation("checkupRecord", check_up(true, "2018-09-05"));
        assert_eq!(second.mistakes(&clerk).await, ["input.free FREE_CHECK_UP_USED"]);
        mutation("checkupRecord", check_up(false, "2018-09-05")).done_by(&clerk).await;
        let mut wrong = check_up(true, "2019-01-01");
        wrong["institutionCode"] = json!("no such");
        assert_eq!(mutation("checkupRecord", wrong).mistakes(&clerk).await, ["input.checkedOn INVALID_VALUE", "input.institutionCode NO_HOSPITAL"]);
        assert_eq!(mutation("checkupRecord", check_up(false, "1950-01-01")).mistakes(&clerk).await, ["input.personId NOT_A_MEMBER"]);
        let list = "mutation($r: UUID!, $inputs: [CheckupRecordInput!]!) { checkupRecordList(requestId: $r, inputs: $inputs) { \
            results { changed { checkedOn } userErrors { field code } } } }";
        let variables = json!({ "r": crate::writing::request_id(), "inputs": [check_up(true, "2018-10-05"), check_up(false, "2018-10-06")] });
        let results = clerk.query(list, variables).await.data()["checkupRecordList"]["results"].take();
        assert_eq!(results, json!([
            { "changed": null, "userErrors": [{ "field": ["inputs", "0", "free"], "code": "FREE_CHECK_UP_USED" }] },
            { "changed": { "checkedOn": "2018-10-06" }, "userErrors": [] },
        ]));

        let sign = |doctor: &str, day: &str| mutation("doctorContractSign", json!({ "personId": person, "institutionCode": hospital,
            "doctorName": doctor, "focus": true, "validFrom": day })).read("id doctorName focus validFrom validTo");
        let first = sign("白玉梅", "2018-02-01").done_by(&clerk).await;
        let next = sign(" 王建国 ", "2018-11-01").done_by(&clerk).await;
        assert_eq!(next, json!({ "id": next["id"], "doctorName": "王建国", "focus": true, "validFrom": "2018-11-01", "validTo": null }));
        let contracts = "query($id: ID!) { node(id: $id) { ... on Person { health { doctorContracts { id validFrom validTo } } } } }";
        let contracts = clerk.query(contracts, json!({ "id": person })).await.data()["node"]["health"]["doctorContracts"].take();
        assert_eq!(contracts, json!([
            { "id": next["id"], "validFrom": "2018-11-01", "validTo": null },
            { "id": first["id"], "validFrom": "2018-02-01", "validTo": "2018-11-01" },
        ]));
        for day in ["2018-11-01", "2018-06-01"] {
            assert_eq!(sign("王建国", day).mistakes(&clerk).await, ["input.validFrom HAS_DOCTOR"]);
        }
        assert_eq!(sign("王\u{7}", "2019-06-01").mistakes(&clerk).await, ["input.validFrom INVALID_VALUE", "input.doctorName INVALID_VALUE"]);

        let visit = |contract: &Value, day: &str| mutation("doctorVisitRecord", json!({ "contractId": contract, "visitedOn": day, "way": "ON_SPOT",
            "medicineAdjusted": true })).read("visitedOn way medicineAdjusted person { id }");
        let done = visit(&first["id"], "2018-10-31").done_by(&clerk).await;
        assert_eq!(done, json!({ "visitedOn": "2018-10-31", "way": "ON_SPOT", "medicineAdjusted": true, "person": { "id": person } }));
        assert_eq!(visit(&first["id"], "2018-11-01").mistakes(&clerk).await, ["input.visitedOn NO_CONTRACT_THEN"]);
        assert_eq!(visit(&next["id"], "2019-02-01").mistakes(&clerk).await, ["input.visitedOn INVALID_VALUE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_disease_is_flagged_and_kept_sealed(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Health, OWN);
        let person = member_without(&db, &["disease_flag"]).await;
        let flag = |disease: Value| mutation("diseaseFlagSet", json!({ "personId": person, "class": "CHRONIC", "disease": disease, "diagnosedOn": "2018-05-01" }))
            .read("id class disease validFrom validTo version");
        let set = flag(json!("i10.x00x002")).done_by(&clerk).await;
        assert_eq!(set, json!({ "id": set["id"], "class": "CHRONIC", "disease": "I00-I99", "validFrom": "2018-05-01", "validTo": null, "version": 1 }));
        let sealed = "SELECT COUNT(*) FROM disease_flag WHERE disease_mask = 'I00-I99' AND length(disease_index) = 32 AND valid_from = '2018-05-01'";
        assert_eq!(db.number(sealed).await, 1);
        let kept = db.text("SELECT after_json FROM audit_record WHERE object_type = 'disease_flag'").await;
        assert!(kept.contains("disease_index") && !kept.to_uppercase().contains("I10"), "{kept}");
        assert_eq!(flag(json!("I10.X00X002")).mistakes(&clerk).await, ["input.diagnosedOn FLAGGED"]);
        // A flag that names no disease, once.
        flag(Value::Null).done_by(&clerk).await;
        assert_eq!(flag(Value::Null).mistakes(&clerk).await, ["input.diagnosedOn FLAGGED"]);
        // What is masked, damaged or holds a control character is no disease, and is not repeated.
        let before = records(&db).await;
        for wrong in ["I00-I99", "I1*", "I10\n", "高血压"] {
            let (text, variables) = flag(json!(wrong)).request();
            let answer = clerk.query(&text, variables).await;
            assert_eq!(mistakes(&answer.json()["data"]["diseaseFlagSet"]), ["input.disease INVALID_VALUE"]);
            assert!(!answer.text.contains(wrong), "{}", answer.text);
        }
        assert_eq!(records(&db).await, before);
        let id = set["id"].as_str().expect("an id");
        let end = |version, day: &str| mutation("diseaseFlagEnd", json!({ "curedOn": day })).of(id, version).read("validTo version");
        assert_eq!(end(1, "2018-04-30").mistakes(&clerk).await, ["input.curedOn INVALID_VALUE"]);
        assert_eq!(end(1, "2018-12-01").done_by(&clerk).await, json!({ "validTo": "2018-12-01", "version": 2 }));
        assert_eq!(end(1, "2018-12-01").mistakes(&clerk).await, ["version CONFLICT"]);
        assert_eq!(end(2, "2018-12-02").mistakes(&clerk).await, ["id CURED"]);
    }
}

pub(crate) fn handbook(person: &str, disease: &str, number: &str) -> Value {
    json!({ "personId": person, "disease": disease, "handbookNumber": number, "validFrom": "2019-01-01", "validTo": "2022-01-01" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_handbook_is_issued_by_either_office(db: TestDatabase) {
        let app = App::start(&db).await;
        let (medins, hrss) = (app.clerk(D::Medins, OWN), app.clerk(D::Hrss, OWN));
        let person = member_without(&db, &["chronic_handbook"]).await;
        let issue = |input: Value| mutation("chronicHandbookIssue", input).read("handbookNumber state appliedOn issuedOn validFrom validTo version");
        assert_eq!(issue(handbook(&person, "E11.9", "MB-1")).mistakes(&hrss).await, ["input.appliedOn INVALID_VALUE"]);
        let mut new = handbook(&person, "E11.9", " MB-1 ");
        new["appliedOn"] = json!("2018-12-01");
        assert_eq!(issue(new.clone()).done_by(&hrss).await, json!({ "handbookNumber": "MB-1", "state": "ISSUED", "appliedOn": "2018-12-01",
            "issuedOn": "2018-12-31", "validFrom": "2019-01-01", "validTo": "2022-01-01", "version": 1 }));
        assert_eq!(issue(new.clone()).mistakes(&medins).await, ["input.handbookNumber HANDBOOK_NUMBER_USED"]);
        new["handbookNumber"] = json!("MB-2");
        assert_eq!(issue(new.clone()).mistakes(&medins).await, ["input.validFrom HAS_HANDBOOK"]);
        new["disease"] = json!("E11*");
        new["validTo"] = json!("2018-12-31");
        new["handbookNumber"] = json!("");
        assert_eq!(issue(new).mistakes(&medins).await, [
            "input.handbookNumber INVALID_VALUE", "input.validTo INVALID_VALUE", "input.disease INVALID_VALUE",
        ]);
        // A number of another county is wrong, and no more is said.
        let elsewhere = db.text("SELECT MIN(handbook_number) FROM chronic_handbook WHERE county_code <> 150921").await;
        let mut taken = handbook(&person, "I10", &elsewhere);
        taken["appliedOn"] = json!("2018-12-01");
        assert_eq!(issue(taken).mistakes(&medins).await, ["input.handbookNumber INVALID_VALUE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn an_application_becomes_the_handbook(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let row = "FROM chronic_handbook c JOIN person p ON p.id = c.person_id AND p.valid_to IS NULL WHERE c.state = 'APPLIED' AND c.county_code = 150921";
        let applied = db.number(&format!("SELECT MIN(c.id) {row}")).await;
        let person = global_id("Person", db.number(&format!("SELECT MIN(c.person_id) {row} AND c.id = {applied}")).await);
        let counted = "SELECT COUNT(*) FROM chronic_handbook";
        let before = db.number(counted).await;
        let mut issued = Value::Null;
        // What was applied for is sealed: one of the diseases of the demonstration.
        for disease in DISEASES {
            let payload = mutation("chronicHandbookIssue", handbook(&person, disease, "MB-3")).read("id state issuedOn version").by(&clerk).await;
            match payload["changed"].is_null() {
                true => assert_eq!(mistakes(&payload), ["input.appliedOn INVALID_VALUE"]),
                false => issued = payload["changed"].clone(),
            }
            if !issued.is_null() {
                break;
            }
        }
        let id = global_id("ChronicHandbook", applied);
        assert_eq!(issued, json!({ "id": id, "state": "ISSUED", "issuedOn": "2018-12-31", "version": 2 }));
        assert_eq!(db.number(counted).await, before);
    }
}

pub(crate) async fn submit(
    db: &TestDatabase,
    person: &str,
    number: &str,
    days: (&str, &str),
) -> Value {
    json!({ "personId": person, "claimNumber": number, "kind": "INPATIENT", "institutionCode": hospital(db).await,
        "admittedOn": days.0, "dischargedOn": days.1, "totalCost": "5000.00", "eligibleCost": "4200.10", "diagnosis": "C34.901" })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_claim_is_submitted_and_voided(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = member_without(&db, &["medical_claim"]).await;
        let read = "id claimNumber kind state hospitalLevel admittedOn dischargedOn totalCost eligibleCost diagnosis registeredAtDischarge settledOn version";
        let stay = submit(&db, &person, "BX-1", ("2018-11-01", "2018-11-10")).await;
        let claim = mutation("claimSubmit", stay.clone()).read(read).done_by(&clerk).await;
        assert_eq!(claim, json!({ "id": claim["id"], "claimNumber": "BX-1", "kind": "INPATIENT", "state": "SUBMITTED", "hospitalLevel": "COUNTY",
            "admittedOn": "2018-11-01", "dischargedOn": "2018-11-10", "totalCost": "5000.00", "eligibleCost": "4200.10", "diagnosis": "C00-D48",
            "registeredAtDischarge": true, "settledOn": null, "version": 1 }));
        assert_eq!(mutation("claimSubmit", stay).mistakes(&clerk).await, ["input.claimNumber CLAIM_NUMBER_USED"]);
        let elsewhere = db.text("SELECT MIN(claim_number) FROM medical_claim WHERE county_code <> 150921").await;
        let other = submit(&db, &person, &elsewhere, ("2018-06-01", "2018-06-02")).await;
        assert_eq!(mutation("claimSubmit", other).mistakes(&clerk).await, ["input.claimNumber INVALID_VALUE"]);
        let inside = submit(&db, &person, "BX-2", ("2018-11-09", "2018-11-12")).await;
        assert_eq!(mutation("claimSubmit", inside.clone()).mistakes(&clerk).await, ["input.admittedOn STAYS_OVERLAP"]);
        // Moved to another hospital on the day: no overlap.
        let moved = submit(&db, &person, "BX-3", ("2018-11-10", "2018-11-12")).await;
        let moved = mutation("claimSubmit", moved).done_by(&clerk).await;
        let mut wrong = submit(&db, &person, "", ("2018-12-20", "2019-01-02")).await;
        wrong["kind"] = json!("OUTPATIENT");
        wrong["totalCost"] = json!("0.00");
        wrong["diagnosis"] = json!("C34.9 *");
        wrong["institutionCode"] = json!("?");
        assert_eq!(mutation("claimSubmit", wrong).mistakes(&clerk).await, [
            "input.claimNumber INVALID_VALUE", "input.dischargedOn INVALID_VALUE", "input.dischargedOn INVALID_VALUE", "input.totalCost INVALID_VALUE",
            "input.eligibleCost INVALID_VALUE", "input.institutionCode NO_HOSPITAL", "input.diagnosis INVALID_VALUE",
        ]);
        // A void claim excludes nothing.
        let void = |id: &Value, version| mutation("claimVoid", Value::Null).without_input().of(id.as_str().expect("an id"), version).read("state version");
        assert_eq!(void(&claim["id"], 1).done_by(&clerk).await, json!({ "state": "VOIDED", "version": 2 }));
        assert_eq!(void(&claim["id"], 2).mistakes(&clerk).await, ["id ALREADY_VOIDED"]);
        assert_eq!(mutation("claimSubmit", inside.clone()).mistakes(&clerk).await, ["input.admittedOn STAYS_OVERLAP"]);
        void(&moved["id"], 1).done_by(&clerk).await;
        mutation("claimSubmit", inside).done_by(&clerk).await;
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What another office settled is history: nobody settles it here, neither by itself nor with another claim of the year.
    async fn a_claim_that_was_settled_elsewhere_is_never_paid_here(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = member_without(&db, &["medical_claim"]).await;
        let mut settled = submit(&db, &person, "LS-1", ("2018-11-01", "2018-11-10")).await;
        for (field, value) in [("state", json!("SETTLED")), ("settledOn", json!("2018-11-20")), ("deductible", json!("250.00")), ("hospitalLevel", json!("CITY")),
            ("stages", json!([{ "stage": "BASIC", "paid": "3000.00" }, { "stage": "CIVIL_AFFAIRS_TEN_PERCENT", "paid": "100.05" }]))] {
            settled[field] = value;
        }
        let with = |field: &str, value: Value| {
            let mut input = settled.clone();
            input[field] = value;
            mutation("claimTakeOver", input)
        };
        // What does not add up is not taken, and leaves nothing.
        for (wrong, expected) in [
            (with("settledOn", Value::Null), "input.settledOn INVALID_VALUE"),
            (with("settledOn", json!("2018-11-09")), "input.settledOn INVALID_VALUE"),
            (with("settledOn", json!("2019-01-01")), "input.settledOn INVALID_VALUE"),
            (with("eligibleCost", json!("3100.04")), "input.stages INVALID_VALUE"),
            (with("stages", json!([{ "stage": "BASIC", "paid": "-1.00" }])), "input.stages INVALID_VALUE"),
            (with("stages", json!([{ "stage": "BASIC", "paid": "1.00" }, { "stage": "BASIC", "paid": "1.00" }])), "input.stages INVALID_VALUE"),
        ] {
            assert_eq!(wrong.mistakes(&clerk).await, [expected]);
        }
        for state in ["SUBMITTED", "VOIDED"] {
            assert_eq!(with("state", json!(state)).mistakes(&clerk).await, ["input.settledOn INVALID_VALUE", "input.state INVALID_VALUE"]);
        }
        mutation("claimTakeOver", settled.clone()).refused_to(&db, &[app.clerk(D::Civil, OWN), app.clerk(D::Health, OWN), app.clerk(D::Medins, "1509"), app.auditor()]).await;
        assert_eq!(db.number("SELECT COUNT(*) FROM medical_claim WHERE claim_number = 'LS-1'").await, 0);

        let read = "id state settledElsewhere settledOn hospitalLevel registeredAtDischarge sheet { deductible reimbursed selfPayTotal pack } stages { position stage payer paid } version";
        let claim = mutation("claimTakeOver", settled.clone()).read(read).done_by(&clerk).await;
        assert_eq!(claim, json!({ "id": claim["id"], "state": "SETTLED", "settledElsewhere": true, "settledOn": "2018-11-20", "hospitalLevel": "CITY",
            "registeredAtDischarge": true, "sheet": { "deductible": "250.00", "reimbursed": "3100.05", "selfPayTotal": "1899.95", "pack": null },
            "stages": [{ "position": 1, "stage": "BASIC", "payer": "MEDINS", "paid": "3000.00" },
                { "position": 2, "stage": "CIVIL_AFFAIRS_TEN_PERCENT", "payer": "CIVIL", "paid": "100.05" }], "version": 1 }));
        assert_eq!(with("claimNumber", json!("LS-1")).mistakes(&clerk).await, ["input.claimNumber CLAIM_NUMBER_USED"]);
        assert_eq!(with("claimNumber", json!("LS-2")).mistakes(&clerk).await, ["input.admittedOn STAYS_OVERLAP"]);
        let id = claim["id"].as_str().expect("an id");
        assert_eq!(mutation("claimSettle", json!({})).of(id, 1).mistakes(&clerk).await, ["id ALREADY_SETTLED"]);
        // An earlier one of the year is settled, and voided: the later one stays as it is.
        let history = "SELECT COUNT(*) FROM medical_claim m WHERE m.claim_number = 'LS-1' AND m.version = 1 AND m.deductible_fen = 25000 AND m.pack IS NULL \
            AND (SELECT SUM(s.paid_fen) FROM claim_stage s WHERE s.claim_id = m.id) = 310005";
        let earlier = mutation("claimSubmit", submit(&db, &person, "LS-3", ("2018-03-01", "2018-03-10")).await).done_by(&clerk).await;
        let earlier = earlier["id"].as_str().expect("an id");
        mutation("claimSettle", json!({})).of(earlier, 1).done_by(&clerk).await;
        assert_eq!(db.number(history).await, 1);
        // No check holds it against the rules of this place.
        let reconciler = crate::contradictions::runner(&db).await;
        let wanted = yihu::reconciliation::Wanted { region: OWN.parse().expect("a region"), as_of: time::macros::date!(2018 - 12 - 31), check: Some("RC-20".to_owned()), since: None };
        reconciler.run(&wanted, |_| {}).await.expect("a run");
        let found = format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-20' AND person_id = {}", parse_global_id(&person).expect("an id").1);
        assert_eq!(db.number(&found).await, 0);
        mutation("claimVoid", Value::Null).without_input().of(earlier, 2).done_by(&clerk).await;
        assert_eq!(db.number(history).await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// The constraint decides, whoever is faster.
    async fn of_stays_submitted_at_once_one_is_taken(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = member_without(&db, &["medical_claim"]).await;
        let mut stays = vec![];
        for at in 0..12 {
            stays.push(mutation("claimSubmit", submit(&db, &person, &format!("BX-{at}"), ("2018-11-01", "2018-11-10")).await));
        }
        let payloads = futures_util::future::join_all(stays.iter().map(|stay| stay.by(&clerk))).await;
        let taken = payloads.iter().filter(|payload| !payload["changed"].is_null()).count();
        assert_eq!(taken, 1, "{payloads:?}");
        let refused = payloads.iter().filter(|payload| mistakes(payload) == ["input.admittedOn STAYS_OVERLAP"]).count();
        assert_eq!(refused, 11, "{payloads:?}");
        let rows = "SELECT COUNT(*) FROM medical_claim WHERE claim_number LIKE 'BX-%'";
        assert_eq!(db.number(rows).await, 1);
    }
}

fn never_the_owner(app: &App, owner: D) -> Vec<Actor> {
    vec![
        app.clerk(D::Civil, OWN),
        app.clerk(D::Township, "150921100"),
        app.reader(owner, OWN),
        app.approver(owner, OWN),
        app.auditor(),
        app.household("150921000001", OWN),
        // From above nobody writes.
        app.clerk(owner, "1509"),
    ]
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn only_the_owner_writes_health(db: TestDatabase) {
        let app = App::start(&db).await;
        let (person, hospital) = (member_without(&db, &[]).await, hospital(&db).await);
        let key = async |table: &str, name: &str| global_id(name, db.number(&format!("SELECT MIN(id) FROM {table} WHERE county_code = 150921")).await);
        let contract = key("doctor_contract", "DoctorContract").await;
        let (flag, claim) = (key("disease_flag", "DiseaseFlag").await, key("medical_claim", "Claim").await);
        let mut issued = handbook(&person, "I10", "MB-9");
        issued["appliedOn"] = json!("2018-12-01");
        let writes = [
            (D::Medins, mutation("medicalEnrolmentRecord", enrolment(&person, 2019)), "input.personId"),
            (D::Medins, mutation("claimSubmit", submit(&db, &person, "BX-9", ("2018-11-01", "2018-11-02")).await), "input.personId"),
            (D::Medins, mutation("claimVoid", Value::Null).without_input().of(&claim, 1), "id"),
            (D::Medins, mutation("chronicHandbookIssue", issued.clone()), "input.personId"),
            (D::Hrss, mutation("chronicHandbookIssue", issued), "input.personId"),
            (D::Health, mutation("checkupRecord", json!({ "personId": person, "checkedOn": "2018-10-01", "institutionCode": hospital, "free": false, "result": "REFER" })), "input.personId"),
            (D::Health, mutation("doctorContractSign", json!({ "personId": person, "institutionCode": hospital, "doctorName": "某", "focus": false, "validFrom": "2018-10-01" })), "input.personId"),
            (D::Health, mutation("doctorVisitRecord", json!({ "contractId": contract, "visitedOn": "2018-10-01", "way": "PHONE", "medicineAdjusted": false })), "input.contractId"),
            (D::Health, mutation("diseaseFlagSet", json!({ "personId": person, "class": "MAJOR", "disease": "C34.9", "diagnosedOn": "2018-10-01" })), "input.personId"),
            (D::Health, mutation("diseaseFlagEnd", json!({ "curedOn": "2018-12-01" })).of(&flag, 1), "id"),
        ];
        let before = records(&db).await;
        for (owner, write, path) in writes {
            write.refused_to(&db, &never_the_owner(&app, owner)).await;
            // For the neighbour there is no such row.
            assert_eq!(write.mistakes(&app.clerk(owner, "150922")).await, [format!("{path} NOT_FOUND")]);
        }
        assert_eq!(records(&db).await, before);
    }
}
