//! `yihu reconcile`: runs the checks over a region, and keeps what they find.

use super::{DatabaseProblem, Options, compose, entitle::day, households_bar, to_its_end};
use crate::{
    authz::{Access, Policy},
    clock::Clock,
    config::Config,
    db::{Database, Settings},
    departments,
    reconciliation::{
        Checks, Deadlines, Report, RunError, Runner, Wanted as WantedRun, server, shipped,
    },
    schema::{self, GraphError},
    vault::Vault,
    writing::Own,
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
}

#[derive(Debug, thiserror::Error)]
enum ReconcileProblem {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error(transparent)]
    Compose(#[from] compose::ComposeError),
    #[error("graph: {0}")]
    Graph(#[from] GraphError),
    #[error("checks: {0}")]
    Checks(#[from] ::yaml::FileError),
    #[error(transparent)]
    Run(#[from] RunError),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| reconcile(config, wanted).await)
}

async fn reconcile(config: &Config, wanted: Wanted) -> Result<String, ReconcileProblem> {
    let matrix = schema::matrix().map_err(GraphError::from)?;
    let checks = Arc::new(shipped(&matrix)?);
    let policy = Arc::new(Policy {
        matrix,
        links: departments::links(),
    });
    let vault = Vault::new(config.vault.suite, &compose::key_ring(config)?);
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool))
        .await
        .map_err(&problem)?;
    let clock = Clock::system();
    let access = Access::new(Arc::new(server()), policy);
    let own = Own::new(database, Arc::new(vault), clock.clone(), access);
    let runner = Runner::new(own, checks.clone(), Deadlines::default());
    let asked = WantedRun {
        region: wanted.region,
        as_of: wanted.as_of.unwrap_or_else(|| clock.today()),
        check: wanted.check,
        households: None,
    };
    let began = Instant::now();
    let bar = households_bar(runner.households(asked.region).await?);
    let report = runner.run(&asked, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    Ok(told(&report, &checks, &asked, seconds))
}

/// A line a check, and what they come to.
fn told(report: &Report, checks: &Checks, asked: &WantedRun, seconds: f64) -> String {
    let mut text = String::new();
    for (id, tally) in &report.checks {
        let (severity, title) = checks.of_id(id).map_or(("", ""), |check| {
            (check.severity.word(), check.english.as_str())
        });
        text += &format!("{id} {severity:<6} {tally}  {title}\n");
    }
    let (total, households) = (report.total(), report.households);
    let (region, day) = (asked.region, asked.as_of);
    text + &format!("{region}: {households} households on {day} in {seconds:.1} s: {total}")
}
