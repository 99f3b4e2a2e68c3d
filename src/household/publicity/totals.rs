//! How much is posted for objections in a region.

use crate::{
    db::{BadCell, Param, Row, Statement},
    household::region::{Counted, CountedIn, number},
};
use async_graphql::SimpleObject;

/// What is posted for objections in a region (公示统计): its own lists and those of the regions in it.
#[derive(SimpleObject, Clone, Default)]
pub struct PublicityTotals {
    /// Lists posted on the day (公示中).
    running: i32,
    /// Lists whose last day lies in the period, before the day (已结束).
    ended: i32,
    /// Objections raised in the period (异议数).
    objections: i32,
    /// Of them, those not decided (其中未处理).
    open_objections: i32,
    /// Of them, those upheld (其中成立).
    upheld_objections: i32,
}

impl Counted for PublicityTotals {
    /// Lists, objections.
    fn statements(asked: &CountedIn) -> Vec<Statement> {
        let (only, inside) = (asked.only("x.code"), CountedIn::inside("t"));
        let lists = format!(
            "SELECT x.code, CAST(sum(CASE WHEN t.starts_on <= $3 AND t.ends_on >= $3 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.ends_on >= $2 AND t.ends_on < $3 THEN 1 ELSE 0 END) AS BIGINT) \
             FROM region x JOIN publicity t ON {inside} WHERE {only} AND t.starts_on <= $3 AND t.ends_on >= $2 GROUP BY x.code"
        );
        let objections = format!(
            "SELECT x.code, count(*), CAST(sum(CASE WHEN t.decision IS NULL THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(sum(CASE WHEN t.decision <> 'NOT_UPHELD' THEN 1 ELSE 0 END) AS BIGINT) \
             FROM region x JOIN objection t ON {inside} WHERE {only} AND t.raised_on BETWEEN $2 AND $3 GROUP BY x.code"
        );
        let period = [Param::Day(asked.from), Param::Day(asked.to)];
        vec![
            asked.statement(lists, &period),
            asked.statement(objections, &period),
        ]
    }

    fn add(&mut self, statement: usize, row: &Row) -> Result<(), BadCell> {
        match statement {
            0 => {
                self.running = number(row, 1)?;
                self.ended = number(row, 2)?;
            }
            _ => {
                self.objections = number(row, 1)?;
                self.open_objections = number(row, 2)?;
                self.upheld_objections = number(row, 3)?;
            }
        }
        Ok(())
    }
}
