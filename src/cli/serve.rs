//! `yihu serve`: the server, until it is told to stop.

use super::{
    Options, complain,
    compose::{Composed, compose},
    welcome::welcome,
};
use crate::{clock::Clock, config::Config, http, telemetry};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

pub(super) fn run(options: Options) -> ExitCode {
    let config = match options.read() {
        Ok(config) => config,
        Err(error) => return complain(&error),
    };
    // Before the runtime: the exporter of traces has a thread and a client of its own, outlives the server, and is
    // flushed last.
    let _tracing = match telemetry::start(&config.telemetry, config.demo) {
        Ok(tracing) => tracing,
        Err(error) => return complain(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error),
    };
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> ExitCode {
    let demo = config.demo;
    let runners = config.jobs.runners;
    let composed = match compose(&config).await {
        Ok(composed) => composed,
        Err(error) => return complain(&error),
    };
    composed.start_behind(&config);
    let Composed {
        services,
        sealer,
        runner,
        ..
    } = composed;
    let server = match http::start(config, services).await {
        Ok(server) => server,
        Err(error) => return complain(&error),
    };
    let sealing = tokio::spawn(sealer.run());
    // What they are at when the server stops is gone on with by another, or after the next start.
    let working: Vec<_> = (0..runners)
        .map(|_| tokio::spawn(runner.another().run()))
        .collect();
    tracing::info!(address = %server.address(), demo, "serving");
    if demo && let Some(welcome) = welcome(server.address(), &Clock::system()) {
        println!("{welcome}");
    }
    match stop_signal().await {
        Ok(()) => {}
        Err(error) => return complain(&error),
    }
    tracing::info!("stopping");
    server.stop().await;
    server.wait().await;
    // In the middle of a write too: that rolls back, and the next start seals.
    sealing.abort();
    working.iter().for_each(JoinHandle::abort);
    tracing::info!("stopped");
    ExitCode::SUCCESS
}

async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
