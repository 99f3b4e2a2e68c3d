//! Lists of this room that go out as files.

use crate::files::{Below, By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

const ON_THE_ROLL: &[Condition] = &[Condition {
    by: By::AsOf,
    on: On::Filter("asOf"),
}];

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "dibao",
        chinese: "农村低保花名册",
        owners: &[Department::Civil],
        is_fixed: false,
        list: "dibaoRoll",
        filter: "DibaoFilter",
        object: "Dibao",
        rows: Some(Below {
            at: "coveredPersons",
            ended_by: Some("validTo"),
        }),
        conditions: ON_THE_ROLL,
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of_row("name", "person.name"),
            ExportColumn::of_row("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("dibao_number", "dibaoNumber"),
            ExportColumn::of("class", "class"),
            ExportColumn::of("persons", "persons"),
            ExportColumn::of("standard", "standard"),
            ExportColumn::of("monthly_amount", "monthlyAmount"),
            ExportColumn::of("state", "state"),
            ExportColumn::of("approved_on", "approvedOn"),
            ExportColumn::of("valid_from", "validFrom"),
            ExportColumn::of("valid_to", "validTo"),
            ExportColumn::of("gradual_exit_until", "gradualExitUntil"),
        ],
    },
    Export {
        kind: "special_support",
        chinese: "特困供养人员花名册",
        owners: &[Department::Civil],
        is_fixed: false,
        list: "specialSupportRoll",
        filter: "SpecialSupportFilter",
        object: "SpecialSupport",
        rows: None,
        conditions: ON_THE_ROLL,
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("support_number", "supportNumber"),
            ExportColumn::of("mode", "mode"),
            ExportColumn::of("care_level", "careLevel"),
            ExportColumn::of("standard", "standard"),
            ExportColumn::of("monthly_amount", "monthlyAmount"),
            ExportColumn::of("monthly_care", "monthlyCareAmount"),
            ExportColumn::of("approved_on", "approvedOn"),
            ExportColumn::of("valid_from", "validFrom"),
            ExportColumn::of("valid_to", "validTo"),
        ],
    },
    Export {
        kind: "disability",
        chinese: "持证残疾人花名册",
        owners: &[Department::Dpf],
        is_fixed: false,
        list: "disabilityCertificates",
        filter: "DisabilityCertificateFilter",
        object: "DisabilityCertificate",
        rows: None,
        conditions: ON_THE_ROLL,
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("certificate", "certificateNumber")
                .masks(SensitiveField::DisabilityCertificate),
            ExportColumn::of("category", "category"),
            ExportColumn::of("grade", "grade"),
            ExportColumn::of("valid_from", "validFrom"),
            ExportColumn::of("valid_to", "validTo"),
        ],
    },
];
