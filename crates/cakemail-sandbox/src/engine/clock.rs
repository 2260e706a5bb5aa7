//! The one clock: real, scaled or frozen, and always movable by hand.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::domain::time::{Time, millis};

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
