//! `yihu demo`: fills a database with a demonstration of any size.

use super::{DatabaseProblem, Options, households_bar, to_its_end};
use crate::{
    clock::Clock,
    config::Config,
    db::{Checks, Database, Settings},
    demo::{self, Books, DemoError, Progress},
    household::load_regions,
    resealing::{ResealError, check_index_key},
    vault::{KeyRing, Vault},
};
use clap::Args;
use migration::Migrator;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
    time::Instant,
};

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
    /// Write what was made, counted region by region, to this file: a line of JSON for each figure.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// Write the contradictions that are there to this file: a line of JSON for each.
    #[arg(long)]
    manifest: Option<PathBuf>,
}

/// Why there is no demonstration, or nothing told of it.
#[derive(Debug, thiserror::Error)]
enum DemoProblem {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error("demonstration: {0}")]
    Demo(#[from] DemoError),
    #[error("keys of the vault: {0}")]
    IndexKey(#[from] ResealError),
    #[error(
        "the database holds a demonstration already: ledger and manifest are written with the families"
    )]
    Books,
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
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
    let (ledger, manifest) = (wanted.ledger, wanted.manifest);
    to_its_end(options, async |config| {
        fill(config, demo, ledger, manifest).await
    })
}

async fn fill(
    config: &Config,
    wanted: demo::Wanted,
    ledger: Option<PathBuf>,
    manifest: Option<PathBuf>,
) -> Result<String, DemoProblem> {
    // Whether a file can be written shows before the work, not after it.
    let ledger = ledger.map(Told::create).transpose()?;
    let mut manifest = manifest.map(Told::create).transpose()?;
    let problem = DatabaseProblem::of(config);
    let database = Database::connect(&config.database, &Settings::from(&config.pool))
        .await
        .map_err(&problem)?;
    database.migrate::<Migrator>().await.map_err(&problem)?;
    load_regions(&database).await.map_err(&problem)?;
    let vault = Vault::new(config.vault.suite, &KeyRing::demo());
    check_index_key(&database, &vault).await?;
    let (bar, began) = (households_bar(wanted.all()), Instant::now());
    let show = |progress| match progress {
        Progress::Told(households) => bar.set_position(households),
        Progress::Checking => bar.set_message("building indexes and checking"),
    };
    let mut books = Books {
        progress: Some(&show),
        manifest: match &mut manifest {
            Some(told) => Some(&mut told.file),
            None => None,
        },
        ..Books::default()
    };
    let filled = demo::fill(&database, &vault, &Clock::system(), wanted, &mut books).await;
    bar.finish_and_clear();
    let filled = filled?;
    let ledger_lines = books.ledger;
    if !filled.written && (ledger.is_some() || manifest.is_some()) {
        return Err(DemoProblem::Books);
    }
    if let Some(file) = ledger {
        file.write(|into| ledger_lines.write(into))?;
    }
    if let Some(file) = manifest {
        file.write(|_| Ok(()))?;
    }
    let seconds = began.elapsed().as_secs_f64();
    Ok(match filled.written {
        true => format!("{filled}, in {seconds:.1} s"),
        false => filled.to_string(),
    })
}

/// A file that tells of the demonstration.
struct Told {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Told {
    fn create(path: PathBuf) -> Result<Self, DemoProblem> {
        match File::create(&path) {
            Ok(file) => Ok(Told {
                path,
                file: BufWriter::new(file),
            }),
            Err(error) => Err(DemoProblem::File { path, error }),
        }
    }

    fn write(
        mut self,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), DemoProblem> {
        let written = content(&mut self.file).and_then(|()| self.file.flush());
        written.map_err(|error| DemoProblem::File {
            path: self.path,
            error,
        })
    }
}
