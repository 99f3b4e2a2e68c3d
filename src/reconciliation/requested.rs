//! A run of the checks as a job: asked for by whoever leads the work, or by the server itself when one is due.

use super::{
    check::Checks,
    run::{Reconciler, Report, RunError},
    runs::Order,
    store,
};
use crate::{
    clock::day_of,
    files::{Column, Kind, lines},
    graphql::{
        plan::Outcome,
        scalars::{RegionId, RequestId},
    },
    jobs::{
        self, FileState, Job, JobRequest, Progress, Stretch, TOO_MANY_JOBS, Trouble, Work, request,
    },
    writing::{Action, Call, Code, Door, Mistakes, NOT_FOUND, Payload, Stop, change},
};
use async_graphql::{Context, InputObject, Object};
use entity::{
    codes::{CodeList as _, FileFormat, JobKind, JobProblem},
    region_code::RegionCode,
};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use time::Date;

/// How often a job says how far it is: within the shortest lease.
const TOLD_EVERY: Duration = Duration::from_secs(2);
/// How often it is looked whether a run is due.
const LOOKED_EVERY: Duration = Duration::from_secs(60);
/// A run that came to nothing is not ordered again before that.
const PAUSE_MS: i64 = 600_000;

/// Nobody knows the check.
const NO_SUCH_CHECK: Code = Code::new(
    "NO_SUCH_CHECK",
    "没有这个核查项：请在 checks 中查找。",
    "There is no such check: look it up in checks.",
);

/// What is compared (核查任务).
#[derive(InputObject)]
pub struct ReconciliationRunInput {
    /// The region (行政区划), inside of yours.
    pub region: RegionId,
    /// Only this check (核查项), such as "RC-17". All of them unless told.
    pub check: Option<String>,
    /// Only what may differ since the last run of all checks (仅核查有变更的农户): households that were written or reported of since, and
    /// what hangs on the day. All unless told.
    #[graphql(default)]
    pub since_last: bool,
}

pub struct ReconciliationRun;
impl Action for ReconciliationRun {
    const NAME: &'static str = "reconciliationRun";
    type Changed = Job;
    const CODES: &'static [&'static Code] = &[&NO_SUCH_CHECK, &TOO_MANY_JOBS];
    const BELOW_HOUSEHOLD: bool = false;
}

/// What can be done over a region.
#[derive(Default)]
pub struct RegionMutation;

#[Object(name = "ReconciliationRunMutation")]
impl RegionMutation {
    /// Begins a job that runs the checks over the households of a region (数据核查), and keeps what contradicts as findings. Its file
    /// has a line for each check, and says of one that did not come to its end why (`unfinished`): what it had found before stands. See `job`.
    async fn reconciliation_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number you give this request (请求编号).")] request_id: RequestId,
        #[graphql(desc = "Only check, write nothing (预演).")] dry_run: Option<bool>,
        #[graphql(desc = "What is compared (核查任务).")] input: ReconciliationRunInput,
    ) -> Outcome<Payload<ReconciliationRun>> {
        let (call, input) = (Call::new(request_id, dry_run), &input);
        let checks = ctx.data_unchecked::<Arc<Checks>>();
        change(ctx, call, |door| async move {
            let region = input.region.0;
            let mut mistakes = Mistakes::default();
            let covered = door.access().covers(region.range());
            mistakes.unless(covered, &NOT_FOUND, &["input", "region"]);
            let check = input.check.as_deref();
            let known = check.is_none_or(|check| checks.of_id(check).is_some());
            mistakes.unless(known, &NO_SUCH_CHECK, &["input", "check"]);
            mistakes.none()?;
            let asked = Asked {
                region: region.to_string(),
                as_of: door.today(),
                check: input.check.clone(),
                since_last: input.since_last,
            };
            request(&door, asked.job(region)?).await
        })
        .await
        .into()
    }
}

/// What is asked of the job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    region: String,
    as_of: Date,
    check: Option<String>,
    since_last: bool,
}

impl Asked {
    fn job(&self, region: RegionCode) -> Result<JobRequest, Stop> {
        let input = serde_json::to_string(self);
        Ok(JobRequest {
            kind: JobKind::Reconciliation,
            region,
            input: input.map_err(|_| crate::graphql::plan::Refusal::internal())?,
            format: FileFormat::Csv,
            file: FileState::None,
            file_name: format!("reconciliation-{region}-{}", self.as_of),
        })
    }
}

/// Runs the checks over a region.
pub struct ReconciliationWork {
    pub reconciler: Reconciler,
}

/// Cells of a line.
const CELLS: usize = 10;
static COLUMNS: [Column; CELLS] = [
    Column::new("check", Kind::Text),
    Column::new("name", Kind::Text),
    Column::new("severity", Kind::Text),
    Column::new("department", Kind::Text),
    Column::new("new", Kind::Text),
    Column::new("changed", Kind::Text),
    Column::new("still_open", Kind::Text),
    Column::new("closed", Kind::Text),
    Column::new("reopened", Kind::Text),
    Column::new("unfinished", Kind::Text),
];
/// Where a job stands that has only its file to be made.
const RUN: &str = "\"run\"";

impl Work for ReconciliationWork {
    fn kind(&self) -> JobKind {
        JobKind::Reconciliation
    }
    fn run<'a>(
        &'a self,
        order: &'a jobs::Order,
        progress: &'a mut Progress,
    ) -> BoxFuture<'a, Result<Vec<Column>, Trouble>> {
        Box::pin(self.compare(order, progress))
    }
}

impl ReconciliationWork {
    /// A job that is gone on with begins anew: what was written stands, and is not written twice.
    async fn compare(
        &self,
        order: &jobs::Order,
        progress: &mut Progress,
    ) -> Result<Vec<Column>, Trouble> {
        if order.position.as_deref() == Some(RUN) {
            return Ok(COLUMNS.to_vec());
        }
        let asked: Asked = serde_json::from_str(&order.input).map_err(unreadable)?;
        let wanted = Order {
            region: order.region,
            as_of: asked.as_of,
            check: asked.check,
            since_last: asked.since_last,
        };
        let planned = self.reconciler.plan(&wanted).await?;
        progress.set_total(planned.households).await?;
        let done = AtomicU64::new(0);
        let run = self.reconciler.run_on_record(&planned, |households| {
            done.store(households, Ordering::Relaxed)
        });
        tokio::pin!(run);
        let report = loop {
            tokio::select! {
                report = &mut run => break report?,
                () = tokio::time::sleep(TOLD_EVERY) => {
                    let done = done.load(Ordering::Relaxed);
                    progress.add(stretch(Vec::new(), 0, done, "null")).await?;
                }
            }
        };
        let rows = self.rows(&report);
        let text = lines(order.format, &rows).map_err(|error| unreadable_text(&error))?;
        progress
            .add(stretch(text, rows.len(), report.households, RUN))
            .await?;
        Ok(COLUMNS.to_vec())
    }

    fn rows(&self, report: &Report) -> Vec<[String; CELLS]> {
        let rows = report.checks.iter().filter_map(|(id, tally)| {
            let check = self.reconciler.checks().of_id(id)?;
            Some([
                id.clone(),
                check.chinese.clone(),
                check.severity.word().to_owned(),
                check.asked.word().to_owned(),
                tally.found.to_string(),
                tally.changed.to_string(),
                tally.still_open.to_string(),
                tally.closed.to_string(),
                tally.reopened.to_string(),
                report.unfinished.get(id).cloned().unwrap_or_default(),
            ])
        });
        rows.collect()
    }
}

fn stretch(text: Vec<u8>, lines: usize, done: u64, position: &str) -> Stretch {
    Stretch {
        text,
        lines,
        done,
        position: position.to_owned(),
        counts: None,
    }
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Database(error) | RunError::Check { error, .. } => Trouble::Database(error),
            RunError::Unknown(_) | RunError::Refused => {
                Trouble::Problem(JobProblem::NotComputed, error.to_string())
            }
        }
    }
}

fn unreadable(error: serde_json::Error) -> Trouble {
    unreadable_text(&error)
}

fn unreadable_text(error: &dyn std::error::Error) -> Trouble {
    Trouble::Problem(JobProblem::Unreadable, error.to_string())
}

/// When checks are run by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    pub region: RegionCode,
    /// The hour of the day in China after which everything is looked at once.
    pub full_hour: u8,
    /// How often what changed is looked at.
    pub every_minutes: u32,
}

impl Schedule {
    /// Orders runs when they are due, again and again. Every instance does: a run that another one has ordered is not due.
    pub async fn order_for_ever(self, runner: Reconciler) {
        loop {
            if let Err(error) = self.order(&runner).await {
                tracing::warn!(%error, "a run of the checks could not be ordered");
            }
            tokio::time::sleep(LOOKED_EVERY).await;
        }
    }

    /// Orders a run if one is due, and says whether.
    ///
    /// # Errors
    /// The database.
    pub async fn order(&self, runner: &Reconciler) -> Result<bool, RunError> {
        let own = &runner.own().opened(crate::db::Opening::Checking);
        let last = store::last_started(own, self.region).await?;
        let Some(since_last) = self.due(last, own.clock().now_ms()) else {
            return Ok(false);
        };
        let asked = Asked {
            region: self.region.to_string(),
            as_of: own.clock().today(),
            check: None,
            since_last,
        };
        let job = &asked.job(self.region)?;
        let ordered = own.write("reconcile", |door: Door| async move {
            request(&door, job.clone()).await
        });
        ordered.await?;
        Ok(true)
    }

    /// Whether a run is due, and whether over what changed only.
    fn due(&self, last: Started, now_ms: i64) -> Option<bool> {
        const HOUR_MS: i64 = 3_600_000;
        const MINUTE_MS: i64 = 60_000;
        let since = |at_ms: Option<i64>| at_ms.map_or(i64::MAX, |at_ms| now_ms - at_ms);
        if since(last.ordered_ms) < PAUSE_MS {
            return None;
        }
        let full_today = last.full_ms.is_some_and(|ms| day_of(ms) == day_of(now_ms));
        // China Standard Time.
        let hour = (now_ms + 8 * HOUR_MS).rem_euclid(24 * HOUR_MS) / HOUR_MS;
        if !full_today && (hour >= i64::from(self.full_hour) || last.full_ms.is_none()) {
            return Some(false);
        }
        let over = since(last.any_ms) >= i64::from(self.every_minutes) * MINUTE_MS;
        over.then_some(true)
    }
}

/// When the newest run over everything began, the newest of all, and when the newest was ordered, epoch milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Started {
    pub full_ms: Option<i64>,
    pub any_ms: Option<i64>,
    pub ordered_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use time::macros::date;

    #[test]
    fn everything_is_looked_at_once_a_day_and_what_changed_in_between() {
        let schedule = Schedule {
            region: "1509".parse().expect("a region"),
            full_hour: 13,
            every_minutes: 60,
        };
        let noon = Clock::fixed(date!(2018 - 12 - 31)).now_ms();
        let (hour, day) = (3_600_000, 86_400_000);
        for (full, any, now, expected) in [
            // Nothing was ever run.
            (None, None, noon, Some(false)),
            // Yesterday everything was, and the hour has not come.
            (Some(noon - day), Some(noon - hour / 2), noon, None),
            (Some(noon - day), Some(noon - hour), noon, Some(true)),
            (Some(noon - day), Some(noon), noon + hour, Some(false)),
            // Today everything was.
            (Some(noon), Some(noon), noon + hour / 2, None),
            (Some(noon), Some(noon), noon + hour, Some(true)),
        ] {
            let last = Started {
                full_ms: full,
                any_ms: any,
                ordered_ms: any,
            };
            assert_eq!(schedule.due(last, now), expected, "{full:?} {any:?}");
        }
        // One that was ordered a moment ago waits, or has come to nothing.
        let last = Started {
            ordered_ms: Some(noon - 1),
            ..Started::default()
        };
        assert_eq!(schedule.due(last, noon), None);
    }
}
