//! `yihu migrate`: brings the database up to date, and its regions; puts row security up, or takes it down.

use super::{DatabaseProblem, Options, complain};
use crate::{
    config::Config,
    db::{Database, DbError, RowSecurity, Settings},
    household::load_regions,
};
use clap::Args;
use migration::Migrator;
use std::process::ExitCode;

#[derive(Args)]
pub(super) struct Wanted {
    #[command(flatten)]
    options: Options,
    /// Put the second wall up: row security on PostgreSQL, by region. Start the servers after it, not before.
    #[arg(long, conflicts_with = "no_row_security")]
    row_security: bool,
    /// Take row security down.
    #[arg(long)]
    no_row_security: bool,
}

/// What is to become of row security.
#[derive(Clone, Copy)]
enum Wall {
    Up,
    Down,
    AsItIs,
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let wall = match (wanted.row_security, wanted.no_row_security) {
        (true, _) => Wall::Up,
        (_, true) => Wall::Down,
        _ => Wall::AsItIs,
    };
    let config = match wanted.options.read() {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    match runtime.block_on(migrate(&config, wall)) {
        Ok((applied, row_security)) => {
            println!("{applied} migrations applied; regions up to date");
            if row_security.is_on || !matches!(wall, Wall::AsItIs) {
                let state = if row_security.is_on { "on" } else { "off" };
                println!("row security: {state}");
            }
            for fault in row_security.faults() {
                println!("advice: {fault}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => complain(&DatabaseProblem::of(&config)(error)),
    }
}

/// How many migrations were missing, and how row security stands now.
async fn migrate(config: &Config, wall: Wall) -> Result<(usize, RowSecurity), DbError> {
    let database = Database::connect(&config.database, &Settings::from(&config.pool)).await?;
    let before = database.schema_state::<Migrator>().await?.pending.len();
    database.migrate::<Migrator>().await?;
    load_regions(&database).await?;
    match wall {
        Wall::Up => database.put_up_row_security().await?,
        Wall::Down => database.take_down_row_security().await?,
        // New tables stand behind the wall that is there.
        Wall::AsItIs if database.row_security().await?.is_on => {
            database.put_up_row_security().await?;
        }
        Wall::AsItIs => {}
    }
    Ok((before, database.row_security().await?))
}
