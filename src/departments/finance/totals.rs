//! What finance counts in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::{
        plan::Outcome,
        scalars::{Fen, Percent},
    },
    household::{Counted, CountedIn, TotalsOf, number, word},
};
use async_graphql::{Context, Object, SimpleObject};
use entity::finance::codes::{FundKind, FundLevel};

/// Finance's part of the figures of a region.
pub struct OnTotals(TotalsOf);

impl From<TotalsOf> for OnTotals {
    fn from(of: TotalsOf) -> Self {
        OnTotals(of)
    }
}

#[Object(name = "FinanceOnTotals")]
impl OnTotals {
    /// What finance counts (财政、金融统计).
    async fn finance(&self) -> FinanceTotals {
        FinanceTotals(self.0)
    }
}

/// What finance counts in a region (财政、金融统计).
pub struct FinanceTotals(TotalsOf);

/// What finance counts in a region (财政、金融统计).
#[Object]
impl FinanceTotals {
    /// Loans granted in the period (发放贷款). ST-16.
    async fn loans(&self, ctx: &Context<'_>) -> Outcome<LoanTotals> {
        self.0.counted(ctx).await
    }

    /// Payments due in the period (应发款项). ST-18.
    async fn payments(&self, ctx: &Context<'_>) -> Outcome<PaymentTotals> {
        self.0.counted(ctx).await
    }

    /// Funds of the years of the period (扶贫资金). ST-17.
    async fn funds(&self, ctx: &Context<'_>) -> Outcome<FundTotals> {
        self.0.counted(ctx).await
    }
}

/// Loans granted in a period (发放贷款统计).
#[derive(SimpleObject, Clone, Default)]
pub struct LoanTotals {
    /// Loans (笔数).
    loans: i32,
    /// What was lent (贷款金额), yuan.
    principal: Option<Fen>,
    /// Households that borrowed (贷款户数).
    households: i32,
    /// Of them, those on file as poor when they borrowed (其中建档立卡户).
    registered_households: i32,
    /// The share of those on file (建档立卡户占比), percent of the households that borrowed. Null where nobody borrowed.
    registered_percent: Option<Percent>,
}

impl Counted for LoanTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sql = format!(
            "SELECT code, CAST(sum(loans) AS BIGINT), CAST(sum(principal) AS BIGINT), count(*), CAST(sum(on_file) AS BIGINT) FROM \
             (SELECT x.code AS code, t.household_id, count(*) AS loans, sum(t.principal_fen) AS principal, \
             max(CASE WHEN {} THEN 1 ELSE 0 END) AS on_file \
             FROM region x JOIN loan t ON {} WHERE {} AND t.granted_on BETWEEN $2 AND $3 \
             GROUP BY x.code, t.household_id) f GROUP BY code",
            CountedIn::on_file("t.household_id", "t.granted_on"),
            CountedIn::inside("t"),
            asked.only("x.code"),
        );
        vec![asked.statement(sql, &[Param::Day(asked.from), Param::Day(asked.to)])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        *self = LoanTotals {
            loans: number(row, 1)?,
            principal: Some(Fen(row.cell(2).int()?)),
            households: number(row, 3)?,
            registered_households: number(row, 4)?,
            registered_percent: Percent::of(row.cell(4).int()?, row.cell(3).int()?),
        };
        Ok(())
    }
}

/// Payments due in a period (应发款项统计).
#[derive(SimpleObject, Clone, Default)]
pub struct PaymentTotals {
    /// Payments (笔数).
    payments: i32,
    /// What was due (应发金额), yuan.
    due: Option<Fen>,
    /// Of it, what was paid (实发金额), yuan.
    paid: Option<Fen>,
    /// What is still to be paid, failed or came back (差额), yuan.
    difference: Option<Fen>,
}

impl Counted for PaymentTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sql = format!(
            "SELECT x.code, count(*), CAST(sum(t.amount_fen) AS BIGINT), \
             CAST(sum(CASE WHEN t.state = 'PAID' THEN t.amount_fen ELSE 0 END) AS BIGINT) \
             FROM region x JOIN payment t ON {} WHERE {} AND t.due_on BETWEEN $2 AND $3 GROUP BY x.code",
            CountedIn::inside("t"),
            asked.only("x.code"),
        );
        vec![asked.statement(sql, &[Param::Day(asked.from), Param::Day(asked.to)])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let (due, paid) = (row.cell(2).int()?, row.cell(3).int()?);
        *self = PaymentTotals {
            payments: number(row, 1)?,
            due: Some(Fen(due)),
            paid: Some(Fen(paid)),
            difference: Some(Fen(due - paid)),
        };
        Ok(())
    }
}

/// Funds of the calendar years of the period (扶贫资金统计): the region's own and those of the regions in it.
#[derive(SimpleObject, Clone, Default)]
pub struct FundTotals {
    /// What is planned (计划金额), yuan. Null where no funds are on record, as all amounts.
    planned: Option<Fen>,
    /// What was received (到账金额), yuan.
    received: Option<Fen>,
    /// What was spent (支出金额), yuan.
    spent: Option<Fen>,
    /// What was received of the plan (资金到位率), percent.
    received_percent: Option<Percent>,
    /// What was spent of that received (支出进度), percent.
    spent_percent: Option<Percent>,
    /// By level of government and kind (按资金级次、类别).
    by_source: Vec<FundSourceTotal>,
}

/// Funds of a level and kind (按资金级次、类别统计).
#[derive(SimpleObject, Clone)]
pub struct FundSourceTotal {
    /// The level of government that they come from (资金级次).
    level: FundLevel,
    /// The kind (资金类别).
    kind: FundKind,
    /// What is planned (计划金额), yuan.
    planned: Fen,
    /// What was received (到账金额), yuan.
    received: Fen,
    /// What was spent (支出金额), yuan.
    spent: Fen,
}

impl Counted for FundTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sums = ["planned_fen", "received_fen", "spent_fen"];
        let sums = sums.map(|column| format!(", CAST(sum(t.{column}) AS BIGINT)"));
        let sql = format!(
            "SELECT x.code, t.level, t.kind{} FROM region x JOIN fund_account t ON {} \
             WHERE {} AND t.year BETWEEN $2 AND $3 GROUP BY x.code, t.level, t.kind",
            sums.concat(),
            CountedIn::inside("t"),
            asked.only("x.code"),
        );
        let years = [asked.from, asked.to].map(|day| Param::I64(day.year().into()));
        vec![asked.statement(sql, &years)]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        let source = FundSourceTotal {
            level: word(row, 1)?.ok_or(BadCell::UNKNOWN)?,
            kind: word(row, 2)?.ok_or(BadCell::UNKNOWN)?,
            planned: Fen(row.cell(3).int()?),
            received: Fen(row.cell(4).int()?),
            spent: Fen(row.cell(5).int()?),
        };
        let with = |sum: Option<Fen>, more: Fen| Fen(sum.map_or(0, |sum| sum.0) + more.0);
        let (planned, received, spent) = (
            with(self.planned, source.planned),
            with(self.received, source.received),
            with(self.spent, source.spent),
        );
        self.received_percent = Percent::of(received.0, planned.0);
        self.spent_percent = Percent::of(spent.0, received.0);
        (self.planned, self.received, self.spent) = (Some(planned), Some(received), Some(spent));
        self.by_source.push(source);
        self.by_source
            .sort_by_key(|source| (source.level, source.kind));
        Ok(())
    }
}
