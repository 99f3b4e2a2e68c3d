//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Only, Place, Recorded, Reported, Says};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[Import {
    kind: "house",
    department: Department::Housing,
    mutation: "houseSurvey",
    about: About::Household(Place::Argument("householdId")),
    together_by: &[],
    once_by: &[],
    input: survey,
    recorded: Some(Recorded {
        listed: None,
        path: &["housing", "house"],
        by: &[],
        same: &[
            ("surveyedOn", "surveyedOn"),
            ("grade", "grade"),
            ("area", "area"),
            ("builtYear", "builtYear"),
            ("solution", "solution"),
        ],
        corrected_by: &[("id", "previousHouseId"), ("version", "previousVersion")],
        each: None,
    }),
    only: &[Only {
            column: "valid_to",
            field: Some("validTo"),
            says: Says::Nothing,
        }],
    many: None,
    reported: Some(Reported {
        on: Some("surveyed_on"),
        told: &["grade", "surveyed_on", "area", "solution"],
        seen: None,
    }),
}];

fn survey(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "grade": row.get("grade"),
        "surveyedOn": row.get("surveyed_on"),
        "area": row.get("area"),
        "builtYear": row.get("built_year"),
        "solution": row.get("solution"),
    })
}
