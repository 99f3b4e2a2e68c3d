//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Only, Place, Recorded, Reported, Says, Seen};
use entity::codes::Department;
use serde_json::{Value, json};

/// What tells that a claim was settled elsewhere: taken over as submitted, it would be paid a second time.
const OF_SETTLED: &[Only] = &[
    Only {
        column: "state",
        field: Some("state"),
        says: Says::OneOf(&["SUBMITTED"]),
    },
    Only {
        column: "settled_on",
        field: Some("settledOn"),
        says: Says::Nothing,
    },
    paid("paid_basic"),
    paid("paid_critical_illness"),
    paid("paid_supplementary"),
    paid("paid_commercial"),
    paid("paid_medical_assistance"),
    paid("paid_major_disease_fund"),
    paid("paid_chronic_topup"),
    paid("paid_backstop"),
];

const fn paid(column: &'static str) -> Only {
    Only {
        column,
        field: None,
        says: Says::Nothing,
    }
}

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "medical_enrolment",
        department: Department::Medins,
        mutation: "medicalEnrolmentRecord",
        about: About::Person(Place::Input("personId")),
        together_by: &[],
        once_by: &["year"],
        input: enrolment,
        recorded: Some(Recorded {
            listed: None,
            path: &["health", "enrolments"],
            by: &[("year", "year")],
            same: &[
                ("category", "category"),
                ("premium", "premium"),
                ("premiumSubsidy", "premiumSubsidy"),
                ("paidOn", "paidOn"),
            ],
            corrected_by: &[("version", "correctsVersion")],
            each: None,
        }),
        only: &[],
        many: None,
        reported: Some(Reported {
            on: Some("paid_on"),
            told: &["year", "category", "premium", "premium_subsidy"],
            seen: None,
        }),
    },
    Import {
        kind: "claim",
        department: Department::Medins,
        mutation: "claimSubmit",
        about: About::Person(Place::Input("personId")),
        together_by: &[],
        once_by: &["claim_number"],
        input: claim,
        recorded: Some(Recorded {
            listed: None,
            path: &["health", "claims"],
            by: &[("claimNumber", "claimNumber")],
            same: &[
                ("kind", "kind"),
                ("dischargedOn", "dischargedOn"),
                ("totalCost", "totalCost"),
                ("eligibleCost", "eligibleCost"),
            ],
            corrected_by: &[],
            each: None,
        }),
        only: OF_SETTLED,
        many: None,
        reported: Some(Reported {
            on: Some("admitted_on"),
            told: &["admitted_on", "discharged_on", "total_cost"],
            seen: Some(Seen {
                code: "STAYS_OVERLAP",
                kind: "STAY",
                values: &[
                    ("admittedOn", "admitted_on"),
                    ("dischargedOn", "discharged_on"),
                ],
            }),
        }),
    },
];

fn enrolment(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "year": row.get("year"),
        "category": row.get("category"),
        "premium": row.get("premium"),
        "premiumSubsidy": row.get_or("premium_subsidy", "0.00"),
        "paidOn": row.get("paid_on"),
    })
}

fn claim(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let discharged_on = row.get("discharged_on");
    let admitted_on = match row.get("admitted_on") {
        Value::Null => discharged_on.clone(),
        day => day,
    };
    let eligible = match row.get("eligible_cost") {
        Value::Null => row.get("total_cost"),
        cost => cost,
    };
    json!({
        "claimNumber": row.get("claim_number"),
        "kind": row.get_or("kind", "INPATIENT"),
        "institutionCode": row.get("institution_code"),
        "admittedOn": admitted_on,
        "dischargedOn": discharged_on,
        "totalCost": row.get("total_cost"),
        "eligibleCost": eligible,
        "diagnosis": row.get("diagnosis"),
    })
}
