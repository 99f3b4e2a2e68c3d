//! The server of a configuration: its database, its vault, its graph.

use super::{
    DatabaseProblem,
    policy::{self, PolicyProblem},
};
use crate::{
    audit::{SealKey, Sealer, Seals},
    authz::{Access, Policy, users::UserTable},
    changes::OldChanges,
    clock::Clock,
    config::Config,
    db::{Database, Settings, purge_for_ever},
    demo::{self, Books, DemoError, Wanted},
    departments,
    entitlement::{EntitlementWork, Rules},
    exporting::ExportWork,
    household::load_regions,
    http::{ReadyCheck, SealsInTime, Services},
    importing::{ImportWork, Importer, Setting},
    jobs::{OldJobs, Runner, StoredFiles},
    reconciliation::{Reconciler, ReconciliationWork, Registers, RosterWork, server, shipped},
    resealing::{ResealError, check_index_key},
    schema::{self, Graph, GraphError},
    vault::{KeyError, KeyRing, Vault},
    writing::{OldRequests, Own},
};
use futures_util::future::BoxFuture;
use migration::Migrator;
use sheets::Kinds;
use std::sync::Arc;

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
        let (database, clock) = (&self.database, &self.clock);
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
    let problem = DatabaseProblem::of(config);
    let settings = Settings::from(&config.pool);
    let database = Database::connect(&config.database, &settings)
        .await
        .map_err(&problem)?;
    let clock = Clock::system();
    let vault = Arc::new(Vault::new(config.vault.suite, &ring));
    if config.demo {
        database.migrate::<Migrator>().await.map_err(&problem)?;
        load_regions(&database).await.map_err(&problem)?;
        let filled = demo::fill(
            &database,
            &vault,
            &clock,
            Wanted::default(),
            &mut Books::default(),
        )
        .await?;
        tracing::info!("demonstration: {filled}");
    }
    let tables = Migrated(database.clone());
    // Only a warning: instances may be started before the tables are brought up to date.
    tables.check().await;
    for fault in database.row_security().await.map_err(&problem)?.faults() {
        tracing::warn!("{fault}");
    }
    if database
        .schema_state::<Migrator>()
        .await
        .map_err(&problem)?
        .is_current()
    {
        check_index_key(&database, &vault).await?;
    }
    let rules = Arc::new(policy::rules(config)?);
    let entitlements = EntitlementWork {
        database: database.clone(),
        rules: rules.clone(),
    };
    let graph = Graph::with_rules(
        database.clone(),
        vault.clone(),
        clock.clone(),
        rules.clone(),
    )?;
    let graph = Arc::new(graph);
    let directory = Arc::new(UserTable::new(database.reads().clone()));
    let reconciler = reconciler(
        config,
        &rules,
        database.clone(),
        vault.clone(),
        clock.clone(),
    )?;
    let rosters = RosterWork {
        policy: graph.policy(),
        database: database.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        kinds: Kinds::embedded()?,
        registers: Registers::shipped().map_err(GraphError::from)?,
        directory: directory.clone(),
    };
    let importer = Importer::new(Setting {
        policy: graph.policy(),
        graph: graph.clone(),
        database: database.clone(),
        vault,
        kinds: Kinds::embedded()?,
        imports: departments::imports(),
    });
    let imports = ImportWork {
        importer: Arc::new(importer),
        database: database.clone(),
        directory: directory.clone(),
    };
    let exports = ExportWork::new(
        (graph.clone(), graph.policy()),
        Kinds::embedded()?,
        departments::exports(),
        directory.clone(),
    );
    let runner = Runner::new(
        database.clone(),
        clock.clone(),
        vec![
            Arc::new(entitlements),
            Arc::new(imports),
            Arc::new(ReconciliationWork {
                reconciler: reconciler.clone(),
            }),
            Arc::new(rosters),
            Arc::new(exports),
        ],
        &config.jobs,
    );
    let seals = SealsInTime {
        seals: Seals::new(&database),
        clock: clock.clone(),
    };
    let suite = config.vault.suite;
    Ok(Composed {
        runner,
        sealer: Sealer::new(
            database.clone(),
            clock.clone(),
            seal_key,
            suite,
            &config.audit,
        ),
        services: Services {
            directory,
            checks: vec![Arc::new(tables), Arc::new(seals)],
            files: Arc::new(StoredFiles {
                database: database.clone(),
                clock: clock.clone(),
            }),
            clock: clock.clone(),
            ..Services::of(graph)
        },
        database,
        clock,
        reconciler,
    })
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

/// Whether the database answers and has the tables this program was built for.
struct Migrated(Database);

impl ReadyCheck for Migrated {
    fn name(&self) -> &'static str {
        "database"
    }

    fn check(&self) -> BoxFuture<'_, bool> {
        Box::pin(async {
            match self.0.schema_state::<Migrator>().await {
                Ok(state) if state.is_current() => true,
                Ok(state) => {
                    let (pending, unknown) = (state.pending.len(), state.unknown.len());
                    match unknown {
                        0 => tracing::warn!(pending, "migrations are missing: run `yihu migrate`"),
                        _ => tracing::warn!(unknown, "the tables are newer than this program"),
                    }
                    false
                }
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer");
                    false
                }
            }
        })
    }
}
