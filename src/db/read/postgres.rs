//! Reading from PostgreSQL: tokio-postgres, because it pipelines.

use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::{
    TryStreamExt,
    future::{join_all, join3, maybe_done},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres::{
    Config, NoTls, Statement as Prepared,
    config::{LoadBalanceHosts, SslMode},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{PoolFigures, ReadSettings, Row, Statement, param::Wire};
use crate::db::{error::DbError, shares::Shares};

/// How many prepared statements a connection keeps before it starts anew; texts are meant to be few.
const PREPARED_AT_MOST: usize = 1_000;

/// How long a new connection may take, TLS and password included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long bytes to the server may stay unacknowledged before the kernel gives the line up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// The connections.
#[derive(Clone)]
pub(super) struct Readers {
    shares: Shares<Pool>,
    patience: Duration,
}

impl Readers {
    pub(super) async fn connect(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let readers = Readers::lazy(url, settings)?;
        drop(readers.shares.own().get().await?);
        Ok(readers)
    }

    /// Connections that are opened when they are used.
    pub(super) fn lazy(url: &str, settings: &ReadSettings) -> Result<Self, DbError> {
        let pool = |connections| pool(url, settings, connections);
        Ok(Readers {
            shares: Shares::out(settings.connections, settings.threads, pool)?,
            // The server ends a statement by itself; this is for the case that the server is gone.
            patience: settings.statement_timeout + Duration::from_secs(1),
        })
    }

    pub(super) async fn acquire(&self) -> Result<Reader, DbError> {
        let client = self.shares.pick(figures).get().await?;
        if client.statement_cache.size() > PREPARED_AT_MOST {
            client.statement_cache.clear();
        }
        Ok(Reader {
            client: Some(client),
            patience: self.patience,
        })
    }

    /// Closes the connections that nobody uses.
    pub(super) fn reset(&self) {
        for share in self.shares.iter() {
            share.retain(|_, _| false);
        }
    }

    pub(super) fn figures(&self) -> PoolFigures {
        self.shares.iter().map(figures).sum()
    }
}

/// A pool of so many connections.
fn pool(url: &str, settings: &ReadSettings, connections: usize) -> Result<Pool, DbError> {
    let (config, tls) = parse(url, settings)?;
    // Nothing is changed in a session, so a connection needs no cleaning between two requests.
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match tls {
        Some(tls) => Manager::from_config(config, tls, recycling),
        None => Manager::from_config(config, NoTls, recycling),
    };
    Pool::builder(manager)
        .max_size(connections)
        .timeouts(Timeouts {
            wait: Some(settings.acquire_timeout),
            create: Some(CONNECT_TIMEOUT),
            recycle: Some(settings.acquire_timeout),
        })
        // The connection used last has its plans and caches warm.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| DbError::fault("the pool is misconfigured"))
}

fn figures(pool: &Pool) -> PoolFigures {
    let status = pool.status();
    PoolFigures {
        most: status.max_size,
        used: status.size.saturating_sub(status.available),
        idle: status.available,
        waiting: status.waiting,
    }
}

/// One connection, held. It goes back to the pool unless it stopped answering.
pub(super) struct Reader {
    client: Option<Object>,
    patience: Duration,
}

impl Reader {
    /// Gives the connection up: nobody knows what is still to come down this line.
    pub(super) fn abandon(&mut self) {
        drop(self.client.take().map(Object::take));
    }

    /// Runs the statements; where a wall is told, in a transaction that begins with it.
    pub(super) async fn batch(
        &mut self,
        statements: &[Statement],
        wall: Option<&str>,
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let mut results = Vec::with_capacity(statements.len());
        while results.len() < statements.len() {
            let mut answers = self.send(&statements[results.len()..], wall).await;
            // In a transaction the one that fails takes those after it along: they go again.
            if let (Some(_), Some(failed)) = (wall, answers.iter().position(Result::is_err)) {
                answers.truncate(failed + 1);
            }
            results.extend(answers);
        }
        results
    }

    async fn send(
        &mut self,
        statements: &[Statement],
        wall: Option<&str>,
    ) -> Vec<Result<Vec<Row>, DbError>> {
        let Some(client) = &self.client else {
            return statements.iter().map(|_| Err(DbError::Timeout)).collect();
        };
        let answers = answers(client, statements, wall);
        // One patience for each statement that waits in the line.
        let patience = self.patience * u32::try_from(statements.len()).unwrap_or(u32::MAX).max(1);
        match tokio::time::timeout(patience, answers).await {
            Ok(answers) => answers,
            Err(_) => {
                self.abandon();
                statements.iter().map(|_| Err(DbError::Timeout)).collect()
            }
        }
    }
}

/// Each future sends its statement when it is first polled, and the answers come in the same order.
async fn answers(
    client: &Object,
    statements: &[Statement],
    wall: Option<&str>,
) -> Vec<Result<Vec<Row>, DbError>> {
    let Some(wall) = wall else {
        return join_all(statements.iter().map(|statement| rows(client, statement))).await;
    };
    // Before the transaction, so that nothing waits between its beginning and its end: all of it is sent at once, also
    // where nobody waits for the answers any more.
    let prepared = statements
        .iter()
        .map(|statement| prepare(client, statement));
    let prepared = join_all(prepared).await;
    let begin = format!("BEGIN; {wall}");
    let asked = statements.iter().zip(prepared);
    let asked =
        asked.map(|(statement, prepared)| async { run(client, statement, &prepared?).await });
    let (begun, answers, ended) = join3(
        client.batch_execute(&begin),
        in_order(asked.collect()),
        client.batch_execute("COMMIT"),
    )
    .await;
    match begun.and(ended) {
        Ok(()) => answers,
        Err(error) => {
            let error = DbError::from(error);
            statements.iter().map(|_| Err(error.clone())).collect()
        }
    }
}

/// All of them, each polled for the first time in its place: `join_all` may leave some of many for a later turn, when the end
/// of the transaction has been sent.
async fn in_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut all: Vec<_> = futures
        .into_iter()
        .map(|future| Box::pin(maybe_done(future)))
        .collect();
    poll_fn(|context| {
        let mut ready = true;
        for future in &mut all {
            ready &= future.as_mut().poll(context).is_ready();
        }
        if ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let outputs = all
        .iter_mut()
        .filter_map(|future| future.as_mut().take_output());
    outputs.collect()
}

async fn rows(client: &Object, statement: &Statement) -> Result<Vec<Row>, DbError> {
    let prepared = prepare(client, statement).await?;
    run(client, statement, &prepared).await
}

async fn prepare(client: &Object, statement: &Statement) -> Result<Prepared, DbError> {
    let prepared = client.prepare_cached(&statement.sql).await;
    prepared.map_err(|error| told(client, statement, error))
}

async fn run(
    client: &Object,
    statement: &Statement,
    prepared: &Prepared,
) -> Result<Vec<Row>, DbError> {
    let result = async {
        let answer = client
            .query_raw(prepared, statement.params.iter().map(Wire))
            .await?;
        answer.map_ok(Row::Postgres).try_collect().await
    };
    result.await.map_err(|error| told(client, statement, error))
}

fn told(client: &Object, statement: &Statement, error: tokio_postgres::Error) -> DbError {
    // A migration changed what the text means, or the statement is gone: it is prepared anew next time.
    if matches!(
        error.code(),
        Some(&SqlState::FEATURE_NOT_SUPPORTED | &SqlState::INVALID_SQL_STATEMENT_NAME)
    ) {
        drop(client.statement_cache.remove(&statement.sql, &[]));
    }
    DbError::from(error)
}

/// The URL's settings and ours. TLS is used when `sslmode` asks for it, and then the server is always verified.
fn parse(
    url: &str,
    settings: &ReadSettings,
) -> Result<(Config, Option<MakeRustlsConnect>), DbError> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut tls = false;
    let mut authority = None;
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => {
                tls = matches!(mode, "require" | "verify-ca" | "verify-full")
            }
            Some(("sslrootcert", path)) => authority = Some(path),
            _ => rest.push(pair),
        }
    }
    let mut config: Config = format!("{address}?{}", rest.join("&"))
        .parse()
        .map_err(|_| DbError::unusable("the database URL cannot be read"))?;
    let milliseconds = settings.statement_timeout.as_millis();
    let options = format!(
        "{} -c default_transaction_read_only=on -c plan_cache_mode=force_generic_plan -c jit=off \
         -c statement_timeout={milliseconds} -c lock_timeout={milliseconds} \
         -c idle_in_transaction_session_timeout={milliseconds}",
        config.get_options().unwrap_or_default()
    );
    config
        .options(options.trim())
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives_idle(Duration::from_secs(15))
        .keepalives_interval(Duration::from_secs(5))
        .keepalives_retries(3)
        .tcp_user_timeout(UNACKNOWLEDGED)
        .load_balance_hosts(LoadBalanceHosts::Random)
        .ssl_mode(if tls {
            SslMode::Require
        } else {
            SslMode::Disable
        });
    if config.get_application_name().is_none() {
        config.application_name("yihu read");
    }
    let tls = tls.then(|| connector(authority)).transpose()?;
    Ok((config, tls))
}

/// TLS that trusts the authority of `sslrootcert` alone, or those of the machine.
fn connector(authority: Option<&str>) -> Result<MakeRustlsConnect, DbError> {
    let mut roots = rustls::RootCertStore::empty();
    let certificates = match authority {
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect)
            .map_err(|_| DbError::unusable("the file of sslrootcert cannot be read"))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(DbError::unusable(
            "TLS is asked for, but no certificate authority is known",
        ));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| DbError::fault("TLS can't be set up"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
