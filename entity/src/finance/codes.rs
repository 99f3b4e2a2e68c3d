//! Code lists of finance and banks. Sources: domain reference, sections 6 and 7.10.

crate::code_lists! {
    /// Kind of a loan (贷款类别).
    LoanKind "贷款类别" {
        Micro "MICRO" "扶贫小额信贷" "Micro-loan";
        Solar "SOLAR" "光伏扶贫贷款" "Solar loan";
        Pension "PENSION" "农户养老贷款" "Pension loan";
        Firm "FIRM" "企业贷款" "Loan of a firm";
        WangNong "WANG_NONG" "金穗旺农贷" "Wang Nong loan";
        XingNong "XING_NONG" "兴农贷" "Xing Nong loan";
        Rights "RIGHTS" "产权联结贷" "Loan on property rights";
    }
    /// State of a loan (贷款状态).
    LoanState "贷款状态" {
        Applied "APPLIED" "已申请" "Applied for";
        Granted "GRANTED" "已发放" "Granted";
        Extended "EXTENDED" "已展期" "Extended";
        Renewed "RENEWED" "无还本续贷" "Renewed without repayment";
        Repaid "REPAID" "已还清" "Repaid";
        Overdue "OVERDUE" "逾期" "Overdue";
    }
    /// State of a payment (发放状态).
    PaymentState "发放状态" {
        Pending "PENDING" "待发放" "Pending";
        Paid "PAID" "已发放" "Paid";
        Failed "FAILED" "发放失败" "Failed";
        Bounced "BOUNCED" "退票" "Sent back by the bank";
    }
    /// Kind of a payment (发放类别); one payee has one payment of a kind for a programme and period.
    PaymentKind "发放类别" {
        Regular "REGULAR" "正常发放" "Regular";
        Supplement "SUPPLEMENT" "补发" "Supplement";
        OneOff "ONE_OFF" "一次性" "One-off";
    }
}
