//! Code lists: every enum of the graph, declared once with its words, labels and national codes.
//!
//! A value is stored as its word, so a row reads the same in SQL, in the graph and in a log.

/// One value of a code list as clients see it in `codeLists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The word of the API and of the database, upper case.
    pub word: &'static str,
    pub chinese: &'static str,
    pub english: &'static str,
    /// The number of the national standard, where there is one.
    pub national_code: Option<&'static str>,
}

/// An enum whose values are words of a code list.
pub trait CodeList: Copy + Sized + 'static {
    /// The name of the GraphQL enum.
    const NAME: &'static str;
    /// The Chinese name of the list.
    const CHINESE: &'static str;
    const ENTRIES: &'static [CodeEntry];

    fn entry(self) -> &'static CodeEntry;
    fn of_word(word: &str) -> Option<Self>;

    fn word(self) -> &'static str {
        self.entry().word
    }
}

/// One list as `codeLists` shows it: the name of its enum, its Chinese name, its values in order.
pub type NamedList = (&'static str, &'static str, &'static [CodeEntry]);

/// The word in the column is in no code list: a fault of the data, never of the user.
#[derive(Debug)]
pub struct UnknownWord(pub String);

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no word of the code list: {}", self.0)
    }
}
impl std::error::Error for UnknownWord {}

/// Declares the code lists of a module. Each value: `Variant "WORD" "中文" "English" ["national code"];`
///
/// The module also gets `code_lists()`, which enumerates them, so a list declared is a list shown.
#[macro_export]
macro_rules! code_lists {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $chinese:literal {
            $( $variant:ident $word:literal $zh:literal $en:literal $($national:literal)?; )+
        }
    )+) => { $(
        $(#[doc = $doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            async_graphql::Enum, sea_orm::DeriveValueType,
        )]
        #[sea_orm(value_type = "String")]
        pub enum $name {
            $( #[doc = concat!($en, " (", $zh, ").")] #[graphql(name = $word)] $variant, )+
        }

        impl $crate::codes::CodeList for $name {
            const NAME: &'static str = stringify!($name);
            const CHINESE: &'static str = $chinese;
            const ENTRIES: &'static [$crate::codes::CodeEntry] = &[
                $( $crate::codes::CodeEntry {
                    word: $word,
                    chinese: $zh,
                    english: $en,
                    national_code: $crate::codes::first(&[$($national)?]),
                }, )+
            ];

            fn entry(self) -> &'static $crate::codes::CodeEntry {
                &Self::ENTRIES[self as usize]
            }
            fn of_word(word: &str) -> Option<Self> {
                match word {
                    $( $word => Some(Self::$variant), )+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::codes::CodeList::word(*self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::codes::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                <Self as $crate::codes::CodeList>::of_word(word)
                    .ok_or_else(|| $crate::codes::UnknownWord(word.to_owned()))
            }
        }
    )+

        /// Every code list of this module, in the order of declaration.
        #[must_use]
        pub fn code_lists() -> Vec<$crate::codes::NamedList> {
            vec![ $( (
                <$name as $crate::codes::CodeList>::NAME,
                <$name as $crate::codes::CodeList>::CHINESE,
                <$name as $crate::codes::CodeList>::ENTRIES,
            ), )+ ]
        }
    };
}

/// The first of at most one literal: a macro repetition as an `Option`.
#[must_use]
pub const fn first(of: &[&'static str]) -> Option<&'static str> {
    match of {
        [first, ..] => Some(*first),
        [] => None,
    }
}

code_lists! {
    /// A department or role of the field, the code in the token (部门代码). Source: domain reference, section 4.
    Department "部门" {
        Poverty "POVERTY" "扶贫办" "Poverty office";
        Township "TOWNSHIP" "乡镇政府" "Township government";
        Village "VILLAGE" "村两委、驻村工作队" "Village committees and team";
        Helper "HELPER" "帮扶责任人" "Helper";
        Civil "CIVIL" "民政局" "Civil affairs";
        Medins "MEDINS" "医保经办" "Medical insurance office";
        Health "HEALTH" "卫健局" "Health bureau";
        Insurer "INSURER" "保险公司" "Insurer";
        Edu "EDU" "教育局" "Education bureau";
        School "SCHOOL" "学校" "School";
        Housing "HOUSING" "住建局" "Housing bureau";
        Reloc "RELOC" "移民搬迁办" "Relocation office";
        Finance "FINANCE" "财政局" "Finance bureau";
        Bank "BANK" "银行" "Bank";
        Hrss "HRSS" "人社局" "Social security bureau";
        Forestry "FORESTRY" "林业局" "Forestry bureau";
        Agri "AGRI" "农牧局" "Agriculture bureau";
        Dpf "DPF" "残联" "Disabled persons' federation";
        Police "POLICE" "公安局" "Public security";
        Women "WOMEN" "妇联" "Women's federation";
        Land "LAND" "国土局" "Land bureau";
        Audit "AUDIT" "审计、纪检" "Audit and discipline";
        Org "ORG" "组织部" "Organisation department";
        Stats "STATS" "统计、监测中心" "Statistics";
        Assessor "ASSESSOR" "第三方评估" "Outside assessor";
        Public "PUBLIC" "公众" "Public";
        Household "HOUSEHOLD" "农户" "Household";
    }
    /// What a user may do inside its department (角色).
    Role "角色" {
        Reader "READER" "查询员" "Reader";
        Clerk "CLERK" "经办员" "Clerk: writes the own slice";
        Approver "APPROVER" "审批员" "Approver";
        Helper "HELPER" "帮扶责任人" "Helper: the linked households";
        Household "HOUSEHOLD" "农户" "Household: the own family";
        Service "SERVICE" "服务账号" "Service: a department's machine client";
        Auditor "AUDITOR" "审计员" "Auditor: reads all, writes findings";
        SystemAdmin "SYSTEM_ADMIN" "系统管理员" "System administrator: no data";
        SecurityAdmin "SECURITY_ADMIN" "安全管理员" "Security administrator: no data";
        AuditAdmin "AUDIT_ADMIN" "审计管理员" "Audit administrator: no data";
    }
    /// Kind of an institution that bounds what its users may see (机构类别).
    InstitutionKind "机构类别" {
        School "SCHOOL" "学校" "School";
        Hospital "HOSPITAL" "医疗机构" "Hospital or clinic";
        Bank "BANK" "银行" "Bank";
        Insurer "INSURER" "保险公司" "Insurer";
    }
    /// Insurance level of a hospital (医疗机构级别); rates and deductibles depend on it. Source: domain reference, section 6.
    HospitalLevel "医疗机构级别" {
        Village "VILLAGE" "村卫生室" "Village clinic";
        Township "TOWNSHIP" "乡镇卫生院" "Township hospital";
        County "COUNTY" "县级医院" "County hospital";
        City "CITY" "市级医院" "City hospital";
        Province "PROVINCE" "省级医院" "Provincial hospital";
    }
    /// What a region counts as (区域类型): tags of counties, and of villages. Source: domain reference, section 14.
    RegionTag "区域类型" {
        NationalPoor "NATIONAL_POOR" "国家扶贫开发工作重点旗县" "National-level poor county";
        RegionPoor "REGION_POOR" "自治区扶贫开发工作重点旗县" "Region-level poor county";
        YanshanTaihang "CONTIGUOUS_YANSHAN_TAIHANG" "燕山—太行山集中连片特困地区" "In the contiguous area of the Yanshan and Taihang mountains";
        GreaterKhingan "CONTIGUOUS_GREATER_KHINGAN" "大兴安岭南麓集中连片特困地区" "In the contiguous area of the southern Greater Khingan";
        OldRevolutionaryBase "OLD_REVOLUTIONARY_BASE" "革命老区" "Old revolutionary base";
        Border "BORDER" "边境旗市" "Border county";
        Pastoral "PASTORAL" "牧业旗" "Pastoral county";
        DeepPoverty "DEEP_POVERTY" "深度贫困" "In deep poverty";
        PoorVillage "POOR_VILLAGE" "贫困村" "Poor village";
    }
    /// Kind of a school (学校类别), by the highest stage it is for.
    SchoolKind "学校类别" {
        Kindergarten "KINDERGARTEN" "幼儿园" "Kindergarten";
        Primary "PRIMARY" "小学" "Primary school";
        Junior "JUNIOR" "初级中学" "Junior secondary school";
        SeniorHigh "SENIOR_HIGH" "高级中学" "Senior high school";
        Vocational "VOCATIONAL" "中等职业学校" "Secondary vocational or technical school";
        College "COLLEGE" "高职高专院校" "College";
        University "UNIVERSITY" "本科院校" "University";
    }
    /// Stage of education of a pupil or student (学段). Source: domain reference, section 6.
    StudentStage "学段" {
        Preschool "PRESCHOOL" "学前教育" "Preschool";
        PreschoolFinalYear "PRESCHOOL_FINAL_YEAR" "学前一年" "Last year before primary school";
        Primary "PRIMARY" "小学" "Primary school";
        Junior "JUNIOR" "初中" "Junior secondary school";
        SeniorHigh "SENIOR_HIGH" "普通高中" "Senior high school";
        SecondaryVocational "SECONDARY_VOCATIONAL" "普通中专" "Secondary vocational school";
        VocationalHigh "VOCATIONAL_HIGH" "职业高中" "Vocational high school";
        TechnicalSchool "TECHNICAL_SCHOOL" "技工院校" "Technical school";
        TechnicianCollege "TECHNICIAN_COLLEGE" "技师学院" "Technician college";
        AdultCollege "ADULT_COLLEGE" "成人大专" "Adult college";
        JuniorCollege "JUNIOR_COLLEGE" "普通大专" "Junior college";
        HigherVocational "HIGHER_VOCATIONAL" "高职院校" "Higher vocational college";
        Undergraduate "UNDERGRADUATE" "本科" "Undergraduate";
        Postgraduate "POSTGRADUATE" "研究生" "Postgraduate";
    }
    /// What was done with personal data, in the access log of a person (查阅方式).
    AccessAction "查阅方式" {
        Read "READ" "查阅档案" "One file read";
        List "LIST" "查阅名册" "Roll read";
        LookUp "LOOK_UP" "按号码查询" "Looked up by a full number";
        Reveal "REVEAL" "查看完整信息" "Full value of a masked field read";
        Export "EXPORT" "导出" "Exported to a file";
        Disclose "DISCLOSE" "提示已建档" "Told that the person is on another file";
        Match "MATCH" "名单比对" "Found for a row of another agency's list";
    }

    /// A value that leaves masked, and in full only when it is asked for and recorded (敏感信息).
    SensitiveField "敏感信息" {
        CitizenNumber "CITIZEN_NUMBER" "公民身份号码" "Citizen number";
        Phone "PHONE" "联系电话" "Phone number";
        BankCard "BANK_CARD" "银行卡号" "Bank card number";
        Diagnosis "DIAGNOSIS" "诊断" "Diagnosis";
        DisabilityCertificate "DISABILITY_CERTIFICATE" "残疾人证号" "Number of the disability certificate";
    }

    /// Why a full value is asked for (查看用途).
    RevealPurpose "查看用途" {
        Verification "VERIFICATION" "身份核实" "To verify a person";
        Payment "PAYMENT" "资金发放" "To pay";
        Correction "CORRECTION" "信息更正" "To correct what is on record";
        Treatment "TREATMENT" "诊疗救助" "To treat or to help the sick";
        Complaint "COMPLAINT" "投诉举报处理" "To handle a complaint";
        Audit "AUDIT" "审计监察" "Audit or discipline";
    }

    /// State of a correction request (更正申请状态).
    CorrectionState "更正申请状态" {
        Open "OPEN" "待处理" "Waits for the owner";
        Accepted "ACCEPTED" "已采纳" "Accepted: the proposed value is on record";
        Corrected "CORRECTED" "已自行更正" "The owner has corrected it by an action of its own";
        Declined "DECLINED" "不予更正" "What is on record stands, with a reason";
        Withdrawn "WITHDRAWN" "已撤回" "Taken back by who raised it";
    }

    /// What an owner answers who does not take over the proposed value (更正答复).
    CorrectionAnswer "更正答复" {
        Corrected "CORRECTED" "已自行更正" "Corrected by an action of its own";
        Declined "DECLINED" "不予更正" "What is on record stands";
    }

    /// What a write did to an object (变更方式).
    ChangeAction "变更方式" {
        Create "CREATE" "新增" "Created";
        Update "UPDATE" "修改" "Changed";
        Delete "DELETE" "删除" "Deleted";
    }

    /// Whether something is due (应享状态). Source: policies, section 2; design, section 8.
    EntitlementStatus "应享状态" {
        Entitled "ENTITLED" "应享" "Something is due";
        NotEntitled "NOT_ENTITLED" "不符合" "Nothing is due, for the reasons given";
        NotConfigured "NOT_CONFIGURED" "未配置" "The place has not set what the rule leaves to it, or no rule is in force";
        Unknown "UNKNOWN" "待补充" "A fact that it depends on is not recorded";
    }
    /// What is due compared with what was granted (应享与已享比对). Source: design, section 8.
    GrantDifference "应享与已享比对" {
        NotGranted "NOT_GRANTED" "应享未享" "Something is due and nothing was granted";
        Less "LESS" "少享" "Less was granted than is due";
        More "MORE" "多享" "More was granted than is due";
        NotDue "NOT_DUE" "不应享而享" "Something was granted and nothing is due";
        Equal "EQUAL" "一致" "What is due was granted, or nothing is due and nothing was granted";
        Unknown "UNKNOWN" "无法比对" "What is due or what was granted is not known";
    }
    /// What a job does (任务类型).
    JobKind "任务类型" {
        Entitlements "ENTITLEMENTS" "应享测算" "What is due to the households of a region";
        Import "IMPORT" "导入" "A file of others is looked at, or taken over";
        Export "EXPORT" "导出" "A list goes out as a file";
        Reconciliation "RECONCILIATION" "数据核查" "The checks over the households of a region";
        Roster "ROSTER" "名单比对" "Another agency's list is matched with the register";
    }
    /// How a job stands (任务状态).
    JobState "任务状态" {
        AwaitingFile "AWAITING_FILE" "待上传" "Waits for its file";
        Queued "QUEUED" "排队" "Waits for its turn";
        Running "RUNNING" "进行中" "Is being done; it goes on where it stood if a server ends";
        Done "DONE" "已完成" "Done: the file can be fetched";
        Failed "FAILED" "失败" "Could not be done, for the reason given";
        Cancelled "CANCELLED" "已取消" "Given up by who asked for it";
        Expired "EXPIRED" "已过期" "Done long ago: the file was removed";
    }
    /// Why a job could not be done (任务失败原因).
    JobProblem "任务失败原因" {
        RulesChanged "RULES_CHANGED" "政策包已更换" "The rules were changed while it ran: ask for it again";
        NotComputed "NOT_COMPUTED" "无法计算" "A rule can't be computed with the facts of a household: tell the operator";
        TooLarge "TOO_LARGE" "结果过大" "The result is too large: ask for a smaller region or fewer benefits";
        GaveUp "GAVE_UP" "多次中断" "It was cut off again and again: tell the operator";
        FileUnusable "FILE_UNUSABLE" "文件不能读取" "The file can't be read, for the reason given: put it right and send it again";
        NotAllowed "NOT_ALLOWED" "账号权限已变更" "The account has no such rights any more";
        Unreadable "UNREADABLE" "无法识别" "This version of the server can't do what was asked: ask for it again";
    }
    /// The format of a file (文件格式).
    FileFormat "文件格式" {
        Csv "CSV" "逗号分隔文件" "Comma-separated values in UTF-8";
        CsvGb18030 "CSV_GB18030" "逗号分隔文件（GB18030）" "Comma-separated values in GB18030";
        Xlsx "XLSX" "电子表格" "A workbook for Excel or WPS";
        Parquet "PARQUET" "列式文件" "Columns for analysis";
    }
    /// For how long an amount is (发放周期).
    EntitlementPeriod "发放周期" {
        Year "YEAR" "每年" "For the calendar year";
        Month "MONTH" "每月" "For a month";
        Once "ONCE" "一次" "Once";
    }
    /// Of what a rule decides (政策对象). Source: policies, the row "Unit" of each benefit.
    RuleUnit "政策对象" {
        Household "HOUSEHOLD" "户" "A household";
        Member "MEMBER" "个人" "A member of a household";
        Loan "LOAN" "贷款" "A loan";
        Claim "CLAIM" "报销单" "A medical claim";
        Other "OTHER" "其他" "A village, a county, a project, a firm";
    }
    /// A part of a household's file that one or a few departments write (信息板块). Source: domain reference, section 4.
    Slice "信息板块" {
        Core "CORE" "基本信息" "Basics, status and help";
        Income "INCOME" "收入" "Income";
        Civil "CIVIL" "民政救助" "Assistance of civil affairs";
        Children "CHILDREN" "儿童关爱" "Left-behind children and orphans";
        Disability "DISABILITY" "残疾" "Disability";
        Health "HEALTH" "健康" "Health";
        Education "EDUCATION" "教育" "Education";
        Housing "HOUSING" "住房" "Housing";
        Finance "FINANCE" "财政金融" "Finance";
        Work "WORK" "就业" "Work";
        Industry "INDUSTRY" "产业" "Industry";
        Pension "PENSION" "养老保险" "Pension";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back_as_its_value() {
        for entry in StudentStage::ENTRIES {
            let stage = StudentStage::of_word(entry.word).expect("the list's own word");
            assert_eq!(stage.word(), entry.word);
        }
        assert_eq!(StudentStage::of_word("primary"), None);
    }
}
