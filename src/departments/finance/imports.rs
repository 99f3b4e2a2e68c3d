//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow};
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
    },
    Import {
        kind: "loan",
        department: Department::Bank,
        mutation: "loanGrant",
        about: About::Nobody,
        together_by: &[],
        once_by: &["loan_number", "granted_on"],
        input: loan,
        recorded: None,
    },
];

fn card(rows: &[ImportRow]) -> Value {
    let row = row(rows);
    json!({
        "citizenNumber": row.get("citizen_number"),
        "cardNumber": row.get("bank_card"),
        "openedOn": row.get("valid_from"),
    })
}

fn loan(rows: &[ImportRow]) -> Value {
    let row = row(rows);
    let or_no = |column: &str| match row.get(column) {
        Value::Null => json!(false),
        yes => yes,
    };
    json!({
        "citizenNumber": row.get("citizen_number"),
        "kind": row.get_or("kind", "MICRO"),
        "principal": row.get("principal"),
        "rateBasisPoints": row.get("rate"),
        "grantedOn": row.get("granted_on"),
        "dueOn": row.get("due_on"),
        "guarantor": or_no("guarantor"),
        "collateral": or_no("collateral"),
    })
}

fn row(rows: &[ImportRow]) -> ImportRow {
    rows.first().cloned().unwrap_or_default()
}
