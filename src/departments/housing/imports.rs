//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Only, Place, Recorded, Reported, Says};
use entity::codes::Department;
use serde_json::{Value, json};

/// What a relocation has come to is said step by step, by the mutations of its stages.
const OF_THE_PLAN: &[Only] = &[
    Only {
        column: "stage",
        field: Some("stage"),
        says: Says::OneOf(&["PLANNED"]),
    },
    later("decided_on", "decidedOn"),
    later("finished_on", "finishedOn"),
    later("moved_in_on", "movedInOn"),
    later("old_house_removed_on", "oldHouseRemovedOn"),
    later("settled_on", "settledOn"),
];

const fn later(column: &'static str, field: &'static str) -> Only {
    Only {
        column,
        field: Some(field),
        says: Says::Nothing,
    }
}

pub const IMPORTS: &[Import] = &[HOUSES, RELOCATIONS];

const HOUSES: Import = Import {
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
};

const RELOCATIONS: Import = Import {
    kind: "relocation",
    department: Department::Reloc,
    mutation: "relocationPlan",
    about: About::Household(Place::Argument("householdId")),
    together_by: &[],
    once_by: &[],
    input: plan,
    recorded: Some(Recorded {
        listed: None,
        path: &["housing", "relocation"],
        by: &[],
        same: &[
            ("kind", "kind"),
            ("mode", "mode"),
            ("persons", "persons"),
            ("area", "area"),
            ("subsidy", "subsidy"),
        ],
        corrected_by: &[],
        each: None,
    }),
    only: OF_THE_PLAN,
    many: None,
    reported: Some(Reported {
        on: Some("decided_on"),
        told: &["project", "kind", "mode", "stage", "persons", "subsidy"],
        seen: None,
    }),
};

fn plan(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "projectName": row.get("project"),
        "kind": row.get("kind"),
        "mode": row.get("mode"),
        "persons": row.get("persons"),
        "area": row.get("area"),
        "subsidy": row.get_or("subsidy", "0.00"),
        "funding": {
            "central": row.get("from_central"),
            "region": row.get("from_region"),
            "city": row.get("from_city"),
            "county": row.get("from_county"),
            "bond": row.get("from_bond"),
            "constructionFund": row.get("from_construction_fund"),
            "loan": row.get("from_loan"),
            "self": row.get("from_self"),
        },
    })
}

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
