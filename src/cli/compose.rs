//! The server of a configuration: its database, its vault, its graph.

use super::{
    DatabaseProblem,
    policy::{self, PolicyProblem},
};
use crate::{
    audit::{SealKey, Sealer, Seals},
    authz::{Access, Policy, users::UserTable},
    changes::{OldChanges, held_back},
    clock::Clock,
    config::Config,
    db::{Database, DatabaseFigures, DbError, Settings, purge_for_ever},
    demo::{self, Books, DemoError, Wanted},
    departments,
    entitlement::{EntitlementWork, Rules},
    exporting::ExportWork,
    household::load_regions,
    http::{Behind, Measure, ReadyCheck, SealsInTime, Services},
    importing::{ImportWork, Importer, Setting},
    jobs::{OldJobs, Runner, StoredFiles, Work, counts},
    reconciliation::{Reconciler, ReconciliationWork, Registers, RosterWork, server, shipped},
    resealing::{ResealError, check_index_key},
    schema::{self, Graph, GraphError},
    vault::{KeyError, KeyRing, Vault},
    writing::{OldRequests, Own},
};
use futures_util::future::BoxFuture;
use migration::Migrator;
use sheets::Kinds;
use std::{
    sync::{Arc, Once},
    time::Duration,
};

/// Why the server cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(super) enum ComposeError {
    #[error(transparent)]
    Database(#[from] DatabaseProblem),
    #[error("keys of the vault: {0}")]
    Keys(#[from] KeyError),
    #[error("keys of the vault: those of the demonstration; production needs its own")]
    DemoKeys,
    #[error("key of the audit: {0}")]
    SealKey(KeyError),
    #[error("key of the audit: that of the demonstration; production needs its own")]
    DemoSealKey,
    #[error("demonstration: {0}")]
    Demo(#[from] DemoError),
    #[error("keys of the vault: {0}")]
    IndexKey(#[from] ResealError),
    #[error("graph: {0}")]
    Graph(#[from] GraphError),
    #[error("kinds of files: {0}")]
    Kinds(#[from] sheets::FileError),
    #[error("rules: {0}")]
    Policy(#[from] PolicyProblem),
}

/// What `yihu serve` runs.
pub(super) struct Composed {
    pub(super) services: Services,
    pub(super) sealer: Sealer,
    /// Does the jobs.
    pub(super) runner: Runner,
    database: Database,
    clock: Clock,
    reconciler: Reconciler,
}

impl Composed {
    /// Starts what a server does besides answering. It ends with the runtime: a batch that is cut off is rolled back.
    pub(super) fn start_behind(&self, config: &Config) {
        self.database.release();
        self.database.keep_watch();
        let (database, clock) = (&self.database.for_jobs(), &self.clock);
        tokio::spawn(purge_for_ever(OldChanges {
            database: database.clone(),
            clock: clock.clone(),
            keep_days: config.changes.keep_days,
        }));
        tokio::spawn(purge_for_ever(OldRequests {
            database: database.clone(),
            clock: clock.clone(),
        }));
        tokio::spawn(purge_for_ever(OldJobs {
            database: database.clone(),
            clock: clock.clone(),
            keep_days: config.jobs.keep_days,
        }));
        if let Some(schedule) = config.reconciliation.schedule() {
            tokio::spawn(schedule.order_for_ever(self.reconciler.clone()));
        }
    }
}

/// Puts the server together. A demonstration brings its database up to date by itself.
pub(super) async fn compose(config: &Config) -> Result<Composed, ComposeError> {
    let (ring, seal_key) = (key_ring(config)?, seal_key(config)?);
    let database = connected(config).await?;
    let clock = Clock::system();
    let vault = Arc::new(Vault::new(config.vault.suite, &ring));
    if config.demo {
        demonstrate(config, &database, &vault, &clock).await?;
    }
    let tables = Migrated::of(&database);
    look_over(config, &tables, &vault).await?;
    let rules = Arc::new(policy::rules(config)?);
    // What works behind the requests has connections of its own.
    let behind = database.for_jobs();
    let graph = Graph::with_rules(
        database.clone(),
        vault.clone(),
        clock.clone(),
        rules.clone(),
        config.reconciliation.deadlines(),
    )?;
    let directory = Arc::new(UserTable::new(database.reads().clone()));
    let workshop = Workshop {
        graph: Arc::new(graph.for_jobs()),
        policy: graph.policy(),
        database: behind.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        directory: directory.clone(),
        kinds: kinds(config)?,
    };
    let reconciler = reconciler(config, &rules, behind.clone(), vault, clock.clone())?;
    let works = workshop.works(rules, reconciler.clone())?;
    let sealer = Sealer::new(
        behind.clone(),
        clock.clone(),
        seal_key,
        config.vault.suite,
        &config.audit,
    );
    let seals = SealsInTime {
        seals: Seals::new(&database),
        clock: clock.clone(),
    };
    Ok(Composed {
        runner: Runner::new(behind.clone(), clock.clone(), works, &config.jobs),
        sealer,
        services: Services {
            directory,
            checks: vec![Arc::new(tables), Arc::new(seals)],
            measure: Some(Arc::new(Measured {
                seals: Seals::new(&behind),
                database: database.clone(),
                clock: clock.clone(),
            })),
            files: Arc::new(StoredFiles {
                database: database.clone(),
                clock: clock.clone(),
            }),
            clock: clock.clone(),
            ..Services::of(Arc::new(graph))
        },
        database,
        clock,
        reconciler,
    })
}

async fn connected(config: &Config) -> Result<Database, ComposeError> {
    let settings = Settings {
        replicas: config.replicas.clone(),
        threads: config.http.threads(),
        ..Settings::from(&config.pool)
    };
    let connected = Database::connect(&config.database, &settings).await;
    Ok(connected.map_err(DatabaseProblem::of(config))?)
}

/// Makes the tables of a demonstration, and fills them where they are empty.
async fn demonstrate(
    config: &Config,
    database: &Database,
    vault: &Arc<Vault>,
    clock: &Clock,
) -> Result<(), ComposeError> {
    let problem = DatabaseProblem::of(config);
    database.migrate::<Migrator>().await.map_err(&problem)?;
    load_regions(database).await.map_err(&problem)?;
    let mut books = Books::default();
    let filled = demo::fill(database, vault, clock, Wanted::default(), &mut books).await?;
    tracing::info!("demonstration: {filled}");
    Ok(())
}

/// Says what is not as it should be, and refuses the one thing that nobody could mend later: indexes under another key.
async fn look_over(
    config: &Config,
    tables: &Migrated,
    vault: &Arc<Vault>,
) -> Result<(), ComposeError> {
    let problem = DatabaseProblem::of(config);
    let database = &tables.database;
    // Only a warning: instances may be started before the tables are brought up to date.
    tables.check().await;
    for fault in database.row_security().await.map_err(&problem)?.faults() {
        tracing::warn!("{fault}");
    }
    let state = database.schema_state::<Migrator>().await;
    if state.map_err(&problem)?.is_current() {
        check_index_key(database, vault).await?;
    }
    Ok(())
}

/// What the works behind the requests are made of.
struct Workshop {
    graph: Arc<Graph>,
    policy: Arc<Policy>,
    database: Database,
    vault: Arc<Vault>,
    clock: Clock,
    directory: Arc<UserTable>,
    kinds: Kinds,
}

/// The kinds of files, with the words of this place.
fn kinds(config: &Config) -> Result<Kinds, sheets::FileError> {
    match &config.jobs.columns {
        Some(folder) => Kinds::embedded_with(folder),
        None => Kinds::embedded(),
    }
}

impl Workshop {
    fn works(
        self,
        rules: Arc<Rules>,
        reconciler: Reconciler,
    ) -> Result<Vec<Arc<dyn Work>>, ComposeError> {
        let entitlements = EntitlementWork {
            database: self.database.clone(),
            rules,
        };
        let rosters = RosterWork {
            policy: self.policy.clone(),
            database: self.database.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            kinds: self.kinds.clone(),
            registers: Registers::shipped().map_err(GraphError::from)?,
            directory: self.directory.clone(),
        };
        let importer = Importer::new(Setting {
            policy: self.policy.clone(),
            graph: self.graph.clone(),
            database: self.database.clone(),
            vault: self.vault,
            kinds: self.kinds.clone(),
            imports: departments::imports(),
            clock: self.clock,
        });
        let imports = ImportWork {
            importer: Arc::new(importer),
            database: self.database,
            directory: self.directory.clone(),
        };
        let exports = ExportWork::new(
            (self.graph, self.policy),
            self.kinds,
            departments::exports(),
            self.directory,
        );
        Ok(vec![
            Arc::new(entitlements),
            Arc::new(imports),
            Arc::new(ReconciliationWork { reconciler }),
            Arc::new(rosters),
            Arc::new(exports),
        ])
    }
}

/// What runs the checks, as the server itself.
pub(super) fn reconciler(
    config: &Config,
    rules: &Arc<Rules>,
    database: Database,
    vault: Arc<Vault>,
    clock: Clock,
) -> Result<Reconciler, GraphError> {
    let matrix = schema::matrix()?;
    let checks = Arc::new(shipped(&matrix, &rules.catalogue)?);
    let links = departments::links();
    let access = Access::new(Arc::new(server()), Arc::new(Policy { matrix, links }));
    let own = Own::new(database, vault, clock, access);
    Ok(Reconciler::new(
        own,
        checks,
        rules.clone(),
        config.reconciliation.deadlines(),
    ))
}

/// The keys of the vault; those that everybody knows only in a demonstration.
pub(super) fn key_ring(config: &Config) -> Result<KeyRing, ComposeError> {
    if config.demo {
        return Ok(KeyRing::demo());
    }
    let ring = KeyRing::read(|name| std::env::var(name).ok())?;
    if ring.is_demo() {
        Err(ComposeError::DemoKeys)
    } else {
        Ok(ring)
    }
}

/// The key that signs seals; the one that everybody knows only in a demonstration.
pub(super) fn seal_key(config: &Config) -> Result<SealKey, ComposeError> {
    if config.demo {
        return Ok(SealKey::demo());
    }
    let key = SealKey::read(|name| std::env::var(name).ok()).map_err(ComposeError::SealKey)?;
    if key.is_demo() {
        Err(ComposeError::DemoSealKey)
    } else {
        Ok(key)
    }
}

/// Whether the database answers and has the tables this program was built for. Tables of a newer program are no obstacle:
/// while instances are replaced one by one, the old ones go on beside what was added.
struct Migrated {
    database: Database,
    /// Told once: a balancer asks several times a second.
    newer: Once,
}

impl Migrated {
    fn of(database: &Database) -> Self {
        Migrated {
            database: database.clone(),
            newer: Once::new(),
        }
    }

    fn warn_of_newer(&self, unknown: usize) {
        self.newer
            .call_once(|| tracing::warn!(unknown, "the tables are newer than this program"));
    }
}

impl ReadyCheck for Migrated {
    fn name(&self) -> &'static str {
        "database"
    }

    fn check(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            match self.database.schema_state::<Migrator>().await {
                Ok(state) if state.is_current() => {
                    if !state.unknown.is_empty() {
                        self.warn_of_newer(state.unknown.len());
                    }
                    true
                }
                Ok(state) => {
                    let pending = state.pending.len();
                    tracing::warn!(pending, "migrations are missing: run `yihu migrate`");
                    false
                }
                // It answers, and has too much to do: who asks elsewhere would only find the same.
                Err(DbError::Busy) => true,
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer");
                    false
                }
            }
        })
    }
}

/// What metrics tell of the database.
struct Measured {
    database: Database,
    seals: Seals,
    clock: Clock,
}

impl Measured {
    async fn unsealed_seconds(&self) -> Result<f64, DbError> {
        let since_ms = self.seals.unsealed_since_ms().await?;
        let age_ms = since_ms.map_or(0, |since_ms| self.clock.now_ms().saturating_sub(since_ms));
        let age_ms = u64::try_from(age_ms).unwrap_or_default();
        Ok(Duration::from_millis(age_ms).as_secs_f64())
    }
}

impl Measure for Measured {
    fn database(&self) -> DatabaseFigures {
        self.database.figures()
    }

    fn behind(&self) -> BoxFuture<'_, Behind> {
        Box::pin(async {
            let behind = self.database.for_jobs();
            Behind {
                unsealed_seconds: self.unsealed_seconds().await.ok(),
                feed_lag: held_back(&behind).await.ok(),
                jobs: counts(&behind).await.unwrap_or_default(),
            }
        })
    }
}
