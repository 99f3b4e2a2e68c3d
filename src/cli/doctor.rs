//! `yihu doctor`: what is wrong, one line each, before the server is started. Advice is no fault: it ends with success.
//! Nothing is changed or created.

use super::{DatabaseProblem, Options, complain, compose};
use crate::{
    authz::keys::KeySet,
    config::{Config, DocumentRule, Introspection},
    db::{Class, Database, DbError, Dialect, Settings, Statement, place},
    graphql::trusted::TrustedDocuments,
};
use migration::Migrator;
use std::{net::TcpListener, path::Path, process::ExitCode};

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
    let (mut problems, mut advice) = (Vec::new(), Vec::new());
    runtime.block_on(check_keys(&config, &mut problems));
    runtime.block_on(check_database(&config, &mut problems, &mut advice));
    check_documents(&config, &mut problems, &mut advice);
    check_listener(&config, &mut problems);
    for problem in &problems {
        println!("{problem}");
    }
    for advice in &advice {
        println!("advice: {advice}");
    }
    if problems.is_empty() {
        println!("ok");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn check_keys(config: &Config, problems: &mut Vec<String>) {
    for problem in KeySet::problems(&config.tokens).await {
        problems.push(format!("tokens.issuers: {problem}"));
    }
    if let Err(error) = compose::key_ring(config) {
        problems.push(error.to_string());
    }
    if let Err(error) = compose::seal_key(config) {
        problems.push(error.to_string());
    }
}

async fn check_database(config: &Config, problems: &mut Vec<String>, advice: &mut Vec<String>) {
    // Opening a file that is not there would make one.
    match absent_file(&config.database) {
        Some(_) if config.demo => return,
        Some(path) => {
            return problems.push(format!(
                "database {path}: no such file; `yihu migrate` makes it"
            ));
        }
        None => {}
    }
    let problem = DatabaseProblem::of(config);
    let database = match Database::connect(&config.database, &Settings::from(&config.pool)).await {
        Ok(database) => database,
        Err(error) => return problems.push(problem(error).to_string()),
    };
    match database.schema_state::<Migrator>().await {
        Ok(state) => {
            // A demonstration brings itself up to date.
            if !config.demo && !state.pending.is_empty() {
                problems.push(format!(
                    "database: {} migrations are missing: run `yihu migrate`",
                    state.pending.len()
                ));
            }
            // A server goes on beside what a newer program has added.
            if !state.unknown.is_empty() {
                advice.push(format!(
                    "database: {} migrations are newer than this program",
                    state.unknown.len()
                ));
            }
        }
        Err(error) => problems.push(problem(error).to_string()),
    }
    match settings_off(&database).await {
        Ok(off) => {
            for name in off {
                match name.as_str() {
                    // A demonstration may be lost, and is not for long.
                    "fsync" | "synchronous_commit" | "autovacuum" if config.demo => {}
                    "fsync" | "synchronous_commit" => problems.push(format!(
                        "database: {name} is off: what was answered as done is lost when the machine stops"
                    )),
                    "autovacuum" => advice.push(
                        "database: autovacuum is off: statements keep to plans that were made for smaller tables"
                            .to_owned(),
                    ),
                    _ => problems.push(format!(
                        "database: {name} is not in force: does a pooler drop the options of connections?"
                    )),
                }
            }
        }
        Err(error) => problems.push(problem(error).to_string()),
    }
    match database.row_security().await {
        Ok(row_security) => {
            let faults = row_security.faults();
            problems.extend(faults.iter().map(|fault| format!("database: {fault}")));
        }
        Err(error) => problems.push(problem(error).to_string()),
    }
}

/// Settings that have to be on and are not: those that a connection for reading opens with, and the server's own.
async fn settings_off(database: &Database) -> Result<Vec<String>, DbError> {
    if database.dialect() == Dialect::Sqlite {
        return Ok(vec![]);
    }
    let sql = "SELECT name FROM pg_settings WHERE setting IN ('off', '0') AND name IN ('autovacuum', \
               'default_transaction_read_only', 'fsync', 'lock_timeout', 'statement_timeout', 'synchronous_commit') ORDER BY name";
    let statement = Statement::new(Class::Reference, sql, vec![]);
    let rows = database.reads().acquire().await?.one(statement).await?;
    let names = rows.iter().map(|row| Ok(row.cell(0).text()?.to_owned()));
    names.collect()
}

/// The file of SQLite, where it is not there yet.
pub(super) fn absent_file(url: &str) -> Option<String> {
    let is_file = Dialect::of_url(url).ok()? == Dialect::Sqlite;
    place(url).filter(|path| is_file && !Path::new(path).exists())
}

fn check_documents(config: &Config, problems: &mut Vec<String>, advice: &mut Vec<String>) {
    if config.graphql.documents == DocumentRule::Trusted {
        let folder = config.graphql.manifest.clone().unwrap_or_default();
        match TrustedDocuments::read(&folder) {
            Ok(trusted) if trusted.is_empty() => {
                problems.push("graphql.manifest: no document in it".to_owned())
            }
            Ok(_) => {}
            Err(error) => problems.push(format!("graphql.manifest: {error}")),
        }
    } else if !config.demo {
        advice.push(
            "graphql.documents: any document runs; production should say \"trusted\"".to_owned(),
        );
    }
    if config.graphql.introspection == Introspection::On && !config.demo {
        advice.push("graphql.introspection: everybody may read the schema".to_owned());
    }
}

fn check_listener(config: &Config, problems: &mut Vec<String>) {
    if let Err(error) = TcpListener::bind(config.http.listen) {
        problems.push(format!("http.listen: {}: {error}", config.http.listen));
    }
}
