//! `/metrics`: counts and times for Prometheus. Labels are words of ours, never of a request.

use crate::db::DatabaseFigures;
use futures_util::future::BoxFuture;
use prometheus::{
    Encoder, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};
use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
    time::Duration,
};

/// Operation names that get a label of their own; later ones are counted together.
const MOST_OPERATIONS: usize = 200;
const LONGEST_NAME: usize = 64;

/// What is told of the database and of the work behind the requests, beside what the edge counts itself.
pub trait Measure: Send + Sync + 'static {
    /// What is known without asking.
    fn database(&self) -> DatabaseFigures;
    /// What the database has to be asked.
    fn behind(&self) -> BoxFuture<'_, Behind>;
}

/// How the work behind the requests stands. What could not be asked is absent.
#[derive(Clone, Debug, Default)]
pub struct Behind {
    /// Seconds since the oldest audit record without a seal was written; 0 where all are sealed.
    pub unsealed_seconds: Option<f64>,
    /// Committed transactions with changes that nobody is told of yet.
    pub feed_lag: Option<i64>,
    /// Jobs by state.
    pub jobs: Vec<(&'static str, i64)>,
}

/// How admission stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoomFigures {
    /// Cost of the operations that run, and the most there may be.
    pub(super) used: u32,
    pub(super) whole: u32,
    /// Requests that wait for their turn.
    pub(super) waiting: usize,
}

/// What the server counts.
pub(super) struct Metrics {
    registry: Registry,
    pub(super) requests: IntCounterVec,
    pub(super) refusals: IntCounterVec,
    pub(super) seconds: HistogramVec,
    pub(super) cost: HistogramVec,
    pub(super) running: IntGauge,
    pub(super) documents: IntGauge,
    pub(super) sockets: IntGauge,
    pub(super) events: IntCounter,
    pub(super) faults: IntCounter,
    pub(super) panics: IntCounter,
    room: IntGaugeVec,
    queue: IntGauge,
    statements: IntCounterVec,
    connections: IntGaugeVec,
    waiting: IntGaugeVec,
    up: IntGauge,
    replica_lag: GaugeVec,
    replica_asked: IntCounterVec,
    unsealed: GaugeVec,
    feed_lag: IntGaugeVec,
    jobs: IntGaugeVec,
    memory: IntGauge,
    names: RwLock<HashSet<String>>,
}

/// Makes metrics and registers them.
struct Maker(Registry);

type Made<T> = Result<T, prometheus::Error>;

impl Maker {
    fn kept<T: Collector + Clone + 'static>(&self, made: Made<T>) -> Made<T> {
        let made = made?;
        self.0.register(Box::new(made.clone()))?;
        Ok(made)
    }

    fn counter(&self, name: &str, text: &str) -> Made<IntCounter> {
        self.kept(IntCounter::new(name, text))
    }

    fn counters(&self, name: &str, text: &str, labels: &[&str]) -> Made<IntCounterVec> {
        self.kept(IntCounterVec::new(Opts::new(name, text), labels))
    }

    fn gauge(&self, name: &str, text: &str) -> Made<IntGauge> {
        self.kept(IntGauge::new(name, text))
    }

    fn gauges(&self, name: &str, text: &str, labels: &[&str]) -> Made<IntGaugeVec> {
        self.kept(IntGaugeVec::new(Opts::new(name, text), labels))
    }

    fn seconds(&self, name: &str, text: &str, labels: &[&str]) -> Made<GaugeVec> {
        self.kept(GaugeVec::new(Opts::new(name, text), labels))
    }

    fn histograms(&self, name: &str, text: &str, buckets: &[f64]) -> Made<HistogramVec> {
        let options = HistogramOpts::new(name, text).buckets(buckets.to_vec());
        self.kept(HistogramVec::new(options, &["operation"]))
    }
}

const SECONDS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
const COSTS: [f64; 6] = [10.0, 100.0, 1_000.0, 10_000.0, 50_000.0, 120_000.0];

impl Metrics {
    pub(super) fn new() -> Made<Self> {
        let make = Maker(Registry::new());
        Ok(Metrics {
            requests: make.counters(
                "yihu_operations_total",
                "Operations run, by name and outcome",
                &["operation", "outcome"],
            )?,
            refusals: make.counters(
                "yihu_refusals_total",
                "Requests refused before they ran, by code",
                &["code"],
            )?,
            seconds: make.histograms(
                "yihu_operation_seconds",
                "Time from the whole request to the whole answer",
                &SECONDS,
            )?,
            cost: make.histograms("yihu_operation_cost", "Cost of operations", &COSTS)?,
            running: make.gauge("yihu_requests_running", "Requests in progress")?,
            documents: make.gauge("yihu_documents_parsed", "Parsed documents kept")?,
            sockets: make.gauge("yihu_sockets_open", "Sockets whose user has signed in")?,
            events: make.counter("yihu_events_total", "Events told to subscribers")?,
            faults: make.counter("yihu_faults_total", "Resolver errors without a code")?,
            panics: make.counter("yihu_panics_total", "Resolver panics caught")?,
            room: make.gauges(
                "yihu_admission_cost",
                "Cost of the operations that run (used), and the most there may be (whole)",
                &["of"],
            )?,
            queue: make.gauge("yihu_admission_queue", "Requests that wait for their turn")?,
            statements: make.counters(
                "yihu_statements_total",
                "Statements run, by how they find their rows",
                &["class"],
            )?,
            connections: make.gauges(
                "yihu_pool_connections",
                "Connections to the database, by pool and state",
                &["pool", "state"],
            )?,
            waiting: make.gauges("yihu_pool_waiting", "Waiting requests", &["pool"])?,
            up: make.gauge("yihu_database_up", "Whether the database answers")?,
            replica_lag: make.seconds(
                "yihu_replica_lag_seconds",
                "Time since a replica was known to be whole; absent where it is not used",
                &["replica"],
            )?,
            replica_asked: make.counters(
                "yihu_replica_reads_total",
                "Connections to a replica that requests took",
                &["replica"],
            )?,
            unsealed: make.seconds(
                "yihu_audit_unsealed_seconds",
                "Age of the oldest audit record without a seal",
                &[],
            )?,
            feed_lag: make.gauges(
                "yihu_feed_lag_transactions",
                "Committed transactions with changes that nobody is told of yet",
                &[],
            )?,
            jobs: make.gauges("yihu_jobs", "Jobs, by state", &["state"])?,
            memory: make.gauge("yihu_memory_bytes", "Resident memory of the process")?,
            names: RwLock::default(),
            registry: make.0,
        })
    }

    pub(super) fn set_room(&self, room: RoomFigures) {
        self.room.with_label_values(&["used"]).set(room.used.into());
        self.room
            .with_label_values(&["whole"])
            .set(room.whole.into());
        self.queue.set(whole(room.waiting));
    }

    pub(super) fn set_memory(&self) {
        if let Some(bytes) = resident_bytes() {
            self.memory.set(bytes);
        }
    }

    pub(super) fn set_database(&self, figures: &DatabaseFigures) {
        self.up.set(i64::from(!figures.is_gone));
        let written = [("WRITE", figures.written_statements)];
        for (class, count) in figures.statements.iter().chain(&written) {
            let counter = self.statements.with_label_values(&[*class]);
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        for (pool, connections) in &figures.pools {
            let states = [
                ("most", connections.most),
                ("used", connections.used),
                ("idle", connections.idle),
            ];
            for (state, count) in states {
                let gauge = self.connections.with_label_values(&[*pool, state]);
                gauge.set(whole(count));
            }
            let waiting = self.waiting.with_label_values(&[*pool]);
            waiting.set(whole(connections.waiting));
        }
        self.replica_lag.reset();
        for (at, replica) in figures.replicas.iter().enumerate() {
            let name = at.to_string();
            let asked = self.replica_asked.with_label_values(&[&name]);
            asked.inc_by(replica.asked.saturating_sub(asked.get()));
            if let Some(lag_ms) = replica.lag_ms {
                let lag = Duration::from_millis(lag_ms).as_secs_f64();
                self.replica_lag.with_label_values(&[&name]).set(lag);
            }
        }
    }

    pub(super) fn set_behind(&self, behind: &Behind) {
        self.unsealed.reset();
        self.feed_lag.reset();
        self.jobs.reset();
        let none: [&str; 0] = [];
        if let Some(seconds) = behind.unsealed_seconds {
            self.unsealed.with_label_values(&none).set(seconds);
        }
        if let Some(lag) = behind.feed_lag {
            self.feed_lag.with_label_values(&none).set(lag);
        }
        for (state, count) in &behind.jobs {
            self.jobs.with_label_values(&[*state]).set(*count);
        }
    }

    pub(super) fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        // Writing metrics of our own to memory does not fail; an empty answer says so if it ever does.
        if TextEncoder::new()
            .encode(&self.registry.gather(), &mut text)
            .is_err()
        {
            text.clear();
        }
        text
    }

    /// A label for an operation name: the name where it is known or there is room, else `other`.
    ///
    /// Clients choose these names, so one that may carry a number of a person is not taken.
    pub(super) fn label(&self, name: Option<&str>) -> String {
        let Some(name) = name else {
            return "unnamed".to_owned();
        };
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        if digits > 3 || name.len() > LONGEST_NAME {
            return "other".to_owned();
        }
        if self
            .names
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(name)
        {
            return name.to_owned();
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST_OPERATIONS {
            return "other".to_owned();
        }
        names.insert(name.to_owned());
        name.to_owned()
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Resident memory of this process, where the system tells it.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kilobytes.checked_mul(1024)
}
