//! The one clock: real, scaled or frozen, and always movable by hand.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

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
    moved: Arc<Moved>,
}

/// What clones share.
#[derive(Default)]
struct Moved {
    ahead: AtomicI64,
    notify: Notify,
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
        Self { start: Time::from_system(at).0, started: Instant::now(), pace, moved: Arc::default() }
    }

    /// Moves the time forward. All that is due by then has happened when this returns.
    pub fn advance(&self, by: Duration) {
        self.moved.ahead.fetch_add(millis(by), Ordering::SeqCst);
        self.moved.notify.notify_waiters();
    }

    /// The sandbox's present time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.time().system()
    }

    pub(crate) fn time(&self) -> Time {
        let passed = Duration::try_from_secs_f64(self.started.elapsed().as_secs_f64() * self.pace);
        let passed = millis(passed.unwrap_or(Duration::MAX));
        Time(self.start.saturating_add(passed).saturating_add(self.moved.ahead.load(Ordering::SeqCst)))
    }

    /// Returns when it is `time`, by itself or because the clock was advanced.
    pub(crate) async fn until(&self, time: Time) {
        loop {
            let mut moved = pin!(self.moved.notify.notified());
            moved.as_mut().enable();
            let Ok(left @ 1..) = u64::try_from(time.0.saturating_sub(self.time().0)) else { return };
            match Duration::try_from_secs_f64(left as f64 / 1000.0 / self.pace) {
                // Either way it is looked at again.
                Ok(left) => drop(tokio::time::timeout(left, moved).await),
                Err(_) => moved.await,
            }
        }
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

    pub(crate) fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    pub(crate) fn from_system(at: SystemTime) -> Self {
        match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self(millis(since)),
            Err(before) => Self(-millis(before.duration())),
        }
    }

    pub(crate) fn system(self) -> SystemTime {
        let distance = Duration::from_millis(self.0.unsigned_abs());
        if self.0 < 0 { SystemTime::UNIX_EPOCH - distance } else { SystemTime::UNIX_EPOCH + distance }
    }

    /// As an HTTP header says it, such as `Thu, 01 Jan 2026 12:00:00 GMT`.
    pub(crate) fn http_date(self) -> String {
        let time = jiff::Timestamp::from_second(self.seconds()).ok();
        let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
        time.and_then(|time| printer.timestamp_to_rfc9110_string(&time).ok()).unwrap_or_default()
    }

    /// ISO 8601 in UTC, to the second.
    pub(crate) fn iso(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map(|time| time.to_string()).unwrap_or_default()
    }
}
