//! `cargo xtask`: trials of the whole server, which take longer than tests.

mod crash;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Command {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    /// Kill the server and its database again and again while they write, and hold what is there after against what was
    /// acknowledged.
    Crash(crash::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Trial::Crash(options) = Command::parse().trial;
    // What was started is stopped on the way out, so an interrupt must not just end the process.
    let ended = tokio::select! {
        ended = crash::run(&options) => ended,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("crash: {problem}");
            ExitCode::FAILURE
        }
    }
}
