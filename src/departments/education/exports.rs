//! Lists of this room that go out as files.

use crate::files::{By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

const OF_SCHOOL_YEAR: Condition = Condition {
    by: By::Year,
    on: On::Filter("schoolYear"),
};

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "rain_dew",
        chinese: "雨露计划补助名单",
        owners: &[Department::Poverty],
        is_fixed: false,
        list: "rainDewApplications",
        filter: "RainDewApplicationFilter",
        object: "RainDewApplication",
        rows: None,
        conditions: &[
            OF_SCHOOL_YEAR,
            Condition {
                by: By::State("RainDewState"),
                on: On::Filter("state"),
            },
        ],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("school_code", "schoolCode"),
            ExportColumn::of("school_year", "schoolYear"),
            ExportColumn::of("stage", "stage"),
            ExportColumn::of("state", "state"),
            ExportColumn::of("applied_on", "appliedOn"),
            ExportColumn::of("recognised_on", "recognisedOn"),
            ExportColumn::of("paid_on", "paidOn"),
            ExportColumn::of("amount", "amount"),
        ],
    },
    Export {
        kind: "school_roll",
        chinese: "在校学生名册",
        owners: &[Department::Edu, Department::School],
        is_fixed: false,
        list: "schoolEnrolments",
        filter: "SchoolEnrolmentFilter",
        object: "SchoolEnrolment",
        rows: None,
        conditions: &[OF_SCHOOL_YEAR],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("sex", "person.sex"),
            ExportColumn::of("school_code", "schoolCode"),
            ExportColumn::of("school_year", "schoolYear"),
            ExportColumn::of("term", "term"),
            ExportColumn::of("stage", "stage"),
            ExportColumn::of("grade", "grade"),
            ExportColumn::of("boarding", "boarding"),
            ExportColumn::of("county_seat", "countySeat"),
            ExportColumn::of("confirmed_on", "confirmedOn"),
        ],
    },
];
