//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Place, Recorded, Reported, Seen};
use entity::codes::Department;
use serde_json::{Value, json};

/// The columns of what each stage paid, with the stage.
pub const STAGES: [(&str, &str); 13] = [
    ("paid_basic", "BASIC"),
    ("paid_critical_illness", "CRITICAL_ILLNESS"),
    ("paid_supplementary", "SUPPLEMENTARY"),
    ("paid_civil_ten_percent", "CIVIL_AFFAIRS_TEN_PERCENT"),
    ("paid_civil_major_illness", "CIVIL_AFFAIRS_MAJOR_ILLNESS"),
    ("paid_major_disease_fund", "MAJOR_DISEASE_FUND"),
    ("paid_chronic_topup", "CHRONIC_TOPUP"),
    ("paid_ncms", "NCMS"),
    ("paid_critical_first", "CRITICAL_ILLNESS_FIRST"),
    ("paid_critical_second", "CRITICAL_ILLNESS_SECOND"),
    ("paid_commercial", "COMMERCIAL"),
    ("paid_medical_assistance", "MEDICAL_ASSISTANCE"),
    ("paid_backstop", "CATASTROPHIC_BACKSTOP"),
];

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
        mutation: "claimTakeOver",
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
                ("state", "state"),
                ("settledOn", "settledOn"),
            ],
            corrected_by: &[],
            each: Some(("stages", &["stage", "paid"])),
        }),
        only: &[],
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
    let paid = STAGES
        .iter()
        .map(|(column, stage)| (stage, row.get(column)));
    let stages: Vec<_> = paid
        .filter(|(_, paid)| !paid.is_null())
        .map(|(stage, paid)| json!({ "stage": stage, "paid": paid }))
        .collect();
    // What was paid was settled, whether the file says so or not: taken over as submitted, it would be paid a second time.
    let was_paid = stages.iter().any(|stage| stage["paid"] != "0.00");
    let settled_on = row.get("settled_on");
    let state = match was_paid || !settled_on.is_null() {
        true => "SETTLED",
        false => "SUBMITTED",
    };
    let state = row.get_or("state", state);
    // A list that only has zeros, of a claim that is not settled, says that nothing was paid.
    let tells_stages = was_paid || state == "SETTLED" && !stages.is_empty();
    json!({
        "claimNumber": row.get("claim_number"),
        "kind": row.get_or("kind", "INPATIENT"),
        "state": state,
        "hospitalLevel": row.get("hospital_level"),
        "settledOn": settled_on,
        "deductible": row.get("deductible"),
        "stages": tells_stages.then_some(stages),
        "institutionCode": row.get("institution_code"),
        "admittedOn": admitted_on,
        "dischargedOn": discharged_on,
        "totalCost": row.get("total_cost"),
        "eligibleCost": eligible,
        "diagnosis": row.get("diagnosis"),
    })
}
