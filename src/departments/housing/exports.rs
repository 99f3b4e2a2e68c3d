//! Lists of this room that go out as files.

use crate::files::{By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "house",
        chinese: "农村住房安全鉴定台账",
        owners: &[Department::Housing],
        is_fixed: false,
        list: "houses",
        filter: "HouseFilter",
        object: "House",
        rows: None,
        conditions: &[Condition {
            by: By::AsOf,
            on: On::Filter("asOf"),
        }],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "household.head.name"),
            ExportColumn::of("citizen_number", "household.head.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("grade", "grade"),
            ExportColumn::of("surveyed_on", "surveyedOn"),
            ExportColumn::of("area", "area"),
            ExportColumn::of("built_year", "builtYear"),
            ExportColumn::of("solution", "solution"),
            ExportColumn::of("valid_from", "validFrom"),
            ExportColumn::of("valid_to", "validTo"),
        ],
    },
    Export {
        kind: "relocation",
        chinese: "易地扶贫搬迁对象名单",
        owners: &[Department::Reloc],
        is_fixed: false,
        list: "relocations",
        filter: "RelocationFilter",
        object: "Relocation",
        rows: None,
        conditions: &[Condition {
            by: By::State("RelocationStage"),
            on: On::Filter("stage"),
        }],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "household.head.name"),
            ExportColumn::of("citizen_number", "household.head.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("project", "project.name"),
            ExportColumn::of("kind", "kind"),
            ExportColumn::of("mode", "mode"),
            ExportColumn::of("stage", "stage"),
            ExportColumn::of("persons", "persons"),
            ExportColumn::of("decided_on", "decidedOn"),
            ExportColumn::of("area", "area"),
            ExportColumn::of("subsidy", "subsidy"),
            ExportColumn::of("cost", "funding.cost"),
            ExportColumn::of("from_central", "funding.central"),
            ExportColumn::of("from_region", "funding.region"),
            ExportColumn::of("from_city", "funding.city"),
            ExportColumn::of("from_county", "funding.county"),
            ExportColumn::of("from_bond", "funding.bond"),
            ExportColumn::of("from_construction_fund", "funding.constructionFund"),
            ExportColumn::of("from_loan", "funding.loan"),
            ExportColumn::of("from_self", "funding.self"),
            ExportColumn::of("finished_on", "finishedOn"),
            ExportColumn::of("moved_in_on", "movedInOn"),
            ExportColumn::of("old_house_removed_on", "oldHouseRemovedOn"),
            ExportColumn::of("settled_on", "settledOn"),
        ],
    },
];
