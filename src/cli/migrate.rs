//! `yihu migrate`: brings the database up to date, and its regions.

use super::{DatabaseProblem, Options, complain};
use crate::{
    config::Config,
    db::{Database, DbError, Settings},
    household::load_regions,
};
use migration::Migrator;
use std::process::ExitCode;

pub(super) fn run(options: Options) -> ExitCode {
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
    match runtime.block_on(migrate(&config)) {
        Ok(applied) => {
            println!("{applied} migrations applied; regions up to date");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&DatabaseProblem::of(&config)(error)),
    }
}

async fn migrate(config: &Config) -> Result<usize, DbError> {
    let database = Database::connect(&config.database, &Settings::from(&config.pool)).await?;
    let before = database.schema_state::<Migrator>().await?.pending.len();
    database.migrate::<Migrator>().await?;
    load_regions(&database).await?;
    Ok(before)
}
