//! `yihu doctor`: what is wrong, one line each, before the server is started.

use super::{Options, complain, compose};
use crate::{
    authz::keys::KeySet,
    config::{Config, DocumentRule, Introspection},
    db::{Database, Settings},
    graphql::trusted::TrustedDocuments,
};
use migration::Migrator;
use std::{net::TcpListener, process::ExitCode};

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
    let mut problems = Vec::new();
    runtime.block_on(check_keys(&config, &mut problems));
    runtime.block_on(check_database(&config, &mut problems));
    check_documents(&config, &mut problems);
    check_listener(&config, &mut problems);
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!("ok");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn check_keys(config: &Config, problems: &mut Vec<String>) {
    match KeySet::fetch(&config.tokens, config.demo).await {
        Ok(keys) if keys.is_empty() => {
            problems.push("tokens.issuers: no key could be read".to_owned())
        }
        Ok(_) => {}
        Err(error) => problems.push(format!("tokens.issuers: {error}")),
    }
    if let Err(error) = compose::key_ring(config) {
        problems.push(error.to_string());
    }
}

async fn check_database(config: &Config, problems: &mut Vec<String>) {
    let database = match Database::connect(&config.database, &Settings::from(&config.pool)).await {
        Ok(database) => database,
        Err(error) => return problems.push(format!("database: {error}")),
    };
    match database.schema_state::<Migrator>().await {
        Ok(state) => {
            // A demonstration brings itself up to date.
            if !config.demo && !state.pending.is_empty() {
                problems.push(format!(
                    "database: {} migrations are missing",
                    state.pending.len()
                ));
            }
            if !state.unknown.is_empty() {
                problems.push(format!(
                    "database: {} migrations are newer than this program",
                    state.unknown.len()
                ));
            }
        }
        Err(error) => problems.push(format!("database: {error}")),
    }
}

fn check_documents(config: &Config, problems: &mut Vec<String>) {
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
        problems.push(
            "graphql.documents: any document runs; production should say \"trusted\"".to_owned(),
        );
    }
    if config.graphql.introspection == Introspection::On && !config.demo {
        problems.push("graphql.introspection: everybody may read the schema".to_owned());
    }
}

fn check_listener(config: &Config, problems: &mut Vec<String>) {
    if let Err(error) = TcpListener::bind(config.http.listen) {
        problems.push(format!("http.listen: {}: {error}", config.http.listen));
    }
}
