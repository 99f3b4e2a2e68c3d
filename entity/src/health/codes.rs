//! Code lists of health. Sources: domain reference, sections 6 and 7.10; policy catalogue, the medical cascades.

crate::code_lists! {
    /// As whom a person is enrolled in basic insurance, which decides the premium subsidy (参保类别).
    EnrolmentCategory "参保类别" {
        RegisteredPoor "REGISTERED_POOR" "建档立卡贫困人口" "Registered poor person";
        Dibao "DIBAO" "低保对象" "Dibao recipient";
        SpecialSupport "SPECIAL_SUPPORT" "特困供养人员" "Special-support recipient";
        Ordinary "ORDINARY" "普通居民" "Ordinary resident";
    }
    /// Kind of a claim (报销类别).
    ClaimKind "报销类别" {
        Inpatient "INPATIENT" "住院" "Hospital stay";
        Outpatient "OUTPATIENT" "门诊" "Outpatient visit";
        ChronicOutpatient "CHRONIC_OUTPATIENT" "门诊慢性病" "Chronic outpatient visit";
    }
    /// State of a claim (报销状态).
    ClaimState "报销状态" {
        Submitted "SUBMITTED" "已申报" "Submitted";
        Settled "SETTLED" "已结算" "Settled";
        Voided "VOIDED" "已作废" "Voided";
    }
    /// One stage of the one-stop settlement (一站式结算环节). Each pack names its own order of them.
    ClaimStageKind "结算环节" {
        Basic "BASIC" "基本医疗保险" "Basic insurance";
        CriticalIllness "CRITICAL_ILLNESS" "大病保险" "Critical-illness insurance";
        Supplementary "SUPPLEMENTARY" "大额医疗商业补充保险" "Supplementary commercial insurance";
        CivilAffairsTenPercent "CIVIL_AFFAIRS_TEN_PERCENT" "民政救助10%" "Civil-affairs aid of ten percent";
        CivilAffairsMajorIllness "CIVIL_AFFAIRS_MAJOR_ILLNESS" "民政大病救助" "Civil-affairs aid for major illness";
        MajorDiseaseFund "MAJOR_DISEASE_FUND" "大病救助基金" "Major-disease fund";
        ChronicTopup "CHRONIC_TOPUP" "慢性病补足" "Chronic top-up";
        Ncms "NCMS" "新农合" "Cooperative medical scheme";
        CriticalIllnessFirst "CRITICAL_ILLNESS_FIRST" "大病保险首次报销" "Critical-illness insurance, first";
        CriticalIllnessSecond "CRITICAL_ILLNESS_SECOND" "大病保险再次报销" "Critical-illness insurance, second";
        Commercial "COMMERCIAL" "商业保险" "Commercial insurance";
        MedicalAssistance "MEDICAL_ASSISTANCE" "医疗救助" "Medical assistance";
        CatastrophicBackstop "CATASTROPHIC_BACKSTOP" "重特大疾病兜底" "Catastrophic backstop";
    }
    /// Which insurance a premium is for (险种). Source: policy catalogue, premium subsidies.
    MedicalInsurance "险种" {
        Basic "BASIC" "基本医疗保险（含大病保险）" "Basic insurance, with critical-illness insurance";
        Supplementary "SUPPLEMENTARY" "大额医疗商业补充保险" "Supplementary commercial insurance";
    }
    /// Class of a check-up's result (体检结果类别), without the findings.
    CheckUpResult "体检结果类别" {
        Unremarkable "UNREMARKABLE" "未见异常" "Nothing remarkable";
        Observe "OBSERVE" "需随访观察" "To be observed";
        Refer "REFER" "建议就诊" "To see a hospital";
    }
    /// Way of a family doctor's visit (随访方式). Source: domain reference, section 6.
    DoctorVisitWay "随访方式" {
        OnSpot "ON_SPOT" "入户" "On the spot";
        Phone "PHONE" "电话" "Phone";
        Other "OTHER" "其他" "Other";
    }
    /// Class of a disease (疾病类别): each has its own help (三个一批).
    DiseaseClass "疾病类别" {
        Chronic "CHRONIC" "慢病" "Chronic: a doctor's contract";
        Major "MAJOR" "大病" "Major: treatment at one of the chosen hospitals";
        Severe "SEVERE" "重病" "Severe: the backstop";
    }
    /// State of a chronic handbook (手册状态). Source: domain reference, section 7.10.
    HandbookState "手册状态" {
        Applied "APPLIED" "已申请" "Applied for";
        Issued "ISSUED" "已发放" "Issued";
        Expired "EXPIRED" "已失效" "Expired";
    }
    /// State of an accident case (意外案件状态).
    AccidentState "意外案件状态" {
        Reported "REPORTED" "已报案" "Reported";
        Certified "CERTIFIED" "已鉴定" "Disability certified";
        Paid "PAID" "已赔付" "Paid";
        Refused "REFUSED" "不予赔付" "Refused";
    }
}
