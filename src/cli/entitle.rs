//! `yihu entitle`: what is due to each household of a region on a day, as a file.

use super::{
    DatabaseProblem, Options, households_bar,
    policy::{self, PolicyProblem},
    to_its_end,
};
use crate::{
    clock::Clock,
    config::Config,
    db::{Database, Settings},
    entitlement::{COLUMNS, Listing, Position, Run, RunError, Told},
    files::{FileError, Part},
};
use clap::Args;
use entity::region_code::RegionCode;
use futures_util::{StreamExt as _, pin_mut};
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Instant};
use time::Date;

/// What is due to whom, and where it is written.
#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// The region, by its code of 2 to 12 digits.
    #[arg(long)]
    region: RegionCode,
    /// The day, as YYYY-MM-DD; today unless told.
    #[arg(long, value_parser = day)]
    as_of: Option<Date>,
    /// Only this benefit, by its code; may be given more than once.
    #[arg(long)]
    benefit: Vec<String>,
    /// The file: .csv, .xlsx or .parquet. Started again after it was cut off, the command goes on where it stood.
    #[arg(long)]
    out: PathBuf,
    /// Also where nothing is due and nothing was granted.
    #[arg(long)]
    all: bool,
    /// So many households at once.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    at_once: u32,
}

/// A day of an option.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(text, format).map_err(|_| "expected a day such as 2018-11-30".to_owned())
}

#[derive(Debug, thiserror::Error)]
enum EntitleProblem {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error("rules: {0}")]
    Rules(#[from] PolicyProblem),
    #[error("no pack has a benefit `{0}`")]
    Benefit(String),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    File(#[from] FileError),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| entitle(config, wanted).await)
}

async fn entitle(config: &Config, wanted: Wanted) -> Result<String, EntitleProblem> {
    let day = wanted.as_of.unwrap_or_else(|| Clock::system().today());
    let rules = Arc::new(policy::rules(config)?);
    if let Some(unknown) = wanted.benefit.iter().find(|of| !rules.knows(of)) {
        return Err(EntitleProblem::Benefit(unknown.clone()));
    }
    let told = if wanted.all {
        Told::All
    } else {
        Told::Something
    };
    let of = format!(
        "entitle {} {day} {told:?} {} {}",
        wanted.region,
        wanted.benefit.join(","),
        rules.whole_hash()
    );
    let mut part = Part::<Position>::open(&wanted.out, &of, &COLUMNS)?;
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool)).await;
    let database = database.map_err(&problem)?;
    let mut run = Run::new(&database, rules.clone(), wanted.region, day);
    run = run.at_once(wanted.at_once as usize);
    if !wanted.benefit.is_empty() {
        run = run.of_benefits(wanted.benefit);
    }
    let households = run.households().await.map_err(&problem)?;
    let bar = households_bar(households);
    let (mut done, before, began) = (part.done(), part.done(), Instant::now());
    let listing = Listing {
        rules,
        day,
        told,
        withheld: Arc::default(),
    };
    let stretches = run.stretches(part.position(), move |visited| listing.lines(visited));
    pin_mut!(stretches);
    while let Some(stretch) = stretches.next().await {
        let stretch = stretch?;
        part.add(&stretch.result)?;
        done += stretch.households;
        bar.set_position(done);
        part.checkpoint(stretch.end, done)?;
    }
    part.finish()?;
    bar.finish_and_clear();
    let seconds = began.elapsed().as_secs_f64();
    Ok(format!(
        "{}: {done} households on {day} in {seconds:.1} s{}",
        wanted.out.display(),
        match before {
            0 => String::new(),
            before => format!(", {before} of them before it was cut off"),
        }
    ))
}
