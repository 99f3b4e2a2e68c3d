//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Place, Recorded};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[Import {
    kind: "rain_dew",
    department: Department::Poverty,
    mutation: "rainDewApply",
    about: About::Person(Place::Argument("personId")),
    together_by: &[],
    once_by: &["school_year"],
    input: application,
    recorded: Some(Recorded {
        path: &["education", "rainDewApplications"],
        by: &[("schoolYear", "schoolYear")],
        same: &[("schoolCode", "schoolCode"), ("stage", "stage")],
        corrected_by: &[],
        each: None,
    }),
    many: None,
}];

fn application(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "schoolYear": row.get("school_year"),
        "schoolCode": row.get("school_code"),
        "stage": row.get("stage"),
        "appliedOn": row.get("applied_on"),
    })
}
