//! Code lists of civil affairs. Sources: domain reference, sections 6, 7.10 and 13; policy
//! catalogue, dibao of each pack. Lists that the sources only name are made here.

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
    /// Where a person on special support lives (供养方式).
    SupportMode "供养方式" {
        Centralised "CENTRALISED" "集中供养" "In an institution";
        Scattered "SCATTERED" "分散供养" "At home";
    }
    /// How much care a person on special support needs (照料护理等级).
    CareLevel "照料护理等级" {
        SelfCare "SELF_CARE" "全自理" "None: cares for himself or herself";
        Partial "PARTIAL" "半护理" "Partial care";
        Full "FULL" "全护理" "Full care";
    }
    /// Why temporary assistance is given (临时救助原因).
    TemporaryAssistanceReason "临时救助原因" {
        Disaster "DISASTER" "火灾等灾害" "Fire or another disaster";
        Accident "ACCIDENT" "意外事件" "Accident";
        Illness "ILLNESS" "突发重大疾病" "Sudden grave illness";
        Schooling "SCHOOLING" "教育支出" "Cost of schooling";
        Other "OTHER" "其他" "Other hardship";
    }
    /// Kind of medical assistance (医疗救助类别).
    MedicalAssistanceKind "医疗救助类别" {
        Inpatient "INPATIENT" "住院救助" "Of a hospital stay";
        Outpatient "OUTPATIENT" "门诊救助" "Of outpatient care";
        Backstop "BACKSTOP" "兜底补偿" "Catastrophic backstop";
    }
    /// One of the two allowances for disabled people (残疾人两项补贴).
    DisabilityAllowanceKind "残疾人补贴类别" {
        Living "LIVING" "困难残疾人生活补贴" "Living allowance, for those of dibao households";
        Nursing "NURSING" "重度残疾人护理补贴" "Nursing allowance, for grades 1 and 2";
    }
    /// Category of a disability (残疾类别), GB/T 26341.
    DisabilityCategory "残疾类别" {
        Sight "SIGHT" "视力残疾" "Sight" "1";
        Hearing "HEARING" "听力残疾" "Hearing" "2";
        Speech "SPEECH" "言语残疾" "Speech" "3";
        Limbs "LIMBS" "肢体残疾" "Limbs" "4";
        Intellectual "INTELLECTUAL" "智力残疾" "Intellectual" "5";
        Mental "MENTAL" "精神残疾" "Mental" "6";
        Multiple "MULTIPLE" "多重残疾" "Multiple" "7";
    }
    /// Grade of a disability (残疾等级), GB/T 26341. Severe (重度) means the grades 1 and 2.
    DisabilityGrade "残疾等级" {
        Grade1 "GRADE_1" "一级" "Grade 1, the most severe" "1";
        Grade2 "GRADE_2" "二级" "Grade 2" "2";
        Grade3 "GRADE_3" "三级" "Grade 3" "3";
        Grade4 "GRADE_4" "四级" "Grade 4" "4";
    }
    /// Which parents of a left-behind child are away (父母外出情况).
    ParentalAbsence "父母外出情况" {
        Both "BOTH_AWAY" "父母双方外出" "Both parents away";
        Father "FATHER_AWAY" "父亲外出、母亲无监护能力" "The father away, the mother unable to guard";
        Mother "MOTHER_AWAY" "母亲外出、父亲无监护能力" "The mother away, the father unable to guard";
    }
    /// Who looks after a left-behind child (监护照料情况).
    GuardianCare "监护照料情况" {
        Grandparents "GRANDPARENTS" "祖父母、外祖父母照料" "Grandparents";
        Parent "PARENT" "父母一方照料" "The parent at home";
        Relatives "RELATIVES" "其他亲属照料" "Other relatives";
        Others "OTHERS" "非亲属照料" "Somebody not related";
        Nobody "NOBODY" "无人照料" "Nobody";
    }
    /// Class of an orphan (孤儿类别).
    OrphanClass "孤儿类别" {
        Orphan "ORPHAN" "孤儿" "Orphan";
        DeFacto "DE_FACTO" "事实无人抚养儿童" "Child without support in fact";
    }
    /// Where an orphan lives (孤儿安置方式).
    OrphanPlacement "孤儿安置方式" {
        Scattered "SCATTERED" "社会散居" "With relatives or guardians";
        Institution "INSTITUTION" "机构集中养育" "In an institution";
        Foster "FOSTER" "家庭寄养" "With foster parents";
    }
}
