//! Claims, their sheets and the stages of their settlement.

use super::super::hospitals::types::Hospital;
use crate::{
    departments::{Household, Person},
    graphql::{
        plan::{Guarded, Many, One, Record, Ref, codes},
        scalars::{Day, Fen, Moment, NodeId},
    },
};
use async_graphql::SimpleObject;
use entity::{
    codes::{Department, HospitalLevel},
    health::codes::{ClaimKind, ClaimStageKind, ClaimState},
};

codes!(ClaimKind, ClaimStageKind, ClaimState);

/// A claim (医疗费用报销): one hospital stay or visit and who paid for it.
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::medical_claim",
    from = "medical_claim t LEFT JOIN institution i ON i.code = t.institution_code \
            LEFT JOIN region r ON r.code = i.region_code",
    order = "t.discharged_on DESC, t.id",
    bounds(
        Insurer = "EXISTS (SELECT 1 FROM claim_stage s WHERE s.claim_id = t.id AND s.insurer_code = {institution})"
    )
)]
pub struct Claim {
    /// The global id (全局编号).
    id: NodeId<Claim>,
    /// The household (农户).
    #[record(column = "t.household_id")]
    household: Ref<Household>,
    /// The patient (患者).
    #[record(column = "t.person_id")]
    person: Ref<Person>,
    /// The number of the claim (报销单号).
    claim_number: String,
    /// The kind (报销类别).
    kind: ClaimKind,
    /// The state (报销状态).
    state: ClaimState,
    /// The hospital or clinic (就诊机构).
    #[record(object)]
    hospital: Guarded<Hospital>,
    /// The code of the hospital or clinic (就诊机构代码).
    institution_code: Guarded<String>,
    /// The insurance level of the hospital (医疗机构级别).
    hospital_level: HospitalLevel,
    /// The first day (入院日期); of a visit, its day.
    admitted_on: Day,
    /// The last day (出院日期); of a visit, its day.
    discharged_on: Day,
    /// The whole cost (总费用), yuan.
    #[graphql(name = "totalCost")]
    total_cost_fen: Fen,
    /// The part of the cost that insurance covers (合规费用), yuan.
    #[graphql(name = "eligibleCost")]
    eligible_cost_fen: Fen,
    /// The diagnosis (诊断), the chapter of ICD-10 only, such as "C00-D48". Null where none was reported.
    #[record(column = "t.diagnosis_mask")]
    diagnosis: Guarded<Option<String>>,
    /// Whether the household was registered on the day of discharge (出院时是否建档立卡), or had left poverty and keeps the policies.
    registered_at_discharge: bool,
    /// The day of the settlement (结算日期). Null: not settled.
    settled_on: Option<Day>,
    /// Whether another office settled it before it was taken over (在别处结算): nobody settles it here, and what it says stays as it is.
    settled_elsewhere: bool,
    /// The sheet of the settlement (一站式结算单). Null: not settled.
    #[record(parent = "t.id", filter = "t.settled_on IS NOT NULL")]
    sheet: Guarded<One<SettlementSheet>>,
    /// The stages of the settlement, in the order they ran (一站式结算明细). A dozen at the most.
    stages: Many<ClaimStage>,
    /// The version (版本).
    version: i32,
    /// When it was last changed (更新时间).
    #[graphql(name = "updatedAt")]
    #[record(column = "t.recorded_at_ms")]
    recorded_at_ms: Moment,
}

/// What a settlement comes to for the patient (一站式结算单).
#[derive(SimpleObject, Record)]
#[record(entity = "health::medical_claim")]
pub struct SettlementSheet {
    /// The deductible that basic insurance applied (起付线), yuan. Null: none is applied to a visit.
    #[graphql(name = "deductible")]
    deductible_fen: Option<Fen>,
    /// What all stages paid together (报销金额), yuan.
    #[graphql(name = "reimbursed")]
    #[record(
        column = "(SELECT CAST(COALESCE(SUM(s.paid_fen), 0) AS BIGINT) FROM claim_stage s WHERE s.claim_id = t.id)"
    )]
    reimbursed_fen: Fen,
    /// What is left of the eligible cost (合规费用自付), yuan.
    #[graphql(name = "selfPayEligible")]
    #[record(
        column = "(SELECT t.eligible_cost_fen - CAST(COALESCE(SUM(s.paid_fen), 0) AS BIGINT) FROM claim_stage s WHERE s.claim_id = t.id)"
    )]
    self_pay_eligible_fen: Fen,
    /// What the patient pays, with what insurance does not cover (个人自付总额), yuan.
    #[graphql(name = "selfPayTotal")]
    #[record(
        column = "(SELECT t.total_cost_fen - CAST(COALESCE(SUM(s.paid_fen), 0) AS BIGINT) FROM claim_stage s WHERE s.claim_id = t.id)"
    )]
    self_pay_total_fen: Fen,
    /// The share of the eligible cost that was paid (实际报销比例), percent with two digits. Null of a claim without eligible cost.
    #[record(column = "(SELECT CASE WHEN t.eligible_cost_fen = 0 THEN NULL ELSE \
                    CAST(s.parts / 100 AS TEXT) || '.' || SUBSTR(CAST(100 + s.parts % 100 AS TEXT), 2, 2) END \
                    FROM (SELECT (CAST(COALESCE(SUM(s.paid_fen), 0) AS BIGINT) * 20000 + t.eligible_cost_fen) / \
                    (CASE WHEN t.eligible_cost_fen = 0 THEN 1 ELSE 2 * t.eligible_cost_fen END) AS parts \
                    FROM claim_stage s WHERE s.claim_id = t.id) s)")]
    effective_ratio_percent: Option<String>,
    /// What a commercial insurer reported that it pays (商业保险赔付), yuan. Null: the rule did not ask for it.
    #[graphql(name = "commercialReported")]
    commercial_reported_fen: Option<Fen>,
    /// What was decided as a backstop (兜底补偿), yuan. Null: nothing was decided.
    #[graphql(name = "backstopDecision")]
    backstop_decision_fen: Option<Fen>,
    /// The pack of the rule it was settled by (政策包). Null: it was settled before rules were kept.
    pack: Option<String>,
    /// The hash of the pack with all that it inherits (政策包指纹), SHA-256.
    pack_hash: Option<String>,
    /// What the place had not set, so that it was left out (标注), with semicolons between. Null: nothing.
    marks: Option<String>,
}

/// A stage of a settled claim (结算环节): one payer's part.
#[derive(SimpleObject, Record)]
#[record(
    entity = "health::claim_stage",
    parent = "t.claim_id",
    order = "t.position",
    bounds(Insurer = "t.insurer_code = {institution}")
)]
pub struct ClaimStage {
    /// The place in the order of the settlement (序号), from 1.
    position: i32,
    /// The stage (结算环节).
    stage: ClaimStageKind,
    /// The department that pays (支付部门).
    payer: Department,
    /// The code of the insurer that pays (保险公司代码). Null: the payer is no insurer.
    insurer_code: Option<String>,
    /// What was left of the eligible cost when the stage began (计算基数), yuan.
    #[graphql(name = "base")]
    #[record(
        column = "(SELECT c.eligible_cost_fen - CAST(COALESCE(SUM(s.paid_fen), 0) AS BIGINT) FROM medical_claim c \
                    LEFT JOIN claim_stage s ON s.claim_id = c.id AND s.position < t.position \
                    WHERE c.id = t.claim_id GROUP BY c.eligible_cost_fen)"
    )]
    base_fen: Fen,
    /// The amount paid (支付金额), yuan.
    #[graphql(name = "paid")]
    paid_fen: Fen,
}
