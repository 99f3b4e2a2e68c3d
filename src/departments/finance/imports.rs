//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Listed, Only, Place, Recorded, Reported, Says};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "card",
        department: Department::Bank,
        mutation: "bankCardRegister",
        about: About::Nobody,
        together_by: &[],
        once_by: &["bank_card"],
        input: card,
        recorded: None,
        only: &[Only {
            column: "valid_to",
            field: None,
            says: Says::Nothing,
        }],
        many: None,
        reported: Some(Reported {
            on: Some("valid_from"),
            told: &["valid_from"],
            seen: None,
        }),
    },
    Import {
        kind: "loan",
        department: Department::Bank,
        mutation: "loanGrant",
        about: About::Nobody,
        together_by: &[],
        once_by: &["loan_number", "granted_on", "principal"],
        input: loan,
        recorded: Some(Recorded {
            listed: Some(Listed {
                query: "loans",
                filter: "loanNumber",
                by: "loanNumber",
            }),
            path: &["nodes"],
            by: &[("loanNumber", "loanNumber")],
            same: &[
                ("kind", "kind"),
                ("principal", "principal"),
                ("grantedOn", "grantedOn"),
            ],
            each: None,
            corrected_by: &[],
        }),
        only: &[Only {
            column: "state",
            field: Some("state"),
            says: Says::OneOf(&["GRANTED"]),
        }],
        many: None,
        reported: Some(Reported {
            on: Some("granted_on"),
            told: &["kind", "principal", "granted_on", "due_on"],
            seen: None,
        }),
    },
    Import {
        kind: "payment",
        department: Department::Finance,
        mutation: "paymentResultRecord",
        about: About::Household(Place::Argument("householdId")),
        together_by: &[],
        once_by: &["programme", "period", "kind"],
        input: result,
        recorded: None,
        only: &[],
        many: None,
        reported: Some(Reported {
            on: Some("paid_on"),
            told: &["programme", "period", "kind", "amount", "state", "paid_on"],
            seen: None,
        }),
    },
];

fn result(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let is_paid = row.get("state") == json!("PAID");
    json!({
        "personId": row.person,
        "programme": row.get("programme"),
        "period": row.get("period"),
        "kind": row.get("kind"),
        "amount": row.get("amount"),
        "state": row.get("state"),
        // What came back has left the account: its day is not that of a payment.
        "paidOn": if is_paid { row.get("paid_on") } else { Value::Null },
    })
}

fn loan(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    // By definition nobody guarantees for a micro loan, and nothing is given in security.
    let is_micro = row.get("kind") == json!("MICRO");
    let told = |column: &str| match row.get(column) {
        Value::Null if is_micro => json!(false),
        cell => cell,
    };
    json!({
        "citizenNumber": row.get("citizen_number"),
        "loanNumber": row.get("loan_number"),
        "kind": row.get("kind"),
        "principal": row.get("principal"),
        "balance": row.get("balance"),
        "rateBasisPoints": row.get("rate"),
        "grantedOn": row.get("granted_on"),
        "dueOn": row.get("due_on"),
        "guarantor": told("guarantor"),
        "collateral": told("collateral"),
    })
}

fn card(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "citizenNumber": row.get("citizen_number"),
        "cardNumber": row.get("bank_card"),
        "openedOn": row.get("valid_from"),
    })
}
