//! A run on record: what it looks at, and what the next one may leave out.
//!
//! A run over what changed takes the households that the change feed names since the last run of all checks over the region, those
//! of whom something was reported since, and those with findings that were said to be corrected or whose explanations have had
//! their time. A check that compares with the day looks at all households again when that day is another one.

use super::{
    run::{Reconciler, Report, RunError, Since, Wanted},
    store,
};
use crate::{
    db::{BadCell, Class, Dialect, Opening, Param, Session, Statement},
    writing::Own,
};
use entity::region_code::RegionCode;
use std::collections::BTreeSet;
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

/// Of more households than these everything is looked at.
const MOST_TOUCHED: usize = 50_000;
/// By how much what is reported may come to be seen later than it arrived.
const LATE_MS: i64 = 3_600_000;
/// A region code of 12 digits divided by this is its county's code of 6.
const COUNTY: i64 = 1_000_000;
/// How a day stands in a row.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Which run is wanted.
#[derive(Clone, Debug)]
pub struct Order {
    pub region: RegionCode,
    /// The day on which the data are looked at.
    pub as_of: Date,
    /// One check only.
    pub check: Option<String>,
    /// Only what may differ since the last run of all checks over the region; all where there was none.
    pub since_last: bool,
}

/// A run that is about to begin.
pub struct Planned {
    wanted: Wanted,
    /// How many households it looks at.
    pub households: u64,
    started_at_ms: i64,
    horizon: i64,
}

impl Reconciler {
    /// Finds out what a run looks at.
    ///
    /// # Errors
    /// The database could not be asked.
    pub async fn plan(&self, order: &Order) -> Result<Planned, RunError> {
        let own = &self.own().opened(Opening::Checking);
        let started_at_ms = own.clock().now_ms();
        // What is written while the run reads is seen by the next one again.
        let horizon = own.database().horizon().await?;
        let since = match order.since_last {
            true => since(own, order, horizon).await?,
            false => None,
        };
        let wanted = Wanted {
            region: order.region,
            as_of: order.as_of,
            check: order.check.clone(),
            since,
        };
        Ok(Planned {
            households: self.looked_at(&wanted).await?,
            wanted,
            started_at_ms,
            horizon,
        })
    }

    /// Runs checks, and keeps what came of it and up to where changes were seen. One in which a check did not come to its end is
    /// no ground for a run over what changed.
    ///
    /// # Errors
    /// What stopped the run.
    pub async fn run_on_record(
        &self,
        planned: &Planned,
        progress: impl FnMut(u64),
    ) -> Result<Report, RunError> {
        let own = &self.own().opened(Opening::Checking);
        let report = self.run(&planned.wanted, progress).await?;
        let seen = (planned.started_at_ms, planned.horizon);
        store::keep_run(own, &planned.wanted, seen, &report).await?;
        Ok(report)
    }
}

/// The last run over all checks that looked at a region and in which all came to their end.
struct Last {
    followed: i64,
    as_of: Date,
    started_at_ms: i64,
}

/// What a run of this region may leave out since the last one. None where everything has to be looked at: there was no such run,
/// too much has happened since, or what is told of changes does not reach back so far.
async fn since(own: &Own, order: &Order, horizon: i64) -> Result<Option<Since>, RunError> {
    let reads = own.database().reads();
    let mut session = reads.acquire().await?;
    let Some(last) = last(&mut session, reads.dialect(), order.region).await? else {
        return Ok(None);
    };
    let mut statements = vec![written(&last, order, horizon), reported(&last)];
    statements.push(answered(&last, order));
    let mut households = BTreeSet::new();
    for rows in session.batch(statements).await {
        for row in rows? {
            households.insert(row.cell(0).int()?);
        }
    }
    Ok((households.len() <= MOST_TOUCHED).then(|| Since {
        seen_on: last.as_of,
        households: households.into_iter().collect(),
    }))
}

async fn last(
    session: &mut Session,
    dialect: Dialect,
    region: RegionCode,
) -> Result<Option<Last>, RunError> {
    let above = std::iter::successors(Some(region), |region| region.parent());
    let above: Vec<i64> = above.map(RegionCode::get).collect();
    let sql = format!(
        "SELECT t.followed_transaction, CAST(t.as_of AS TEXT), t.started_at_ms, (SELECT g.transaction_id FROM change_purge g) \
         FROM reconciliation_run t WHERE {} AND t.check_id IS NULL AND t.unfinished IS NULL \
         ORDER BY t.followed_transaction DESC, t.id DESC LIMIT 1",
        dialect.any("t.region_code", 1)
    );
    let params = vec![Param::I64s(above.into())];
    let rows = session.one(Statement::new(Class::Job, sql, params)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let last = Last {
        followed: row.cell(0).int()?,
        as_of: Date::parse(row.cell(1).text()?, DAY).map_err(|_| BadCell::UNKNOWN)?,
        started_at_ms: row.cell(2).int()?,
    };
    Ok((row.cell(3).int()? < last.followed).then_some(last))
}

/// The households that were written, below the horizon.
fn written(last: &Last, order: &Order, horizon: i64) -> Statement {
    let (lo, hi) = order.region.range();
    let sql = format!(
        "SELECT DISTINCT t.household_id FROM change_record t WHERE t.transaction_id >= $1 AND t.transaction_id < $2 \
         AND t.region_code BETWEEN $3 AND $4 AND t.household_id IS NOT NULL \
         AND t.object_type NOT IN ('finding', 'finding_event') LIMIT {}",
        MOST_TOUCHED + 1
    );
    let params = [last.followed, horizon, lo, hi].map(Param::I64).to_vec();
    Statement::new(Class::Job, sql, params)
}

/// Those of whom another agency has reported, wherever they are: a run leaves out what is not its own.
fn reported(last: &Last) -> Statement {
    let sql = format!(
        "SELECT r.household_id FROM reported_record r WHERE r.received_at_ms >= $1 AND r.household_id IS NOT NULL \
         UNION SELECT p.household_id FROM reported_record r JOIN person p ON p.citizen_number_index = r.identity_index \
         WHERE r.received_at_ms >= $1 LIMIT {}",
        MOST_TOUCHED + 1
    );
    let params = vec![Param::I64(last.started_at_ms - LATE_MS)];
    Statement::new(Class::Job, sql, params)
}

/// Those with a finding that was said to be corrected, or was explained for a time, which is over.
fn answered(last: &Last, order: &Order) -> Statement {
    let (lo, hi) = order.region.range();
    let sql = format!(
        "SELECT DISTINCT t.household_id FROM finding t WHERE t.county_code BETWEEN $5 AND $6 \
         AND t.region_code BETWEEN $1 AND $2 AND t.household_id IS NOT NULL AND t.raised_by IS NULL \
         AND t.state IN ('CORRECTED', 'EXPLAINED') \
         AND (t.state = 'CORRECTED' OR t.state = 'EXPLAINED' AND t.explained_until >= $3 AND t.explained_until < $4) LIMIT {}",
        MOST_TOUCHED + 1
    );
    let days = [last.as_of, order.as_of].map(Param::Day);
    let counties = [lo / COUNTY, hi / COUNTY].map(Param::I64);
    let params = [lo, hi].map(Param::I64).into_iter();
    let params = params.chain(days).chain(counties).collect();
    Statement::new(Class::Job, sql, params)
}
