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
use time::Date;

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

/// How many of the persons on file on the day the services of its calendar year, until the day, reach (服务覆盖统计).
#[derive(SimpleObject, Clone, Default)]
pub struct HealthCoverage {
    /// Persons on file (应覆盖人数).
    persons: i32,
    /// Of them, enrolled in basic insurance (已参保人数).
    enrolled: i32,
    /// The share enrolled (参保率), percent. Null where nobody is on file.
    enrolled_percent: Option<Percent>,
    /// Of the persons on file, those who had a check-up (已体检人数).
    checked_up: i32,
    /// The share checked (体检率), percent. Null where nobody is on file.
    checked_up_percent: Option<Percent>,
    /// Of the persons on file, those with a contract with a family doctor on the day (已签约人数).
    contracted: i32,
    /// The share with a contract (家庭医生签约率), percent. Null where nobody is on file.
    contracted_percent: Option<Percent>,
    /// Of those with a contract, the focus patients, to whom medicine should be brought (应送药人数).
    patients: i32,
    /// Of the focus patients, those to whom medicine was brought (已送药人数).
    supplied: i32,
    /// The share of the focus patients to whom medicine was brought (送药率), percent. Null where there are none.
    supplied_percent: Option<Percent>,
}

/// One contract a person at a time, so that the join keeps the number of persons.
const COVERED: &str = "LEFT JOIN doctor_contract c ON c.person_id = t.id AND c.valid_from <= $2 \
    AND (c.valid_to IS NULL OR c.valid_to > $2)";
const ENROLLED: &str =
    "EXISTS (SELECT 1 FROM medical_enrolment e WHERE e.person_id = t.id AND e.year = $3)";
const CHECKED_UP: &str = "EXISTS (SELECT 1 FROM check_up k WHERE k.person_id = t.id AND k.year = $3 AND k.checked_on <= $2)";
const SUPPLIED: &str = "c.focus AND EXISTS (SELECT 1 FROM medicine_delivery d WHERE d.person_id = t.id \
    AND d.delivered_on BETWEEN $4 AND $2)";

impl Counted for HealthCoverage {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let how_many = |condition: &str| {
            format!("CAST(sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)")
        };
        let conditions = [
            ENROLLED,
            CHECKED_UP,
            "c.id IS NOT NULL",
            "c.focus",
            SUPPLIED,
        ];
        let sql = format!(
            "SELECT x.code, count(*), {} FROM region x JOIN person t ON {} {COVERED} WHERE {} \
             AND t.valid_from <= $2 AND (t.valid_to IS NULL OR t.valid_to > $2) AND {} GROUP BY x.code",
            conditions.map(how_many).join(", "),
            CountedIn::inside("t"),
            asked.only("x.code"),
            CountedIn::on_file("t.household_id", "$2"),
        );
        let year = asked.to.year();
        let new_year = Date::from_ordinal_date(year, 1).unwrap_or(asked.to);
        let params = [
            Param::Day(asked.to),
            Param::I64(year.into()),
            Param::Day(new_year),
        ];
        vec![asked.statement(sql, &params)]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let share = |part: usize, of: usize| -> Result<Option<Percent>, BadCell> {
            Ok(Percent::of(row.cell(part).int()?, row.cell(of).int()?))
        };
        *self = HealthCoverage {
            persons: number(row, 1)?,
            enrolled: number(row, 2)?,
            enrolled_percent: share(2, 1)?,
            checked_up: number(row, 3)?,
            checked_up_percent: share(3, 1)?,
            contracted: number(row, 4)?,
            contracted_percent: share(4, 1)?,
            patients: number(row, 5)?,
            supplied: number(row, 6)?,
            supplied_percent: share(6, 5)?,
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
    /// The rest of the eligible cost, which the patient paid (个人自付比例), percent of it. Null also where more was paid
    /// than it came to.
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
