//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Only, Place, Recorded, Reported, Says};
use entity::codes::Department;
use serde_json::{Value, json};

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "rain_dew",
        department: Department::Poverty,
        mutation: "rainDewTakeOver",
        about: About::Person(Place::Argument("personId")),
        together_by: &[],
        once_by: &["school_year"],
        input: application,
        recorded: Some(Recorded {
            listed: None,
            path: &["education", "rainDewApplications"],
            by: &[("schoolYear", "schoolYear")],
            same: &[
                ("schoolCode", "schoolCode"),
                ("stage", "stage"),
                ("state", "state"),
                ("recognisedOn", "recognisedOn"),
                ("paidOn", "paidOn"),
                ("amount", "amount"),
            ],
            corrected_by: &[],
            each: None,
        }),
        // The stamps and the decision in between are those of other offices.
        only: &[Only {
            column: "state",
            field: Some("state"),
            says: Says::OneOf(&["FORM_TAKEN", "PAID", "REFUSED"]),
        }],
        many: None,
        reported: Some(Reported {
            on: Some("applied_on"),
            told: &["school_year", "stage", "applied_on"],
            seen: None,
        }),
    },
    Import {
        kind: "school_roll",
        department: Department::Edu,
        mutation: "schoolEnrolmentRecord",
        about: About::Person(Place::Argument("personId")),
        together_by: &[],
        once_by: &["school_year", "term"],
        input: enrolment,
        recorded: Some(Recorded {
            listed: None,
            path: &["education", "enrolments"],
            by: &[("schoolYear", "schoolYear"), ("term", "term")],
            same: &[
                ("schoolCode", "schoolCode"),
                ("stage", "stage"),
                ("grade", "grade"),
                ("boarding", "boarding"),
                ("countySeat", "countySeat"),
            ],
            each: None,
            corrected_by: &[],
        }),
        // It is the school that confirms a pupil, and an allowance waits for that.
        only: &[Only {
            column: "confirmed_on",
            field: Some("confirmedOn"),
            says: Says::Nothing,
        }],
        many: None,
        reported: Some(Reported {
            on: None,
            told: &["school_year", "term", "stage", "grade", "boarding"],
            seen: None,
        }),
    },
];

fn enrolment(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "schoolCode": row.get("school_code"),
        "schoolYear": row.get("school_year"),
        "term": row.get("term"),
        "stage": row.get("stage"),
        "grade": row.get("grade"),
        "boarding": row.get("boarding"),
        "countySeat": row.get("county_seat"),
    })
}

fn application(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let paid_on = row.get("paid_on");
    // What was paid has come to its end, whether the file says so or not.
    let state = match paid_on.is_null() {
        true => "FORM_TAKEN",
        false => "PAID",
    };
    json!({
        "schoolYear": row.get("school_year"),
        "schoolCode": row.get("school_code"),
        "stage": row.get("stage"),
        "state": row.get_or("state", state),
        "appliedOn": row.get("applied_on"),
        "recognisedOn": row.get("recognised_on"),
        "paidOn": paid_on,
        "amount": row.get("amount"),
    })
}
