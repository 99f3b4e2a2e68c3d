//! One-stop settlement: claims come to their sheets by the rule of their place, and run over the year.

use crate::{
    family_writing::key,
    harness::{
        Actor, App, Engine, Program, Seed, TestDatabase, both_dbs, run,
        writes::{Sent, mistakes, mutation, records},
    },
};
use entity::codes::Department as D;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const NEIGHBOUR: &str = "150922";
const COUNTY: &str = "H15092100001";
const TOWNSHIP: &str = "H15092100101";
const CITY: &str = "H15090000001";
const PROVINCE: &str = "H15010000001";

/// A registered member of the county, insured in 2018, of whom the health room keeps nothing else.
async fn patient(db: &TestDatabase) -> String {
    let person = db
        .number(
            "SELECT MIN(p.id) FROM person p JOIN household_status_period s ON s.household_id = p.household_id \
             AND s.status = 'REGISTERED' AND s.valid_from < '2018-01-01' AND s.valid_to IS NULL \
             JOIN supplementary_enrolment e ON e.person_id = p.id AND e.year = 2018 \
             WHERE p.county_code = 150921 AND p.valid_to IS NULL AND p.valid_from < '2018-01-01' \
             AND NOT EXISTS (SELECT 1 FROM medical_claim x WHERE x.person_id = p.id) \
             AND NOT EXISTS (SELECT 1 FROM disease_flag x WHERE x.person_id = p.id)",
        )
        .await;
    for table in ["doctor_visit", "medicine_delivery", "doctor_contract"] {
        let cut = format!("DELETE FROM {table} WHERE person_id = {person}");
        db.execute(&cut).await;
    }
    global_id("Person", person)
}

/// A bill of a person.
struct Case<'a> {
    person: &'a str,
    number: &'a str,
    kind: &'a str,
    hospital: &'a str,
    /// A stay begins with the month.
    discharged_on: &'a str,
    total: &'a str,
    eligible: &'a str,
}

impl Case<'_> {
    async fn submitted(&self, clerk: &Actor) -> String {
        let first = match self.kind {
            "INPATIENT" => format!("{}-01", &self.discharged_on[..7]),
            _ => self.discharged_on.to_owned(),
        };
        let input = json!({ "personId": self.person, "claimNumber": self.number, "kind": self.kind, "institutionCode": self.hospital,
            "admittedOn": first, "dischargedOn": self.discharged_on, "totalCost": self.total, "eligibleCost": self.eligible });
        let claim = mutation("claimSubmit", input).done_by(clerk).await;
        claim["id"].as_str().expect("an id").to_owned()
    }

    /// The sheet that the preview tells, as `(stages, sums)`.
    async fn previewed(&self, actor: &Actor) -> (Value, Value) {
        let preview = preview(actor, self.bill()).await;
        assert_eq!(preview["hindrances"], json!([]), "{preview}");
        parts(preview["sheet"].clone())
    }

    fn bill(&self) -> Value {
        json!({ "personId": self.person, "kind": self.kind, "institutionCode": self.hospital, "dischargedOn": self.discharged_on,
            "totalCost": self.total, "eligibleCost": self.eligible })
    }
}

const STAY: Case<'_> = Case {
    person: "",
    number: "JS-1",
    kind: "INPATIENT",
    hospital: COUNTY,
    discharged_on: "2018-02-20",
    total: "10500.00",
    eligible: "10000.00",
};

const SUMS: &str = "deductible reimbursed selfPayEligible selfPayTotal effectiveRatioPercent";

async fn preview(actor: &Actor, bill: Value) -> Value {
    let text = format!(
        "query($bill: SettlementPreviewInput!) {{ settlementPreview(input: $bill) {{ pack packHash registeredAtDischarge earlierClaims laterClaims \
         hindrances {{ code message }} sheet {{ {SUMS} marks stages {{ position stage payer base paid formula }} }} }} }}"
    );
    actor.query(&text, json!({ "bill": bill })).await.data()["settlementPreview"].take()
}

fn settle(claim: &str, version: i64, input: Value) -> Sent {
    let read = format!(
        "id state settledOn version registeredAtDischarge sheet {{ {SUMS} commercialReported backstopDecision pack packHash marks }} \
         stages {{ position stage payer insurerCode base paid }}"
    );
    mutation("claimSettle", input)
        .of(claim, version)
        .read(&read)
}

fn void(claim: &str, version: i64) -> Sent {
    mutation("claimVoid", Value::Null)
        .without_input()
        .of(claim, version)
        .read("id state settledOn version sheet { reimbursed } stages { paid }")
}

/// The stages of a sheet as lines, and its sums.
fn parts(mut sheet: Value) -> (Value, Value) {
    let stages = sheet["stages"].take();
    (lines(&stages), sums(&sheet))
}
fn lines(stages: &Value) -> Value {
    let stages = stages.as_array().expect("stages").iter();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |stage: &Value| {
        let [kind, payer, base, paid] =
            ["stage", "payer", "base", "paid"].map(|name| text(&stage[name]));
        format!("{} {kind} {payer} {paid} of {base}", stage["position"])
    };
    stages.map(|stage| json!(line(stage))).collect()
}
fn sums(sheet: &Value) -> Value {
    let names = SUMS.split(' ');
    names.map(|name| sheet[name].clone()).collect()
}

/// Settles a bill that was previewed, and holds the one against the other.
async fn settled(case: &Case<'_>, clerk: &Actor) -> Value {
    let previewed = case.previewed(clerk).await;
    let claim = case.submitted(clerk).await;
    let claim = settle(&claim, 1, json!({})).done_by(clerk).await;
    assert_eq!(
        (lines(&claim["stages"]), sums(&claim["sheet"])),
        previewed,
        "{}",
        case.number
    );
    claim
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// `ul-stop-01` to `ul-stop-06` of the pack.
    async fn claims_come_to_the_worked_examples(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, health) = (app.clerk(D::Medins, OWN), app.clerk(D::Health, OWN));
        let person = patient(&db).await;
        let case = Case { person: &person, ..STAY };
        let claim = settled(&case, &clerk).await;
        assert_eq!(lines(&claim["stages"]), json!([
            "1 BASIC MEDINS 7312.50 of 10000.00", "2 CRITICAL_ILLNESS INSURER 0.00 of 2687.50", "3 SUPPLEMENTARY INSURER 0.00 of 2687.50",
            "4 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 268.75 of 2687.50", "5 CIVIL_AFFAIRS_MAJOR_ILLNESS CIVIL 0.00 of 2418.75",
        ]));
        assert_eq!(sums(&claim["sheet"]), json!(["250.00", "7581.25", "2418.75", "2918.75", "75.81"]));
        let sheet = &claim["sheet"];
        assert_eq!(
            (&claim["state"], &claim["settledOn"], &claim["version"], &claim["registeredAtDischarge"], &sheet["pack"], &sheet["marks"]),
            (&json!("SETTLED"), &json!("2018-12-31"), &json!(2), &json!(true), &json!("ulanqab-2018"), &Value::Null)
        );
        assert_eq!(sheet["packHash"].as_str().map(str::len), Some(64));
        void(claim["id"].as_str().expect("an id"), 2).done_by(&clerk).await;

        // Visits run nothing over the year.
        let visit = Case { number: "MZ-1", kind: "OUTPATIENT", hospital: TOWNSHIP, total: "100.00", eligible: "100.00", discharged_on: "2018-03-10", ..case };
        let claim = settled(&visit, &clerk).await;
        assert_eq!(lines(&claim["stages"]), json!(["1 BASIC MEDINS 80.00 of 100.00", "2 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 2.00 of 20.00"]));
        assert_eq!(sums(&claim["sheet"]), json!([null, "82.00", "18.00", "18.00", "82.00"]));
        let flag = |class: &str| mutation("diseaseFlagSet", json!({ "personId": person, "class": class, "disease": "I10", "diagnosedOn": "2018-01-05" }));
        flag("CHRONIC").done_by(&health).await;
        let doctor = json!({ "personId": person, "institutionCode": TOWNSHIP, "doctorName": "白玉梅", "focus": true, "validFrom": "2018-01-10" });
        mutation("doctorContractSign", doctor).done_by(&health).await;
        let visit = Case { number: "MZ-2", kind: "CHRONIC_OUTPATIENT", total: "600.00", eligible: "600.00", ..visit };
        let claim = settled(&visit, &clerk).await;
        assert_eq!(lines(&claim["stages"]), json!([
            "1 BASIC MEDINS 480.00 of 600.00", "2 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 12.00 of 120.00", "3 CHRONIC_TOPUP HEALTH 48.00 of 108.00",
        ]));
        assert_eq!(sums(&claim["sheet"]), json!([null, "540.00", "60.00", "60.00", "90.00"]));

        flag("MAJOR").done_by(&health).await;
        let stay = Case { number: "JS-2", hospital: CITY, total: "100000.00", eligible: "100000.00", ..case };
        let claim = settled(&stay, &clerk).await;
        assert_eq!(lines(&claim["stages"]), json!([
            "1 BASIC MEDINS 64675.00 of 100000.00", "2 CRITICAL_ILLNESS INSURER 13928.75 of 35325.00", "3 SUPPLEMENTARY INSURER 4558.50 of 21396.25",
            "4 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 1683.78 of 16837.75", "5 CIVIL_AFFAIRS_MAJOR_ILLNESS CIVIL 0.00 of 15153.97",
            "6 MAJOR_DISEASE_FUND HEALTH 6061.59 of 15153.97",
        ]));
        assert_eq!(sums(&claim["sheet"]), json!(["500.00", "90907.62", "9092.38", "9092.38", "90.91"]));
        // Who pays nothing has nothing to do with the claim; the supplementary insurer is that of the enrolment.
        let insurers: Vec<_> = claim["stages"].as_array().expect("stages").iter().map(|stage| &stage["insurerCode"]).collect();
        assert_eq!(insurers, [&Value::Null, &Value::Null, &json!("91150900MA0QYH102D"), &Value::Null, &Value::Null, &Value::Null]);
        void(claim["id"].as_str().expect("an id"), 2).done_by(&clerk).await;
        let stay = Case { number: "JS-3", hospital: PROVINCE, total: "320000.00", eligible: "300000.00", ..case };
        let claim = settled(&stay, &clerk).await;
        assert_eq!(sums(&claim["sheet"]), json!(["750.00", "281891.29", "18108.71", "38108.71", "93.96"]));
        void(claim["id"].as_str().expect("an id"), 2).done_by(&clerk).await;

        // The same bill of who is not on file.
        db.execute(&format!("UPDATE household_status_period SET status = 'CANDIDATE' WHERE household_id = (SELECT household_id FROM person WHERE id = {})", key(&person))).await;
        let stay = Case { number: "JS-4", hospital: CITY, total: "100000.00", eligible: "100000.00", ..case };
        let claim = settled(&stay, &clerk).await;
        assert_eq!(lines(&claim["stages"]), json!(["1 BASIC MEDINS 59400.00 of 100000.00", "2 CRITICAL_ILLNESS INSURER 15300.00 of 40600.00"]));
        assert_eq!((sums(&claim["sheet"]), &claim["registeredAtDischarge"]), (json!(["1000.00", "74700.00", "25300.00", "25300.00", "74.70"]), &json!(false)));
    }
}

/// What a claim is read as, settled again or not.
async fn read(actor: &Actor, claim: &str) -> (Value, Value) {
    let text = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Claim {{ state version settledOn sheet {{ {SUMS} }} stages {{ position stage payer base paid }} }} }} }}"
    );
    let claim = actor.query(&text, json!({ "id": claim })).await.data()["node"].take();
    (
        json!([claim["state"], claim["version"]]),
        lines(&claim["stages"]),
    )
}

/// What `alsoChanged` tells of a mutation.
async fn also_changed(sent: &Sent, actor: &Actor) -> Value {
    let (text, variables) = sent.request();
    let text = text.replace("userErrors", "alsoChanged { id state version } userErrors");
    let mut payload = actor.query(&text, variables).await.data()[sent.name()].take();
    assert_eq!(payload["userErrors"], json!([]));
    payload["alsoChanged"].take()
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Settled out of order, and with one void, a year comes to what it comes to in its order.
    async fn a_year_runs_from_claim_to_claim(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = patient(&db).await;
        let first = Case { person: &person, total: "20000.00", eligible: "20000.00", ..STAY };
        let second = Case { number: "JS-2", discharged_on: "2018-05-20", total: "80000.00", eligible: "80000.00", ..first };
        let third = Case { number: "JS-3", discharged_on: "2018-09-20", hospital: CITY, ..first };
        let alone = json!([
            "1 BASIC MEDINS 59812.50 of 80000.00", "2 CRITICAL_ILLNESS INSURER 5093.75 of 20187.50", "3 SUPPLEMENTARY INSURER 2037.50 of 15093.75",
            "4 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 1305.63 of 13056.25", "5 CIVIL_AFFAIRS_MAJOR_ILLNESS CIVIL 0.00 of 11750.62",
        ]);
        let after_first = json!([
            "1 BASIC MEDINS 60000.00 of 80000.00", "2 CRITICAL_ILLNESS INSURER 7593.75 of 20000.00", "3 SUPPLEMENTARY INSURER 3037.50 of 12406.25",
            "4 CIVIL_AFFAIRS_TEN_PERCENT CIVIL 936.88 of 9368.75", "5 CIVIL_AFFAIRS_MAJOR_ILLNESS CIVIL 0.00 of 8431.87",
        ]);
        let two = settled(&second, &clerk).await;
        assert_eq!(lines(&two["stages"]), alone);
        let two = two["id"].as_str().expect("an id");
        let three = settled(&third, &clerk).await;
        let three = three["id"].as_str().expect("an id");
        let third_after_second = read(&clerk, three).await.1;

        // The first comes last.
        let told = preview(&clerk, first.bill()).await;
        assert_eq!((&told["earlierClaims"], &told["laterClaims"]), (&json!(0), &json!(2)));
        let previewed = first.previewed(&clerk).await;
        let one = first.submitted(&clerk).await;
        let before = records(&db).await;
        let dry = settle(&one, 1, json!({}));
        let (text, mut variables) = dry.request();
        let text = text.replace("requestId: $requestId", "requestId: $requestId, dryRun: true").replace("userErrors", "preview { action object } userErrors");
        let payload = clerk.query(&text, variables.clone()).await.data()["claimSettle"].take();
        let written: Vec<_> = payload["preview"].as_array().expect("rows").iter().filter(|row| row["object"] == "Claim").collect();
        // The third comes to the same: its bases lie in the same bands. So it is left alone.
        assert_eq!((written.len(), &payload["changed"], records(&db).await), (2, &Value::Null, before));
        assert_eq!(read(&clerk, two).await, (json!(["SETTLED", 2]), alone.clone()));

        variables["id"] = json!(one);
        let text = dry.request().0.replace("userErrors", "alsoChanged { id state version } userErrors");
        let payload = clerk.query(&text, variables.clone()).await.data()["claimSettle"].take();
        let also = json!([{ "id": two, "state": "SETTLED", "version": 3 }]);
        assert_eq!((&payload["userErrors"], &payload["alsoChanged"]), (&json!([]), &also));
        assert_eq!((lines(&payload["changed"]["stages"]), sums(&payload["changed"]["sheet"])), previewed);
        assert_eq!(read(&clerk, two).await, (json!(["SETTLED", 3]), after_first.clone()));
        // Sent again it changes nothing, and says the same.
        let before = records(&db).await;
        assert_eq!(clerk.query(&text, variables).await.data()["claimSettle"], payload);
        assert_eq!(records(&db).await, before);
        // Everything went through the door: what stood there before is on the record.
        let removed = "SELECT COUNT(*) FROM audit_record WHERE object_type = 'claim_stage' AND action = 'DELETE' AND operation = 'claimSettle' AND before_json LIKE '%paid_fen%'";
        assert_eq!(db.number(removed).await, 5);

        // Without the one in the middle the third follows the first, at a level of its own.
        assert_eq!(also_changed(&void(two, 3), &clerk).await, json!([{ "id": three, "state": "SETTLED", "version": 3 }]));
        assert_eq!(read(&clerk, two).await, (json!(["VOIDED", 4]), json!([])));
        let alone_after_first = read(&clerk, three).await.1;
        assert_ne!(alone_after_first, third_after_second);
        // 20,000.00 in the city, after a base of 5,187.50: (20,000.00 - 500.00) x 65%, and half of what passes 10,000.00 of the year.
        assert_eq!(alone_after_first[0], "1 BASIC MEDINS 12675.00 of 20000.00");
        assert_eq!(alone_after_first[1], "2 CRITICAL_ILLNESS INSURER 1256.25 of 7325.00");
        assert_eq!(mistakes(&void(two, 4).by(&clerk).await), ["id ALREADY_VOIDED"]);
        assert_eq!(also_changed(&void(&one, 2), &clerk).await, json!([{ "id": three, "state": "SETTLED", "version": 4 }]));
        assert_eq!(also_changed(&void(three, 4), &clerk).await, json!([]));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM claim_stage s JOIN medical_claim c ON c.id = s.claim_id WHERE c.person_id = {}", key(&person))).await, 0);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_stands_in_the_way_is_told(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = patient(&db).await;
        let case = Case { person: &person, ..STAY };
        let claim = case.submitted(&clerk).await;
        let refused = settle(&claim, 1, json!({ "commercialReported": "-1.00", "backstopDecision": "10.00" }));
        assert_eq!(refused.mistakes(&clerk).await, [
            "input.commercialReported INVALID_VALUE", "input.commercialReported INVALID_VALUE", "input.backstopDecision INVALID_VALUE",
        ]);
        let sent = settle(&claim, 1, json!({}));
        let others = [
            app.clerk(D::Civil, OWN), app.clerk(D::Health, OWN), app.institution(D::Insurer, "91150900MA0QYH101A"), app.reader(D::Medins, OWN),
            app.approver(D::Medins, OWN), app.auditor(), app.household("150921000001", OWN), app.clerk(D::Medins, "1509"),
        ];
        sent.refused_to(&db, &others).await;
        assert_eq!(sent.mistakes(&app.clerk(D::Medins, NEIGHBOUR)).await, ["id NOT_FOUND"]);
        assert_eq!(settle(&claim, 7, json!({})).mistakes(&clerk).await, ["version CONFLICT"]);
        // One of two at once; the others see who was faster.
        let at_once: Vec<_> = (0..8).map(|_| settle(&claim, 1, json!({}))).collect();
        let payloads = futures_util::future::join_all(at_once.iter().map(|sent| sent.by(&clerk))).await;
        assert_eq!(payloads.iter().filter(|payload| !payload["changed"].is_null()).count(), 1, "{payloads:?}");
        assert_eq!(payloads.iter().filter(|payload| mistakes(payload) == ["version CONFLICT"]).count(), 7, "{payloads:?}");
        assert_eq!(settle(&claim, 2, json!({})).mistakes(&clerk).await, ["id ALREADY_SETTLED"]);
        let stages = format!("SELECT COUNT(*) FROM claim_stage WHERE claim_id = {}", key(&claim));
        assert_eq!(db.number(&stages).await, 5);
        void(&claim, 2).done_by(&clerk).await;
        assert_eq!(settle(&claim, 3, json!({})).mistakes(&clerk).await, ["id ALREADY_VOIDED"]);

        let visit = Case { number: "MZ-1", kind: "OUTPATIENT", discharged_on: "2018-03-10", ..case };
        let claim = visit.submitted(&clerk).await;
        assert_eq!(settle(&claim, 1, json!({})).mistakes(&clerk).await, ["id INSTITUTION_LEVEL"]);
        let told = preview(&clerk, visit.bill()).await;
        assert_eq!((&told["sheet"], &told["hindrances"][0]["code"], &told["pack"]), (&Value::Null, &json!("INSTITUTION_LEVEL"), &json!("ulanqab-2018")));
        // What can't be settled any more stands in the way of what comes after it, and nobody has set what a village pays of stays.
        let [other, later] = [("MZ-2", "2018-03-10"), ("JS-9", "2018-09-20")];
        let other = Case { number: other.0, discharged_on: other.1, hospital: TOWNSHIP, ..visit };
        let other = settled(&other, &clerk).await;
        let other = other["id"].as_str().expect("an id");
        db.execute(&format!("UPDATE medical_claim SET hospital_level = 'COUNTY' WHERE id = {}", key(other))).await;
        let later = Case { number: later.0, discharged_on: later.1, ..case };
        let claim = later.submitted(&clerk).await;
        assert_eq!(settle(&claim, 1, json!({})).mistakes(&clerk).await, ["id OTHER_CLAIM"]);
        assert_eq!(preview(&clerk, later.bill()).await["hindrances"][0]["code"], "OTHER_CLAIM");
        void(other, 2).done_by(&clerk).await;
        db.execute(&format!("UPDATE medical_claim SET hospital_level = 'VILLAGE' WHERE id = {}", key(&claim))).await;
        assert_eq!(settle(&claim, 1, json!({})).mistakes(&clerk).await, ["id BASIC_NOT_CONFIGURED"]);
        // The rules begin with 2018.
        let old = db.number("SELECT MIN(id) FROM medical_claim WHERE state = 'SUBMITTED' AND county_code = 150921").await;
        db.execute(&format!("UPDATE medical_claim SET admitted_on = '2017-03-01', discharged_on = '2017-03-01' WHERE id = {old}")).await;
        assert_eq!(settle(&global_id("Claim", old), 1, json!({})).mistakes(&clerk).await, ["id NO_RULE_IN_FORCE"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Whoever moves to another county takes the year along; what would have to change there is not left wrong.
    async fn a_year_runs_across_counties(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, there) = (app.clerk(D::Medins, OWN), app.clerk(D::Medins, NEIGHBOUR));
        let person = patient(&db).await;
        let moved = db.number(
            "SELECT MIN(p.id) FROM person p JOIN household h ON h.id = p.household_id AND h.status = 'REGISTERED' \
             WHERE p.county_code = 150922 AND p.valid_to IS NULL AND p.valid_from < '2018-01-01' \
             AND NOT EXISTS (SELECT 1 FROM medical_claim x WHERE x.person_id = p.id) AND NOT EXISTS (SELECT 1 FROM disease_flag x WHERE x.person_id = p.id)",
        ).await;
        db.execute(&format!("UPDATE person SET valid_to = '2018-06-01', left_reason = 'TRANSFERRED' WHERE id = {}", key(&person))).await;
        db.execute(&format!(
            "UPDATE person SET valid_from = '2018-06-01', identity_id = (SELECT o.identity_id FROM person o WHERE o.id = {}) WHERE id = {moved}", key(&person)
        )).await;
        let moved = global_id("Person", moved);
        let first = Case { person: &person, ..STAY };
        let second = Case { person: &moved, number: "JS-2", discharged_on: "2018-09-20", ..first };
        let alone = settled(&second, &there).await;
        assert_eq!(alone["sheet"]["deductible"], "250.00");
        let claim = first.submitted(&clerk).await;
        let before = records(&db).await;
        assert_eq!(settle(&claim, 1, json!({})).mistakes(&clerk).await, ["id SETTLED_ELSEWHERE"]);
        assert_eq!(records(&db).await, before);
        void(alone["id"].as_str().expect("an id"), 2).done_by(&there).await;
        settle(&claim, 1, json!({})).done_by(&clerk).await;
        let told = preview(&there, second.bill()).await;
        assert_eq!((&told["earlierClaims"], &told["sheet"]["deductible"]), (&json!(1), &json!("0.00")));
        assert_eq!(void(&claim, 2).mistakes(&there).await, ["id NOT_FOUND"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_preview_is_for_who_reads_all_it_rests_on(db: TestDatabase) {
        let app = App::start(&db).await;
        let person = patient(&db).await;
        let bill = Case { person: &person, ..STAY }.bill();
        let before = records(&db).await;
        for actor in [app.clerk(D::Medins, OWN), app.reader(D::Health, OWN), app.reader(D::Poverty, OWN), app.auditor()] {
            let told = preview(&actor, bill.clone()).await;
            assert_eq!(told["sheet"]["reimbursed"], "7581.25", "{told}");
            assert_eq!(told["sheet"]["stages"][3]["formula"], "round(left * ten_percent)");
        }
        assert_eq!(preview(&app.clerk(D::Medins, NEIGHBOUR), bill.clone()).await, Value::Null);
        let text = "query($bill: SettlementPreviewInput!) { settlementPreview(input: $bill) { pack } }";
        for actor in [app.clerk(D::Civil, OWN), app.reader(D::Edu, OWN), app.institution(D::Insurer, "91150900MA0QYH102D")] {
            assert_eq!(actor.query(text, json!({ "bill": bill })).await.codes(), ["FORBIDDEN"]);
        }
        let clerk = app.clerk(D::Medins, OWN);
        for (field, value, code) in [
            ("eligibleCost", json!("10500.01"), "INVALID_VALUE"), ("totalCost", json!("0.00"), "INVALID_VALUE"), ("hospitalLevel", json!("CITY"), "ONE_OF"),
            ("institutionCode", json!("nobody"), "NO_HOSPITAL"), ("dischargedOn", json!("1950-01-01"), "NOT_A_MEMBER"), ("personId", json!("x"), "INVALID_ID"),
        ] {
            let mut wrong = bill.clone();
            wrong[field] = value;
            assert_eq!(clerk.query(text, json!({ "bill": wrong })).await.codes(), [code], "{field}");
        }
        assert_eq!(records(&db).await, before);
    }
}

/// A page as an actor is given it: status, headers and text.
async fn page(app: &App, actor: Option<&Actor>, claim: &str) -> (u16, Vec<String>, String) {
    let mut request = app.http("GET", &format!("/claims/{claim}/sheet"));
    if let Some(authorization) = actor.and_then(Actor::authorization) {
        request = request.header("authorization", authorization);
    }
    let answer = request.send().await.expect("an answer");
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value
            .map_or("", |value| value.to_str().expect("text"))
            .to_owned()
    };
    let headers = ["content-type", "cache-control", "content-security-policy"].map(header);
    let status = answer.status().as_u16();
    (
        status,
        headers.to_vec(),
        answer.text().await.expect("a text"),
    )
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_sheet_is_printed_for_who_may_read_it(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = patient(&db).await;
        db.execute(&format!("UPDATE person SET name = '<i>&\"白' WHERE id = {}", key(&person))).await;
        let case = Case { person: &person, ..STAY };
        let claim = case.submitted(&clerk).await;
        assert_eq!(page(&app, Some(&clerk), &claim).await.0, 404, "not settled yet");
        settle(&claim, 1, json!({})).done_by(&clerk).await;
        let before = records(&db).await;
        let (status, headers, text) = page(&app, Some(&clerk), &claim).await;
        assert_eq!(status, 200, "{text}");
        assert_eq!(headers[..2], ["text/html; charset=utf-8", "no-store"]);
        assert!(headers[2].starts_with("default-src 'none'; style-src 'sha256-") && !headers[2].contains("script"), "{}", headers[2]);
        for shown in [
            "医疗费用一站式结算单", "JS-1", "&lt;i&gt;&amp;&quot;白", "基本医疗保险", "<td class=\"sum\">7312.50</td>", "民政救助10%", "<td class=\"sum\">268.75</td>",
            "<td class=\"sum\">7581.25</td>", "<td class=\"sum\">2918.75</td>", "75.81%", "ulanqab-2018", "医保", "住院",
        ] {
            assert!(text.contains(shown), "{shown} in {text}");
        }
        assert!(!text.contains("<script") && !text.contains("<i>"), "{text}");
        let hospital = db.text(&format!("SELECT name FROM institution WHERE code = '{COUNTY}'")).await;
        assert!(text.contains(&hospital));
        // Who pays aid prints it without the hospital, which may tell the illness.
        let (status, _, text) = page(&app, Some(&app.reader(D::Civil, OWN)), &claim).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.contains("268.75") && !text.contains(&hospital), "{text}");
        // An insurer would read what the others paid.
        for nobody in [
            app.clerk(D::Medins, NEIGHBOUR), app.reader(D::Edu, OWN), app.institution(D::Insurer, "91150900MA0QYH102D"), app.household("150921000001", OWN),
        ] {
            let (status, headers, text) = page(&app, Some(&nobody), &claim).await;
            assert_eq!((status, text.contains("\"NOT_FOUND\""), text.contains("JS-1")), (404, true, false), "{text}");
            assert_eq!(headers[1], "no-store");
        }
        for unknown in [global_id("Claim", 1 << 40), person.clone(), "x".to_owned()] {
            assert_eq!(page(&app, Some(&clerk), &unknown).await.0, 404, "{unknown}");
        }
        assert_eq!(page(&app, None, &claim).await.0, 401);
        assert_eq!(records(&db).await, before);
        // A void claim has none.
        void(&claim, 2).done_by(&clerk).await;
        assert_eq!(page(&app, Some(&clerk), &claim).await.0, 404);
    }
}

/// The county binds the rules of the Gansu type to itself, and sets nothing; its neighbour writes them anew, with a rate.
#[test]
fn a_county_of_another_rule_settles_by_it() {
    run(Engine::Sqlite, Seed::Demo, async |db| {
        let folder = tempfile::tempdir().expect("a folder");
        let packs = folder.path().join("packs");
        std::fs::create_dir(&packs).expect("a folder");
        let bound = "pack: county\nname: 某县 2018\nregions: [\"150921\"]\ninherits: gansu-county-2018\nsources: { c: 某县文件 }\nbenefits: {}\n";
        std::fs::write(packs.join("county.yaml"), bound).expect("a file");
        let own = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/policies/gansu-county-2018.yaml"
        );
        let mut own = std::fs::read_to_string(own).expect("the pack");
        for (from, to) in [
            ("pack: gansu-county-2018", "pack: neighbour"),
            ("regions: []", "regions: [\"150922\"]"),
            ("NOT_A_STAY: kind", "STAYS_ONLY: kind"),
            (
                "assistance_rate_percent: none",
                "assistance_rate_percent: \"70\"",
            ),
        ] {
            assert!(own.contains(from));
            own = own.replace(from, to);
        }
        std::fs::write(packs.join("neighbour.yaml"), own).expect("a file");
        let program = Program::on(&db, folder.path(), &[], &[("YIHU_POLICY_PACKS", "packs")]);
        let app = program.app();
        of_the_county(&app, &db).await;
        of_the_neighbour(&app, &db).await;
    });
}

async fn of_the_county(app: &App, db: &TestDatabase) {
    let clerk = app.clerk(D::Medins, OWN);
    let person = patient(db).await;
    let case = Case {
        person: &person,
        total: "12800.00",
        eligible: "12000.00",
        ..STAY
    };
    let claim = case.submitted(&clerk).await;
    let enrolled = format!(
        "medical_enrolment SET year = year + 100 WHERE person_id = {} AND year",
        key(&person)
    );
    db.execute(&format!("UPDATE {enrolled} = 2018")).await;
    db.execute(&format!(
        "UPDATE medical_claim SET hospital_level = 'VILLAGE', kind = 'OUTPATIENT' WHERE id = {}",
        key(&claim)
    ))
    .await;
    assert_eq!(
        settle(&claim, 1, json!({})).mistakes(&clerk).await,
        [
            "id NOT_A_STAY",
            "id LEVEL_NOT_COVERED",
            "id NOT_ENROLLED",
            "input.commercialReported COMMERCIAL_NOT_REPORTED"
        ]
    );
    db.execute(&format!("UPDATE {} = 2118", enrolled.replace('+', "-")))
        .await;
    db.execute(&format!(
        "UPDATE medical_claim SET hospital_level = 'COUNTY', kind = 'INPATIENT' WHERE id = {}",
        key(&claim)
    ))
    .await;
    let said = json!({ "commercialReported": "100.00", "backstopDecision": "50.00" });
    let done = settle(&claim, 1, said).done_by(&clerk).await;
    assert_eq!(
        lines(&done["stages"]),
        json!([
            "1 NCMS MEDINS 9600.00 of 12000.00",
            "2 CRITICAL_ILLNESS_FIRST INSURER 0.00 of 2400.00",
            "3 CRITICAL_ILLNESS_SECOND INSURER 0.00 of 2400.00",
            "4 COMMERCIAL INSURER 100.00 of 2400.00",
            "5 CATASTROPHIC_BACKSTOP CIVIL 50.00 of 2300.00",
        ])
    );
    let sheet = [
        "marks",
        "pack",
        "commercialReported",
        "backstopDecision",
        "deductible",
    ];
    let sheet = sheet.map(|name| done["sheet"][name].as_str().expect("text"));
    assert_eq!(
        sheet,
        [
            "assistance rate not configured",
            "gansu-county-2018",
            "100.00",
            "50.00",
            "0.00"
        ]
    );
    let (status, _, text) = page(app, Some(&clerk), &claim).await;
    assert!(
        status == 200 && text.contains("标注：医疗救助比例未配置"),
        "{text}"
    );
}

/// `gs-stop-03`.
async fn of_the_neighbour(app: &App, db: &TestDatabase) {
    let clerk = app.clerk(D::Medins, NEIGHBOUR);
    let person = db
        .number(
            "SELECT MIN(p.id) FROM person p JOIN household_status_period s ON s.household_id = p.household_id \
             AND s.status = 'REGISTERED' AND s.valid_from < '2018-01-01' AND s.valid_to IS NULL \
             JOIN medical_enrolment e ON e.person_id = p.id AND e.year = 2018 \
             WHERE p.county_code = 150922 AND p.valid_to IS NULL AND p.valid_from < '2018-01-01' \
             AND NOT EXISTS (SELECT 1 FROM medical_claim x WHERE x.person_id = p.id)",
        )
        .await;
    let person = global_id("Person", person);
    let case = Case {
        person: &person,
        hospital: CITY,
        total: "100000.00",
        eligible: "100000.00",
        ..STAY
    };
    let mut bill = case.bill();
    bill["commercialReported"] = json!("0.00");
    let told = preview(&clerk, bill.clone()).await;
    assert_eq!(
        lines(&told["sheet"]["stages"]),
        json!([
            "1 NCMS MEDINS 75000.00 of 100000.00",
            "2 CRITICAL_ILLNESS_FIRST INSURER 11000.00 of 25000.00",
            "3 CRITICAL_ILLNESS_SECOND INSURER 0.00 of 14000.00",
            "4 COMMERCIAL INSURER 0.00 of 14000.00",
            "5 MEDICAL_ASSISTANCE CIVIL 9800.00 of 14000.00",
        ])
    );
    assert_eq!(
        (sums(&told["sheet"]), &told["pack"]),
        (
            json!(["0.00", "95800.00", "4200.00", "4200.00", "95.80"]),
            &json!("neighbour")
        )
    );
    bill["kind"] = json!("OUTPATIENT");
    let told = preview(&clerk, bill).await;
    assert_eq!(told["hindrances"][0]["code"], "RULE_REFUSES");
    let message = told["hindrances"][0]["message"].as_str().expect("a text");
    assert!(message.contains("STAYS_ONLY"), "{message}");
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// RC-20: the claims of the year are settled again, and held against what is recorded.
    async fn a_stage_that_is_not_what_the_rule_comes_to_is_found(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = patient(&db).await;
        let claim = settled(&Case { person: &person, ..STAY }, &clerk).await;
        let second = Case { person: &person, number: "JS-2", discharged_on: "2018-04-20", ..STAY };
        settled(&second, &clerk).await;
        let claim = key(claim["id"].as_str().expect("an id"));
        let reconciler = crate::contradictions::runner(&db).await;
        let compared = async || {
            let wanted = yihu::reconciliation::Wanted { region: OWN.parse().expect("a region"), as_of: time::macros::date!(2018 - 12 - 31),
                check: Some("RC-20".to_owned()), since: None };
            let report = reconciler.run(&wanted, |_| {}).await.expect("a run");
            let total = report.total();
            (total.found, total.closed, total.reopened)
        };
        let mine = format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-20' AND person_id = {} AND closed_on IS NULL", key(&person));
        compared().await;
        assert_eq!(db.number(&mine).await, 0);
        // A fen too much in the first claim is found there, and nothing in the second.
        let stage = db.number(&format!("SELECT id FROM claim_stage WHERE claim_id = {claim} AND stage = 'CIVIL_AFFAIRS_TEN_PERCENT'")).await;
        db.execute(&format!("UPDATE claim_stage SET paid_fen = paid_fen + 1 WHERE id = {stage}")).await;
        assert_eq!(compared().await, (1, 0, 0));
        let evidence = db.text(&format!("SELECT evidence FROM finding WHERE check_id = 'RC-20' AND subject = {stage}")).await;
        assert!(evidence.contains("\"268.76\"") && evidence.contains("\"268.75\""), "{evidence}");
        db.execute(&format!("UPDATE claim_stage SET paid_fen = paid_fen - 1 WHERE id = {stage}")).await;
        assert_eq!(compared().await, (0, 1, 0));
        // A stage that is missing is found by its claim; one that pays nothing is not missed.
        db.execute(&format!("DELETE FROM claim_stage WHERE claim_id = {claim} AND stage = 'CRITICAL_ILLNESS'")).await;
        assert_eq!(compared().await, (0, 0, 0));
        db.execute(&format!("DELETE FROM claim_stage WHERE id = {stage}")).await;
        assert_eq!(compared().await, (1, 0, 0));
        assert_eq!(db.number(&mine).await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// RC-21: a family that has left poverty and keeps the policies is settled as registered, and nothing is wrong with that.
    async fn a_settlement_of_who_keeps_the_policies_contradicts_nothing(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Medins, OWN);
        let person = patient(&db).await;
        let household = db.number(&format!("SELECT household_id FROM person WHERE id = {}", key(&person))).await;
        // Of the others of the family nothing is settled.
        let others = format!("SELECT id FROM medical_claim WHERE household_id = {household}");
        db.execute(&format!("DELETE FROM claim_stage WHERE claim_id IN ({others})")).await;
        db.execute(&format!("DELETE FROM medical_claim WHERE id IN ({others})")).await;
        let policies = |after: &str| format!("UPDATE household SET status = 'EXITED', policy_after_exit = '{after}', exited_on = '2018-01-01' WHERE id = {household}");
        db.execute(&format!("UPDATE household_status_period SET status = 'EXITED' WHERE household_id = {household} AND valid_to IS NULL")).await;
        db.execute(&policies("KEPT")).await;
        let submitted = Case { person: &person, number: "JS-2", discharged_on: "2018-04-20", ..STAY }.submitted(&clerk).await;
        let of_submitted = format!("SELECT COUNT(*) FROM medical_claim WHERE id = {} AND registered_at_discharge", key(&submitted));
        assert_eq!(db.number(&of_submitted).await, 1);
        let claim = settled(&Case { person: &person, ..STAY }, &clerk).await;
        assert_eq!((&claim["registeredAtDischarge"], &lines(&claim["stages"])[0]), (&json!(true), &json!("1 BASIC MEDINS 7312.50 of 10000.00")));
        let claim = key(claim["id"].as_str().expect("an id"));
        let reconciler = crate::contradictions::runner(&db).await;
        let compared = async || {
            let wanted = yihu::reconciliation::Wanted { region: OWN.parse().expect("a region"), as_of: time::macros::date!(2018 - 12 - 31),
                check: Some("RC-21".to_owned()), since: None };
            let total = reconciler.run(&wanted, |_| {}).await.expect("a run").total();
            (total.found, total.changed, total.closed, total.reopened)
        };
        let mine = format!("SELECT COUNT(*) FROM finding WHERE check_id = 'RC-21' AND person_id = {} AND closed_on IS NULL", key(&person));
        let said = async || {
            let evidence = db.text(&format!("SELECT evidence FROM finding WHERE check_id = 'RC-21' AND subject = {claim}")).await;
            let evidence: Value = serde_json::from_str(&evidence).expect("JSON");
            json!([evidence[0]["value"], evidence[1]["value"]])
        };
        compared().await;
        assert_eq!(db.number(&mine).await, 0);
        // Where the policies ended with the exit, it was not registered on that day.
        db.execute(&policies("ENDED")).await;
        assert_eq!((compared().await, said().await), ((1, 0, 0, 0), json!(["REGISTERED", "NOT_REGISTERED"])));
        db.execute(&policies("KEPT")).await;
        assert_eq!((compared().await, db.number(&mine).await), ((0, 0, 1, 0), 0));
        db.execute(&format!("UPDATE medical_claim SET registered_at_discharge = FALSE WHERE id = {claim}")).await;
        assert_eq!((compared().await, said().await), ((0, 0, 0, 1), json!(["NOT_REGISTERED", "REGISTERED"])));
        assert_eq!(db.number(&mine).await, 1);
    }
}
