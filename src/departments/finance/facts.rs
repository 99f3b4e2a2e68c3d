//! What finance and the banks state for rules.

use crate::facts::{Absent, FactColumn, FactSource, Kept};
use ::policy::Subject;
use entity::codes::Department;

/// See [`FactSource`].
pub const FACTS: &[FactSource] = &[
    FactSource {
        department: Department::Bank,
        of: Subject::Loan,
        record: "Loan",
        household: "t.household_id",
        sql: "SELECT t.household_id, t.person_id, t.id, t.granted_on, t.kind, t.principal_fen, t.rate_bp, t.granted_on, t.due_on, t.guarantor, t.collateral FROM loan t WHERE {household} AND t.granted_on <= {day} AND t.state <> 'APPLIED' ORDER BY t.household_id, t.id",
        facts: &[
            FactColumn::new(
                "loan_kind",
                "贷款类别",
                Kept::Word,
                Absent::Unknown,
                ("Loan", "kind"),
            ),
            FactColumn::new(
                "loan_principal",
                "贷款本金",
                Kept::Fen,
                Absent::Unknown,
                ("Loan", "principal"),
            ),
            FactColumn::new(
                "loan_rate_percent",
                "合同年利率",
                Kept::BasisPoints,
                Absent::Unknown,
                ("Loan", "rateBasisPoints"),
            ),
            FactColumn::new(
                "loan_start",
                "放款日期",
                Kept::Day,
                Absent::Unknown,
                ("Loan", "grantedOn"),
            ),
            FactColumn::new(
                "loan_end",
                "到期日期",
                Kept::Day,
                Absent::Unknown,
                ("Loan", "dueOn"),
            ),
            FactColumn::new(
                "loan_guarantor",
                "有担保人",
                Kept::Bool,
                Absent::Unknown,
                ("Loan", "guarantor"),
            ),
            FactColumn::new(
                "loan_collateral",
                "有抵押",
                Kept::Bool,
                Absent::Unknown,
                ("Loan", "collateral"),
            ),
        ],
    },
    FactSource {
        department: Department::Finance,
        of: Subject::Loan,
        record: "",
        household: "t.household_id",
        sql: "SELECT t.household_id, l.person_id, t.loan_id, max(t.decided_on), CAST(sum(t.amount_fen) AS BIGINT) FROM interest_subsidy t JOIN loan l ON l.id = t.loan_id WHERE {household} AND t.decided_on <= {day} GROUP BY t.household_id, l.person_id, t.loan_id",
        facts: &[FactColumn::new(
            "interest_subsidy_granted",
            "已批贷款贴息",
            Kept::Fen,
            Absent::Zero,
            ("InterestSubsidy", "amount"),
        )],
    },
    FactSource::not_kept(
        Department::Bank,
        Subject::Loan,
        &[FactColumn::new(
            "benchmark_rate_percent",
            "基准利率",
            Kept::BasisPoints,
            Absent::Unknown,
            ("Loan", "rateBasisPoints"),
        )],
    ),
];
