//! Lists of this room that go out as files.

use super::imports::STAGES;
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
            ExportColumn::of("deductible", "sheet.deductible"),
            paid(0),
            paid(1),
            paid(2),
            paid(3),
            paid(4),
            paid(5),
            paid(6),
            paid(7),
            paid(8),
            paid(9),
            paid(10),
            paid(11),
            paid(12),
        ],
    },
];

/// What a stage paid, by its place among them.
const fn paid(stage: usize) -> ExportColumn {
    let (name, stage) = STAGES[stage];
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
