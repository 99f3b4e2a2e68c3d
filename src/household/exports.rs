//! Lists of this room that go out as files, and those that are posted.

use crate::files::{At, Below, By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

const STATUS: Condition = Condition {
    by: By::State("HouseholdStatus"),
    on: On::Filter("status"),
};
const BY_REGISTRATION: &[Condition] = &[STATUS, of_year("registeredIn")];
const BY_EXIT: &[Condition] = &[STATUS, of_year("exitedIn")];

/// Who posts lists.
const POSTERS: &[Department] = &[
    Department::Poverty,
    Department::Township,
    Department::Village,
];

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "household",
        chinese: "建档立卡户及家庭成员名单",
        owners: &[Department::Poverty],
        is_fixed: false,
        list: "households",
        filter: "HouseholdFilter",
        object: "Household",
        rows: Some(Below {
            at: "members",
            ended_by: None,
        }),
        conditions: BY_REGISTRATION,
        columns: &[
            ExportColumn::of("card_number", "cardNumber"),
            ExportColumn::of("village_code", "region.code"),
            ExportColumn::of("head_name", "headName"),
            ExportColumn::of("group_name", "group"),
            ExportColumn::of_row("name", "name"),
            ExportColumn::of_row("sex", "sex"),
            ExportColumn::of_row("birth_date", "birthDate"),
            ExportColumn::of_row("citizen_number", "citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of_row("relation", "relation"),
            ExportColumn::of_row("ethnic_group", "ethnicGroup"),
            ExportColumn::of_row("education_level", "educationLevel"),
            ExportColumn::of_row("student_stage", "studentStage"),
            ExportColumn::of_row("health", "healthStatus"),
            ExportColumn::of_row("labour_capacity", "labourCapacity"),
            ExportColumn::of_row("marital_status", "maritalStatus"),
            ExportColumn::of_row("work", "work"),
            ExportColumn::of_row("work_place", "workPlace"),
            ExportColumn::of_row("work_months", "workMonths"),
            ExportColumn::of_row("pension_enrolled", "pensionEnrolled"),
            ExportColumn::of_row("phone", "phone").masks(SensitiveField::Phone),
            ExportColumn::of("status", "status"),
            ExportColumn::of("class", "class"),
            ExportColumn::of("policy_after_exit", "policyAfterExit"),
            ExportColumn::of("main_cause", "mainCause"),
            ExportColumn::of("other_causes", "otherCauses"),
            ExportColumn::of("standard_year", "standardYear"),
            ExportColumn::of("registered_on", "registeredOn"),
            ExportColumn::of("exited_on", "exitedOn"),
            ExportColumn::of("returned_on", "returnedOn"),
            ExportColumn::of("planned_exit_year", "plannedExitYear"),
            ExportColumn::of("members", "size"),
            ExportColumn::of("address", "address"),
            ExportColumn::of("registration_place", "registrationPlace"),
            ExportColumn::of("wishes", "wishes"),
            ExportColumn::of("water_safe", "waterSafe"),
            ExportColumn::of("power", "living.power"),
            ExportColumn::of("hardened_road", "living.hardenedRoad"),
            ExportColumn::of("sanitary_toilet", "living.sanitaryToilet"),
            ExportColumn::of("broadcast", "living.broadcast"),
            ExportColumn::of("fibre", "living.fibre"),
            ExportColumn::of("clean_energy", "living.cleanEnergy"),
            ExportColumn::of("road_distance", "living.roadDistance"),
        ],
    },
    Export {
        kind: "income_form",
        chinese: "家庭收入调查表",
        owners: &[Department::Township],
        is_fixed: false,
        list: "households",
        filter: "HouseholdFilter",
        object: "Household",
        rows: Some(Below {
            at: "income.forms",
            ended_by: None,
        }),
        conditions: &[Condition {
            by: By::Year,
            on: On::Rows("year"),
        }],
        columns: &[
            ExportColumn::of("card_number", "cardNumber"),
            ExportColumn::of("village_code", "region.code"),
            ExportColumn::of("name", "head.name"),
            ExportColumn::of("citizen_number", "head.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of_row("year", "year"),
            ExportColumn::of_row("wage", "wage"),
            ExportColumn::of_row("business", "business"),
            ExportColumn::of_row("property", "property"),
            ExportColumn::of_row("transfer", "transfer"),
            ExportColumn::of_row("business_costs", "businessCosts"),
            ExportColumn::of_row("members", "members"),
            ExportColumn::of_row("net_income", "netIncome"),
            ExportColumn::of_row("per_capita", "perCapitaNetIncome"),
            ExportColumn::of_row("surveyor", "surveyor"),
            ExportColumn::of_row("surveyed_on", "surveyedOn"),
        ],
    },
    posted("public_roster", "建档立卡户公示名单", BY_REGISTRATION),
    posted("public_exit_roster", "脱贫户公示名单", BY_EXIT),
];

/// Nothing stands in a posted list by which somebody could be found out, paid or called: no number of any kind, no phone, no
/// cause, which would tell of illness, and no name of a minor.
const POSTED: &[ExportColumn] = &[
    ExportColumn::of("township", "region.parent.name").headed("苏木乡镇"),
    ExportColumn::of("village", "region.name").headed("行政村"),
    ExportColumn::of("group", "group").headed("村民小组"),
    ExportColumn::at(
        "head",
        At::Grown {
            name: "head.name",
            born_on: "head.birthDate",
        },
    )
    .headed("户主姓名"),
    ExportColumn::of("members", "size").headed("家庭人口"),
    ExportColumn::of("status", "status").headed("脱贫属性"),
    ExportColumn::of("registered_on", "registeredOn").headed("建档日期"),
    ExportColumn::of("exited_on", "exitedOn").headed("脱贫日期"),
];

const fn of_year(field: &'static str) -> Condition {
    Condition {
        by: By::Year,
        on: On::Filter(field),
    }
}

/// A list that is posted for objections.
const fn posted(
    kind: &'static str,
    chinese: &'static str,
    conditions: &'static [Condition],
) -> Export {
    Export {
        kind,
        chinese,
        owners: POSTERS,
        is_fixed: true,
        list: "households",
        filter: "HouseholdFilter",
        object: "Household",
        rows: None,
        conditions,
        columns: POSTED,
    }
}
