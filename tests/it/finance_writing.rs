//! What banks, townships and the finance bureau write: cards, loans, payments and funds. No money moves twice.

use crate::harness::{
    App, TestDatabase, both_dbs,
    writes::{Sent, mistakes, mutation, records},
};
use crate::reading::{members_of, number_of};
use entity::codes::Department as D;
use entity::household::person;
use serde_json::{Value, json};
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
/// The credit cooperative and the commercial bank of the county, and the cooperative of the neighbour.
pub(crate) const BANK: &str = "91150921MA0QYH0012";
pub(crate) const OTHER_BANK: &str = "91150921MA0QYH0025";
/// Made up, with a right check digit.
pub(crate) const CARD: &str = "6228480402564890018";

/// A registered family of the county that no loan or card ties to the bank, and its members.
pub(crate) async fn stranger(db: &TestDatabase) -> (i64, Vec<person::Model>) {
    let household = db
        .number(
            "SELECT MIN(h.id) FROM household h WHERE h.county_code = 150921 AND h.status = 'REGISTERED' \
             AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.household_id = h.id)",
        )
        .await;
    let cut = format!("DELETE FROM payment WHERE household_id = {household}");
    run(db, &cut).await;
    run(
        db,
        &format!("DELETE FROM bank_card WHERE household_id = {household}"),
    )
    .await;
    (household, members_of(db, household).await)
}

async fn run(db: &TestDatabase, sql: &str) {
    use sea_orm::ConnectionTrait;
    let done = db.connect().await.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(crate) fn card(holder: &person::Model, number: &str) -> Sent {
    let input = json!({ "citizenNumber": number_of(holder), "cardNumber": number, "openedOn": "2018-12-01" });
    mutation("bankCardRegister", input)
        .read("id bankCode cardNumber receiving validFrom validTo closing version")
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_card_is_registered_chosen_and_closed(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, BANK);
        let (household, members) = stranger(&db).await;
        let family = global_id("Household", household);
        // The bank has not seen the family before.
        let seen = "query($id: ID!) { household(id: $id) { id } }";
        assert_eq!(bank.query(seen, json!({ "id": family })).await.data(), json!({ "household": null }));
        let first = card(&members[0], " 6228 4804 0256 4890 018 ").done_by(&bank).await;
        assert_eq!(first, json!({ "id": first["id"], "bankCode": BANK, "cardNumber": "***************0018", "receiving": false,
            "validFrom": "2018-12-01", "validTo": null, "closing": null, "version": 1 }));
        assert_eq!(bank.query(seen, json!({ "id": family })).await.data(), json!({ "household": { "id": family } }));
        let looked_up = "SELECT COUNT(*) FROM access_record WHERE action = 'LOOK_UP' AND household_id = ";
        assert_eq!(db.number(&format!("{looked_up}{household}")).await, 1);
        let kept = db.text("SELECT after_json FROM audit_record WHERE object_type = 'bank_card'").await;
        assert!(kept.contains("card_index") && !kept.contains("6228480402564890018"), "{kept}");
        // The number is known to the own bank, which says whether all is as sent, and to another one it is wrong.
        assert_eq!(card(&members[0], CARD).mistakes(&bank).await, ["input.cardNumber SAME_ON_RECORD"]);
        let another_day = json!({ "citizenNumber": number_of(&members[0]), "cardNumber": CARD, "openedOn": "2018-12-02" });
        assert_eq!(mutation("bankCardRegister", another_day).mistakes(&bank).await, ["input.cardNumber CARD_REGISTERED"]);
        let other_bank = app.institution(D::Bank, OTHER_BANK);
        assert_eq!(card(&members[0], CARD).mistakes(&other_bank).await, ["input.cardNumber INVALID_VALUE"]);

        let second = card(&members[0], "6217000000000001234").done_by(&other_bank).await;
        let township = app.clerk(D::Township, &members[0].region_code.to_string()[..9]);
        let choose = |card: &Value, version| mutation("receivingCardChoose", Value::Null).without_input().of(card["id"].as_str().expect("an id"), version)
            .read("id receiving version");
        assert_eq!(choose(&first, 1).done_by(&township).await, json!({ "id": first["id"], "receiving": true, "version": 2 }));
        assert_eq!(choose(&second, 1).done_by(&township).await, json!({ "id": second["id"], "receiving": true, "version": 2 }));
        let receiving = format!("SELECT COUNT(*) FROM bank_card WHERE receiving AND household_id = {household}");
        assert_eq!(db.number(&receiving).await, 1);
        assert_eq!(choose(&first, 2).mistakes(&township).await, ["version CONFLICT"]);

        let close = |card: &Value, version, day: &str| mutation("bankCardClose", json!({ "closedOn": day, "reason": "LOST" }))
            .of(card["id"].as_str().expect("an id"), version).read("validTo closing version");
        assert_eq!(close(&first, 3, "2018-11-30").mistakes(&bank).await, ["input.closedOn INVALID_VALUE"]);
        assert_eq!(close(&first, 3, "2018-12-20").done_by(&bank).await, json!({ "validTo": "2018-12-20", "closing": "LOST", "version": 4 }));
        assert_eq!(close(&first, 4, "2018-12-20").mistakes(&bank).await, ["id CARD_CLOSED"]);
        assert_eq!(choose(&first, 4).mistakes(&township).await, ["id CARD_CLOSED"]);
        // A number that is free again.
        card(&members[0], CARD).done_by(&bank).await;
        // Another bank's card is none of its own.
        assert_eq!(close(&second, 2, "2018-12-20").mistakes(&bank).await, ["id NOT_FOUND"]);
        run(&db, &format!("UPDATE person SET valid_to = '2018-12-30', left_reason = 'TRANSFERRED', is_head = FALSE WHERE id = {}", members[0].id)).await;
        assert_eq!(choose(&second, 2).mistakes(&township).await, ["id HOLDER_LEFT"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What is masked, damaged or of nobody is refused, and no answer repeats it.
    async fn a_number_that_is_none_is_not_repeated(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, BANK);
        let (_, members) = stranger(&db).await;
        let holder = number_of(&members[0]);
        let before = records(&db).await;
        for (citizen, number, expected) in [
            (holder.as_str(), "***************0018", vec!["input.cardNumber INVALID_VALUE"]),
            (holder.as_str(), "6228480402564890019", vec!["input.cardNumber INVALID_VALUE"]),
            (holder.as_str(), "6228480402564890018\u{7}", vec!["input.cardNumber INVALID_VALUE"]),
            ("1*****************", CARD, vec!["input.citizenNumber INVALID_VALUE"]),
            ("110105194912310021", CARD, vec!["input.citizenNumber INVALID_VALUE"]),
            ("11010519491231002X", CARD, vec!["input.citizenNumber PERSON_NOT_AVAILABLE"]),
            ("11010519491231002X", "1", vec!["input.citizenNumber PERSON_NOT_AVAILABLE", "input.cardNumber INVALID_VALUE"]),
        ] {
            let input = json!({ "citizenNumber": citizen, "cardNumber": number, "openedOn": "2018-12-01" });
            let (text, variables) = mutation("bankCardRegister", input).request();
            let answer = bank.query(&text, variables).await;
            assert_eq!(mistakes(&answer.data()["bankCardRegister"]), expected);
            assert!(!answer.text.contains(citizen) && (number.len() == 1 || !answer.text.contains(number)), "{}", answer.text);
        }
        assert_eq!(records(&db).await, before);
    }
}

pub(crate) fn loan(borrower: &person::Model) -> Sent {
    let input = json!({ "citizenNumber": number_of(borrower), "kind": "MICRO", "principal": "30000.00", "rateBasisPoints": 435,
        "grantedOn": "2018-01-10", "dueOn": "2018-12-10", "guarantor": false, "collateral": false });
    mutation("loanGrant", input).read(LOAN)
}

const LOAN: &str = "id bankCode kind state principal balance rateBasisPoints grantedOn dueOn guarantor collateral version \
    repayments { paidOn principal interest } extensions { kind decidedOn dueBefore dueAfter newLoan { id } }";

fn repay(loan: &Value, version: i64, (principal, interest): (&str, &str)) -> Sent {
    let input = json!({ "loanId": loan["id"], "version": version, "paidOn": "2018-06-10", "principal": principal, "interest": interest });
    mutation("loanRepay", input).read(LOAN)
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_loan_is_granted_and_repaid(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, BANK);
        let (_, members) = stranger(&db).await;
        let granted = loan(&members[0]).done_by(&bank).await;
        assert_eq!(granted, json!({ "id": granted["id"], "bankCode": BANK, "kind": "MICRO", "state": "GRANTED", "principal": "30000.00", "balance": "30000.00",
            "rateBasisPoints": 435, "grantedOn": "2018-01-10", "dueOn": "2018-12-10", "guarantor": false, "collateral": false, "version": 1,
            "repayments": [], "extensions": [] }));
        let wrong = json!({ "citizenNumber": "1", "kind": "MICRO", "principal": "0.00", "rateBasisPoints": -1,
            "grantedOn": "2019-01-10", "dueOn": "2019-01-10", "guarantor": false, "collateral": false });
        assert_eq!(mutation("loanGrant", wrong).mistakes(&bank).await, [
            "input.citizenNumber INVALID_VALUE", "input.principal INVALID_VALUE", "input.rateBasisPoints INVALID_VALUE", "input.grantedOn INVALID_VALUE",
            "input.dueOn INVALID_VALUE",
        ]);
        let part = repay(&granted, 1, ("10000.01", "500.00")).done_by(&bank).await;
        let fields = ["state", "balance", "version", "repayments"].map(|field| part[field].clone());
        assert_eq!(fields, [json!("GRANTED"), json!("19999.99"), json!(2), json!([{ "paidOn": "2018-06-10", "principal": "10000.01", "interest": "500.00" }])]);
        assert_eq!(repay(&granted, 1, ("1.00", "0.00")).mistakes(&bank).await, ["input.version CONFLICT"]);
        assert_eq!(repay(&granted, 2, ("20000.00", "0.00")).mistakes(&bank).await, ["input.principal MORE_THAN_OWED"]);
        assert_eq!(repay(&granted, 2, ("0.00", "0.00")).mistakes(&bank).await, ["input.principal INVALID_VALUE"]);
        assert_eq!(repay(&granted, 2, ("-1.00", "-1.00")).mistakes(&bank).await, ["input.principal INVALID_VALUE", "input.interest INVALID_VALUE"]);
        let list = "mutation($r: UUID!, $inputs: [LoanRepayInput!]!) { loanRepayList(requestId: $r, inputs: $inputs) { \
            results { changed { state balance version } userErrors { field code } } } }";
        let repayment = |principal: &str, version: i64, day: &str| json!({ "loanId": granted["id"], "version": version, "paidOn": day, "principal": principal, "interest": "0.00" });
        let inputs = json!([repayment("19999.99", 2, "2018-12-01"), repayment("0.01", 3, "2018-12-02"), repayment("1.00", 3, "2018-12-02")]);
        let results = bank.query(list, json!({ "r": crate::writing::request_id(), "inputs": inputs })).await.data()["loanRepayList"]["results"].take();
        let ended = json!({ "changed": null, "userErrors": [{ "field": ["inputs", "1", "loanId"], "code": "LOAN_ENDED" }] });
        assert_eq!(results[0], json!({ "changed": { "state": "REPAID", "balance": "0.00", "version": 3 }, "userErrors": [] }));
        assert_eq!(results[1], ended);
        assert_eq!(results[2]["userErrors"][0]["code"], json!("LOAN_ENDED"));
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_loan_is_extended_and_renewed(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, BANK);
        let (_, members) = stranger(&db).await;
        let granted = loan(&members[0]).done_by(&bank).await;
        let id = granted["id"].as_str().expect("an id");
        let extend = |version, day: &str, due: &str| mutation("loanExtend", json!({ "decidedOn": day, "dueOn": due })).of(id, version).read(LOAN);
        assert_eq!(extend(1, "2017-12-01", "2018-12-10").mistakes(&bank).await, ["input.decidedOn INVALID_VALUE", "input.dueOn INVALID_VALUE"]);
        let extended = extend(1, "2018-11-20", "2019-06-10").done_by(&bank).await;
        let of_extension = json!({ "kind": "EXTENSION", "decidedOn": "2018-11-20", "dueBefore": "2018-12-10", "dueAfter": "2019-06-10", "newLoan": null });
        assert_eq!((&extended["state"], &extended["dueOn"], &extended["version"], &extended["extensions"]),
            (&json!("EXTENDED"), &json!("2019-06-10"), &json!(2), &json!([of_extension])));
        repay(&granted, 2, ("5000.00", "0.00")).done_by(&bank).await;
        let renew = |version, input: Value| mutation("loanRenew", input).of(id, version).read(LOAN);
        let input = json!({ "decidedOn": "2018-12-20", "grantedOn": "2018-12-28", "dueOn": "2020-06-10", "rateBasisPoints": 400 });
        let wrong = json!({ "decidedOn": "2018-12-20", "grantedOn": "2018-12-19", "dueOn": "2019-06-10", "rateBasisPoints": -1 });
        assert_eq!(renew(3, wrong).mistakes(&bank).await, ["input.grantedOn INVALID_VALUE", "input.dueOn INVALID_VALUE", "input.rateBasisPoints INVALID_VALUE"]);
        let new = renew(3, input.clone()).done_by(&bank).await;
        assert_eq!(new, json!({ "id": new["id"], "bankCode": BANK, "kind": "MICRO", "state": "GRANTED", "principal": "25000.00", "balance": "25000.00",
            "rateBasisPoints": 400, "grantedOn": "2018-12-28", "dueOn": "2020-06-10", "guarantor": false, "collateral": false, "version": 1,
            "repayments": [], "extensions": [] }));
        let old = bank.query(&format!("query($id: ID!) {{ node(id: $id) {{ ... on Loan {{ {LOAN} }} }} }}"), json!({ "id": id })).await.data()["node"].take();
        let of_renewal = json!({ "kind": "RENEWAL", "decidedOn": "2018-12-20", "dueBefore": "2019-06-10", "dueAfter": "2020-06-10", "newLoan": { "id": new["id"] } });
        assert_eq!((&old["state"], &old["balance"], &old["version"], &old["extensions"]), (&json!("RENEWED"), &json!("0.00"), &json!(4), &json!([of_renewal, of_extension])));
        assert_eq!(renew(4, input).mistakes(&bank).await, ["id LOAN_ENDED"]);
        assert_eq!(extend(4, "2018-12-20", "2021-01-01").mistakes(&bank).await, ["id LOAN_ENDED"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Of repayments at once none takes the balance below zero, and what is repaid is what the balance lost.
    async fn repayments_at_once_never_exceed_the_loan(db: TestDatabase) {
        let app = App::start(&db).await;
        let bank = app.institution(D::Bank, BANK);
        let (household, members) = stranger(&db).await;
        let granted = loan(&members[0]).done_by(&bank).await;
        let sums = format!("SELECT CAST(COALESCE(SUM(r.principal_fen), 0) AS BIGINT) FROM loan_repayment r WHERE r.household_id = {household}");
        let balance = format!("SELECT balance_fen FROM loan WHERE household_id = {household}");
        let mut version = 1;
        for _ in 0..3 {
            let repayment = repay(&granted, version, ("9000.00", "0.00"));
            let done = futures_util::future::join_all((0..10).map(|_| repayment.by(&bank))).await;
            let taken = done.iter().filter(|payload| !payload["changed"].is_null()).count();
            assert_eq!(taken, 1, "{done:?}");
            version += 1;
        }
        assert_eq!((db.number(&sums).await, db.number(&balance).await), (2_700_000, 300_000));
        assert_eq!(repay(&granted, version, ("9000.00", "0.00")).mistakes(&bank).await, ["input.principal MORE_THAN_OWED"]);
        // The table says so too, whatever the service thinks.
        let below = sea_orm::ConnectionTrait::execute_unprepared(&db.connect().await, &format!("UPDATE loan SET balance_fen = -1 WHERE household_id = {household}")).await;
        assert!(below.is_err());
    }
}

pub(crate) fn payment(person: Option<&person::Model>, paid_on: Option<&str>) -> Value {
    json!({ "personId": person.map(|person| global_id("Person", person.id)), "department": "CIVIL", "programme": "nursing-allowance", "period": "2018-11",
        "kind": "REGULAR", "amount": "80.00", "dueOn": "2018-12-10", "paidOn": paid_on })
}

const PAYMENT: &str =
    "id department programme period kind amount state dueOn paidOn bankCard { id } person { id }";

both_dbs! {
    crate::harness::Seed::Demo;
    async fn a_payment_is_made_once_fails_and_is_made_again(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let (household, members) = stranger(&db).await;
        let family = global_id("Household", household);
        let holder = &members[0];
        let card = card(holder, CARD).done_by(&app.institution(D::Bank, BANK)).await;
        let record = |input: Value| mutation("paymentRecord", input).of_household(&family).read(PAYMENT);
        let mut to_card = payment(Some(holder), Some("2018-12-12"));
        to_card["bankCardId"] = card["id"].clone();
        assert_eq!(record(to_card.clone()).mistakes(&clerk).await, ["input.bankCardId NOT_RECEIVING"]);
        let township = app.clerk(D::Township, &holder.region_code.to_string()[..9]);
        mutation("receivingCardChoose", Value::Null).without_input().of(card["id"].as_str().expect("an id"), 1).done_by(&township).await;
        let pending = record(payment(Some(holder), None)).done_by(&clerk).await;
        assert_eq!(pending, json!({ "id": pending["id"], "department": "CIVIL", "programme": "nursing-allowance", "period": "2018-11", "kind": "REGULAR", "amount": "80.00",
            "state": "PENDING", "dueOn": "2018-12-10", "paidOn": null, "bankCard": null, "person": { "id": global_id("Person", holder.id) } }));
        assert_eq!(record(payment(Some(holder), None)).mistakes(&clerk).await, ["input.period ALREADY_RECORDED"]);
        let mut more = to_card.clone();
        more["amount"] = json!("80.01");
        assert_eq!(record(more).mistakes(&clerk).await, ["input.amount OTHER_AMOUNT"]);
        let paid = record(to_card.clone()).done_by(&clerk).await;
        assert_eq!((&paid["id"], &paid["state"], &paid["paidOn"], &paid["bankCard"]), (&pending["id"], &json!("PAID"), &json!("2018-12-12"), &json!({ "id": card["id"] })));
        assert_eq!(record(to_card.clone()).mistakes(&clerk).await, ["input.period ALREADY_RECORDED"]);
        let fail = |state: &str, day: Value| mutation("paymentFail", json!({ "state": state, "returnedOn": day })).of_record(paid["id"].as_str().expect("an id")).read("state paidOn");
        assert_eq!(fail("PAID", json!("2018-12-14")).mistakes(&clerk).await, ["input.state INVALID_VALUE"]);
        // What was paid comes back on a day, and not before it was.
        for day in [Value::Null, json!("2018-12-11"), json!("2019-01-01")] {
            assert_eq!(fail("BOUNCED", day).mistakes(&clerk).await, ["input.returnedOn INVALID_VALUE"]);
        }
        let returned_on = format!("SELECT CAST(returned_on AS TEXT) FROM payment WHERE household_id = {household}");
        assert_eq!(fail("BOUNCED", json!("2018-12-14")).done_by(&clerk).await, json!({ "state": "BOUNCED", "paidOn": null }));
        assert_eq!(db.text(&returned_on).await, "2018-12-14");
        assert_eq!(fail("FAILED", json!("2018-12-15")).mistakes(&clerk).await, ["id ALREADY_FAILED"]);
        to_card["paidOn"] = json!("2018-12-28");
        let again = record(to_card).done_by(&clerk).await;
        assert_eq!((&again["id"], &again["state"], &again["paidOn"]), (&pending["id"], &json!("PAID"), &json!("2018-12-28")));
        let rows = format!("SELECT COUNT(*) FROM payment WHERE household_id = {household}");
        assert_eq!(db.number(&rows).await, 1);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn who_is_not_paid(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let (household, members) = stranger(&db).await;
        let record = |household: i64, input: Value| mutation("paymentRecord", input).of_household(&global_id("Household", household));
        let wrong = json!({ "department": "CIVIL", "programme": "", "period": "2018-13", "kind": "REGULAR", "amount": "0.00", "paidOn": "2019-01-01" });
        assert_eq!(record(household, wrong).mistakes(&clerk).await, [
            "input.programme INVALID_VALUE", "input.period INVALID_VALUE", "input.amount INVALID_VALUE", "input.paidOn INVALID_VALUE",
        ]);
        let other = db.number(&format!("SELECT MIN(id) FROM household WHERE county_code = 150921 AND id <> {household}")).await;
        assert_eq!(record(other, payment(Some(&members[0]), None)).mistakes(&clerk).await, ["input.personId NO_MEMBER"]);
        let dead = db.number("SELECT MIN(id) FROM person WHERE county_code = 150921 AND died_on < '2018-11-01'").await;
        let family = db.number(&format!("SELECT household_id FROM person WHERE id = {dead}")).await;
        let mut late = payment(None, None);
        late["personId"] = json!(global_id("Person", dead));
        assert_eq!(record(family, late).mistakes(&clerk).await, ["input.personId DIED_BEFORE"]);
        // One who has changed the household is the same human being.
        let moved = &members[0];
        record(household, payment(Some(moved), Some("2018-12-12"))).done_by(&clerk).await;
        run(&db, &format!("UPDATE person SET valid_to = '2018-12-01', left_reason = 'TRANSFERRED' WHERE id = {}", moved.id)).await;
        run(&db, &format!("UPDATE person SET identity_id = {}, valid_from = '2018-12-05' \
            WHERE id = (SELECT MIN(id) FROM person WHERE household_id = {other} AND valid_to IS NULL)", moved.identity_id.expect("an identity"))).await;
        let now = db.number(&format!("SELECT MIN(id) FROM person WHERE household_id = {other} AND valid_to IS NULL")).await;
        let mut again = payment(None, Some("2018-12-13"));
        again["personId"] = json!(global_id("Person", now));
        assert_eq!(record(other, again).mistakes(&clerk).await, ["input.period ALREADY_RECORDED"]);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// Under parallel requests, each with a number of its own, for a person and for a household, by two servers: paid once.
    async fn no_money_moves_twice(db: TestDatabase) {
        let (app, other) = (App::start(&db).await, App::start(&db).await);
        let clerks = [app.clerk(D::Finance, OWN), other.clerk(D::Finance, OWN).named("FINANCE-2")];
        let (household, members) = stranger(&db).await;
        let family = global_id("Household", household);
        let paid = format!("SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM payment WHERE household_id = {household} AND state = 'PAID'");
        let audits = "SELECT COUNT(*) FROM audit_record WHERE object_type = 'payment' AND after_json LIKE '%\"PAID\"%'";
        let payees = [Some(&members[0]), None];
        for (round, payee) in payees.into_iter().enumerate() {
            let record = mutation("paymentRecord", payment(payee, Some("2018-12-12"))).of_household(&family);
            let at_once = (0..40).map(|at| record.by(&clerks[at % 2]));
            let done = futures_util::future::join_all(at_once).await;
            let taken = done.iter().filter(|payload| !payload["changed"].is_null()).count();
            let told = done.iter().filter(|payload| mistakes(payload) == ["input.period ALREADY_RECORDED"]).count();
            assert_eq!((taken, told), (1, 39), "{done:?}");
            assert_eq!(db.number(&paid).await, 8_000 * (i64::try_from(round).expect("few") + 1));
        }
        // What bounced is paid again once, whoever tries.
        run(&db, &format!("UPDATE payment SET state = 'BOUNCED', paid_on = NULL WHERE household_id = {household} AND person_id IS NULL")).await;
        let before = db.number(audits).await;
        let record = mutation("paymentRecord", payment(None, Some("2018-12-28"))).of_household(&family);
        let done = futures_util::future::join_all((0..20).map(|at| record.by(&clerks[at % 2]))).await;
        let taken = done.iter().filter(|payload| !payload["changed"].is_null()).count();
        assert_eq!((taken, db.number(audits).await), (1, before + 1), "{done:?}");
        assert_eq!(db.number(&paid).await, 16_000);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn funds_are_received_by_their_own_region(db: TestDatabase) {
        let app = App::start(&db).await;
        let account = async |region: i64| db.number(&format!("SELECT MIN(id) FROM fund_account WHERE region_code = {region} AND year = 2018")).await;
        let own = account(150_921_000_000).await;
        let before = db.number(&format!("SELECT received_fen FROM fund_account WHERE id = {own}")).await;
        let version = db.number(&format!("SELECT CAST(version AS BIGINT) FROM fund_account WHERE id = {own}")).await;
        let movements = format!("SELECT COUNT(*) FROM fund_movement WHERE fund_account_id = {own}");
        let moved = db.number(&movements).await;
        let id = global_id("FundAccount", own);
        let input = json!({ "amount": "100000.50", "receivedOn": "2018-12-20", "documentNumber": "乌财农〔2018〕9号", "purpose": "中央财政专项扶贫资金" });
        let receive = |input: Value, version| mutation("fundReceive", input).of(&id, version).read("id received version");
        let clerk = app.clerk(D::Finance, OWN);
        let wrong = json!({ "amount": "0.00", "receivedOn": "2019-01-01", "documentNumber": "", "purpose": "\u{7}" });
        assert_eq!(receive(wrong, version).mistakes(&clerk).await, [
            "input.amount INVALID_VALUE", "input.receivedOn INVALID_VALUE", "input.purpose INVALID_VALUE", "input.documentNumber INVALID_VALUE",
        ]);
        // From above, from beside and from below nobody keeps it.
        let write = receive(input.clone(), version);
        write.refused_to(&db, &[app.clerk(D::Finance, "1509"), app.clerk(D::Finance, "15"), app.clerk(D::Poverty, OWN), app.reader(D::Finance, OWN),
            app.approver(D::Finance, OWN), app.auditor()]).await;
        for elsewhere in ["150922", "150921100"] {
            assert_eq!(write.mistakes(&app.clerk(D::Finance, elsewhere)).await, ["id NOT_FOUND"]);
        }
        let changed = write.done_by(&clerk).await;
        let sum = before + 10_000_050;
        assert_eq!(changed, json!({ "id": id, "received": format!("{}.{:02}", sum / 100, sum % 100), "version": version + 1 }));
        assert_eq!(db.number(&movements).await, moved + 1);
        assert_eq!(write.mistakes(&clerk).await, ["version CONFLICT"]);
        // At once, one.
        let next = receive(input, version + 1);
        let done = futures_util::future::join_all((0..10).map(|_| next.by(&clerk))).await;
        assert_eq!(done.iter().filter(|payload| !payload["changed"].is_null()).count(), 1);
        assert_eq!(db.number(&format!("SELECT received_fen FROM fund_account WHERE id = {own}")).await, before + 20_000_100);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn only_the_owner_writes_finance(db: TestDatabase) {
        let app = App::start(&db).await;
        let (household, members) = stranger(&db).await;
        let family = global_id("Household", household);
        let key = async |name: &str, rows: &str| global_id(name, db.number(&format!("SELECT MIN(id) FROM {rows}")).await);
        let own_card = key("BankCard", &format!("bank_card WHERE bank_code = '{BANK}' AND valid_to IS NULL")).await;
        let own_loan = key("Loan", &format!("loan WHERE bank_code = '{BANK}' AND state = 'GRANTED'")).await;
        let paid = key("Payment", "payment WHERE county_code = 150921 AND state = 'PAID'").await;
        let (bank, other) = (app.institution(D::Bank, BANK), app.institution(D::Bank, OTHER_BANK));
        let close = mutation("bankCardClose", json!({ "closedOn": "2018-12-20", "reason": "LOST" })).of(&own_card, 1);
        let extend = mutation("loanExtend", json!({ "decidedOn": "2018-12-20", "dueOn": "2029-01-01" })).of(&own_loan, 1);
        let renewal = json!({ "decidedOn": "2018-12-20", "grantedOn": "2018-12-28", "dueOn": "2029-06-10" });
        let renew = mutation("loanRenew", renewal).of(&own_loan, 1);
        let repayment = repay(&json!({ "id": own_loan }), 1, ("1.00", "0.00"));
        let nobody = [app.clerk(D::Finance, OWN), app.clerk(D::Township, "150921100"), app.clerk(D::Poverty, OWN), app.auditor(), app.household("150921000001", OWN)];
        for write in [&close, &extend, &renew, &repayment, &card(&members[0], CARD), &loan(&members[0])] {
            write.refused_to(&db, &nobody).await;
        }
        let before = records(&db).await;
        for (write, path) in [(&close, "id"), (&extend, "id"), (&renew, "id"), (&repayment, "input.loanId")] {
            assert_eq!(write.mistakes(&other).await, [format!("{path} NOT_FOUND")]);
        }
        assert_eq!(records(&db).await, before);
        let choose = mutation("receivingCardChoose", Value::Null).without_input().of(&own_card, 1);
        choose.refused_to(&db, &[bank.clone(), app.clerk(D::Finance, OWN), app.clerk(D::Township, OWN)]).await;
        let record = mutation("paymentRecord", payment(None, None)).of_household(&family);
        let fail = mutation("paymentFail", json!({ "state": "BOUNCED", "returnedOn": "2018-12-14" })).of_record(&paid);
        for (write, path) in [(record, "householdId"), (fail, "id")] {
            write.refused_to(&db, &[bank.clone(), app.clerk(D::Civil, OWN), app.clerk(D::Finance, "1509"), app.reader(D::Finance, OWN), app.auditor()]).await;
            assert_eq!(write.mistakes(&app.clerk(D::Finance, "150922")).await, [format!("{path} NOT_FOUND")]);
        }
        assert_eq!(records(&db).await, before);
    }
}
