//! Loans, payments and their batches, projects and funds: what the offices and the banks ask, and who sees what.

use crate::harness::{Actor, App, both_dbs};
use entity::codes::Department as D;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use yihu::graphql::scalars::global_id;

const OWN: &str = "150921";
const OTHER: &str = "150922";

both_dbs! {
    crate::harness::Seed::Demo;
    /// Each condition alone and with others gives exactly the households for which it holds.
    async fn households_are_found_by_money(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let open = "EXISTS (SELECT 1 FROM loan l WHERE l.household_id = h.id AND l.state IN ('GRANTED', 'EXTENDED', 'OVERDUE')";
        let receiving = "EXISTS (SELECT 1 FROM bank_card c WHERE c.household_id = h.id AND c.receiving AND c.valid_to IS NULL)";
        let project = db.number("SELECT MIN(project_id) FROM project_beneficiary WHERE county_code = 150921").await;
        let payment = "EXISTS (SELECT 1 FROM payment p WHERE p.household_id = h.id AND";
        let cases = [
            (json!({ "loanState": ["EXTENDED", "RENEWED"] }), "EXISTS (SELECT 1 FROM loan l WHERE l.household_id = h.id AND l.state IN ('EXTENDED', 'RENEWED'))".to_owned()),
            (json!({ "hasOpenLoan": true }), format!("{open})")),
            (json!({ "hasOpenLoan": false, "loanState": ["REPAID"] }), format!("NOT {open}) AND EXISTS (SELECT 1 FROM loan l WHERE l.household_id = h.id AND l.state = 'REPAID')")),
            (json!({ "overdueOn": "2018-12-31" }), format!("{open} AND l.due_on < '2018-12-31')")),
            (json!({ "hasReceivingCard": false }), format!("NOT {receiving}")),
            (json!({ "hasReceivingCard": true, "hasOpenLoan": true }), format!("{receiving} AND {open})")),
            (json!({ "payment": { "state": ["BOUNCED", "FAILED"], "period": "2018" } }), format!("{payment} p.state IN ('BOUNCED', 'FAILED') AND p.period LIKE '2018%')")),
            (json!({ "payment": { "programme": "dibao", "period": "2018-12", "state": ["PENDING"], "department": ["CIVIL"] } }), format!("{payment} p.state = 'PENDING' AND p.period = '2018-12' AND p.programme = 'dibao')")),
            (json!({ "project": global_id("Project", project) }), format!("EXISTS (SELECT 1 FROM project_beneficiary b WHERE b.household_id = h.id AND b.project_id = {project})")),
        ];
        for (filter, condition) in cases {
            let expected = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND {condition}")).await;
            assert!(!expected.is_empty(), "{filter}");
            let found = clerk.listed("households", "HouseholdFilter", json!({ "finance": filter })).await;
            assert_eq!(found, expected, "{filter}");
            let exited = db.ids("Household", &format!("SELECT h.id FROM household h WHERE h.county_code = 150921 AND h.status = 'EXITED' AND {condition}")).await;
            let found = clerk.listed("households", "HouseholdFilter", json!({ "status": ["EXITED"], "finance": filter })).await;
            assert_eq!(found, exited, "{filter}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn rolls_give_what_is_asked(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let account = db.number("SELECT MIN(id) FROM fund_account WHERE county_code = 150921 AND year = 2018").await;
        let project = db.number("SELECT MIN(project_id) FROM project_beneficiary WHERE county_code = 150921").await;
        let batch = db.number("SELECT MIN(batch_id) FROM payment WHERE county_code = 150921").await;
        let cases = [
            ("loans", "Loan", json!({ "state": ["OVERDUE"] }), "loan WHERE county_code = 150921 AND state = 'OVERDUE'".to_owned()),
            ("loanRepayments", "LoanRepayment", json!({ "paidFrom": "2018-01-01", "paidTo": "2018-06-30" }), "loan_repayment WHERE county_code = 150921 AND paid_on BETWEEN '2018-01-01' AND '2018-06-30'".to_owned()),
            ("interestSubsidies", "InterestSubsidy", json!({ "decidedFrom": "2018-03-01", "bank": "91150921MA0QYH0012" }), "interest_subsidy WHERE county_code = 150921 AND decided_on >= '2018-03-01'".to_owned()),
            ("bankCards", "BankCard", json!({ "open": false, "receiving": true }), "bank_card WHERE county_code = 150921 AND receiving AND valid_to IS NOT NULL".to_owned()),
            ("bankCards", "BankCard", json!({ "receiving": false, "open": true }), "bank_card WHERE county_code = 150921 AND NOT receiving AND valid_to IS NULL".to_owned()),
            ("payments", "Payment", json!({ "batch": global_id("PaymentBatch", batch) }), format!("payment WHERE batch_id = {batch}")),
            ("payments", "Payment", json!({ "state": ["BOUNCED"], "programme": "dibao" }), "payment WHERE county_code = 150921 AND state = 'BOUNCED' AND programme = 'dibao'".to_owned()),
            ("paymentBatches", "PaymentBatch", json!({ "state": ["PARTLY_FAILED"], "period": "2018" }), "payment_batch WHERE county_code = 150921 AND state = 'PARTLY_FAILED' AND period LIKE '2018%'".to_owned()),
            ("paymentBatches", "PaymentBatch", json!({ "department": ["HOUSING"] }), "payment_batch WHERE county_code = 150921 AND department = 'HOUSING'".to_owned()),
            ("projects", "Project", json!({ "kind": ["INDUSTRY"], "state": ["ACCEPTED", "DONE"], "year": 2018 }), "project WHERE county_code = 150921 AND kind = 'INDUSTRY' AND state IN ('ACCEPTED', 'DONE') AND year = 2018".to_owned()),
            ("projectBeneficiaries", "ProjectBeneficiary", json!({ "project": global_id("Project", project) }), format!("project_beneficiary WHERE project_id = {project}")),
            ("fundAccounts", "FundAccount", json!({ "year": 2018, "kind": ["SPECIAL"], "level": ["CENTRAL", "COUNTY"] }), "fund_account WHERE county_code = 150921 AND year = 2018 AND kind = 'SPECIAL' AND level IN ('CENTRAL', 'COUNTY')".to_owned()),
            ("fundMovements", "FundMovement", json!({ "account": global_id("FundAccount", account), "kind": ["EXPENDITURE"], "movedFrom": "2018-01-01" }), format!("fund_movement WHERE fund_account_id = {account} AND kind = 'EXPENDITURE'")),
        ];
        for (list, of, filter, sql) in cases {
            let expected = db.ids(of, &format!("SELECT id FROM {sql}")).await;
            assert!(!expected.is_empty(), "{sql}");
            assert_eq!(clerk.listed(list, &format!("{of}Filter"), filter).await, expected, "{sql}");
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A batch is the sum of its payments; a loan, of what happened to it.
    async fn what_is_below_adds_up(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let fen = |json: &Value| -> i64 { json.as_str().expect("yuan").replace('.', "").parse().expect("a number") };
        for batch in clerk.listed("paymentBatches", "PaymentBatchFilter", json!({ "state": ["PARTLY_FAILED", "DRAFT"] })).await {
            let text = "query($id: ID!) { node(id: $id) { ... on PaymentBatch { number state payments total sentOn region { code level } } }
                payments(filter: { batch: $id }, first: 100) { nodes { amount state batch { id } household { region { code } } } pageInfo { hasNextPage } } }";
            let data = clerk.query(text, json!({ "id": batch })).await.data();
            let payments = data["payments"]["nodes"].as_array().expect("nodes");
            assert_eq!(data["node"]["payments"], json!(payments.len()), "{data}");
            assert_eq!(fen(&data["node"]["total"]), payments.iter().map(|payment| fen(&payment["amount"])).sum::<i64>());
            assert_eq!(data["node"]["region"]["level"], "TOWNSHIP");
            let township = data["node"]["region"]["code"].as_str().expect("a code")[..9].to_owned();
            for payment in payments {
                assert_eq!(payment["batch"]["id"], json!(batch));
                assert!(payment["household"]["region"]["code"].as_str().expect("a code").starts_with(&township));
                assert!(data["node"]["state"] != "DRAFT" || payment["state"] == "PENDING");
            }
            assert_eq!(data["node"]["sentOn"].is_null(), data["node"]["state"] == "DRAFT");
        }
        let text = "{ loans(filter: { state: [REPAID, OVERDUE, RENEWED] }, first: 100) { nodes { state principal balance rateBasisPoints guarantor collateral
            repayments { principal interest } extensions { kind newLoan { principal state } } subsidies { months days amount } } } }";
        let data = app.clerk(D::Finance, "1509").query(text, json!({})).await.data();
        let loans = data["loans"]["nodes"].as_array().expect("nodes");
        for state in ["REPAID", "OVERDUE", "RENEWED"] {
            assert!(loans.iter().any(|loan| loan["state"] == state), "{state}");
        }
        for loan in loans {
            let repaid: i64 = loan["repayments"].as_array().expect("a list").iter().map(|of| fen(&of["principal"])).sum();
            if loan["state"] == "RENEWED" {
                assert_eq!(loan["extensions"], json!([{ "kind": "RENEWAL", "newLoan": { "principal": loan["principal"], "state": "GRANTED" } }]));
            } else {
                assert_eq!(repaid, fen(&loan["principal"]) - fen(&loan["balance"]), "{loan}");
            }
            assert_eq!((&loan["guarantor"], &loan["collateral"]), (&json!(false), &json!(false)));
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A bank sees what is its own of loans, cards and all that follows from them; nothing of payments, projects and funds.
    async fn a_bank_sees_its_own(db: TestDatabase) {
        let app = App::start(&db).await;
        let code = "91150921MA0QYH0025";
        let bank = app.institution(D::Bank, code);
        // The second bank of the county has cards; it gets loans here.
        let connection = db.connect().await;
        sea_orm::ConnectionTrait::execute_unprepared(&connection, &format!(
            "UPDATE loan SET bank_code = '{code}' WHERE county_code = 150921 AND id IN (SELECT loan_id FROM interest_subsidy WHERE county_code = 150921 ORDER BY loan_id LIMIT 8)"
        )).await.expect("another bank");
        for (list, of, table) in [
            ("loans", "Loan", "loan"), ("loanRepayments", "LoanRepayment", "loan_repayment"),
            ("interestSubsidies", "InterestSubsidy", "interest_subsidy"), ("bankCards", "BankCard", "bank_card"),
        ] {
            let expected = db.ids(of, &format!("SELECT id FROM {table} WHERE bank_code = '{code}'")).await;
            assert!(!expected.is_empty());
            assert_eq!(bank.listed(list, &format!("{of}Filter"), Value::Null).await, expected, "{list}");
            let other = db.ids(of, &format!("SELECT MIN(id) FROM {table} WHERE bank_code <> '{code}'")).await;
            let answer = bank.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": other })).await;
            assert_eq!(answer.data(), json!({ "nodes": [null] }), "{list}");
        }
        let text = "{ households(first: 100) { nodes { finance { loans { bankCode repayments { bankCode } extensions { bankCode } subsidies { bankCode } } bankCards { bankCode } } } } }";
        let answer = bank.query(text, json!({})).await;
        assert!(!answer.data()["households"]["nodes"].as_array().expect("nodes").is_empty());
        assert!(answer.text.contains(code) && !answer.text.contains("91150921MA0QYH0012"));
        for (text, field) in [
            ("{ payments { nodes { id } } }", "Query.payments"),
            ("{ paymentBatches { nodes { id } } }", "Query.paymentBatches"),
            ("{ projects { nodes { id } } }", "Query.projects"),
            ("{ fundAccounts { nodes { id } } }", "Query.fundAccounts"),
            ("{ fundMovements { nodes { id } } }", "Query.fundMovements"),
            ("{ households(filter: { finance: { hasOpenLoan: true } }) { nodes { id } } }", "HouseholdFilter.finance"),
        ] {
            let answer = bank.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{text}");
            assert_eq!(answer.errors()[0]["extensions"]["field"], field);
            assert_eq!(answer.partial_data(), Value::Null);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// What belongs to a place exists for who reads the place: a county its own and its townships', a township those within.
    async fn what_belongs_to_a_place_is_seen_there(db: TestDatabase) {
        let app = App::start(&db).await;
        let everything = async |actor: Actor, list: &str, of: &str| actor.listed(list, &format!("{of}Filter"), Value::Null).await;
        for (list, of, table) in [
            ("paymentBatches", "PaymentBatch", "payment_batch"), ("projects", "Project", "project"),
            ("fundAccounts", "FundAccount", "fund_account"), ("fundMovements", "FundMovement", "fund_movement"),
        ] {
            let rows = async |place: &str| db.ids(of, &format!("SELECT id FROM {table} WHERE {place}")).await;
            let (own, other) = (rows("county_code = 150921").await, rows("county_code = 150922").await);
            assert!(!own.is_empty() && !other.is_empty());
            assert_eq!(everything(app.clerk(D::Finance, OWN), list, of).await, own, "{list}");
            assert_eq!(everything(app.clerk(D::Poverty, OTHER), list, of).await, other, "{list}");
            let township = rows("region_code = 150921107000").await;
            assert_eq!(everything(app.clerk(D::Finance, "150921107"), list, of).await, township, "{list}");
            assert_eq!(township.is_empty(), list.starts_with("fund"), "{list}");
            let id = other.first().expect("a row");
            for actor in [app.clerk(D::Finance, OWN), app.clerk(D::Poverty, "150921107")] {
                let answer = actor.query("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
                assert_eq!(answer.data(), json!({ "node": null }), "{list}");
            }
        }
        // Civil affairs sees the batches of its own benefits, of payments and of their batches alike.
        let dibao = db.ids("PaymentBatch", "SELECT id FROM payment_batch WHERE county_code = 150921 AND department = 'CIVIL'").await;
        assert_eq!(everything(app.clerk(D::Civil, OWN), "paymentBatches", "PaymentBatch").await, dibao);
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    /// A helper reads its families' projects and payments, but no batch; not all that is of a place is for everybody.
    async fn a_helper_sees_what_its_families_take_part_in(db: TestDatabase) {
        let app = App::start(&db).await;
        let helper = app.helper("helper-1", OWN);
        let text = "{ households { nodes { finance { projects { project { id name state funding { cost } } } payments(year: 2018) { state batch { number } } } } } }";
        let answer = helper.query(text, json!({})).await;
        let codes: BTreeSet<String> = answer.codes().into_iter().collect();
        assert_eq!(codes, BTreeSet::from(["FORBIDDEN".to_owned()]), "{}", answer.text);
        let data = answer.partial_data();
        let mut projects = BTreeSet::new();
        for node in data["households"]["nodes"].as_array().expect("families") {
            for of in node["finance"]["projects"].as_array().expect("projects") {
                projects.insert(of["project"]["id"].as_str().expect("a project").to_owned());
            }
            for payment in node["finance"]["payments"].as_array().expect("payments") {
                assert_eq!(payment["batch"], Value::Null);
            }
        }
        let linked = "SELECT DISTINCT b.project_id FROM project_beneficiary b JOIN household_link l ON l.household_id = b.household_id WHERE l.user_id = 'yihu-demo|helper-1'";
        let expected = db.ids("Project", linked).await;
        assert!(!expected.is_empty());
        assert_eq!(projects, expected);
        // Asked for by itself no project exists: it is linked to nobody.
        assert_eq!(helper.listed("projects", "ProjectFilter", Value::Null).await, BTreeSet::new());
        let nodes = helper.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": expected })).await.data();
        assert!(nodes["nodes"].as_array().expect("nodes").iter().all(Value::is_null));
        for (text, field) in [("{ paymentBatches { nodes { id } } }", "Query.paymentBatches"), ("{ fundAccounts { nodes { id } } }", "Query.fundAccounts"),
            ("{ payments(filter: { batch: \"x\" }) { nodes { id } } }", "PaymentFilter.batch")] {
            let answer = helper.query(text, json!({})).await;
            assert_eq!(answer.codes(), ["FORBIDDEN"], "{text}");
            assert_eq!(answer.errors()[0]["extensions"]["field"], field);
        }
    }
}

both_dbs! {
    crate::harness::Seed::Demo;
    async fn what_cannot_be_served_is_refused(db: TestDatabase) {
        let app = App::start(&db).await;
        let clerk = app.clerk(D::Finance, OWN);
        let household = global_id("Household", 1);
        for (text, code, argument) in [
            ("query($id: ID!) { payments(filter: { batch: $id }) { nodes { id } } }", "INVALID_ID", json!(["filter", "batch"])),
            ("query($id: ID!) { projectBeneficiaries(filter: { project: $id }) { nodes { id } } }", "INVALID_ID", json!(["filter", "project"])),
            ("query($id: ID!) { fundMovements(filter: { account: $id }) { nodes { id } } }", "INVALID_ID", json!(["filter", "account"])),
            ("query($id: ID!) { households(filter: { finance: { project: $id } }) { nodes { id } } }", "INVALID_ID", json!(["filter", "finance", "project"])),
            ("{ households(filter: { finance: { payment: { period: \"18\" } } }) { nodes { id } } }", "INVALID_PERIOD", json!(["filter", "finance", "payment", "period"])),
            ("{ households(filter: { finance: { payment: { programme: \"a\\u0000\" } } }) { nodes { id } } }", "INVALID_TEXT", json!(["filter", "finance", "payment", "programme"])),
            ("{ paymentBatches(filter: { period: \"2018-13\" }) { nodes { id } } }", "INVALID_PERIOD", json!(["filter", "period"])),
            ("{ fundAccounts(filter: { year: 1800 }) { nodes { id } } }", "YEAR_OUT_OF_RANGE", json!(["filter", "year"])),
            ("{ loanRepayments(filter: { paidFrom: \"2018-02-01\", paidTo: \"2018-01-01\" }) { nodes { id } } }", "PERIOD_REVERSED", json!(["filter", "paidFrom"])),
        ] {
            let answer = clerk.query(text, json!({ "id": household })).await;
            assert_eq!(answer.codes(), [code], "{text}: {}", answer.text);
            assert_eq!(answer.errors()[0]["extensions"]["argument"], argument, "{text}");
        }
    }
}
