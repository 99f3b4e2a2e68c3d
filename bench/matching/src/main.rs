//! How well and how fast lists are matched with the register: made-up sets with their truth, and the FEBRL sets.

mod febrl;
mod roster;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a register and a list of it with slips, matches them, and says how many rows were found and what it cost.
    Roster(roster::Arguments),
    /// Links sets in the form of FEBRL: those of a folder, or made-up ones.
    Febrl(febrl::Arguments),
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match Arguments::parse().command {
        Command::Roster(arguments) => roster::run(&arguments),
        Command::Febrl(arguments) => febrl::run(&arguments),
    }
}
