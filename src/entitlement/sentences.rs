//! What the codes of the rules mean to people.

use crate::graphql::language::Language;

/// Codes with their sentences; a rule may name others, which then stand for themselves.
const SENTENCES: &[(&str, &str, &str)] = &[
    (
        "NO_RULE_IN_FORCE",
        "该地区当日没有生效的政策。",
        "No rule is in force there on that day.",
    ),
    (
        "NOT_CONFIGURED",
        "该项数值由县里确定，尚未配置。",
        "The county has not set what the rule leaves to it.",
    ),
    (
        "NOTHING_DUE",
        "按政策规则计算，应享金额为零。",
        "By the rule the amount comes to zero.",
    ),
    (
        "WITHHELD",
        "依据其他部门的信息，您无权查看。",
        "It rests on facts of another department that you may not read.",
    ),
    (
        "NOT_REGISTERED",
        "不是在册（含返贫、脱贫后享受政策）的建档立卡户。",
        "The household is not registered, returned, or exited with policies kept.",
    ),
    ("ON_DIBAO", "已享受低保。", "The household is on dibao."),
    (
        "NOT_ON_DIBAO",
        "未享受低保。",
        "The household is not on dibao.",
    ),
    (
        "CLASS_NOT_RECORDED",
        "低保未记录一至四类。",
        "No class from 1 to 4 is recorded for its dibao.",
    ),
    (
        "ON_SPECIAL_SUPPORT",
        "已享受特困供养。",
        "A member is on special support.",
    ),
    (
        "NOT_DIBAO_EDGE",
        "不属于低保边缘户。",
        "The household is not on the edge of dibao.",
    ),
    (
        "NOT_ENROLLED",
        "未参保、未入学或学籍未确认。",
        "There is no enrolment, or it is not confirmed.",
    ),
    (
        "AGE",
        "年龄不在规定范围内。",
        "The age is outside of the range of the rule.",
    ),
    (
        "NO_CERTIFICATE",
        "没有有效的残疾人证。",
        "There is no valid disability certificate.",
    ),
    (
        "STAGE_NOT_COVERED",
        "所在学段不在补助范围内。",
        "The stage of education is not covered.",
    ),
    (
        "RECOGNISED_AFTER_30_SEPTEMBER",
        "9月30日以后才被认定，列入下一轮。",
        "Recognised after 30 September: in the next round.",
    ),
    (
        "NOT_INSURED",
        "未参加补充保险。",
        "There is no supplementary insurance.",
    ),
    (
        "NOT_CERTIFIED",
        "意外伤残未经鉴定。",
        "The disability by accident is not certified.",
    ),
    (
        "ALREADY_PAID",
        "本年度已经赔付。",
        "It was paid in this year already.",
    ),
    (
        "NOT_FRAIL",
        "不属于年老体弱或行动不便。",
        "The person is neither frail nor immobile.",
    ),
    ("NOT_APPLIED", "未提出申请。", "No application was made."),
    (
        "NOT_RELOCATED",
        "不在该年度搬迁计划内。",
        "The household is not in the relocation plan of the year.",
    ),
    (
        "NOT_REBUILT",
        "本年度没有拆除重建项目。",
        "No house of the family is rebuilt in this year.",
    ),
    (
        "AREA_ABOVE_LIMIT",
        "住房面积超过标准。",
        "The house is larger than allowed.",
    ),
    (
        "AREA_BELOW_MINIMUM",
        "住房面积低于下限。",
        "The house is smaller than the least area.",
    ),
    (
        "AREA_ABOVE_MAXIMUM",
        "住房面积超过上限。",
        "The house is larger than the greatest area.",
    ),
    (
        "OLD_HOUSE_STANDING",
        "旧房未拆除。",
        "The old house still stands.",
    ),
    (
        "NOT_MICRO_LOAN",
        "不是扶贫小额信贷。",
        "The loan is no micro-loan.",
    ),
    (
        "BORROWER_OVER_65",
        "借款人放款时已超过65周岁。",
        "The borrower was over 65 when the loan began.",
    ),
    (
        "OVER_50000",
        "贷款本金超过5万元。",
        "The principal is over 50,000 yuan.",
    ),
    (
        "OVER_3_YEARS",
        "贷款期限超过3年。",
        "The term is over three years.",
    ),
    (
        "SECURITY_TAKEN",
        "贷款要求了抵押或担保。",
        "Security was taken for the loan.",
    ),
    ("NO_CHOICE", "未签订菜单选择。", "No choice is signed."),
    ("NO_PLAN", "产业计划未批准。", "The plan is not approved."),
    (
        "NOT_ACCEPTED",
        "项目未验收。",
        "The project is not accepted.",
    ),
];

/// The sentence of a code; the code itself where it has none.
pub(super) fn of(code: &str, language: Language) -> String {
    let known = SENTENCES.iter().find(|(known, ..)| *known == code);
    known.map_or_else(
        || code.to_owned(),
        |(_, chinese, english)| language.pick(*chinese, *english).to_owned(),
    )
}
