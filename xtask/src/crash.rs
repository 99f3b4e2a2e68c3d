//! The crash trial: several writers send mutations to a real server, which is killed with its database at random moments.
//! Whatever was acknowledged must be there after, and whatever was sent again must be there once.
//!
//! Each database has two controls: writers that forget the numbers of their requests, which must double what they wrote,
//! and a setting that must lose what it acknowledged. A trial that does not see that sees nothing.

mod check;
mod hasty;
mod postgres;
mod server;
mod stage;
mod writer;

use check::Fault;
use stage::{Blow, Stage};
use std::{
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use writer::{Client, Kind, Writer};

/// Any problem ends the trial.
type Problem = Box<dyn std::error::Error + Send + Sync>;

/// How long the writers write before they are struck, milliseconds.
const STRUCK_AFTER_MS: std::ops::Range<u64> = 50..1_500;
/// Control cycles, in one of which the fault must show.
const CONTROL_CYCLES: u32 = 20;
/// Faults that are told one by one.
const FAULTS_TOLD: usize = 10;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How often each database is struck.
    #[arg(long, default_value_t = 50)]
    cycles: u32,
    /// The databases.
    #[arg(long, value_delimiter = ',', default_value = "postgres,sqlite")]
    databases: Vec<Engine>,
    /// What chooses the moments; told at the beginning of each run.
    #[arg(long)]
    seed: Option<u64>,
    /// The server's program; built when left out.
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    Postgres,
    Sqlite,
}

/// Runs the trial.
///
/// # Errors
/// Something was lost or doubled, or a control lost nothing, or the trial itself failed.
pub(crate) async fn run(options: &Options) -> Result<(), Problem> {
    let program = match &options.program {
        Some(program) => program.clone(),
        None => built()?,
    };
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    println!("crash: seed {seed}");
    for &engine in &options.databases {
        let mut chance = fastrand::Rng::with_seed(seed);
        let mut stage = Stage::prepare(engine, &program).await?;
        let held = hold_and_control(&mut stage, &mut chance, options.cycles).await;
        if let Err(problem) = held {
            return Err(format!("{engine:?}: {problem}\n  what it left: {}", stage.keep()).into());
        }
    }
    Ok(())
}

/// The server's program, beside the one that runs.
fn built() -> Result<PathBuf, Problem> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = ["build", "--quiet", "--locked", "--package", "yihu"];
    if !Command::new(cargo).args(build).status()?.success() {
        return Err("the server does not build".into());
    }
    Ok(std::env::current_exe()?.with_file_name("yihu"))
}

/// What came of all cycles until now.
#[derive(Default)]
struct Sum {
    acknowledged: usize,
    cut_off: usize,
}

/// Strikes again and again, and fails at the first cycle in which something was lost or doubled.
async fn hold(stage: &mut Stage, chance: &mut fastrand::Rng, cycles: u32) -> Result<(), Problem> {
    let client = Client::of(stage.server.address())?;
    let mut writers = writer::of(&client, stage.server.url(), &writer::ALL).await?;
    let (started, mut sum) = (Instant::now(), Sum::default());
    for cycle in 1..=cycles {
        let (begun, blow) = (Instant::now(), stage.blow(chance));
        let before = acknowledged(&writers);
        let struck_ms = strike_while_they_write(stage, &mut writers, blow, chance).await?;
        stage.rise(blow, chance).await?;
        // Before anything is sent again: what was acknowledged is there by itself.
        none(check::faults(stage.server.url(), &client, &writers).await?)?;
        let written = acknowledged(&writers) - before;
        let cut_off = writer::send_again(&mut writers).await?;
        none(check::faults(stage.server.url(), &client, &writers).await?)?;
        let audited = stage.server.verify_audit().await?;
        println!(
            "{:?} {cycle}/{cycles}: {blow:?} killed after {struck_ms} ms, {written} acknowledged, {cut_off} sent again: \
             0 lost, 0 doubled; {audited}; {} ms",
            stage.engine(),
            begun.elapsed().as_millis(),
        );
        sum.acknowledged += written;
        sum.cut_off += cut_off;
    }
    println!(
        "{:?}: {} requests acknowledged, {} cut off and sent again, {} effects: 0 lost, 0 doubled; {} s",
        stage.engine(),
        sum.acknowledged,
        sum.cut_off,
        writers.iter().map(Writer::effects).sum::<usize>(),
        started.elapsed().as_secs(),
    );
    Ok(())
}

async fn hold_and_control(
    stage: &mut Stage,
    chance: &mut fastrand::Rng,
    cycles: u32,
) -> Result<(), Problem> {
    hold(stage, chance, cycles).await?;
    doubling(stage, chance).await?;
    losing(stage, chance).await
}

/// The control for what is there twice: writers that forget their numbers.
async fn doubling(stage: &mut Stage, chance: &mut fastrand::Rng) -> Result<(), Problem> {
    let how = "sent again under other numbers";
    for _ in 0..CONTROL_CYCLES {
        let client = Client::of(stage.server.address())?;
        let mut writers = writer::of(&client, stage.server.url(), &[Kind::Visits]).await?;
        strike_while_they_write(stage, &mut writers, Blow::Server, chance).await?;
        stage.rise(Blow::Server, chance).await?;
        writer::renumber(&mut writers);
        writer::send_again(&mut writers).await?;
        let faults = check::faults(stage.server.url(), &client, &writers).await?;
        let is_doubled = |fault: &Fault| matches!(fault, Fault::Doubled(_));
        if seen(stage, how, &writers, &faults, is_doubled) {
            return Ok(());
        }
    }
    Err(format!("the control ({how}) doubled nothing that the trial could see").into())
}

/// The control for what is lost: a setting in which the acknowledged is not safe.
async fn losing(stage: &mut Stage, chance: &mut fastrand::Rng) -> Result<(), Problem> {
    let (address, how) = stage.make_forgetful().await?;
    for _ in 0..CONTROL_CYCLES {
        let client = Client::of(address)?;
        let mut writers = writer::of(&client, stage.server.url(), &writer::APPENDED).await?;
        strike_while_they_write(stage, &mut writers, Blow::Both, chance).await?;
        stage.rise(Blow::Both, chance).await?;
        let faults = check::faults(stage.server.url(), &client, &writers).await?;
        let is_lost = |fault: &Fault| matches!(fault, Fault::Lost(_));
        if seen(stage, how, &writers, &faults, is_lost) {
            return Ok(());
        }
    }
    Err(format!("the control ({how}) lost nothing that the trial could see").into())
}

/// Tells what a control shows, and whether it is what it must show.
fn seen(
    stage: &Stage,
    how: &str,
    writers: &[Writer],
    faults: &[Fault],
    wanted: impl Fn(&Fault) -> bool,
) -> bool {
    let wanted: Vec<&Fault> = faults.iter().filter(|fault| wanted(fault)).collect();
    let first = wanted.first();
    println!(
        "{:?} control, {how}: of {} acknowledged {} faults are seen{}",
        stage.engine(),
        acknowledged(writers),
        wanted.len(),
        first.map_or_else(String::new, |fault| format!(", such as: {fault}")),
    );
    first.is_some()
}

/// Lets the writers write, strikes, and waits until each of them has noticed. Says after how many milliseconds.
async fn strike_while_they_write(
    stage: &mut Stage,
    writers: &mut [Writer],
    blow: Blow,
    chance: &mut fastrand::Rng,
) -> Result<u64, Problem> {
    let after_ms = chance.u64(STRUCK_AFTER_MS);
    let struck = AtomicBool::new(false);
    let strike = async {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        struck.store(true, Ordering::SeqCst);
        stage.strike(blow)
    };
    let (ended, done) = tokio::join!(writer::write_until_cut_off(writers, &struck), strike);
    done?;
    ended?;
    Ok(after_ms)
}

fn acknowledged(writers: &[Writer]) -> usize {
    writers.iter().map(Writer::acknowledged).sum()
}

/// No faults, or all of them as a problem.
fn none(faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() {
        return Ok(());
    }
    let told = faults
        .iter()
        .take(FAULTS_TOLD)
        .map(|fault| format!("\n  {fault}"));
    Err(format!("{} faults:{}", faults.len(), told.collect::<String>()).into())
}
