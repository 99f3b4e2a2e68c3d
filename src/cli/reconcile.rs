//! `yihu reconcile`: runs the checks over a region, and keeps what they find.

use super::{DatabaseProblem, Options, compose, entitle::day, households_bar, policy, to_its_end};
use crate::{
    clock::Clock,
    config::Config,
    db::{Database, Settings},
    reconciliation::{Checks, Order, Report, RunError},
    schema::GraphError,
    vault::Vault,
};
use clap::Args;
use entity::{codes::CodeList as _, region_code::RegionCode};
use std::{process::ExitCode, sync::Arc, time::Instant};
use time::Date;

/// What is compared.
#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// The region, by its code of 2 to 12 digits.
    #[arg(long)]
    region: RegionCode,
    /// Only this check, such as RC-17.
    #[arg(long)]
    check: Option<String>,
    /// The day on which the data are looked at, as YYYY-MM-DD; today unless told.
    #[arg(long, value_parser = day)]
    as_of: Option<Date>,
    /// Only what may differ since the last run of all checks over the region: households that were written or reported of since, and
    /// what hangs on the day.
    #[arg(long)]
    since_last: bool,
}

#[derive(Debug, thiserror::Error)]
enum ReconcileProblem {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error(transparent)]
    Compose(#[from] compose::ComposeError),
    #[error("rules: {0}")]
    Rules(#[from] policy::PolicyProblem),
    #[error("graph: {0}")]
    Graph(#[from] GraphError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("these checks did not come to their end, and what they had found before stands:{0}")]
    Unfinished(String),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| reconcile(config, wanted).await)
}

async fn reconcile(config: &Config, wanted: Wanted) -> Result<String, ReconcileProblem> {
    let vault = Arc::new(Vault::new(config.vault.suite, &compose::key_ring(config)?));
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool))
        .await
        .map_err(&problem)?;
    let clock = Clock::system();
    let rules = Arc::new(policy::rules(config)?);
    let reconciler = compose::reconciler(config, &rules, database, vault, clock.clone())?;
    let order = Order {
        region: wanted.region,
        as_of: wanted.as_of.unwrap_or_else(|| clock.today()),
        check: wanted.check,
        since_last: wanted.since_last,
    };
    let began = Instant::now();
    let planned = reconciler.plan(&order).await?;
    let bar = households_bar(planned.households);
    let progress = |done| bar.set_position(done);
    let report = reconciler.run_on_record(&planned, progress).await?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    let told = told(&report, reconciler.checks(), &order, seconds);
    let unfinished = report.unfinished.iter();
    let unfinished: String = unfinished
        .map(|(check, why)| format!(" {check} ({why})"))
        .collect();
    if unfinished.is_empty() {
        return Ok(told);
    }
    println!("{told}");
    Err(ReconcileProblem::Unfinished(unfinished))
}

/// A line a check, and what they come to.
fn told(report: &Report, checks: &Checks, order: &Order, seconds: f64) -> String {
    let mut text = String::new();
    for (id, tally) in &report.checks {
        let (severity, title) = checks.of_id(id).map_or(("", ""), |check| {
            (check.severity.word(), check.english.as_str())
        });
        let end = match report.unfinished.contains_key(id) {
            true => ", not finished",
            false => "",
        };
        text += &format!("{id} {severity:<6} {tally}{end}  {title}\n");
    }
    let (total, households) = (report.total(), report.households);
    let (region, day) = (order.region, order.as_of);
    text + &format!("{region}: {households} households on {day} in {seconds:.1} s: {total}")
}
