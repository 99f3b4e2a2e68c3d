//! `/metrics`: counts and times for Prometheus. Labels are words of ours, never of a request.

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};
use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

/// Operation names that get a label of their own; later ones are counted together.
const MOST_OPERATIONS: usize = 200;
const LONGEST_NAME: usize = 64;

/// What the server counts.
pub(super) struct Metrics {
    registry: Registry,
    pub(super) requests: IntCounterVec,
    pub(super) refusals: IntCounterVec,
    pub(super) seconds: Histogram,
    pub(super) cost: Histogram,
    pub(super) running: IntGauge,
    pub(super) documents: IntGauge,
    pub(super) sockets: IntGauge,
    pub(super) events: IntCounter,
    pub(super) faults: IntCounter,
    pub(super) panics: IntCounter,
    names: RwLock<HashSet<String>>,
}

impl Metrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new(
                "yihu_operations_total",
                "Operations run, by name and outcome",
            ),
            &["operation", "outcome"],
        )?;
        let refusals = IntCounterVec::new(
            Opts::new(
                "yihu_refusals_total",
                "Requests refused before they ran, by code",
            ),
            &["code"],
        )?;
        let seconds = Histogram::with_opts(
            HistogramOpts::new(
                "yihu_operation_seconds",
                "Time from the whole request to the whole answer",
            )
            .buckets(vec![
                0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0,
            ]),
        )?;
        let cost = Histogram::with_opts(
            HistogramOpts::new("yihu_operation_cost", "Cost of operations")
                .buckets(vec![10.0, 100.0, 1_000.0, 10_000.0, 50_000.0, 120_000.0]),
        )?;
        let running = IntGauge::new("yihu_requests_running", "Requests in progress")?;
        let documents = IntGauge::new("yihu_documents_parsed", "Parsed documents kept")?;
        let sockets = IntGauge::new("yihu_sockets_open", "Sockets whose user has signed in")?;
        let events = IntCounter::new("yihu_events_total", "Events told to subscribers")?;
        let faults = IntCounter::new("yihu_faults_total", "Resolver errors without a code")?;
        let panics = IntCounter::new("yihu_panics_total", "Resolver panics caught")?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(refusals.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(cost.clone()))?;
        registry.register(Box::new(running.clone()))?;
        registry.register(Box::new(documents.clone()))?;
        registry.register(Box::new(sockets.clone()))?;
        registry.register(Box::new(events.clone()))?;
        registry.register(Box::new(faults.clone()))?;
        registry.register(Box::new(panics.clone()))?;
        Ok(Metrics {
            registry,
            requests,
            refusals,
            seconds,
            cost,
            running,
            documents,
            sockets,
            events,
            faults,
            panics,
            names: RwLock::default(),
        })
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
