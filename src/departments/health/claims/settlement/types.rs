//! A settlement as it would be.

use super::{
    service::{Settlement, kind_of, payer_of, required},
    store::YearClaim,
};
use crate::{
    db::DbError,
    entitlement::Rules,
    graphql::{language::Language, scalars::Fen},
};
use async_graphql::SimpleObject;
use entity::{codes::Department, health::codes::ClaimStageKind};

/// What a bill would come to (结算试算). Nothing of it is kept.
#[derive(SimpleObject)]
pub struct SettlementPreview {
    /// The pack of the rule (政策包). Null: no rule of settlement is in force in the village on the day of discharge.
    pub pack: Option<String>,
    /// The hash of the pack with all that it inherits (政策包指纹), SHA-256.
    pub pack_hash: Option<String>,
    /// Whether the household is registered on the day of discharge (出院时是否建档立卡), or has left poverty and keeps the policies.
    pub registered_at_discharge: bool,
    /// How many claims of the person and year were settled that are discharged before (此前已结算笔数): the bands of the year begin behind them.
    pub earlier_claims: i32,
    /// How many were settled that are discharged after (此后已结算笔数): they would be settled again.
    pub later_claims: i32,
    /// What stands in its way (不能结算的原因). Empty where there is a sheet.
    pub hindrances: Vec<SettlementHindrance>,
    /// The sheet (结算单). Null: the bill can't be settled, see `hindrances`.
    pub sheet: Option<PreviewedSheet>,
}

/// What stands in the way of a settlement (不能结算的原因).
#[derive(SimpleObject)]
pub struct SettlementHindrance {
    /// The code (代码), as `claimSettle` would answer it.
    pub code: String,
    /// What is wrong and what to do (说明), in the language asked for.
    pub message: String,
}

/// A sheet as it would be (结算单试算).
#[derive(SimpleObject)]
pub struct PreviewedSheet {
    /// The deductible that basic insurance applies (起付线), yuan. Null: none is applied to a visit.
    #[graphql(name = "deductible")]
    pub deductible_fen: Option<Fen>,
    /// The stages that run, in their order, also those that pay nothing (结算环节).
    pub stages: Vec<PreviewedStage>,
    /// What all stages pay together (报销金额), yuan.
    #[graphql(name = "reimbursed")]
    pub reimbursed_fen: Fen,
    /// What is left of the eligible cost (合规费用自付), yuan.
    #[graphql(name = "selfPayEligible")]
    pub self_pay_eligible_fen: Fen,
    /// What the patient pays, with what insurance does not cover (个人自付总额), yuan.
    #[graphql(name = "selfPayTotal")]
    pub self_pay_total_fen: Fen,
    /// The share of the eligible cost that is paid (实际报销比例), percent with two digits. Null of a bill without eligible cost.
    pub effective_ratio_percent: Option<String>,
    /// What the place has not set, so that it is left out (标注), such as "assistance rate not configured".
    pub marks: Vec<String>,
}

/// A stage as it would be (结算环节试算).
#[derive(SimpleObject)]
pub struct PreviewedStage {
    /// The place in the order of the settlement (序号), from 1.
    pub position: i32,
    /// The stage (结算环节).
    pub stage: ClaimStageKind,
    /// The department that pays (支付部门).
    pub payer: Department,
    /// What is left of the eligible cost when the stage begins (计算基数), yuan.
    #[graphql(name = "base")]
    pub base_fen: Fen,
    /// The amount it pays (支付金额), yuan.
    #[graphql(name = "paid")]
    pub paid_fen: Fen,
    /// How it is computed, as the pack writes it (公式).
    pub formula: String,
}

impl SettlementPreview {
    /// Of a bill without a sheet yet.
    #[must_use]
    pub fn of(
        bill: &YearClaim,
        pack: Option<&str>,
        rules: &Rules,
        before: i32,
        after: i32,
    ) -> Self {
        SettlementPreview {
            pack: pack.map(ToOwned::to_owned),
            pack_hash: pack.map(|pack| rules.hash(pack).to_owned()),
            registered_at_discharge: bill.registered,
            earlier_claims: before,
            later_claims: after,
            hindrances: vec![],
            sheet: None,
        }
    }
}

impl SettlementHindrance {
    /// A condition of the rule that does not hold.
    #[must_use]
    pub fn required(code: &str, formula: &str, language: Language) -> Self {
        let mistake = required(code, formula);
        let (chinese, english) = match &mistake.said {
            Some((chinese, english)) => (chinese.as_str(), english.as_str()),
            None => (mistake.code.chinese, mistake.code.english),
        };
        SettlementHindrance {
            code: mistake.code.word.to_owned(),
            message: language.pick(chinese, english).to_owned(),
        }
    }

    #[must_use]
    pub fn of(code: &crate::writing::Code, language: Language) -> Self {
        SettlementHindrance {
            code: code.word.to_owned(),
            message: language.pick(code.chinese, code.english).to_owned(),
        }
    }
}

impl PreviewedSheet {
    /// A sheet, with the formula of each stage.
    ///
    /// # Errors
    /// The pack names what the graph does not have.
    pub fn of((_, sheet): &Settlement<'_>) -> Result<Self, DbError> {
        let mut stages = Vec::with_capacity(sheet.stages.len());
        for (position, payment) in (1..).zip(&sheet.stages) {
            let mut steps = sheet.steps.iter();
            let step = steps.find(|step| step.name == *payment.stage.name);
            stages.push(PreviewedStage {
                position,
                stage: kind_of(payment)?,
                payer: payer_of(payment)?,
                base_fen: Fen(payment.base_fen),
                paid_fen: Fen(payment.paid_fen),
                formula: step.map_or_else(String::new, |step| step.formula.to_string()),
            });
        }
        Ok(PreviewedSheet {
            deductible_fen: sheet.deductible_fen.map(Fen),
            stages,
            reimbursed_fen: Fen(sheet.reimbursed_fen),
            self_pay_eligible_fen: Fen(sheet.self_pay_eligible_fen),
            self_pay_total_fen: Fen(sheet.self_pay_total_fen),
            effective_ratio_percent: sheet.effective_ratio_percent.clone(),
            marks: sheet.marks.clone(),
        })
    }
}
