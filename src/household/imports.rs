//! Files of others that become records of the file.

use crate::files::{About, Import, ImportRow, Many, Place, Recorded, Reported};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "household",
        department: Department::Poverty,
        mutation: "householdLoad",
        about: About::Card,
        together_by: &["card_number"],
        once_by: &["card_number"],
        input: household,
        recorded: Some(Recorded {
            listed: None,
            path: &[],
            by: &[("cardNumber", "cardNumber")],
            same: &[
                ("status", "status"),
                ("class", "class"),
                ("mainCause", "mainCause"),
                ("registeredOn", "registeredOn"),
                ("exitedOn", "exitedOn"),
                ("returnedOn", "returnedOn"),
            ],
            each: Some(("members", &["name", "birthDate", "sex", "relation"])),
            corrected_by: &[],
        }),
        only: &[],
        many: Some(Many {
            list: "households",
            most: 100,
        }),
        reported: Some(Reported {
            on: Some("registered_on"),
            told: &[
                "status",
                "class",
                "main_cause",
                "registered_on",
                "exited_on",
                "returned_on",
            ],
            seen: None,
        }),
    },
    Import {
        kind: "death",
        department: Department::Police,
        mutation: "deathRecord",
        about: About::Person(Place::Input("personId")),
        together_by: &[],
        once_by: &[],
        input: |rows| json!({ "diedOn": ImportRow::first(rows).get("died_on") }),
        recorded: None,
        only: &[],
        many: None,
        reported: Some(Reported {
            on: Some("died_on"),
            told: &["died_on"],
            seen: None,
        }),
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
            listed: None,
            path: &["income", "forms"],
            by: &[("year", "year")],
            same: &[
                ("members", "members"),
                ("businessCosts", "businessCosts"),
                ("perCapitaNetIncome", "perCapitaNetIncome"),
            ],
            corrected_by: &[],
            each: None,
        }),
        only: &[],
        many: None,
        reported: Some(Reported {
            on: None,
            told: &["year"],
            seen: None,
        }),
    },
];

/// The national list has a row for each member; what is told of the household stands in the first.
fn household(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let card = row.get("card_number");
    let of_card = card.as_str().and_then(|card| card.get(..12));
    let mut causes = row.get("other_causes");
    if let Some(causes) = causes.as_array_mut() {
        causes.retain(|cause| *cause != row.get("main_cause"));
    }
    let members: Vec<_> = rows.iter().map(member).collect();
    json!({
        "village": row.get_or("village_code", of_card.unwrap_or_default()),
        "cardNumber": card,
        "group": row.get("group_name"),
        "address": row.get("address"),
        "registrationPlace": row.get("registration_place"),
        "wishes": row.get("wishes"),
        "status": row.get_or("status", "REGISTERED"),
        "class": row.get("class"),
        "mainCause": row.get("main_cause"),
        "otherCauses": causes,
        "standardYear": row.get("standard_year"),
        "registeredOn": row.get("registered_on"),
        "exitedOn": row.get("exited_on"),
        "policyAfterExit": row.get("policy_after_exit"),
        "returnedOn": row.get("returned_on"),
        "plannedExitYear": row.get("planned_exit_year"),
        "waterSafe": row.get("water_safe"),
        "power": row.get("power"),
        "hardenedRoad": row.get("hardened_road"),
        "sanitaryToilet": row.get("sanitary_toilet"),
        "broadcast": row.get("broadcast"),
        "fibre": row.get("fibre"),
        "cleanEnergy": row.get("clean_energy"),
        "roadDistanceM": row.get("road_distance"),
        "members": members,
    })
}

fn member(row: &ImportRow) -> Value {
    // Several may hold, and a member has one on file: the one that weighs most.
    let told = row.get("health");
    let has = |word: &&&str| {
        told.as_array()
            .is_some_and(|told| told.contains(&json!(word)))
    };
    let health = ["MAJOR_ILLNESS", "DISABLED", "CHRONIC", "HEALTHY"];
    json!({
        "name": row.get("name"),
        "citizenNumber": row.get("citizen_number"),
        "sex": row.get("sex"),
        "birthDate": row.get("birth_date"),
        "relation": row.get("relation"),
        "ethnicGroup": row.get("ethnic_group"),
        "educationLevel": row.get("education_level"),
        "studentStage": row.get("student_stage"),
        "healthStatus": health.iter().find(has),
        "labourCapacity": row.get("labour_capacity"),
        "maritalStatus": row.get("marital_status"),
        "phone": row.get("phone"),
        "work": row.get("work"),
        "workPlace": row.get("work_place"),
        "workMonths": row.get("work_months"),
        "pensionEnrolled": row.get("pension_enrolled"),
    })
}

/// A form of sums has a row; one of items has a row for each.
fn income_form(rows: &[ImportRow]) -> Value {
    let form = ImportRow::first(rows);
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
