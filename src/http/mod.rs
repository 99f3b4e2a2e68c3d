//! The edge: what may come in, how far, and what leaves.
//!
//! A request passes, in this order: its token, its rate, its media types, its body, its document's limits, its
//! variables, its cost, and then waits for room. Whatever is refused is refused with a status, a stable code and a
//! sentence that says what to do next; nothing of the request is repeated.

mod admission;
mod authn;
mod composed;
mod explorer;
mod file;
mod graphql;
mod headers;
mod health;
mod metrics;
mod negotiation;
mod own;
mod page;
mod refusal;
mod request;
mod sent;
mod socket;

pub use health::{ReadyCheck, SealsInTime};
pub use metrics::{Behind, Measure};

use crate::{
    authz::{
        directory::{NoDirectory, RememberedDirectory, UserDirectory},
        keys::{KeyError, KeySet},
    },
    clock::Clock,
    config::{Config, DocumentRule},
    db::claim_share,
    departments,
    graphql::{
        document::Documents,
        execute::Execute,
        trusted::{ManifestError, PersistedQueries, TrustedDocuments},
    },
    jobs::{JobFiles, NoFiles},
};
use actix_web::{
    HttpServer,
    dev::ServerHandle,
    middleware::{Compress, from_fn},
    web,
};
use std::{
    net::{Shutdown, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
};

/// Hashes of documents that clients registered.
const PERSISTED_QUERIES: usize = 2_000;
/// Time for the last bytes of answers once no request is in progress.
const FLUSH_SECONDS: u64 = 2;

/// How often a server that stops looks whether anything is in progress, and how many times in a row nothing must be.
const LOOK: Duration = Duration::from_millis(10);
const QUIET_LOOKS: u32 = 15;

/// What the edge stands on; made by the composition, or by a test.
pub struct Services {
    /// The graph.
    pub graph: Arc<dyn Execute>,
    /// The user table.
    pub directory: Arc<dyn UserDirectory>,
    /// What must be there for `/readyz`.
    pub checks: Vec<Arc<dyn ReadyCheck>>,
    /// What metrics tell of the database.
    pub measure: Option<Arc<dyn Measure>>,
    /// The files of jobs.
    pub files: Arc<dyn JobFiles>,
    /// Tells the time for tokens.
    pub clock: Clock,
}

impl Services {
    /// A graph alone: no user table, no checks, no measures, no files, the machine's clock.
    #[must_use]
    pub fn of(graph: Arc<dyn Execute>) -> Self {
        Services {
            graph,
            directory: Arc::new(NoDirectory),
            checks: Vec::new(),
            measure: None,
            files: Arc::new(NoFiles),
            clock: Clock::system(),
        }
    }
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}: {problem}")]
    Listen {
        address: SocketAddr,
        problem: String,
    },
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("the server's threads do not start: {0}")]
    Io(#[from] std::io::Error),
}

/// What every worker shares.
pub struct App {
    config: Config,
    graph: Arc<dyn Execute>,
    directory: RememberedDirectory,
    checks: Vec<Arc<dyn ReadyCheck>>,
    measure: Option<Arc<dyn Measure>>,
    measured: health::Measured,
    files: Arc<dyn JobFiles>,
    clock: Clock,
    keys: Arc<KeySet>,
    documents: Documents,
    trusted: TrustedDocuments,
    persisted: PersistedQueries,
    room: admission::Room,
    rates: admission::Rates,
    metrics: metrics::Metrics,
    sockets: socket::Sockets,
    /// Tells the sockets that the server stops.
    stopping: watch::Sender<bool>,
    ready: AtomicBool,
    /// Requests begun since the start.
    begun: AtomicU64,
}

impl App {
    async fn new(config: Config, services: Services) -> Result<Self, StartError> {
        let trusted = match (&config.graphql.manifest, config.graphql.documents) {
            (Some(folder), DocumentRule::Trusted) => TrustedDocuments::read(folder)?,
            _ => TrustedDocuments::default(),
        };
        Ok(App {
            keys: KeySet::fetch(&config.tokens, config.demo).await?,
            documents: Documents::new(config.graphql.limits.clone(), config.graphql.cache.clone()),
            trusted,
            persisted: PersistedQueries::new(PERSISTED_QUERIES),
            room: admission::Room::new(&config.admission),
            rates: admission::Rates::new(&config.admission),
            metrics: metrics::Metrics::new()?,
            sockets: socket::Sockets::default(),
            stopping: watch::Sender::new(false),
            ready: AtomicBool::new(true),
            begun: AtomicU64::new(0),
            graph: services.graph,
            directory: RememberedDirectory::new(
                services.directory,
                Duration::from_secs(config.tokens.recall_seconds),
            ),
            checks: services.checks,
            measure: services.measure,
            measured: health::Measured::default(),
            files: services.files,
            clock: services.clock,
            config,
        })
    }

    fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    /// Waits until no request has been in progress for a moment. Each answer closes its connection by now; a client
    /// between two requests has the moment to send its last one.
    async fn quiet(&self) {
        let (mut begun, mut looks) = (self.begun.load(Ordering::Acquire), 0);
        while looks < QUIET_LOOKS {
            tokio::time::sleep(LOOK).await;
            let now = self.begun.load(Ordering::Acquire);
            let quiet = now == begun && self.metrics.running.get() == 0;
            looks = if quiet { looks + 1 } else { 0 };
            begun = now;
        }
    }
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    /// The listening socket a second time, to be shut when the server stops.
    listener: TcpListener,
    app: web::Data<App>,
    handle: ServerHandle,
    running: Mutex<Option<JoinHandle<std::io::Result<()>>>>,
    refresh: JoinHandle<()>,
}

impl Server {
    /// Where it listens: the real port, also where port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: readiness false, no new connections, sockets close, requests in progress finish, connections close.
    pub async fn stop(&self) {
        let http = &self.app.config.http;
        self.app.ready.store(false, Ordering::Release);
        tokio::time::sleep(Duration::from_secs(http.drain_notice_seconds)).await;
        self.handle.pause().await;
        // Refused at once, not accepted by the kernel and reset at the end. Where the system can't, they wait.
        if let Err(error) = socket2::SockRef::from(&self.listener).shutdown(Shutdown::Both) {
            tracing::debug!(%error, "the listener stays open");
        }
        self.app.stopping.send_replace(true);
        let drained = self.app.quiet();
        if tokio::time::timeout(Duration::from_secs(http.drain_seconds), drained)
            .await
            .is_err()
        {
            tracing::warn!("requests were cut off");
        }
        self.handle.stop(true).await;
        self.refresh.abort();
    }

    /// Waits until the server has ended.
    pub async fn wait(&self) {
        if let Some(running) = self.running.lock().await.take() {
            match running.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the server ended"),
                Err(error) => tracing::error!(%error, "the server ended"),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.refresh.abort();
    }
}

/// Starts the server inside the running runtime.
///
/// # Errors
/// When the address is taken, or keys or documents cannot be read.
pub async fn start(config: Config, services: Services) -> Result<Server, StartError> {
    let listen = config.http.listen;
    let taken = |error: std::io::Error| StartError::Listen {
        address: listen,
        problem: error.to_string(),
    };
    let listener = TcpListener::bind(listen).map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let second = listener.try_clone().map_err(taken)?;
    let http = config.http.clone();
    let tokens = config.tokens.clone();
    let app = web::Data::new(App::new(config, services).await?);
    let shared = app.clone();
    let write_limit = Duration::from_secs(http.write_seconds);
    let server = HttpServer::new(move || {
        // Each thread makes an application of its own.
        claim_share();
        actix_web::App::new()
            .app_data(shared.clone())
            .wrap(Compress::default())
            .wrap(from_fn(headers::around))
            .configure(|routes| configure(routes, shared.config.http.explorer))
    })
    .workers(http.threads())
    .max_connections(http.connections)
    .client_request_timeout(Duration::from_secs(http.header_seconds))
    .client_disconnect_timeout(Duration::from_secs(1))
    .keep_alive(Duration::from_secs(http.keep_alive_seconds))
    .shutdown_timeout(FLUSH_SECONDS)
    .on_connect(move |connection, _| headers::limit_unread(connection, write_limit))
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Server {
        address,
        listener: second,
        refresh: tokio::spawn(app.keys.clone().keep_fresh(tokens)),
        handle: server.handle(),
        running: Mutex::new(Some(tokio::spawn(server))),
        app,
    })
}

fn configure(routes: &mut web::ServiceConfig, explorer: bool) {
    routes
        .service(
            web::resource("/graphql")
                .route(web::post().to(graphql::post))
                .route(web::get().guard(socket::Upgrade).to(socket::open))
                .route(web::get().to(graphql::get))
                .default_service(web::to(graphql::other_method)),
        )
        .route("/livez", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics));
    routes
        .route("/jobs/{id}/file", web::get().to(file::fetch))
        .route("/jobs/{id}/input", web::put().to(sent::take));
    for printed in departments::pages() {
        let print = move |app, request, id| page::print(app, request, id, printed);
        routes.route(printed.path, web::get().to(print));
    }
    if explorer {
        routes
            .route("/", web::get().to(explorer::page))
            .route("/explorer/{file}", web::get().to(explorer::file));
    }
}
