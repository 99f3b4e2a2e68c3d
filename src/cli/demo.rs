//! `yihu demo`: fills a database with a demonstration of any size.

use super::{DatabaseProblem, Options, complain, compose::ComposeError};
use crate::{
    clock::Clock,
    config::Config,
    db::{Checks, Database, Settings},
    demo::{self, Progress},
    household::load_regions,
    vault::{KeyRing, Vault},
};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use migration::Migrator;
use std::{process::ExitCode, time::Instant};

/// Up to so many households the constraints are checked with each row, as they are for everybody else.
const CHECKED_WITH_EACH_ROW: u64 = 5_000;

/// What is to be filled, and with what.
#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// How many households of 乌兰察布; the first 200 are always the same, and 东湖渔业村 comes besides.
    #[arg(long, default_value_t = demo::Wanted::default().households,
        value_parser = clap::value_parser!(u64).range(demo::Wanted::POSSIBLE))]
    households: u64,
    /// The same seed gives the same data.
    #[arg(long, default_value_t = demo::SEED, value_parser = clap::value_parser!(u64).range(..=i64::MAX.unsigned_abs()))]
    seed: u64,
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let demo = demo::Wanted {
        households: wanted.households,
        seed: wanted.seed,
        checks: match wanted.households {
            ..=CHECKED_WITH_EACH_ROW => Checks::WithEachRow,
            _ => Checks::AtTheEnd,
        },
        ..demo::Wanted::default()
    };
    let options = Options {
        demo: true,
        ..wanted.options
    };
    let config = match options.read() {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    match runtime.block_on(fill(&config, demo)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}

async fn fill(config: &Config, wanted: demo::Wanted) -> Result<String, ComposeError> {
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool))
        .await
        .map_err(&problem)?;
    database.migrate::<Migrator>().await.map_err(&problem)?;
    load_regions(&database).await.map_err(&problem)?;
    let vault = Vault::new(config.vault.suite, &KeyRing::demo());
    let (bar, began) = (bar(wanted.all()), Instant::now());
    let show = |progress| match progress {
        Progress::Told(households) => bar.set_position(households),
        Progress::Checking => bar.set_message("building indexes and checking"),
    };
    let filled = demo::fill(&database, &vault, &Clock::system(), wanted, &show).await;
    bar.finish_and_clear();
    let filled = filled?;
    let seconds = began.elapsed().as_secs_f64();
    Ok(match filled.written {
        true => format!("{filled}, in {seconds:.1} s"),
        false => filled.to_string(),
    })
}

/// Shown on a terminal only.
fn bar(households: u64) -> ProgressBar {
    let style = "{bar:40} {pos} of {len} households, {elapsed}, {eta} to go {msg}";
    let bar = ProgressBar::new(households);
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
