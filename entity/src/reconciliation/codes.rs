//! Code lists of reconciliation. Source: domain reference, section 11.

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
        Explained "EXPLAINED" "已说明" "Explained: the values may differ";
        Resolved "RESOLVED" "已整改" "Resolved by the department asked";
        Agreed "AGREED" "数据已一致" "Closed by itself: the values agree";
    }
}
