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

/// What lists of payments write for a programme, in the words of the packs, of the offices and in English.
const PROGRAMMES: &[(&str, &[&str])] = &[
    (
        "dibao",
        &[
            "低保",
            "农村低保",
            "低保金",
            "最低生活保障金",
            "rural minimum living allowance",
        ],
    ),
    (
        "special-support",
        &[
            "特困供养",
            "特困人员救助供养",
            "五保供养",
            "special support",
        ],
    ),
    ("cash-direct", &["现金直补", "direct cash subsidy"]),
    ("orphan-allowance", &["孤儿基本生活费", "orphan allowance"]),
    (
        "disability-allowances",
        &["残疾人两项补贴", "残疾人补贴", "disability allowances"],
    ),
    (
        "temporary-assistance",
        &["临时救助", "temporary assistance"],
    ),
    ("medical-assistance", &["医疗救助", "medical assistance"]),
    (
        "medical-premium-subsidy",
        &["医保保费补贴", "参保补贴", "medical premium subsidy"],
    ),
    (
        "pension-premium-subsidy",
        &[
            "社会养老保险保费补助",
            "养老保险补助",
            "pension premium subsidy",
        ],
    ),
    ("education-support", &["教育资助", "education support"]),
    ("yulu", &["雨露计划", "雨露计划补助", "rain and dew"]),
    (
        "house-renovation",
        &["危房改造", "危房改造补助", "house renovation"],
    ),
    (
        "relocation-housing",
        &[
            "易地扶贫搬迁",
            "易地扶贫搬迁建房补助",
            "搬迁补助",
            "relocation housing",
        ],
    ),
    (
        "micro-loan-interest",
        &[
            "扶贫小额信贷贴息",
            "小额信贷贴息",
            "贷款贴息",
            "micro-loan interest",
        ],
    ),
    (
        "menu-industry-subsidy",
        &[
            "菜单式产业扶贫补贴",
            "产业扶贫补贴",
            "menu industry subsidy",
        ],
    ),
];

/// The programme of a row by its name as packs have it; another text as it stands, which the register then does not find.
fn programme(row: &ImportRow) -> Value {
    let cell = row.get("programme");
    let told = plain(cell.as_str().unwrap_or_default());
    let mut programmes = PROGRAMMES.iter();
    let found = programmes.find(|(_, words)| words.iter().any(|word| plain(word) == told));
    found.map_or(cell, |(name, _)| json!(name))
}

/// A text as it is compared: small letters, without blanks and hyphens.
fn plain(text: &str) -> String {
    let signs = text
        .chars()
        .filter(|sign| !sign.is_whitespace() && *sign != '-');
    signs.flat_map(char::to_lowercase).collect()
}

fn result(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let is_paid = row.get("state") == json!("PAID");
    // A year is a number in a file, and a period is a text.
    let period = match row.get("period") {
        Value::Number(year) => json!(year.to_string()),
        period => period,
    };
    json!({
        "personId": row.person,
        "programme": programme(&row),
        "period": period,
        "kind": row.get("kind"),
        "amount": row.get("amount"),
        "state": row.get("state"),
        // What came back has left the account: its day is that of the return.
        "paidOn": if is_paid { row.get("paid_on") } else { Value::Null },
        "returnedOn": if is_paid { Value::Null } else { row.get("paid_on") },
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn told(programme: &str) -> Value {
        let mut row = ImportRow::default();
        row.cells.insert("programme".to_owned(), json!(programme));
        super::programme(&row)
    }

    #[test]
    fn a_programme_is_told_in_either_language() {
        for (said, name) in [
            ("农村低保", "dibao"),
            ("雨露 计划", "yulu"),
            ("Rain and Dew", "yulu"),
            ("Micro-loan interest", "micro-loan-interest"),
            ("dibao", "dibao"),
            ("nursing-allowance", "nursing-allowance"),
            ("某项补贴", "某项补贴"),
        ] {
            assert_eq!(told(said), json!(name));
        }
        // No word is that of two.
        let words: Vec<_> = (PROGRAMMES.iter().flat_map(|(_, words)| *words))
            .map(|word| plain(word))
            .collect();
        assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len());
    }
}
