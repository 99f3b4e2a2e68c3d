//! How much is let in: work by its cost, requests by their sender.

use super::{metrics::RoomFigures, refusal::Refusal};
use crate::config::Admission;
use actix_web::http::{StatusCode, header};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

/// The least an operation counts: also a small one has a connection, a parse and a log line.
const LEAST_COST: u64 = 100;
/// Over what time the pace of operations is looked at.
const PACE_OVER: Duration = Duration::from_millis(200);
/// Requests between two sweeps of the rate limiters' memory.
const SWEEP_EVERY: u64 = 10_000;

/// The room for running operations, by cost, with a short queue in front of it.
pub(super) struct Room {
    free: Arc<Semaphore>,
    whole: u32,
    waiting: AtomicUsize,
    /// Cost of those who wait.
    waiting_cost: AtomicU64,
    queue: usize,
    patience: Duration,
    pace: Arc<Pace>,
}

/// How fast operations end.
#[derive(Default)]
struct Pace {
    /// Cost of all that have ended.
    ended: AtomicU64,
    seen: Mutex<Option<Seen>>,
}

/// What was seen of the pace when it was looked at last.
#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    ended: u64,
    /// Cost a second.
    rate: Option<f64>,
}

impl Pace {
    /// How long it takes until as much has ended as before lately; nothing where that is not known.
    fn time_for(&self, cost: u64) -> Option<Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = self.ended.load(Ordering::Relaxed);
        let before = *seen.get_or_insert(Seen {
            at: Instant::now(),
            ended,
            rate: None,
        });
        let elapsed = before.at.elapsed();
        let mut rate = before.rate;
        if elapsed >= PACE_OVER {
            let lately = as_float(ended.saturating_sub(before.ended)) / elapsed.as_secs_f64();
            // What was seen long ago says nothing of now.
            rate = (elapsed < PACE_OVER * 5).then_some(lately);
            *seen = Some(Seen {
                at: Instant::now(),
                ended,
                rate,
            });
        }
        let rate = rate.filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(as_float(cost) / rate).ok()
    }
}

fn as_float(cost: u64) -> f64 {
    u32::try_from(cost).map_or(f64::from(u32::MAX), f64::from)
}

/// The place of an operation that runs.
pub(super) struct Permit {
    /// Given back when this is dropped.
    _places: OwnedSemaphorePermit,
    cost: u64,
    pace: Arc<Pace>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.pace.ended.fetch_add(self.cost, Ordering::Relaxed);
    }
}

impl Room {
    pub(super) fn new(options: &Admission) -> Self {
        Room {
            free: Arc::new(Semaphore::new(options.cost as usize)),
            whole: options.cost,
            waiting: AtomicUsize::new(0),
            waiting_cost: AtomicU64::new(0),
            queue: options.queue,
            patience: Duration::from_millis(options.queue_ms),
            pace: Arc::default(),
        }
    }

    pub(super) fn figures(&self) -> RoomFigures {
        let free = u32::try_from(self.free.available_permits()).unwrap_or(u32::MAX);
        RoomFigures {
            used: self.whole.saturating_sub(free),
            whole: self.whole,
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    /// Lets an operation in, at once or after a short wait. The place is free again when the permit is dropped.
    ///
    /// Who would wait in vain, at the pace at which operations end, is refused at once.
    pub(super) async fn enter(&self, cost: u64) -> Result<Permit, Refusal> {
        let places = u32::try_from(cost.max(LEAST_COST))
            .unwrap_or(u32::MAX)
            .min(self.whole);
        if let Ok(free) = self.free.clone().try_acquire_many_owned(places) {
            return Ok(self.permit(free, places));
        }
        let before = self.waiting_cost.load(Ordering::Relaxed) + u64::from(places);
        if (self.pace.time_for(before)).is_some_and(|time| time > self.patience / 2) {
            return Err(overloaded());
        }
        let _place = Place::take(self, u64::from(places)).ok_or_else(overloaded)?;
        let wait =
            tokio::time::timeout(self.patience, self.free.clone().acquire_many_owned(places));
        match wait.instrument(tracing::info_span!("admission")).await {
            Ok(Ok(free)) => Ok(self.permit(free, places)),
            _ => Err(overloaded()),
        }
    }

    fn permit(&self, places: OwnedSemaphorePermit, cost: u32) -> Permit {
        Permit {
            _places: places,
            cost: u64::from(cost),
            pace: self.pace.clone(),
        }
    }
}

/// A place in the queue, given back also when the client goes away while waiting.
struct Place<'a>(&'a Room, u64);

impl<'a> Place<'a> {
    fn take(room: &'a Room, cost: u64) -> Option<Self> {
        let more = |now| (now < room.queue).then_some(now + 1);
        let taken = room
            .waiting
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.ok()?;
        room.waiting_cost.fetch_add(cost, Ordering::Relaxed);
        Some(Place(room, cost))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
        self.0.waiting_cost.fetch_sub(self.1, Ordering::Relaxed);
    }
}

fn overloaded() -> Refusal {
    Refusal::of(
        StatusCode::SERVICE_UNAVAILABLE,
        "OVERLOADED",
        "系统繁忙，请稍后重试。",
        "The server is busy; try again in a moment.",
    )
    .header(header::RETRY_AFTER, "1")
}

/// Requests by sender: users with their client application once they are known, addresses before.
pub(super) struct Rates {
    users: DefaultKeyedRateLimiter<u64>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    seen: AtomicU64,
}

impl Rates {
    pub(super) fn new(options: &Admission) -> Self {
        Rates {
            users: RateLimiter::keyed(quota(options.rate, options.burst)),
            addresses: RateLimiter::keyed(quota(options.anonymous_rate, options.anonymous_burst)),
            seen: AtomicU64::new(0),
        }
    }

    /// Counts a request of a known user.
    pub(super) fn check_user(&self, user: &str, client: &str) -> Result<(), Refusal> {
        self.sweep();
        let key = {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (user, client).hash(&mut hasher);
            hasher.finish()
        };
        self.users.check_key(&key).map_err(|_| too_many())
    }

    /// Counts a request without a valid token.
    pub(super) fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.sweep();
        // A client with IPv6 owns a network of 64 bits, not one address.
        let address = match address {
            IpAddr::V6(v6) => IpAddr::from((u128::from(v6) & !u128::from(u64::MAX)).to_be_bytes()),
            v4 => v4,
        };
        self.addresses.check_key(&address).map_err(|_| too_many())
    }

    fn sweep(&self) {
        if self.seen.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.users.retain_recent();
            self.addresses.retain_recent();
        }
    }
}

fn quota(rate: u32, burst: u32) -> Quota {
    let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst))
}

fn too_many() -> Refusal {
    Refusal::of(
        StatusCode::TOO_MANY_REQUESTS,
        "RATE_LIMITED",
        "请求过于频繁，请稍后重试。",
        "Too many requests; slow down.",
    )
    .header(header::RETRY_AFTER, "1")
}
