//! What the villages of a region earn in common.

use crate::{
    db::{BadCell, Param, Row, Statement},
    graphql::scalars::{Fen, Percent},
    household::region::{Counted, CountedIn, number},
};
use async_graphql::SimpleObject;

/// What the villages of a region earned in common in the calendar year of the day (村集体经济收入统计). Villages without a
/// figure of the year are not counted.
#[derive(SimpleObject, Clone, Default)]
pub struct CollectiveIncomeTotals {
    /// Villages with a figure of the year (有记录村数).
    villages: i32,
    /// Of them, those that earned nothing (空白村数).
    villages_at_zero: i32,
    /// Of them, those that earned 50,000 yuan or more (收入达到五万元村数).
    villages_at_least_50000: i32,
    /// The share of the last (达到五万元村占比), percent of the villages with a figure. Null where there is none.
    at_least_50000_percent: Option<Percent>,
    /// What they earned together (收入合计), yuan.
    amount: Option<Fen>,
}

impl Counted for CollectiveIncomeTotals {
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let sql = format!(
            "SELECT x.code, count(*), CAST(sum(CASE WHEN t.amount_fen = 0 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.amount_fen >= 5000000 THEN 1 ELSE 0 END) AS BIGINT), CAST(sum(t.amount_fen) AS BIGINT) \
             FROM region x JOIN collective_income t ON {} WHERE {} AND t.year = $2 GROUP BY x.code",
            CountedIn::inside("t"),
            asked.only("x.code"),
        );
        vec![asked.statement(sql, &[Param::I64(asked.to.year().into())])]
    }

    fn add(&mut self, _: usize, row: &Row) -> Result<(), BadCell> {
        *self = CollectiveIncomeTotals {
            villages: number(row, 1)?,
            villages_at_zero: number(row, 2)?,
            villages_at_least_50000: number(row, 3)?,
            at_least_50000_percent: Percent::of(row.cell(3).int()?, row.cell(1).int()?),
            amount: Some(Fen(row.cell(4).int()?)),
        };
        Ok(())
    }
}
