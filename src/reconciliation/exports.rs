//! The findings as a file.

use crate::files::{By, Condition, Export, ExportColumn, On};

pub const EXPORTS: &[Export] = &[Export {
    kind: "finding",
    chinese: "数据核查问题清单",
    owners: &[],
    is_fixed: false,
    list: "findings",
    filter: "FindingFilter",
    object: "Finding",
    rows: None,
    conditions: &[
        Condition {
            by: By::Year,
            on: On::Days("openedFrom", "openedTo"),
        },
        Condition {
            by: By::State("FindingState"),
            on: On::Filter("state"),
        },
    ],
    columns: &[
        ExportColumn::of("check", "check").headed("核查项"),
        ExportColumn::of("severity", "severity").headed("严重程度"),
        ExportColumn::of("state", "state").headed("状态"),
        ExportColumn::of("card_number", "household.cardNumber").headed("户编号"),
        ExportColumn::of("village_code", "region.code").headed("行政村代码"),
        ExportColumn::of("village", "region.name").headed("行政村"),
        ExportColumn::of("head", "household.headName").headed("户主姓名"),
        ExportColumn::of("name", "person.name").headed("姓名"),
        ExportColumn::of("department", "department").headed("核实部门"),
        ExportColumn::of("opened_on", "openedOn").headed("发现日期"),
        ExportColumn::of("due_on", "dueOn").headed("办理期限"),
        ExportColumn::of("closed_on", "closedOn").headed("办结日期"),
        ExportColumn::of("explanation", "explanation").headed("情况说明"),
        ExportColumn::of("explained_until", "explainedUntil").headed("说明有效期"),
        ExportColumn::of("resolution", "resolution").headed("处理结果"),
    ],
}];
