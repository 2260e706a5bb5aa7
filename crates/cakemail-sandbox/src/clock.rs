//! The one clock: real, scaled or frozen, and always movable by hand.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// The time that the sandbox lives in: token lifetimes, delivery, log windows, report intervals and confirmation links
/// all follow it.
///
/// Whatever is due at a moment has happened, in order, before anything can be read at that moment. So
/// [`advance`](Self::advance) returns at once, and a test that uses it never sleeps. Only webhooks hear of it a moment
/// later; [`Sandbox::advance`](crate::Sandbox::advance) waits for them. Clones share the same time.
#[derive(Clone)]
pub struct Clock(Arc<Shared>);

/// What clones share.
struct Shared {
    hands: Mutex<Hands>,
    moved: Notify,
}

/// It was `at` at `since`, and runs `pace` times as fast as real time.
#[derive(Clone, Copy)]
struct Hands {
    at: i64,
    since: Instant,
    pace: f64,
}

impl Hands {
    fn now(self) -> i64 {
        let passed = Duration::try_from_secs_f64(self.since.elapsed().as_secs_f64() * self.pace);
        self.at.saturating_add(millis(passed.unwrap_or(Duration::MAX)))
    }
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
        let hands = Hands { at: Time::from_system(at).0, since: Instant::now(), pace };
        Self(Arc::new(Shared { hands: Mutex::new(hands), moved: Notify::new() }))
    }

    /// Moves the time forward. All that is due by then has happened when this returns.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.at = hands.at.saturating_add(millis(by));
        drop(hands);
        self.0.moved.notify_waiters();
    }

    /// Runs `pace` times as fast as real time from now on; 0 freezes it.
    pub fn set_pace(&self, pace: f64) {
        let mut hands = self.hands();
        *hands = Hands { at: hands.now(), since: Instant::now(), pace: pace.max(0.0) };
        drop(hands);
        self.0.moved.notify_waiters();
    }

    /// How many times as fast as real time it runs.
    #[must_use]
    pub fn pace(&self) -> f64 {
        self.hands().pace
    }

    /// The sandbox's present time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.time().system()
    }

    pub(crate) fn time(&self) -> Time {
        Time(self.hands().now())
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when it is `time`, by itself or because the clock was advanced.
    pub(crate) async fn until(&self, time: Time) {
        loop {
            let mut moved = pin!(self.0.moved.notified());
            moved.as_mut().enable();
            let Ok(left @ 1..) = u64::try_from(time.0.saturating_sub(self.time().0)) else { return };
            match Duration::try_from_secs_f64(left as f64 / 1000.0 / self.pace()) {
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
        write!(f, "Clock({}, pace {})", self.time().iso(), self.pace())
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A moment: milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// The duration from an earlier moment; nothing, when it is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or_default())
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

    /// ISO 8601 in UTC, to the millisecond.
    pub(crate) fn iso_millis(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map(|time| format!("{time:.3}")).unwrap_or_default()
    }

    /// ISO 8601 in UTC, to the second.
    pub(crate) fn iso(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map(|time| time.to_string()).unwrap_or_default()
    }
}
