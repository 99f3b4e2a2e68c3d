//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Listed, Recorded};
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
        only: &[],
        many: None,
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
        only: &[("state", "GRANTED")],
        many: None,
    },
];

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
