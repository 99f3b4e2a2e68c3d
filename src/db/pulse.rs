//! Whether PostgreSQL answers.
//!
//! A server that was stopped or cut off does not refuse: it says nothing, and whoever waits for it waits for as long as
//! the network lets them. So one line asks again and again. When neither it nor any other line of this process has heard
//! anything for [`Pulse::silence`], the database is taken to be gone: whatever waits for it ends at once, whatever comes
//! is refused without waiting, and lines of before are not used again. With the next answer all goes on.
//!
//! That other lines count keeps a busy server from being taken for a dead one. SQLite has no pulse: it is a file.

use super::{Class, DbError, ReadSettings, Statement, read::Lines};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The pause between two questions, and between two tries to reach a database that is gone.
const PAUSE: Duration = Duration::from_millis(250);
/// A wait is counted in parts, so that a process that was not scheduled does not take its own sleep for silence.
const PARTS: u32 = 5;

/// What one process knows of its database.
pub(super) struct Pulse {
    begun: Instant,
    silence: Duration,
    is_watched: AtomicBool,
    gone: watch::Sender<bool>,
    /// When a line heard something, in milliseconds since the beginning.
    heard_ms: AtomicU64,
    /// Lines that were opened before are not used again; the same unit.
    broke_ms: AtomicU64,
}

impl Pulse {
    pub(super) fn new(silence: Duration) -> Self {
        Pulse {
            begun: Instant::now(),
            silence,
            is_watched: AtomicBool::new(false),
            gone: watch::Sender::new(false),
            heard_ms: AtomicU64::new(0),
            broke_ms: AtomicU64::new(0),
        }
    }

    /// Milliseconds since the beginning.
    pub(super) fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A line has heard something.
    pub(super) fn heard(&self) {
        self.heard_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    /// A line turned out to be broken: so may be all that were opened before.
    pub(super) fn broke(&self) {
        self.broke_ms.store(self.now_ms(), Ordering::Release);
    }

    /// Whether a line of this age was opened since one broke.
    pub(super) fn is_sound(&self, age: Duration) -> bool {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        self.now_ms().saturating_sub(age) >= self.broke_ms.load(Ordering::Acquire)
    }

    pub(super) fn is_gone(&self) -> bool {
        *self.gone.borrow()
    }

    /// Fails where the database is known to be gone.
    pub(super) fn check(&self) -> Result<(), DbError> {
        match self.is_gone() {
            true => Err(silent()),
            false => Ok(()),
        }
    }

    /// Ends when the database is gone.
    pub(super) async fn gone(&self) {
        let mut gone = self.gone.subscribe();
        if gone.wait_for(|gone| *gone).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What the work comes to, or nothing when the database is gone before.
    pub(super) async fn unless_gone<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        if !self.is_watched.load(Ordering::Relaxed) {
            return Some(work.await);
        }
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.gone() => None,
        }
    }

    /// The same for work that can fail.
    pub(super) async fn alive<T, E: From<DbError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.check()?;
        self.unless_gone(work)
            .await
            .unwrap_or_else(|| Err(silent().into()))
    }

    /// Asks for as long as anybody wants to know.
    pub(super) async fn watch(self: Arc<Self>, url: Arc<str>) -> Result<(), DbError> {
        let settings = ReadSettings {
            connections: 1,
            threads: 1,
            acquire_timeout: self.silence,
            statement_timeout: self.silence,
        };
        let line = Lines::lazy(&url, &settings)?;
        self.is_watched.store(true, Ordering::Relaxed);
        loop {
            self.look(&line).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn look(&self, line: &Lines) {
        let asked_ms = self.now_ms();
        // A line that was closed in between says nothing of the server: the second one is opened anew.
        let mut answered = self.asked(line).await;
        if matches!(answered, Some(Err(_))) && !self.is_gone() {
            answered = self.asked(line).await;
        }
        match answered {
            Some(Ok(())) => {
                self.heard();
                if self.gone.send_replace(false) {
                    self.broke();
                    tracing::info!("the database answers again");
                }
            }
            // Somebody else has heard something: it is busy.
            _ if self.heard_ms.load(Ordering::Relaxed) > asked_ms => {}
            _ if self.is_gone() => {}
            failed => {
                let error = failed.and_then(Result::err).unwrap_or_else(silent);
                tracing::error!(%error, "the database is gone");
                self.broke();
                self.gone.send_replace(true);
            }
        }
    }

    /// The answer, or nothing where it does not come in time.
    async fn asked(&self, line: &Lines) -> Option<Result<(), DbError>> {
        let answered = self.in_time(line).await;
        if answered.is_none() {
            // What was asked may still be answered on it, or never.
            line.reset();
        }
        answered
    }

    async fn in_time(&self, line: &Lines) -> Option<Result<(), DbError>> {
        let answer = line.one(Statement::new(Class::Reference, "SELECT 1", vec![]));
        tokio::pin!(answer);
        for _ in 0..PARTS {
            tokio::select! {
                biased;
                answered = &mut answer => return Some(answered.map(drop)),
                () = tokio::time::sleep(self.silence / PARTS) => {}
            }
        }
        None
    }
}

pub(super) fn silent() -> DbError {
    DbError::unavailable("the database does not answer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_for_a_database_that_is_gone_ends() {
        let pulse = Pulse::new(Duration::from_secs(1));
        pulse.is_watched.store(true, Ordering::Relaxed);
        assert_eq!(pulse.alive(async { Ok::<_, DbError>(7) }).await, Ok(7));
        let (waited, ()) = tokio::join!(
            pulse.alive(std::future::pending::<Result<(), DbError>>()),
            async {
                pulse.gone.send_replace(true);
            }
        );
        assert_eq!(waited, Err(silent()));
        assert_eq!(pulse.alive(async { Ok(7) }).await, Err(silent()));
        pulse.gone.send_replace(false);
        assert_eq!(pulse.alive(async { Ok::<_, DbError>(7) }).await, Ok(7));
    }

    #[test]
    fn lines_of_before_a_break_are_not_sound() {
        let pulse = Pulse::new(Duration::from_secs(1));
        assert!(pulse.is_sound(Duration::ZERO));
        pulse.broke();
        assert!(pulse.is_sound(Duration::ZERO));
        pulse.broke_ms.store(1_000_000, Ordering::Release);
        assert!(!pulse.is_sound(Duration::ZERO));
    }
}
