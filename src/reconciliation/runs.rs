//! A run on record: what it looks at, and what the next one may leave out.
//!
//! A run over what changed takes the households that the change feed names since the last run of all checks over the region. It does
//! not see what no write tells: a day that has come, and what other agencies report. A run over everything does.

use super::{
    run::{Reconciler, Report, RunError, Wanted},
    store,
};
use crate::{
    db::{Class, Opening, Param, Statement},
    writing::Own,
};
use entity::region_code::RegionCode;
use std::sync::Arc;
use time::Date;

/// Of more households than these everything is looked at.
const MOST_TOUCHED: usize = 50_000;

/// Which run is wanted.
#[derive(Clone, Debug)]
pub struct Order {
    pub region: RegionCode,
    /// The day on which the data are looked at.
    pub as_of: Date,
    /// One check only.
    pub check: Option<String>,
    /// Only households that were written since the last run of all checks over the region; all where there was none.
    pub since_last: bool,
}

impl Reconciler {
    /// Runs checks, and keeps what came of it and up to where changes were seen.
    ///
    /// # Errors
    /// What stopped the run.
    pub async fn run_on_record(
        &self,
        order: &Order,
        progress: impl FnMut(u64),
    ) -> Result<Report, RunError> {
        let own = &self.own().opened(Opening::Checking);
        let started_at_ms = own.clock().now_ms();
        // What is written while the run reads is seen by the next one again.
        let horizon = own.database().horizon().await?;
        let households = match order.since_last {
            true => touched(own, order.region, horizon).await?,
            false => None,
        };
        let wanted = Wanted {
            region: order.region,
            as_of: order.as_of,
            check: order.check.clone(),
            households,
        };
        let report = self.run(&wanted, progress).await?;
        let incremental = wanted.households.is_some();
        store::keep_run(own, order, incremental, (started_at_ms, horizon), &report).await?;
        Ok(report)
    }
}

/// The households of a region that were written since its last run over all checks, below the horizon. None where everything has
/// to be looked at: there was no such run, too many were written, or what is told of changes does not reach back so far.
async fn touched(
    own: &Own,
    region: RegionCode,
    horizon: i64,
) -> Result<Option<Arc<[i64]>>, RunError> {
    let (lo, hi) = region.range();
    let reads = own.database().reads();
    let above = std::iter::successors(Some(region), |region| region.parent());
    let above: Vec<i64> = above.map(RegionCode::get).collect();
    let followed = format!(
        "SELECT MAX(t.followed_transaction), (SELECT g.transaction_id FROM change_purge g) FROM reconciliation_run t \
         WHERE {} AND t.check_id IS NULL",
        reads.dialect().any("t.region_code", 1)
    );
    let params = vec![Param::I64s(above.into())];
    let mut session = reads.acquire().await?;
    let rows = session
        .one(Statement::new(Class::Job, followed, params))
        .await?;
    let Some(row) = rows.first().filter(|row| !row.cell(0).is_null()) else {
        return Ok(None);
    };
    let (from, purged) = (row.cell(0).int()?, row.cell(1).int()?);
    if purged >= from {
        return Ok(None);
    }
    let sql = format!(
        "SELECT DISTINCT t.household_id FROM change_record t WHERE t.transaction_id >= $1 AND t.transaction_id < $2 \
         AND t.region_code BETWEEN $3 AND $4 AND t.household_id IS NOT NULL \
         AND t.object_type NOT IN ('finding', 'finding_event') LIMIT {}",
        MOST_TOUCHED + 1
    );
    let params = [from, horizon, lo, hi].map(Param::I64).to_vec();
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    if rows.len() > MOST_TOUCHED {
        return Ok(None);
    }
    let households = rows.iter().map(|row| row.cell(0).int());
    Ok(Some(households.collect::<Result<_, _>>()?))
}
