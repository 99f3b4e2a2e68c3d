//! `yihu simulate`: what would be due to the households of a region under other rules. Writes nothing to the database.

use super::{
    DatabaseProblem, Options,
    entitle::day,
    households_bar,
    policy::{self, PolicyProblem},
    to_its_end,
};
use crate::{
    clock::Clock,
    config::Config,
    db::{Database, Settings},
    entitlement::{Changed, Compared, DraftError, Figure, InForce, Position, RunError, Simulation},
    files::{Column, FileError, Kind, Part},
    graphql::scalars::{Fen, global_id},
};
use clap::Args;
use entity::region_code::RegionCode;
use futures_util::{StreamExt as _, pin_mut};
use std::{path::PathBuf, process::ExitCode, sync::Arc};
use time::Date;

/// What would be otherwise, and where.
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
    /// A pack that stands in for the one of the same name; may be given more than once.
    #[arg(long)]
    pack: Vec<PathBuf>,
    /// A figure, as PACK:BENEFIT.FIGURE=VALUE, such as "ulanqab-2018:dibao.standard=4200.00 yuan"; may be given more than once.
    #[arg(long, value_parser = figure)]
    set: Vec<Figure>,
    /// A file for the households for which something changes: .csv, .xlsx or .parquet.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn figure(text: &str) -> Result<Figure, String> {
    let parts = text.split_once(':').and_then(|(pack, rest)| {
        let (path, value) = rest.split_once('=')?;
        Some((pack, path, value))
    });
    let (pack, path, value) = parts.ok_or(
        "expected PACK:BENEFIT.FIGURE=VALUE, such as ulanqab-2018:dibao.standard=4200.00yuan",
    )?;
    let [pack, path, value] = [pack, path, value].map(|part| part.trim().to_owned());
    Ok(Figure { pack, path, value })
}

#[derive(Debug, thiserror::Error)]
enum SimulateProblem {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error("rules: {0}")]
    Rules(#[from] PolicyProblem),
    #[error("draft: {0}")]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// The columns of the households for which something changes.
const CELLS: usize = 9;
static COLUMNS: [Column; CELLS] = [
    Column::new("card_number", Kind::Text),
    Column::new("region", Kind::Text),
    Column::new("household", Kind::Text),
    Column::new("benefit", Kind::Text),
    Column::new("due_yuan_before", Kind::Yuan),
    Column::new("due_yuan_after", Kind::Yuan),
    Column::new("difference_yuan", Kind::Yuan),
    Column::new("subjects_before", Kind::Text),
    Column::new("subjects_after", Kind::Text),
];

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let options = wanted.options.clone();
    to_its_end(options, async |config| simulate(config, wanted).await)
}

async fn simulate(config: &Config, wanted: Wanted) -> Result<String, SimulateProblem> {
    let day = wanted.as_of.unwrap_or_else(|| Clock::system().today());
    let (region, rules) = (wanted.region, Arc::new(policy::rules(config)?));
    let packs = policy::read(&wanted.pack)?;
    let simulation = Simulation::of(rules, packs, &wanted.set)?;
    let out = wanted.out.as_deref();
    let mut part = out
        .map(|out| Part::<Position>::open(out, "simulate", &COLUMNS))
        .transpose()?;
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool)).await;
    let database = database.map_err(&problem)?;
    let run = simulation.run(&database, region, day);
    let bar = households_bar(run.households().await.map_err(&problem)?);
    let (of, in_force) = (simulation.clone(), Arc::new(InForce::default()));
    let stretches = run.stretches(Position::default(), move |visited| {
        of.compare((region, day), &in_force, visited)
    });
    pin_mut!(stretches);
    let mut compared = Compared::default();
    while let Some(stretch) = stretches.next().await {
        let mut stretch = stretch?;
        let changed = std::mem::take(&mut stretch.result.changed);
        if let Some(part) = &mut part {
            let lines: Vec<_> = changed.iter().map(line).collect();
            part.add(&lines)?;
        }
        compared.and(stretch.result);
        bar.set_position(compared.households);
    }
    bar.finish_and_clear();
    if let Some(part) = part {
        part.finish()?;
    }
    Ok(told(&compared))
}

fn line(changed: &Changed) -> [String; CELLS] {
    let (before, after) = (&changed.before, &changed.after);
    [
        changed.home.card_number.clone().unwrap_or_default(),
        changed.home.village.to_string(),
        global_id("Household", changed.home.household),
        changed.benefit.clone(),
        Fen(before.fen).to_string(),
        Fen(after.fen).to_string(),
        Fen(after.fen - before.fen).to_string(),
        before.subjects.to_string(),
        after.subjects.to_string(),
    ]
}

/// What a clerk reads: totals by benefit and region, the cost by month, and how many win and lose.
fn told(compared: &Compared) -> String {
    let mut lines = vec![format!(
        "{:<28}{:<14}{:>12}{:>12}{:>18}{:>18}{:>18}",
        "benefit", "region", "due before", "due after", "yuan before", "yuan after", "difference"
    )];
    for ((benefit, region), total) in &compared.totals {
        let region = region.to_string();
        lines.push(format!(
            "{benefit:<28}{:<14}{:>12}{:>12}{:>18}{:>18}{:>18}",
            region,
            total.subjects_before,
            total.subjects_after,
            Fen(total.fen_before).to_string(),
            Fen(total.fen_after).to_string(),
            Fen(total.fen_after - total.fen_before).to_string(),
        ));
    }
    for (benefit, cost) in &compared.months {
        for (month, (before, after)) in (1..).zip(cost.before.0.iter().zip(cost.after.0)) {
            lines.push(format!(
                "{benefit:<28}{:<14}{:>42}{:>18}{:>18}",
                format!("month {month}"),
                Fen(*before).to_string(),
                Fen(after).to_string(),
                Fen(after - before).to_string(),
            ));
        }
    }
    lines.push(format!(
        "{} households: more for {}, less for {}",
        compared.households, compared.winners, compared.losers
    ));
    lines.join("\n")
}
