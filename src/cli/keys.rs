//! `yihu keys`: changing the keys of the vault.

use super::{DatabaseProblem, Options, complain, compose};
use crate::{
    config::Config,
    db::{Database, Settings},
    resealing::{self, ResealError, Resealed},
    vault::Vault,
};
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum Wanted {
    /// Seal anew, with the newest key, what an older key or the other suite has sealed. Servers may run with the new key.
    Rotate(Options),
    /// Compute the blind indexes anew, with the configured index key and suite. Stop all servers first.
    Reindex(Options),
}

pub(super) fn run(wanted: Wanted) -> ExitCode {
    let (options, reindex) = match wanted {
        Wanted::Rotate(options) => (options, false),
        Wanted::Reindex(options) => (options, true),
    };
    let config = match options.read() {
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
    match runtime.block_on(change(&config, reindex)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&*error),
    }
}

async fn change(config: &Config, reindex: bool) -> Result<(), Box<dyn std::error::Error>> {
    let vault = Vault::new(config.vault.suite, &compose::key_ring(config)?);
    let database = Database::connect(&config.database, &Settings::from(&config.pool))
        .await
        .map_err(DatabaseProblem::of(config))?;
    let done = match reindex {
        true => resealing::reindex(&database, &vault).await?,
        false => rotated(&database, &vault).await?,
    };
    for Resealed {
        table,
        column,
        values,
        renewed,
    } in done
    {
        println!("{table}.{column}: {renewed} of {values} written anew");
    }
    Ok(())
}

async fn rotated(database: &Database, vault: &Vault) -> Result<Vec<Resealed>, ResealError> {
    // What is sealed now must be found later: with another index key nothing would.
    resealing::check_index_key(database, vault).await?;
    resealing::rotate(database, vault).await
}
