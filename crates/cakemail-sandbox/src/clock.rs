//! The one clock: real, scaled or frozen, and always movable by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The time that the sandbox lives in: token lifetimes, delivery, log windows, report intervals and confirmation links
/// all follow it.
///
/// Nothing runs in the background: whatever is due at a moment has happened, in order, before anything can be read at
/// that moment. So [`advance`](Self::advance) returns at once, and a test that uses it never sleeps. Clones share the
/// same time.
#[derive(Clone)]
pub struct Clock {
    start: i64,
    started: Instant,
    pace: f64,
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// The computer's own time (the default).
    #[must_use]
    pub fn real() -> Self {
        Self::scaled(1.0)
    }

    /// Starts now and runs `pace` times as fast as real time: with 60, a minute passes each second.
    #[must_use]
    pub fn scaled(pace: f64) -> Self {
        Self::from(SystemTime::now(), pace.max(0.0))
    }

    /// Stands still at `at` until it is advanced.
    #[must_use]
    pub fn frozen(at: SystemTime) -> Self {
        Self::from(at, 0.0)
    }

    fn from(at: SystemTime, pace: f64) -> Self {
        let start = match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        };
        Self { start, started: Instant::now(), pace, ahead: Arc::default() }
    }

    /// Moves the time forward. All that is due by then has happened when this returns.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// The sandbox's present time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let now = self.time().0;
        let distance = Duration::from_millis(now.unsigned_abs());
        if now < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
    }

    pub(crate) fn time(&self) -> Time {
        let passed = Duration::try_from_secs_f64(self.started.elapsed().as_secs_f64() * self.pace);
        let passed = millis(passed.unwrap_or(Duration::MAX));
        Time(self.start.saturating_add(passed).saturating_add(self.ahead.load(Ordering::SeqCst)))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({}, pace {})", self.time().iso(), self.pace)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A moment: milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) i64);

impl Time {
    pub(crate) fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// ISO 8601 in UTC, to the second.
    pub(crate) fn iso(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map(|time| time.to_string()).unwrap_or_default()
    }
}
