//! How connections to PostgreSQL are opened by tokio-postgres, which pipelines: for reading and for writing.

use super::{DbError, PoolFigures};
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod, Runtime, Timeouts,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{fmt::Write as _, sync::Arc, time::Duration};
use tokio::runtime::Handle;
use tokio_postgres::{
    Config, NoTls,
    config::{LoadBalanceHosts, SslMode},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How many prepared statements a connection keeps before it starts anew; texts are meant to be few.
const PREPARED_AT_MOST: usize = 1_000;

/// How long a new connection may take, TLS and password included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long bytes to the server may stay unacknowledged before the kernel gives the line up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// What a connection is for.
pub(super) struct Setup {
    /// Its name where the server lists its connections.
    pub name: &'static str,
    /// The server's settings for it.
    pub options: Vec<(&'static str, String)>,
    /// How long somebody waits for one.
    pub wait: Duration,
    /// How long somebody waits for an answer.
    pub patience: Duration,
}

/// The server ends a statement by itself after this time; who waits longer waits for a server that is gone.
pub(super) fn patience(statement_timeout: Duration) -> Duration {
    statement_timeout + Duration::from_secs(1)
}

/// A pool of so many connections, opened when they are used.
pub(super) fn pool(url: &str, setup: &Setup, connections: usize) -> Result<Pool, DbError> {
    let (config, tls) = parse(url, setup)?;
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
            wait: Some(setup.wait),
            create: Some(CONNECT_TIMEOUT),
            recycle: Some(setup.wait),
        })
        // The connection used last has its plans and caches warm.
        .queue_mode(QueueMode::Lifo)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|_| DbError::fault("the pool is misconfigured"))
}

/// A connection of the pool.
pub(super) async fn get(pool: &Pool) -> Result<Object, PoolError> {
    let client = pool.get().await?;
    if client.statement_cache.size() > PREPARED_AT_MOST {
        client.statement_cache.clear();
    }
    Ok(client)
}

/// What the server said of a prepared statement.
pub(super) fn told(client: &Object, error: tokio_postgres::Error) -> DbError {
    let is_stale = matches!(
        error.code(),
        Some(&SqlState::FEATURE_NOT_SUPPORTED | &SqlState::INVALID_SQL_STATEMENT_NAME)
    );
    match DbError::from(error) {
        // A migration changed what texts mean, or they are gone: all are prepared anew, so that one more try is enough.
        DbError::Fault(report) if is_stale => {
            client.statement_cache.clear();
            DbError::Stale(report)
        }
        error => error,
    }
}

/// Gives a connection back on which something is under way that nobody waits for any more: when that is answered, so that
/// nobody else waits behind it. One that goes on too long is closed.
pub(super) fn settle(client: Object, patience: Duration) {
    let Ok(runtime) = Handle::try_current() else {
        drop(Object::take(client));
        return;
    };
    runtime.spawn(async move {
        let settled = tokio::time::timeout(patience, client.check_connection()).await;
        if !matches!(settled, Ok(Ok(()))) {
            drop(Object::take(client));
        }
    });
}

/// Closes the connections that nobody uses.
pub(super) fn reset(pool: &Pool) {
    pool.retain(|_, _| false);
}

pub(super) fn figures(pool: &Pool) -> PoolFigures {
    let status = pool.status();
    PoolFigures {
        most: status.max_size,
        used: status.size.saturating_sub(status.available),
        idle: status.available,
        waiting: status.waiting,
    }
}

/// The URL's settings and ours. TLS is used when `sslmode` asks for it, and then the server is always verified.
fn parse(url: &str, setup: &Setup) -> Result<(Config, Option<MakeRustlsConnect>), DbError> {
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
    let mut options = config.get_options().unwrap_or_default().to_owned();
    for (name, value) in &setup.options {
        // Writing to a text can't fail.
        let _ = write!(options, " -c {}={}", name, value.replace(' ', "\\ "));
    }
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
        config.application_name(setup.name);
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
