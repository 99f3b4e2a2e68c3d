//! Lists of this room that go out as files.

use crate::files::{At, By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "medical_enrolment",
        chinese: "城乡居民基本医疗保险参保名单",
        owners: &[Department::Medins],
        is_fixed: false,
        list: "medicalEnrolments",
        filter: "MedicalEnrolmentFilter",
        object: "MedicalEnrolment",
        rows: None,
        conditions: &[Condition {
            by: By::Year,
            on: On::Filter("year"),
        }],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("year", "year"),
            ExportColumn::of("category", "category"),
            ExportColumn::of("premium", "premium"),
            ExportColumn::of("premium_subsidy", "premiumSubsidy"),
            ExportColumn::of("paid_on", "paidOn"),
        ],
    },
    Export {
        kind: "claim",
        chinese: "医疗费用报销明细",
        owners: &[Department::Medins],
        is_fixed: false,
        list: "claims",
        filter: "ClaimFilter",
        object: "Claim",
        rows: None,
        conditions: &[
            Condition {
                by: By::Year,
                on: On::Days("dischargedFrom", "dischargedTo"),
            },
            Condition {
                by: By::State("ClaimState"),
                on: On::Filter("state"),
            },
        ],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("claim_number", "claimNumber"),
            ExportColumn::of("kind", "kind"),
            ExportColumn::of("state", "state"),
            ExportColumn::of("institution_code", "institutionCode"),
            ExportColumn::of("hospital_level", "hospitalLevel"),
            ExportColumn::of("admitted_on", "admittedOn"),
            ExportColumn::of("discharged_on", "dischargedOn"),
            ExportColumn::of("total_cost", "totalCost"),
            ExportColumn::of("eligible_cost", "eligibleCost"),
            ExportColumn::of("diagnosis", "diagnosis").masks(SensitiveField::Diagnosis),
            ExportColumn::of("settled_on", "settledOn"),
            paid("paid_basic", "BASIC"),
            paid("paid_critical_illness", "CRITICAL_ILLNESS"),
            paid("paid_supplementary", "SUPPLEMENTARY"),
            paid("paid_commercial", "COMMERCIAL"),
            paid("paid_medical_assistance", "MEDICAL_ASSISTANCE"),
            paid("paid_major_disease_fund", "MAJOR_DISEASE_FUND"),
            paid("paid_chronic_topup", "CHRONIC_TOPUP"),
            paid("paid_backstop", "CATASTROPHIC_BACKSTOP"),
        ],
    },
];

/// What a stage paid.
const fn paid(name: &'static str, stage: &'static str) -> ExportColumn {
    ExportColumn::at(
        name,
        At::Among {
            list: "stages",
            by: "stage",
            is: stage,
            field: "paid",
        },
    )
}
