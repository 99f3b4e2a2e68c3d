//! What civil affairs states for rules.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Civil,
        of: Subject::Household,
        record: "Dibao",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.valid_from, TRUE, t.class, t.persons, t.monthly_fen FROM dibao t WHERE {household} AND t.state IN ('APPROVED', 'PAID', 'GRADUAL_EXIT') AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "on_dibao",
                "享受低保",
                Kept::Bool,
                Absent::No,
                ("Household", "onDibao"),
            ),
            FactColumn::new(
                "dibao_class",
                "低保类别",
                Kept::Word,
                Absent::None,
                ("Dibao", "class"),
            ),
            FactColumn::new(
                "dibao_persons",
                "低保人数",
                Kept::Count,
                Absent::Zero,
                ("Dibao", "persons"),
            ),
            FactColumn::new(
                "dibao_monthly",
                "低保月金额",
                Kept::Fen,
                Absent::Zero,
                ("Dibao", "monthlyAmount"),
            ),
        ],
    },
    FactSource {
        department: Department::Civil,
        of: Subject::Household,
        record: "SpecialSupport",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.valid_from, TRUE FROM special_support t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[FactColumn::new(
            "on_special_support",
            "享受特困供养",
            Kept::Bool,
            Absent::No,
            ("Household", "onSpecialSupport"),
        )],
    },
    FactSource {
        department: Department::Civil,
        of: Subject::Household,
        record: "CashSubsidy",
        household: "t.household_id",
        sql: "SELECT t.household_id, NULL, t.id, t.approved_on, TRUE, t.amount_fen FROM cash_subsidy t WHERE {household} AND t.year = {year} AND t.approved_on <= {day} ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "dibao_edge",
                "处于低保边缘（经民政审批）",
                Kept::Bool,
                Absent::Unknown,
                ("CashSubsidy", "approvedOn"),
            ),
            FactColumn::new(
                "cash_subsidy_granted",
                "已批现金直补金额",
                Kept::Fen,
                Absent::Zero,
                ("CashSubsidy", "amount"),
            ),
        ],
    },
    FactSource {
        department: Department::Civil,
        of: Subject::Member,
        record: "",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, NULL, max(t.approved_on), CAST(sum(t.monthly_fen) AS BIGINT) FROM disability_allowance t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) GROUP BY t.household_id, t.person_id",
        facts: &[FactColumn::new(
            "disability_allowance_monthly",
            "已批残疾人补贴月金额",
            Kept::Fen,
            Absent::Zero,
            ("DisabilityAllowance", "monthlyAmount"),
        )],
    },
    FactSource {
        department: Department::Dpf,
        of: Subject::Member,
        record: "DisabilityCertificate",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.valid_from, CASE t.grade WHEN 'GRADE_1' THEN 1 WHEN 'GRADE_2' THEN 2 WHEN 'GRADE_3' THEN 3 ELSE 4 END, t.category FROM disability_certificate t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "disability_grade",
                "残疾等级",
                Kept::Count,
                Absent::None,
                ("DisabilityCertificate", "grade"),
            ),
            FactColumn::new(
                "disability_category",
                "残疾类别",
                Kept::Word,
                Absent::None,
                ("DisabilityCertificate", "category"),
            ),
        ],
    },
    FactSource {
        department: Department::Civil,
        of: Subject::Member,
        record: "LeftBehindChild",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.valid_from, TRUE, CASE WHEN t.guardian_person_id IS NOT NULL OR t.guardian_name IS NOT NULL THEN TRUE ELSE FALSE END FROM left_behind_child t WHERE {household} AND t.valid_from <= {day} AND (t.valid_to IS NULL OR t.valid_to > {day}) ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "left_behind",
                "农村留守儿童",
                Kept::Bool,
                Absent::No,
                ("LeftBehindChild", "absence"),
            ),
            FactColumn::new(
                "has_guardian",
                "有委托监护人",
                Kept::Bool,
                Absent::No,
                ("LeftBehindChild", "guardianName"),
            ),
        ],
    },
];
