//! Code lists of reconciliation. Source: domain reference, sections 6 and 11.

crate::code_lists! {
    /// How grave a finding is (问题等级).
    FindingSeverity "问题等级" {
        Block "BLOCK" "阻断" "Stops a payment or a step until it is resolved";
        High "HIGH" "高" "Needs an answer in a set time";
        Medium "MEDIUM" "中" "For the next yearly update";
        Low "LOW" "低" "Information";
    }
    /// State of a finding (问题状态).
    FindingState "问题状态" {
        Open "OPEN" "待处理" "Open";
        InWork "IN_WORK" "办理中" "Somebody works on it";
        Explained "EXPLAINED" "已说明" "Explained: the values may differ for a time";
        Corrected "CORRECTED" "已整改" "Corrected, as the department asked says: the next run looks whether the values agree";
        Closed "CLOSED" "已办结" "Closed: the values agree";
    }
    /// What happened to a finding (问题办理环节).
    FindingEventKind "问题办理环节" {
        Changed "CHANGED" "数据有变" "The values have changed, and still differ";
        Assigned "ASSIGNED" "交办" "Given to a department or an officer";
        Commented "COMMENTED" "批注" "Somebody said something";
        Explained "EXPLAINED" "说明" "Explained why the values differ";
        Expired "EXPIRED" "说明到期" "The time of the explanation is over";
        Corrected "CORRECTED" "整改" "Corrected, as the department asked says";
        Closed "CLOSED" "办结" "The values agree";
        Reopened "REOPENED" "重新发现" "The values differ again, or still do";
    }
    /// How sure it is whose row another agency's list has (比对结果).
    RosterGrade "比对结果" {
        Exact "EXACT" "完全匹配" "The same beyond doubt: number and name, or a person has said so";
        Probable "PROBABLE" "基本匹配" "Likely enough to go on without asking";
        Possible "POSSIBLE" "疑似匹配" "A person decides";
        None "NONE" "未匹配" "Nobody fits";
    }
    /// A step that a finding of severity BLOCK stops (阻断环节).
    BlockedStep "阻断环节" {
        Payment "PAYMENT" "资金发放" "Payments to the household";
        Exit "EXIT" "脱贫退出" "Its exit";
        Confirmation "CONFIRMATION" "识别确认" "The confirmation of its identification";
    }
}
