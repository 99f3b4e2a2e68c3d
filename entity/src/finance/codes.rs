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
    /// State of a batch of payments (发放批次状态).
    PaymentBatchState "发放批次状态" {
        Draft "DRAFT" "草稿" "Draft";
        Approved "APPROVED" "已审批" "Approved";
        Sent "SENT" "已送银行" "Sent to the bank";
        PartlyFailed "PARTLY_FAILED" "部分失败" "Partly failed";
        Done "DONE" "已完成" "Done";
    }
    /// Why a bank card was closed (销卡原因).
    CardClosing "销卡原因" {
        Replaced "REPLACED" "换卡" "Replaced";
        Lost "LOST" "挂失" "Lost";
        HolderLeft "HOLDER_LEFT" "持卡人迁出" "The holder left";
        HolderDied "HOLDER_DIED" "持卡人死亡" "The holder died";
    }
    /// How a loan that could not be repaid goes on (续展方式).
    LoanExtensionKind "续展方式" {
        Extension "EXTENSION" "展期" "A later end";
        Renewal "RENEWAL" "无还本续贷" "A new loan without repayment";
    }
    /// Kind of a project (项目类别).
    ProjectKind "项目类别" {
        Industry "INDUSTRY" "产业" "Industry";
        Infrastructure "INFRASTRUCTURE" "基础设施" "Infrastructure";
        Housing "HOUSING" "住房" "Housing";
        Education "EDUCATION" "教育" "Education";
        Health "HEALTH" "健康" "Health";
        Training "TRAINING" "培训" "Training";
        Ecology "ECOLOGY" "生态" "Ecology";
        PublicService "PUBLIC_SERVICE" "公共服务" "Public service";
    }
    /// Nature of a project (建设性质).
    ProjectNature "建设性质" {
        New "NEW" "新建" "New";
        Extended "EXTENDED" "改扩建" "Extended or rebuilt";
        Continued "CONTINUED" "续建" "Continued";
    }
    /// State of a project on its way into the project library and through it (项目状态).
    ProjectState "项目状态" {
        Proposed "PROPOSED" "村级申报" "Proposed by the village";
        VillagePublished "VILLAGE_PUBLISHED" "村内公示" "Published in the village";
        TownshipReviewed "TOWNSHIP_REVIEWED" "乡镇审核" "Reviewed by the township";
        CountyApproved "COUNTY_APPROVED" "县级审定" "Approved by the county";
        InLibrary "IN_LIBRARY" "已入库" "In the library";
        Funded "FUNDED" "已安排资金" "Funded";
        Done "DONE" "已完工" "Done";
        Accepted "ACCEPTED" "已验收" "Accepted";
        Removed "REMOVED" "已调出" "Removed";
    }
    /// Level of government that funds come from (资金级次).
    FundLevel "资金级次" {
        Central "CENTRAL" "中央" "Central";
        Region "REGION" "自治区、省" "Province or autonomous region";
        City "CITY" "盟市" "Prefecture or city";
        County "COUNTY" "旗县" "County";
    }
    /// Kind of funds (资金类别).
    FundKind "资金类别" {
        Special "SPECIAL" "财政专项扶贫资金" "Special funds for poverty alleviation";
        Pooled "POOLED" "统筹整合涉农资金" "Pooled funds";
    }
    /// Direction of a movement of funds (收支类别).
    FundMovementKind "收支类别" {
        Receipt "RECEIPT" "到账" "Received";
        Expenditure "EXPENDITURE" "支出" "Spent";
    }
}
