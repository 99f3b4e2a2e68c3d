//! What civil affairs and the disabled persons' federation write: grants that exclude each other, certificates, children.

use crate::harness::{App, Mutation, TestDatabase, both_dbs, vault};
use entity::{civil_affairs::disability_certificate, codes::Department as D, household::person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use yihu::{
    graphql::scalars::global_id,
    vault::{Kind, Place, Sensitive as _, SensitiveText, Vault},
};

const OWN: &str = "150921";

const SUPPORT: Mutation = Mutation {
    name: "specialSupportGrant",
    about: Some("personId"),
    with_input: true,
    fields: "id person { id } supportNumber mode careLevel standard monthlyAmount monthlyCareAmount approvedOn validFrom validTo version",
};
const STOP: Mutation = Mutation {
    name: "specialSupportStop",
    about: Some("id"),
    with_input: true,
    fields: "id validFrom validTo version",
};
const CASH: Mutation = Mutation {
    name: "cashSubsidyGrant",
    about: Some("householdId"),
    with_input: true,
    fields: "year persons perHead amount approvedOn validFrom validTo version coveredPersons { validFrom validTo }",
};
const TEMPORARY: Mutation = Mutation {
    name: "temporaryAssistanceGrant",
    about: Some("householdId"),
    with_input: true,
    fields: "household { id } reason amount appliedOn decidedOn recordedAt",
};
const MEDICAL: Mutation = Mutation {
    name: "medicalAssistanceDecide",
    about: Some("personId"),
    with_input: true,
    fields: "person { id } kind claimNumber leftWithPatient amount decidedOn",
};
const CERTIFICATE: Mutation = Mutation {
    name: "disabilityCertificateRecord",
    about: Some("personId"),
    with_input: true,
    fields: "id certificateNumber category grade validFrom validTo version",
};
const ALLOWANCE: Mutation = Mutation {
    name: "disabilityAllowanceGrant",
    about: Some("personId"),
    with_input: true,
    fields: "person { id } kind monthlyAmount approvedOn validFrom validTo version",
};
const LEFT_BEHIND: Mutation = Mutation {
    name: "leftBehindChildRecord",
    about: Some("personId"),
    with_input: true,
    fields: "id absence care guardian { id } guardianName validFrom validTo version",
};
const GUARDIAN: Mutation = Mutation {
    name: "guardianAssign",
    about: Some("id"),
    with_input: true,
    fields: "id care guardian { id } guardianName validFrom version",
};
const ORPHAN: Mutation = Mutation {
    name: "orphanRecord",
    about: Some("personId"),
    with_input: true,
    fields: "class placement monthlyAmount approvedOn validFrom validTo version",
};

/// The key of the first household of the county on file without any income benefit, after this one.
pub(crate) async fn free_family(db: &TestDatabase, after: i64) -> i64 {
    db.number(&format!(
        "SELECT MIN(h.id) FROM household h WHERE h.id > {after} AND h.county_code = 150921 AND h.status = 'REGISTERED' \
         AND NOT EXISTS (SELECT 1 FROM income_benefit_period p WHERE p.household_id = h.id) \
         AND NOT EXISTS (SELECT 1 FROM disability_certificate c WHERE c.household_id = h.id)"
    ))
    .await
}

pub(crate) async fn first_member(db: &TestDatabase, household: i64) -> i64 {
    db.number(&format!(
        "SELECT MIN(id) FROM person WHERE household_id = {household} AND valid_to IS NULL"
    ))
    .await
}

pub(crate) fn support(from: &str) -> Value {
    json!({
        "supportNumber": "TK-2019-1", "mode": "SCATTERED", "careLevel": "PARTIAL", "standard": "5200.00",
        "monthlyAmount": "433.33", "monthlyCareAmount": "120.00", "approvedOn": "2018-12-20", "validFrom": from,
    })
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn special_support_is_granted_excludes_and_ends(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let family = free_family(&db, 0).await;
        let (person, household) = (first_member(&db, family).await, global_id("Household", family));
        let id = global_id("Person", person);
        let granted = SUPPORT.done(&clerk, &id, 1, support("2019-01-01")).await;
        assert_eq!(granted, json!({
            "id": granted["id"], "person": { "id": id }, "supportNumber": "TK-2019-1", "mode": "SCATTERED", "careLevel": "PARTIAL",
            "standard": "5200.00", "monthlyAmount": "433.33", "monthlyCareAmount": "120.00", "approvedOn": "2018-12-20",
            "validFrom": "2019-01-01", "validTo": null, "version": 1,
        }));
        let cover = format!("SELECT COUNT(*) FROM income_benefit_period WHERE person_id = {person} AND special_support_id IS NOT NULL AND valid_from = '2019-01-01'");
        assert_eq!(db.number(&format!("{cover} AND valid_to IS NULL")).await, 1);
        assert_eq!(SUPPORT.refused(&clerk, &id, 1, support("2019-02-01")).await, ["input.validFrom ON_SPECIAL_SUPPORT"]);
        let subsidy = json!({ "year": 2019, "perHead": "3000.00", "approvedOn": "2018-12-20" });
        assert_eq!(CASH.refused(&clerk, &household, 1, subsidy).await, ["input.year OTHER_INCOME_BENEFIT"]);
        // It ends; what follows it may begin on the same day.
        let key = granted["id"].as_str().expect("an id");
        assert_eq!(STOP.refused(&clerk, key, 1, json!({ "from": "2018-12-02" })).await, ["input.from NOT_FIRST_OF_MONTH", "input.from INVALID_VALUE"]);
        let stopped = STOP.done(&clerk, key, 1, json!({ "from": "2019-03-01" })).await;
        assert_eq!(stopped, json!({ "id": key, "validFrom": "2019-01-01", "validTo": "2019-03-01", "version": 2 }));
        assert_eq!(db.number(&format!("{cover} AND valid_to = '2019-03-01'")).await, 1);
        assert_eq!(STOP.refused(&clerk, key, 1, json!({ "from": "2019-04-01" })).await, ["version CONFLICT"]);
        assert_eq!(STOP.refused(&clerk, key, 2, json!({ "from": "2019-04-01" })).await, ["id ENDED"]);
        SUPPORT.done(&clerk, &id, 1, support("2019-03-01")).await;
        // Who is covered by dibao in the month is not supported besides.
        let on_dibao = db.number("SELECT MIN(person_id) FROM income_benefit_period WHERE county_code = 150921 AND dibao_id IS NOT NULL AND valid_to IS NULL").await;
        let on_dibao = global_id("Person", on_dibao);
        assert_eq!(SUPPORT.refused(&clerk, &on_dibao, 1, support("2019-01-01")).await, ["input.validFrom OTHER_INCOME_BENEFIT"]);
        // Every mistake at once.
        let mut wrong = support("2019-01-02");
        wrong["supportNumber"] = json!("");
        wrong["standard"] = json!("-1.00");
        wrong["approvedOn"] = json!("2019-01-03");
        assert_eq!(SUPPORT.refused(&clerk, &on_dibao, 1, wrong).await, [
            "input.supportNumber INVALID_VALUE", "input.standard INVALID_VALUE", "input.validFrom NOT_FIRST_OF_MONTH",
            "input.approvedOn INVALID_VALUE", "input.approvedOn INVALID_VALUE",
        ]);
        let gone = db.number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND valid_to IS NOT NULL").await;
        assert_eq!(SUPPORT.refused(&clerk, &global_id("Person", gone), 1, support("2019-01-01")).await, ["personId NO_MEMBER"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_cash_subsidy_is_for_the_whole_household_and_year(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let family = free_family(&db, 0).await;
        let household = global_id("Household", family);
        let members = db.number(&format!("SELECT COUNT(*) FROM person WHERE household_id = {family} AND valid_to IS NULL")).await;
        let input = json!({ "year": 2019, "perHead": "3000.00", "approvedOn": "2018-12-20" });
        let year = json!({ "validFrom": "2019-01-01", "validTo": "2020-01-01" });
        let covered = vec![year; usize::try_from(members).expect("few")];
        assert_eq!(CASH.done(&clerk, &household, 1, input.clone()).await, json!({
            "year": 2019, "persons": members, "perHead": "3000.00", "amount": format!("{}.00", 3_000 * members), "approvedOn": "2018-12-20",
            "validFrom": "2019-01-01", "validTo": "2020-01-01", "version": 1, "coveredPersons": covered,
        }));
        assert_eq!(CASH.refused(&clerk, &household, 1, input.clone()).await, ["input.year SUBSIDISED"]);
        let person = global_id("Person", first_member(&db, family).await);
        assert_eq!(SUPPORT.refused(&clerk, &person, 1, support("2019-12-01")).await, ["input.validFrom OTHER_INCOME_BENEFIT"]);
        let on_dibao = db.number("SELECT MIN(household_id) FROM dibao WHERE county_code = 150921 AND valid_to IS NULL").await;
        db.execute(&format!("UPDATE household SET status = 'REGISTERED' WHERE id = {on_dibao}")).await;
        let on_dibao = global_id("Household", on_dibao);
        assert_eq!(CASH.refused(&clerk, &on_dibao, 1, input.clone()).await, ["input.year OTHER_INCOME_BENEFIT"]);
        // Only for who is on file, or keeps the policies after exit.
        let other = free_family(&db, family).await;
        let exited = |kept: &str| format!("UPDATE household SET status = 'EXITED', policy_after_exit = '{kept}' WHERE id = {other}");
        db.execute(&exited("ENDED")).await;
        let wrong = json!({ "year": 2021, "perHead": "0.00", "approvedOn": "2019-01-01" });
        let other = global_id("Household", other);
        assert_eq!(CASH.refused(&clerk, &other, 1, wrong).await, [
            "householdId NOT_REGISTERED", "input.year INVALID_VALUE", "input.perHead INVALID_VALUE", "input.approvedOn INVALID_VALUE",
        ]);
        db.execute(&exited("KEPT")).await;
        assert_eq!(CASH.done(&clerk, &other, 1, input).await["year"], json!(2019));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn assistance_is_decided(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let household = global_id("Household", free_family(&db, 0).await);
        let input = json!({ "reason": "DISASTER", "amount": "1200.00", "appliedOn": "2018-12-20", "decidedOn": "2018-12-28" });
        assert_eq!(TEMPORARY.done(&clerk, &household, 1, input).await, json!({
            "household": { "id": household }, "reason": "DISASTER", "amount": "1200.00", "appliedOn": "2018-12-20", "decidedOn": "2018-12-28",
            "recordedAt": "2018-12-31T04:00:00.000Z",
        }));
        let wrong = json!({ "reason": "OTHER", "amount": "0.00", "appliedOn": "2019-01-02", "decidedOn": "2019-01-01" });
        assert_eq!(TEMPORARY.refused(&clerk, &household, 1, wrong).await, [
            "input.amount INVALID_VALUE", "input.decidedOn INVALID_VALUE", "input.decidedOn INVALID_VALUE",
        ]);
        // On a claim of the person; of others it is not told whether there is one.
        let claim = |county: i64| format!("SELECT MIN(c.id) FROM medical_claim c JOIN person p ON p.id = c.person_id WHERE c.county_code = {county} AND p.valid_to IS NULL");
        let (own, neighbour) = (db.number(&claim(150_921)).await, db.number(&claim(150_922)).await);
        db.execute(&format!("UPDATE medical_claim SET claim_number = 'ABC-1' WHERE id = {own}")).await;
        db.execute(&format!("UPDATE medical_claim SET claim_number = 'ABC-2' WHERE id = {neighbour}")).await;
        let patient = global_id("Person", db.number(&format!("SELECT person_id FROM medical_claim WHERE id = {own}")).await);
        let decision = |number: &str, amount: &str| json!({
            "kind": "INPATIENT", "claimNumber": number, "leftWithPatient": "900.00", "amount": amount, "decidedOn": "2018-12-28",
        });
        assert_eq!(MEDICAL.refused(&clerk, &patient, 1, decision("ABC-2", "900.01")).await, ["input.amount ABOVE_LEFT", "input.claimNumber NO_CLAIM"]);
        assert_eq!(MEDICAL.refused(&clerk, &patient, 1, decision("ABC-3", "900.00")).await, ["input.claimNumber NO_CLAIM"]);
        assert_eq!(MEDICAL.done(&clerk, &patient, 1, decision("ABC-1", "900.00")).await, json!({
            "person": { "id": patient }, "kind": "INPATIENT", "claimNumber": "ABC-1", "leftWithPatient": "900.00", "amount": "900.00", "decidedOn": "2018-12-28",
        }));
        assert_eq!(MEDICAL.refused(&clerk, &patient, 1, decision("ABC-1", "10.00")).await, ["input.claimNumber CLAIM_DECIDED"]);
        let backstop = json!({ "kind": "BACKSTOP", "leftWithPatient": "80000.00", "amount": "30000.00", "decidedOn": "2018-12-28" });
        assert_eq!(MEDICAL.done(&clerk, &patient, 1, backstop).await["claimNumber"], Value::Null);
    }
}

/// The citizen number of a person, and the vault that holds it.
pub(crate) async fn citizen_number(db: &TestDatabase, person: i64) -> (String, Vault) {
    let row = person::Entity::find_by_id(person)
        .one(&db.connect().await)
        .await;
    let cipher = row
        .expect("the persons")
        .expect("the person")
        .citizen_number_cipher;
    let vault = vault();
    let place = Place::new("person", "citizen_number_cipher", person);
    let number = vault.open(Kind::CitizenNumber, place, &cipher.expect("a number"));
    (number.expect("a sealed number").reveal().to_owned(), vault)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_certificate_is_the_persons_and_stays_hidden(db: TestDatabase) {
        let app = App::start(&db).await;
        let federation = app.clerk(D::Dpf, OWN);
        let family = free_family(&db, 0).await;
        let person = first_member(&db, family).await;
        let (id, (number, vault)) = (global_id("Person", person), citizen_number(&db, person).await);
        let input = |ending: &str, from: &str| json!({ "certificateNumber": format!("{number}{ending}"), "validFrom": from });
        let recorded = CERTIFICATE.done(&federation, &id, 1, input("44", "2018-05-01")).await;
        let mask = format!("{}{}", &number[..1], "*".repeat(19));
        assert_eq!(recorded, json!({
            "id": recorded["id"], "certificateNumber": mask, "category": "LIMBS", "grade": "GRADE_4", "validFrom": "2018-05-01", "validTo": null, "version": 1,
        }));
        // Graded anew the old one ends; the same one twice there is not.
        let again = CERTIFICATE.done(&federation, &id, 1, input("42", "2018-12-01")).await;
        assert_eq!((&again["grade"], &again["validTo"]), (&json!("GRADE_2"), &Value::Null));
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM disability_certificate WHERE person_id = {person} AND grade = 'GRADE_4' AND valid_to = '2018-12-01' AND version = 2")).await, 1);
        assert_eq!(CERTIFICATE.refused(&federation, &id, 1, input("42", "2018-12-02")).await, ["input.certificateNumber ON_RECORD"]);
        assert_eq!(CERTIFICATE.refused(&federation, &id, 1, input("43", "2018-12-01")).await, ["input.validFrom INVALID_VALUE"]);
        // Nothing that is wrong says the number, nor does a record.
        let rows = db.number("SELECT COUNT(*) FROM disability_certificate").await;
        let brother = global_id("Person", db.number(&format!("SELECT MAX(id) FROM person WHERE household_id = {family} AND valid_to IS NULL")).await);
        assert_ne!(brother, id);
        for (who, text, from, told) in [
            (&id, format!("{number}85"), "2019-01-01", &["input.validFrom INVALID_VALUE", "input.certificateNumber CATEGORY", "input.certificateNumber GRADE"][..]),
            (&id, format!("{number}4"), "2018-12-02", &["input.certificateNumber LENGTH"]),
            (&id, mask, "2018-12-02", &["input.certificateNumber INVALID_VALUE"]),
            (&id, format!("{number}4\u{7}"), "2018-12-02", &["input.certificateNumber GRADE"]),
            (&brother, format!("{number}42"), "2018-12-02", &["input.certificateNumber ID_MISMATCH"]),
        ] {
            let input = json!({ "certificateNumber": text, "validFrom": from });
            assert_eq!(CERTIFICATE.refused(&federation, who, 1, input.clone()).await, told);
            let answer = CERTIFICATE.ask(&federation, who, 1, input).await;
            assert!(!answer.text.contains(&number[6..]), "{}", answer.text);
        }
        assert_eq!(db.number("SELECT COUNT(*) FROM disability_certificate").await, rows);
        assert_eq!(db.number(&format!("SELECT COUNT(*) FROM audit_record WHERE after_json LIKE '%{}%' OR before_json LIKE '%{0}%'", &number[6..])).await, 0);
        // Valid elsewhere, where the viewer may not see it: no more is told than that it can't be.
        db.execute(&format!("DELETE FROM disability_certificate WHERE person_id = {person}")).await;
        let certificate = SensitiveText::new(Kind::DisabilityCertificate, &format!("{number}42"));
        let index = vault.index(&certificate).0.to_vec();
        let elsewhere = db.number("SELECT MIN(id) FROM disability_certificate WHERE county_code = 150922 AND valid_to IS NULL").await;
        disability_certificate::Entity::update_many()
            .col_expr(disability_certificate::Column::CertificateIndex, Expr::value(index))
            .filter(disability_certificate::Column::Id.eq(elsewhere))
            .exec(&db.connect().await).await.expect("the certificate elsewhere");
        assert_eq!(CERTIFICATE.refused(&federation, &id, 1, input("42", "2018-12-01")).await, ["personId PERSON_NOT_AVAILABLE"]);
        db.execute(&format!("UPDATE person SET citizen_number_state = 'MISSING', citizen_number_cipher = NULL, citizen_number_index = NULL, citizen_number_mask = NULL, identity_id = NULL WHERE id = {person}")).await;
        assert_eq!(CERTIFICATE.refused(&federation, &id, 1, input("42", "2018-12-01")).await, ["personId NO_CITIZEN_NUMBER"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn allowances_follow_from_certificate_dibao_and_place(db: TestDatabase) {
        let app = App::start(&db).await;
        let (clerk, federation) = (app.clerk(D::Civil, OWN), app.clerk(D::Dpf, OWN));
        let family = free_family(&db, 0).await;
        let person = first_member(&db, family).await;
        let (id, (number, _)) = (global_id("Person", person), citizen_number(&db, person).await);
        let certificate = |ending: &str, from: &str| json!({ "certificateNumber": format!("{number}{ending}"), "validFrom": from });
        let allowance = |kind: &str| json!({ "kind": kind, "monthlyAmount": "80.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" });
        assert_eq!(ALLOWANCE.refused(&clerk, &id, 1, allowance("NURSING")).await, ["personId NO_CERTIFICATE"]);
        CERTIFICATE.done(&federation, &id, 1, certificate("43", "2018-05-01")).await;
        assert_eq!(ALLOWANCE.refused(&clerk, &id, 1, allowance("NURSING")).await, ["input.kind NOT_SEVERE"]);
        assert_eq!(ALLOWANCE.refused(&clerk, &id, 1, allowance("LIVING")).await, ["input.kind NOT_ON_DIBAO"]);
        CERTIFICATE.done(&federation, &id, 1, certificate("42", "2018-12-01")).await;
        assert_eq!(ALLOWANCE.done(&clerk, &id, 1, allowance("NURSING")).await, json!({
            "person": { "id": id }, "kind": "NURSING", "monthlyAmount": "80.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01", "validTo": null, "version": 1,
        }));
        assert_eq!(ALLOWANCE.refused(&clerk, &id, 1, allowance("NURSING")).await, ["input.validFrom ON_ALLOWANCE"]);
        // The institution and the allowance exclude each other, whichever is first.
        let mut institution = support("2019-01-01");
        institution["mode"] = json!("CENTRALISED");
        assert_eq!(SUPPORT.refused(&clerk, &id, 1, institution.clone()).await, ["input.mode ON_DISABILITY_ALLOWANCE"]);
        db.execute(&format!("DELETE FROM disability_allowance WHERE person_id = {person}")).await;
        SUPPORT.done(&clerk, &id, 1, institution).await;
        let mut wrong = allowance("NURSING");
        wrong["monthlyAmount"] = json!("0.00");
        assert_eq!(ALLOWANCE.refused(&clerk, &id, 1, wrong).await, ["input.monthlyAmount INVALID_VALUE", "personId IN_INSTITUTION"]);
        // Living: a disabled member of a household on dibao.
        let on_dibao = db.number(
            "SELECT MIN(p.id) FROM person p JOIN dibao d ON d.household_id = p.household_id AND d.valid_to IS NULL WHERE p.county_code = 150921 \
             AND p.valid_to IS NULL AND p.citizen_number_state = 'VALID' AND NOT EXISTS (SELECT 1 FROM disability_certificate c WHERE c.person_id = p.id)",
        ).await;
        let (number, _) = citizen_number(&db, on_dibao).await;
        let id = global_id("Person", on_dibao);
        let certificate = json!({ "certificateNumber": format!("{number}14"), "validFrom": "2018-11-01" });
        CERTIFICATE.done(&federation, &id, 1, certificate).await;
        assert_eq!(ALLOWANCE.done(&clerk, &id, 1, allowance("LIVING")).await["kind"], json!("LIVING"));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn children_have_a_case_a_guardian_or_an_allowance(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Civil, OWN);
        let family = db.number(
            "SELECT MIN(p.household_id) FROM person p WHERE p.county_code = 150921 AND p.valid_to IS NULL AND p.birth_date > '2005-01-01' AND p.valid_from <= '2018-10-01' \
             AND NOT EXISTS (SELECT 1 FROM left_behind_child c WHERE c.household_id = p.household_id) AND NOT EXISTS (SELECT 1 FROM orphan o WHERE o.household_id = p.household_id)",
        ).await;
        let child = db.number(&format!("SELECT MAX(id) FROM person WHERE household_id = {family} AND valid_to IS NULL AND birth_date > '2005-01-01'")).await;
        let (child, head) = (global_id("Person", child), db.number(&format!("SELECT id FROM person WHERE household_id = {family} AND is_head AND valid_to IS NULL")).await);
        let head = global_id("Person", head);
        let input = json!({ "absence": "BOTH_AWAY", "care": "NOBODY", "validFrom": "2018-12-01" });
        let case = LEFT_BEHIND.done(&clerk, &child, 1, input.clone()).await;
        assert_eq!(case, json!({
            "id": case["id"], "absence": "BOTH_AWAY", "care": "NOBODY", "guardian": null, "guardianName": null, "validFrom": "2018-12-01", "validTo": null, "version": 1,
        }));
        assert_eq!(LEFT_BEHIND.refused(&clerk, &child, 1, input.clone()).await, ["input.validFrom CASE_OPEN"]);
        let wrong = json!({ "absence": "BOTH_AWAY", "care": "NOBODY", "validFrom": "2019-01-01", "guardianId": child, "guardianName": "\u{7}" });
        assert_eq!(LEFT_BEHIND.refused(&clerk, &head, 1, wrong.clone()).await, [
            "personId NOT_A_CHILD", "input.validFrom INVALID_VALUE", "input.guardianId ONE_GUARDIAN", "input.care NOBODY_CARES", "input.guardianName INVALID_VALUE",
        ]);
        // The guardian: a member, or somebody by name.
        let id = case["id"].as_str().expect("an id");
        assert_eq!(GUARDIAN.refused(&clerk, id, 1, json!({ "care": "RELATIVES" })).await, ["input.guardianId ONE_GUARDIAN"]);
        assert_eq!(GUARDIAN.refused(&clerk, id, 1, json!({ "care": "RELATIVES", "guardianId": child })).await, ["input.guardianId OWN_GUARDIAN"]);
        let stranger = global_id("Person", first_member(&db, free_family(&db, family).await).await);
        assert_eq!(GUARDIAN.refused(&clerk, id, 1, json!({ "care": "RELATIVES", "guardianId": stranger })).await, ["input.guardianId NO_MEMBER"]);
        let by_name = GUARDIAN.done(&clerk, id, 1, json!({ "care": "RELATIVES", "guardianName": " 王桂兰 " })).await;
        assert_eq!(by_name, json!({ "id": id, "care": "RELATIVES", "guardian": null, "guardianName": "王桂兰", "validFrom": "2018-12-01", "version": 2 }));
        assert_eq!(GUARDIAN.refused(&clerk, id, 1, json!({ "care": "OTHERS", "guardianName": "李" })).await, ["version CONFLICT"]);
        let member = GUARDIAN.done(&clerk, id, 2, json!({ "care": "GRANDPARENTS", "guardianId": head })).await;
        assert_eq!((&member["guardian"]["id"], &member["version"]), (&json!(head), &json!(3)));
        db.execute("UPDATE left_behind_child SET valid_to = '2018-12-31' WHERE version = 3").await;
        assert_eq!(GUARDIAN.refused(&clerk, id, 3, json!({ "care": "OTHERS", "guardianName": "李" })).await, ["id CASE_CLOSED"]);
        // Orphans.
        let orphan = json!({ "class": "DE_FACTO", "placement": "FOSTER", "monthlyAmount": "760.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" });
        assert_eq!(ORPHAN.done(&clerk, &child, 1, orphan.clone()).await, json!({
            "class": "DE_FACTO", "placement": "FOSTER", "monthlyAmount": "760.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01", "validTo": null, "version": 1,
        }));
        assert_eq!(ORPHAN.refused(&clerk, &child, 1, orphan.clone()).await, ["input.validFrom ON_ALLOWANCE"]);
        assert_eq!(ORPHAN.refused(&clerk, &head, 1, orphan).await, ["personId NOT_A_CHILD"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn only_the_owners_write_in_their_own_county(db: TestDatabase) {
        let app = App::start(&db).await;
        let family = free_family(&db, 0).await;
        let (person, household) = (global_id("Person", first_member(&db, family).await), global_id("Household", family));
        let row = async |kind: &str, table: &str| global_id(kind, db.number(&format!("SELECT MIN(id) FROM {table} WHERE county_code = 150921 AND valid_to IS NULL")).await);
        let (case, supported) = (row("LeftBehindChild", "left_behind_child").await, row("SpecialSupport", "special_support").await);
        let name = "王桂兰";
        let written = [
            (SUPPORT, D::Civil, &person, support("2019-01-01")),
            (STOP, D::Civil, &supported, json!({ "from": "2019-01-01" })),
            (CASH, D::Civil, &household, json!({ "year": 2019, "perHead": "3000.00", "approvedOn": "2018-12-20" })),
            (TEMPORARY, D::Civil, &household, json!({ "reason": "OTHER", "amount": "1.00", "appliedOn": "2018-12-20", "decidedOn": "2018-12-20" })),
            (MEDICAL, D::Civil, &person, json!({ "kind": "OUTPATIENT", "leftWithPatient": "1.00", "amount": "1.00", "decidedOn": "2018-12-20" })),
            (CERTIFICATE, D::Dpf, &person, json!({ "certificateNumber": "x", "validFrom": "2018-12-20" })),
            (ALLOWANCE, D::Civil, &person, json!({ "kind": "LIVING", "monthlyAmount": "80.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" })),
            (LEFT_BEHIND, D::Civil, &person, json!({ "absence": "BOTH_AWAY", "care": "OTHERS", "guardianName": name, "validFrom": "2018-12-01" })),
            (GUARDIAN, D::Civil, &case, json!({ "care": "OTHERS", "guardianName": name })),
            (ORPHAN, D::Civil, &person, json!({ "class": "ORPHAN", "placement": "FOSTER", "monthlyAmount": "1.00", "approvedOn": "2018-12-20", "validFrom": "2019-01-01" })),
        ];
        for (mutation, owner, id, input) in written {
            let other = if owner == D::Civil { D::Dpf } else { D::Civil };
            for actor in [
                app.clerk(other, OWN), app.clerk(D::Poverty, OWN), app.clerk(D::Women, OWN), app.clerk(D::Township, "150921100"),
                app.reader(owner, OWN), app.approver(owner, OWN), app.auditor(), app.clerk(owner, "1509"),
            ] {
                let answer = mutation.ask(&actor, id, 1, input.clone()).await;
                assert_eq!((answer.codes(), answer.partial_data()["done"].take()), (vec!["FORBIDDEN".to_owned()], Value::Null), "{}", mutation.name);
            }
            let neighbour = app.clerk(owner, "150922");
            let told = mutation.refused(&neighbour, id, 1, input).await;
            assert_eq!(told, [format!("{} NOT_FOUND", mutation.about.expect("an argument"))], "{}", mutation.name);
        }
        for table in ["request_record", "audit_record", "change_record"] {
            assert_eq!(db.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }
}
