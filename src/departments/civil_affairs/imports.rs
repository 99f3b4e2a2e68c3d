//! Files of others that become records of this room.

use crate::files::{About, Import, ImportRow, Only, Place, Recorded, Reported, Says, Seen};
use entity::codes::Department;
use serde_json::{Value, json};

/// What has ended is no grant of today.
const ENDED: Only = Only {
    column: "valid_to",
    field: Some("validTo"),
    says: Says::Nothing,
};

pub const IMPORTS: &[Import] = &[
    Import {
        kind: "dibao",
        department: Department::Civil,
        mutation: "dibaoGrant",
        about: About::Household(Place::Argument("householdId")),
        together_by: &["dibao_number"],
        once_by: &["dibao_number"],
        input: dibao,
        recorded: Some(Recorded {
            listed: None,
            path: &["civilAffairs", "dibao"],
            by: &[("dibaoNumber", "dibaoNumber")],
            same: &[
                ("class", "class"),
                ("standard", "standard"),
                ("monthlyAmount", "monthlyAmount"),
                ("validFrom", "validFrom"),
            ],
            corrected_by: &[],
            each: None,
        }),
        only: &[
            Only {
                column: "state",
                field: Some("state"),
                says: Says::OneOf(&["APPROVED", "PAID"]),
            },
            ENDED,
        ],
        many: None,
        reported: Some(Reported {
            on: Some("valid_from"),
            told: &["class", "monthly_amount", "valid_from"],
            seen: None,
        }),
    },
    Import {
        kind: "special_support",
        department: Department::Civil,
        mutation: "specialSupportGrant",
        about: About::Person(Place::Argument("personId")),
        together_by: &[],
        once_by: &[],
        input: special_support,
        recorded: Some(Recorded {
            listed: None,
            path: &["civilAffairs", "specialSupport"],
            by: &[],
            same: &[
                ("supportNumber", "supportNumber"),
                ("mode", "mode"),
                ("monthlyAmount", "monthlyAmount"),
            ],
            corrected_by: &[],
            each: None,
        }),
        only: &[ENDED],
        many: None,
        reported: Some(Reported {
            on: Some("valid_from"),
            told: &["mode", "monthly_amount", "valid_from"],
            seen: Some(Seen {
                code: "OTHER_INCOME_BENEFIT",
                kind: "SPECIAL_SUPPORT",
                values: &[],
            }),
        }),
    },
    Import {
        kind: "disability",
        department: Department::Dpf,
        mutation: "disabilityCertificateRecord",
        about: About::Person(Place::Argument("personId")),
        together_by: &[],
        once_by: &[],
        input: certificate,
        recorded: Some(Recorded {
            listed: None,
            path: &["civilAffairs", "disabilityCertificate"],
            by: &[("validFrom", "validFrom")],
            same: &[],
            corrected_by: &[],
            each: None,
        }),
        only: &[Only {
            column: "valid_to",
            field: Some("validTo"),
            says: Says::NotYet,
        }],
        many: None,
        reported: Some(Reported {
            on: Some("valid_from"),
            told: &["valid_from"],
            seen: None,
        }),
    },
];

/// A grant has a row for each member that it covers; its sum stands in the first.
fn dibao(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    let members: Vec<_> = rows.iter().filter_map(|row| row.person.clone()).collect();
    json!({
        "dibaoNumber": row.get("dibao_number"),
        "class": row.get("class"),
        "members": members,
        "standard": row.get("standard"),
        "monthlyAmount": row.get("monthly_amount"),
        "state": row.get("state"),
        "approvedOn": row.get("approved_on"),
        "validFrom": row.get("valid_from"),
    })
}

fn special_support(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({
        "supportNumber": row.get("support_number"),
        "mode": row.get("mode"),
        "careLevel": row.get_or("care_level", "SELF_CARE"),
        "standard": row.get("standard"),
        "monthlyAmount": row.get("monthly_amount"),
        "monthlyCareAmount": row.get_or("monthly_care", "0.00"),
        "approvedOn": row.get("approved_on"),
        "validFrom": row.get("valid_from"),
    })
}

fn certificate(rows: &[ImportRow]) -> Value {
    let row = ImportRow::first(rows);
    json!({ "certificateNumber": row.get("certificate"), "validFrom": row.get("valid_from") })
}
