//! What the register of households states for rules.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Poverty,
        of: Subject::Household,
        record: "Household",
        household: "t.id",
        sql: "SELECT t.id, NULL, t.id, s.valid_from, CASE WHEN s.status IN ('REGISTERED', 'RETURNED') OR s.status = 'EXITED' AND t.policy_after_exit = 'KEPT' THEN TRUE ELSE FALSE END, t.registered_on FROM household t JOIN household_status_period s ON s.household_id = t.id AND s.valid_from <= {day} AND (s.valid_to IS NULL OR s.valid_to > {day}) WHERE {household}",
        facts: &[
            FactColumn::new(
                "registered",
                "在册（含返贫、脱贫后享受政策）",
                Kept::Bool,
                Absent::No,
                ("Household", "status"),
            ),
            FactColumn::new(
                "recognised_on",
                "认定日期",
                Kept::Day,
                Absent::Unknown,
                ("Household", "registeredOn"),
            ),
        ],
    },
    FactSource {
        department: Department::Poverty,
        of: Subject::Household,
        record: "",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, NULL, NULL, count(*), sum(CASE WHEN t.labour_capacity IN ('LOST', 'NONE') THEN 1 ELSE 0 END) FROM person t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) GROUP BY t.household_id",
        facts: &[
            FactColumn::new(
                "members",
                "家庭人口",
                Kept::Count,
                Absent::Zero,
                ("Household", "size"),
            )
            .fixed(),
            FactColumn::new(
                "no_labour_members",
                "无劳动能力人数",
                Kept::Count,
                Absent::Zero,
                ("Person", "labourCapacity"),
            )
            .fixed(),
        ],
    },
    FactSource {
        department: Department::Township,
        of: Subject::Household,
        record: "IncomeForm",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.surveyed_on, t.net_income_fen, t.wage_fen, t.business_fen, t.property_fen, t.transfer_fen, t.business_costs_fen, t.year FROM income_form t WHERE {household} AND t.year BETWEEN {year} - 1 AND {year} ORDER BY t.household_id, t.year DESC",
        facts: &[
            FactColumn::new(
                "net_income",
                "家庭年纯收入",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "netIncome"),
            ),
            FactColumn::new(
                "wage_income",
                "工资性收入",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "wage"),
            ),
            FactColumn::new(
                "business_income",
                "生产经营性收入",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "business"),
            ),
            FactColumn::new(
                "property_income",
                "财产性收入",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "property"),
            ),
            FactColumn::new(
                "transfer_income",
                "转移性收入",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "transfer"),
            ),
            FactColumn::new(
                "business_costs",
                "生产经营性支出",
                Kept::Fen,
                Absent::Unknown,
                ("IncomeForm", "businessCosts"),
            ),
            FactColumn::new(
                "income_year",
                "收入年度",
                Kept::Count,
                Absent::Unknown,
                ("IncomeForm", "year"),
            )
            .fixed(),
        ],
    },
    FactSource {
        department: Department::Poverty,
        of: Subject::Member,
        record: "Person",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.id, t.id, t.valid_from, t.birth_date, t.pension_enrolled, t.labour_capacity, CASE WHEN t.labour_capacity IS NULL THEN NULL WHEN t.labour_capacity IN ('LOST', 'NONE') THEN TRUE ELSE FALSE END FROM person t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "birth_date",
                "出生日期",
                Kept::Day,
                Absent::Unknown,
                ("Person", "birthDate"),
            )
            .fixed(),
            FactColumn::new(
                "pension_enrolled",
                "已参加养老保险",
                Kept::Bool,
                Absent::Unknown,
                ("Person", "pensionEnrolled"),
            ),
            FactColumn::new(
                "labour_capacity",
                "劳动能力",
                Kept::Word,
                Absent::Unknown,
                ("Person", "labourCapacity"),
            ),
            FactColumn::new(
                "no_labour_capacity",
                "无劳动能力",
                Kept::Bool,
                Absent::Unknown,
                ("Person", "labourCapacity"),
            ),
        ],
    },
    // Human resources and agriculture have no room of their own yet.
    FactSource::not_kept(
        Department::Hrss,
        Subject::Member,
        &[FactColumn::new(
            "pension_premium",
            "养老保险应缴保费",
            Kept::Fen,
            Absent::Unknown,
            ("Person", "pensionEnrolled"),
        )],
    ),
    FactSource::not_kept(
        Department::Agri,
        Subject::Household,
        &[
            FactColumn::new(
                "choice_signed",
                "已签订菜单选择",
                Kept::Bool,
                Absent::Unknown,
                ("HouseholdLiving", "livestock"),
            ),
            FactColumn::new(
                "plan_approved",
                "产业计划已批准",
                Kept::Bool,
                Absent::Unknown,
                ("HouseholdLiving", "livestock"),
            ),
            FactColumn::new(
                "industry_accepted",
                "产业项目已验收",
                Kept::Bool,
                Absent::Unknown,
                ("HouseholdLiving", "livestock"),
            ),
        ],
    ),
];
