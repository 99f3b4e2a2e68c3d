//! Code lists of civil affairs. Sources: domain reference, section 7.10; policy catalogue, dibao of each pack.

crate::code_lists! {
    /// Class of a dibao grant (低保类别): four classes in the Gansu-type pack, gap-filling elsewhere.
    DibaoClass "低保类别" {
        Class1 "CLASS_1" "一类" "Class 1";
        Class2 "CLASS_2" "二类" "Class 2";
        Class3 "CLASS_3" "三类" "Class 3";
        Class4 "CLASS_4" "四类" "Class 4";
        GapFilling "GAP_FILLING" "补差" "Gap-filling to the standard";
    }
    /// State of a dibao grant (低保状态).
    DibaoState "低保状态" {
        Applied "APPLIED" "已申请" "Applied for";
        Checked "CHECKED" "已核查" "Checked";
        Approved "APPROVED" "已批准" "Approved";
        Paid "PAID" "按月发放" "Paid monthly";
        GradualExit "GRADUAL_EXIT" "渐退" "In gradual exit";
        Stopped "STOPPED" "已停发" "Stopped";
    }
}
