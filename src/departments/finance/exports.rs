//! Lists of this room that go out as files.

use crate::files::{By, Condition, Export, ExportColumn, On};
use entity::codes::{Department, SensitiveField};

/// What is not paid to a member is paid to the household, and so to its head.
const PAYEE: [&str; 2] = ["person", "household.head"];

pub const EXPORTS: &[Export] = &[
    Export {
        kind: "card",
        chinese: "惠民惠农补贴一卡通账户名单",
        owners: &[Department::Bank],
        is_fixed: false,
        list: "bankCards",
        filter: "BankCardFilter",
        object: "BankCard",
        rows: None,
        conditions: &[],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("bank_code", "bankCode"),
            ExportColumn::of("bank_card", "cardNumber").masks(SensitiveField::BankCard),
            ExportColumn::of("receiving", "receiving"),
            ExportColumn::of("valid_from", "validFrom"),
            ExportColumn::of("valid_to", "validTo"),
            ExportColumn::of("closing", "closing"),
        ],
    },
    Export {
        kind: "loan",
        chinese: "扶贫贷款台账",
        owners: &[Department::Bank],
        is_fixed: false,
        list: "loans",
        filter: "LoanFilter",
        object: "Loan",
        rows: None,
        conditions: &[Condition {
            by: By::State("LoanState"),
            on: On::Filter("state"),
        }],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of("name", "person.name"),
            ExportColumn::of("citizen_number", "person.citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("loan_number", "loanNumber"),
            ExportColumn::of("bank_code", "bankCode"),
            ExportColumn::of("kind", "kind"),
            ExportColumn::of("state", "state"),
            ExportColumn::of("principal", "principal"),
            ExportColumn::of("balance", "balance"),
            ExportColumn::of("rate", "rateBasisPoints"),
            ExportColumn::of("granted_on", "grantedOn"),
            ExportColumn::of("due_on", "dueOn"),
            ExportColumn::of("guarantor", "guarantor"),
            ExportColumn::of("collateral", "collateral"),
        ],
    },
    Export {
        kind: "payment",
        chinese: "补贴资金发放结果",
        owners: &[Department::Finance],
        is_fixed: false,
        list: "payments",
        filter: "PaymentFilter",
        object: "Payment",
        rows: None,
        conditions: &[Condition {
            by: By::State("PaymentState"),
            on: On::Filter("state"),
        }],
        columns: &[
            ExportColumn::of("card_number", "household.cardNumber"),
            ExportColumn::of("village_code", "household.region.code"),
            ExportColumn::of_one("name", PAYEE, "name"),
            ExportColumn::of_one("citizen_number", PAYEE, "citizenNumber")
                .masks(SensitiveField::CitizenNumber),
            ExportColumn::of("bank_card", "bankCard.cardNumber").masks(SensitiveField::BankCard),
            ExportColumn::of("department", "department"),
            ExportColumn::of("programme", "programme"),
            ExportColumn::of("period", "period"),
            ExportColumn::of("kind", "kind"),
            ExportColumn::of("amount", "amount"),
            ExportColumn::of("state", "state"),
            ExportColumn::of("due_on", "dueOn"),
            ExportColumn::of("paid_on", "paidOn"),
            ExportColumn::of("batch_number", "batch.number"),
        ],
    },
];
