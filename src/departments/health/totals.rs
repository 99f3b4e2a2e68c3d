//! What health counts in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::{
        plan::Outcome,
        scalars::{Fen, Percent},
    },
    household::{Counted, CountedIn, TotalsOf, number},
};
use async_graphql::{Context, Object, SimpleObject};

/// Health's part of the figures of a region.
pub struct OnTotals(TotalsOf);

impl From<TotalsOf> for OnTotals {
    fn from(of: TotalsOf) -> Self {
        OnTotals(of)
    }
}

#[Object(name = "HealthOnTotals")]
impl OnTotals {
    /// What medical insurance and health count (医保、卫健统计).
    async fn health(&self) -> HealthTotals {
        HealthTotals(self.0)
    }
}

/// What medical insurance and health count.
pub struct HealthTotals(TotalsOf);

/// What medical insurance and health count in a region (医保、卫健统计).
#[Object]
impl HealthTotals {
    /// How many of the poor persons the services reach (服务覆盖). ST-12.
    async fn coverage(&self, ctx: &Context<'_>) -> Outcome<HealthCoverage> {
        self.0.counted(ctx).await
    }

    /// What settled claims came to (报销情况). ST-13.
    async fn claims(&self, ctx: &Context<'_>) -> Outcome<ClaimTotals> {
        self.0.counted(ctx).await
    }
}

/// How many of the persons on file on the day the services of its calendar year reach (服务覆盖统计).
#[derive(SimpleObject, Clone, Default)]
pub struct HealthCoverage {
    /// Persons on file (应覆盖人数).
    persons: i32,
    /// Of them, enrolled in basic insurance (已参保人数).
    enrolled: i32,
    /// The share enrolled (参保率), percent. Null where nobody is on file.
    enrolled_percent: Option<Percent>,
}

impl Counted for HealthCoverage {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sql = format!(
            "SELECT x.code, count(*), CAST(sum(CASE WHEN EXISTS (SELECT 1 FROM medical_enrolment e \
             WHERE e.person_id = t.id AND e.year = $3) THEN 1 ELSE 0 END) AS BIGINT) \
             FROM region x JOIN person t ON {} WHERE {} AND t.valid_from <= $2 AND (t.valid_to IS NULL OR t.valid_to > $2) \
             AND {} GROUP BY x.code",
            CountedIn::inside("t"),
            asked.only("x.code"),
            CountedIn::on_file("t.household_id", "$2"),
        );
        let year = Param::I64(asked.to.year().into());
        vec![asked.statement(sql, &[Param::Day(asked.to), year])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        *self = HealthCoverage {
            persons: number(row, 1)?,
            enrolled: number(row, 2)?,
            enrolled_percent: Percent::of(row.cell(2).int()?, row.cell(1).int()?),
        };
        Ok(())
    }
}

/// Settled claims of persons who were on file at discharge, discharged in the period (报销统计).
#[derive(SimpleObject, Clone, Default)]
pub struct ClaimTotals {
    /// Claims (结算人次).
    claims: i32,
    /// Eligible cost (合规费用), yuan.
    eligible_cost: Option<Fen>,
    /// What all stages paid (报销金额), yuan.
    reimbursed: Option<Fen>,
    /// Reimbursed of the eligible cost (实际报销比例), percent. Null where there was no cost.
    reimbursed_percent: Option<Percent>,
    /// The rest of the eligible cost, which the patient paid (个人自付比例), percent of it.
    self_paid_percent: Option<Percent>,
}

impl Counted for ClaimTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sql = format!(
            "SELECT x.code, count(*), CAST(sum(t.eligible_cost_fen) AS BIGINT), \
             CAST(sum((SELECT coalesce(sum(g.paid_fen), 0) FROM claim_stage g WHERE g.claim_id = t.id)) AS BIGINT) \
             FROM region x JOIN medical_claim t ON {} WHERE {} AND t.state = 'SETTLED' AND t.registered_at_discharge \
             AND t.discharged_on BETWEEN $2 AND $3 GROUP BY x.code",
            CountedIn::inside("t"),
            asked.only("x.code"),
        );
        vec![asked.statement(sql, &[Param::Day(asked.from), Param::Day(asked.to)])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let (eligible, reimbursed) = (row.cell(2).int()?, row.cell(3).int()?);
        *self = ClaimTotals {
            claims: number(row, 1)?,
            eligible_cost: Some(Fen(eligible)),
            reimbursed: Some(Fen(reimbursed)),
            reimbursed_percent: Percent::of(reimbursed, eligible),
            self_paid_percent: Percent::of(eligible - reimbursed, eligible),
        };
        Ok(())
    }
}
