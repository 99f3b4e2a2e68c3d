//! Files of others that become records of the file.

use crate::files::{About, Import, ImportRow, Place, Recorded};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "death",
        department: Department::Police,
        mutation: "deathRecord",
        about: About::Person(Place::Input("personId")),
        together_by: &[],
        once_by: &[],
        input: |rows| json!({ "diedOn": first(rows).get("died_on") }),
        recorded: None,
    },
    Import {
        kind: "income_form",
        department: Department::Township,
        mutation: "incomeFormFile",
        about: About::Household(Place::Input("householdId")),
        together_by: &["card_number", "year"],
        once_by: &["year", "item_kind", "item_source"],
        input: income_form,
        recorded: Some(Recorded {
            path: &["income", "forms"],
            by: &[("year", "year")],
            same: &[
                ("members", "members"),
                ("businessCosts", "businessCosts"),
                ("perCapitaNetIncome", "perCapitaNetIncome"),
            ],
            corrected_by: &[],
        }),
    },
];

fn first(rows: &[ImportRow]) -> ImportRow {
    rows.first().cloned().unwrap_or_default()
}

/// A form of sums has a row; one of items has a row for each.
fn income_form(rows: &[ImportRow]) -> Value {
    let form = first(rows);
    let sums = [
        ("wage", "WAGE", "工资性收入"),
        ("business", "BUSINESS", "生产经营性收入"),
        ("property", "PROPERTY", "财产性收入"),
        ("transfer", "TRANSFER", "转移性收入"),
    ];
    let item = |kind: Value, source: Value, amount: Value| json!({ "kind": kind, "source": source, "amount": amount });
    let of_rows = rows.iter().filter(|row| !row.get("item_amount").is_null());
    let mut items: Vec<Value> = of_rows
        .map(|row| {
            item(
                row.get("item_kind"),
                row.get("item_source"),
                row.get("item_amount"),
            )
        })
        .collect();
    if items.is_empty() {
        let told = sums
            .iter()
            .filter(|(column, ..)| !form.get(column).is_null());
        items.extend(
            told.map(|(column, kind, source)| item(json!(kind), json!(source), form.get(column))),
        );
    }
    json!({
        "year": form.get("year"),
        "items": items,
        "businessCosts": form.get_or("business_costs", "0.00"),
        "members": form.get("members"),
        "perCapitaNetIncome": form.get("per_capita"),
        "surveyor": form.get("surveyor"),
        "surveyedOn": form.get("surveyed_on"),
    })
}
