//! The command line: one file a command.

mod as_job;
mod audit;
mod compose;
mod demo;
mod doctor;
mod entitle;
mod export;
mod import;
mod keys;
mod matching;
mod migrate;
mod policy;
mod reconcile;
mod schema;
mod serve;
mod simulate;
mod token;
mod welcome;

use crate::{
    config::{Config, Flags},
    db::{DbError, place},
};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

/// One household, one graph: the server and its tools.
#[derive(Parser)]
#[command(name = "yihu", version, about)]
struct Command {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Subcommand)]
enum Commands {
    /// Serve the graph over HTTP.
    #[command(after_long_help = Config::help())]
    Serve(Options),
    /// Fill a database with a demonstration: made-up families of 乌兰察布.
    Demo(demo::Wanted),
    /// Bring the database up to date: its tables and its regions.
    Migrate(migrate::Wanted),
    /// Print the schema.
    Schema {
        /// As a subgraph of Federation 2, with the keys of its entities.
        #[arg(long)]
        federation: bool,
    },
    /// Print who may read which field.
    Matrix,
    /// Say what is wrong with the configuration and what it names, one line each.
    Doctor(Options),
    /// Check the seals over the audit records, and prove single records.
    #[command(subcommand)]
    Audit(audit::Wanted),
    /// Change the keys of the vault.
    #[command(subcommand)]
    Keys(keys::Wanted),
    /// Write what is due to each household of a region on a day to a file.
    Entitle(entitle::Wanted),
    /// Run the checks over a region, and keep what they find.
    Reconcile(reconcile::Wanted),
    /// Tell what would be due to the households of a region under other rules.
    Simulate(simulate::Wanted),
    /// Look at a file of another office, or take it over.
    Import(import::Wanted),
    /// Write a list to a file, as a department sees it.
    Export(export::Wanted),
    /// Tell which records of two lists, or of one, are of the same person.
    Match(matching::Wanted),
    /// Check packs of rules, and run worked examples against them.
    #[command(subcommand)]
    Policy(policy::Wanted),
    /// Print a token of the demonstration.
    Token(token::Wanted),
}

/// Options of the commands that read the configuration.
#[derive(Args, Clone)]
struct Options {
    /// A demonstration: keys that everybody knows, introspection, English. Never for real data.
    #[arg(long)]
    demo: bool,
    /// The TOML file.
    #[arg(long, env = "YIHU_CONFIG")]
    config: Option<PathBuf>,
    /// Address and port, for example 0.0.0.0:8000.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// sqlite://FILE or postgres://USER@HOST/NAME.
    #[arg(long)]
    database: Option<String>,
}

impl Options {
    fn read(self) -> Result<Config, crate::config::ConfigError> {
        let flags = Flags {
            demo: self.demo,
            config: self.config,
            listen: self.listen,
            database: self.database,
        };
        Config::read(&flags, std::env::vars())
    }
}

/// Reads the command and runs it.
#[must_use]
pub fn run() -> ExitCode {
    match Command::parse().command {
        Commands::Serve(options) => serve::run(options),
        Commands::Demo(wanted) => demo::run(wanted),
        Commands::Migrate(options) => migrate::run(options),
        Commands::Schema { federation } => schema::print_sdl(federation),
        Commands::Matrix => schema::print_matrix(),
        Commands::Doctor(options) => doctor::run(options),
        Commands::Audit(wanted) => audit::run(wanted),
        Commands::Keys(wanted) => keys::run(wanted),
        Commands::Entitle(wanted) => entitle::run(wanted),
        Commands::Reconcile(wanted) => reconcile::run(wanted),
        Commands::Simulate(wanted) => simulate::run(wanted),
        Commands::Import(wanted) => import::run(wanted),
        Commands::Export(wanted) => export::run(wanted),
        Commands::Match(wanted) => matching::run(wanted),
        Commands::Policy(wanted) => policy::run(wanted),
        Commands::Token(wanted) => token::run(wanted),
    }
}

/// A problem with the database, and which one it is.
#[derive(Debug, thiserror::Error)]
#[error("database{place}: {error}")]
struct DatabaseProblem {
    place: String,
    error: DbError,
}

impl DatabaseProblem {
    fn of(config: &Config) -> impl Fn(DbError) -> DatabaseProblem {
        let place = place(&config.database).map_or_else(String::new, |place| format!(" {place}"));
        move |error| DatabaseProblem {
            place: place.clone(),
            error,
        }
    }
}

/// One line on the error output, for the person at the terminal.
fn complain(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("yihu: {problem}");
    ExitCode::FAILURE
}

/// Shown on a terminal only.
fn households_bar(households: u64) -> ProgressBar {
    let style = "{bar:40} {pos} of {len} households, {elapsed}, {eta} to go {msg}";
    let bar = ProgressBar::new(households);
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Runs a command to its end and prints what it tells.
fn to_its_end<E: std::error::Error>(
    options: Options,
    work: impl AsyncFnOnce(&Config) -> Result<String, E>,
) -> ExitCode {
    let config = match options.read() {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    match runtime.block_on(work(&config)) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error),
    }
}
