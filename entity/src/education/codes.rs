//! Code lists of education. Sources: domain reference, section 7.9; policy catalogue, Rain and Dew.
//!
//! The stage of education is shared with the person: `codes::StudentStage`.

crate::code_lists! {
    /// Term of a school year (学期); the school year begins in autumn.
    SchoolTerm "学期" {
        Spring "SPRING" "春季学期" "Spring term";
        Autumn "AUTUMN" "秋季学期" "Autumn term";
    }
    /// State of a Rain and Dew application (雨露计划状态); the order is that of the stamps.
    RainDewState "雨露计划状态" {
        FormTaken "FORM_TAKEN" "已领表" "Form taken at the county office";
        VillageStamped "VILLAGE_STAMPED" "村已盖章" "Stamped by the village";
        TownshipStamped "TOWNSHIP_STAMPED" "乡镇已盖章" "Stamped by the township";
        SchoolStamped "SCHOOL_STAMPED" "学校已盖章" "Stamped by the school";
        CountyReviewed "COUNTY_REVIEWED" "县扶贫办已审核" "Reviewed by the county poverty office";
        FinanceChecked "FINANCE_CHECKED" "财政已复核" "Checked by finance";
        Published "PUBLISHED" "已公示" "Published";
        Filed "FILED" "已备案" "Filed with the city";
        Paid "PAID" "已发放" "Paid";
        Refused "REFUSED" "未通过" "Refused in this round";
    }
    /// State of a study allowance (教育资助状态).
    StudyAllowanceState "教育资助状态" {
        Applied "APPLIED" "已申请" "Applied for";
        Approved "APPROVED" "已核定" "Approved";
        Paid "PAID" "已发放" "Paid";
        Refused "REFUSED" "未通过" "Refused";
        Recovered "RECOVERED" "已追回" "Paid without right and recovered";
    }
    /// Why a child left school (辍学原因).
    DropoutReason "辍学原因" {
        Weary "WEARY" "厌学" "Weary of school";
        Hardship "HARDSHIP" "家庭困难" "Hardship of the family";
        Work "WORK" "外出务工" "Work";
        Health "HEALTH" "身体原因" "Health";
        Moved "MOVED" "随迁未办转学" "Moved along without a change of school";
        Other "OTHER" "其他" "Other";
    }
    /// State of a dropout case (劝返状态).
    DropoutState "劝返状态" {
        Reported "REPORTED" "已上报" "Reported";
        InWork "IN_WORK" "劝返中" "The family is spoken to";
        Returned "RETURNED" "已复学" "Back at school";
        Closed "CLOSED" "已结案" "Closed without return";
    }
}
