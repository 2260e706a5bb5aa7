//! The one clock: real, scaled or frozen, and always movable by hand.

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use crate::domain::ClockReading;
use crate::domain::time::{Time, millis};

/// The sandbox's clock. Token lifetimes, deliveries, log windows, report intervals and confirmation links follow it.
///
/// Before anything is read at a time, every event that is due by then has been recorded, in order. So
/// [`advance`](Self::advance) returns at once, and a test that uses it never sleeps. Webhooks are called a moment
/// later; [`Sandbox::advance`](crate::Sandbox::advance) waits for them. Clones share the same time.
#[derive(Clone)]
pub struct Clock(Arc<Shared>);

/// The part that clones share.
struct Shared {
    setting: Mutex<Setting>,
    moved: Notify,
}

/// The clock showed `at` at the real time `since`, and has run `pace` times as fast as real time since then.
#[derive(Clone, Copy)]
struct Setting {
    at: i64,
    since: Instant,
    pace: f64,
}

impl Setting {
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
        Self::from(SystemTime::now(), finite(pace))
    }

    /// Stands still at `at` until it is advanced.
    #[must_use]
    pub fn frozen(at: SystemTime) -> Self {
        Self::from(at, 0.0)
    }

    fn from(at: SystemTime, pace: f64) -> Self {
        let setting = Setting { at: Time::from_system(at).0, since: Instant::now(), pace };
        Self(Arc::new(Shared { setting: Mutex::new(setting), moved: Notify::new() }))
    }

    /// Moves the time forward. Every event that is due by then counts as recorded when this returns.
    pub fn advance(&self, by: Duration) {
        let mut setting = self.setting();
        setting.at = setting.at.saturating_add(millis(by));
        drop(setting);
        self.0.moved.notify_waiters();
    }

    /// Runs `pace` times as fast as real time from now on; 0 freezes it.
    pub fn set_pace(&self, pace: f64) {
        let mut setting = self.setting();
        *setting = Setting { at: setting.now(), since: Instant::now(), pace: finite(pace) };
        drop(setting);
        self.0.moved.notify_waiters();
    }

    /// How many times as fast as real time it runs.
    #[must_use]
    pub fn pace(&self) -> f64 {
        self.setting().pace
    }

    /// The sandbox's present time.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.time().system()
    }

    pub(crate) fn time(&self) -> Time {
        Time(self.setting().now())
    }

    /// What it shows, for [`restore`](Self::restore).
    pub(super) fn reading(&self) -> ClockReading {
        let setting = *self.setting();
        let real = Time::from_system(SystemTime::now());
        ClockReading { time: Time(setting.now()), real, pace: setting.pace }
    }

    /// Runs on from an earlier reading, and shows at least `reached`. One that ran in real time has gone on since then;
    /// any other has stood still.
    pub(super) fn restore(&self, reading: ClockReading, reached: Time) {
        let at = reading.after_a_pause(Time::from_system(SystemTime::now())).max(reached);
        *self.setting() = Setting { at: at.0, since: Instant::now(), pace: reading.pace };
        self.0.moved.notify_waiters();
    }

    fn setting(&self) -> MutexGuard<'_, Setting> {
        self.0.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the clock reaches `time`, by running or by being advanced.
    pub(crate) async fn wait_until(&self, time: Time) {
        loop {
            let mut moved = pin!(self.0.moved.notified());
            moved.as_mut().enable();
            let Ok(left @ 1..) = u64::try_from(time.0.saturating_sub(self.time().0)) else { return };
            match Duration::try_from_secs_f64(left as f64 / 1000.0 / self.pace()) {
                // The loop checks the time again in either case.
                Ok(left) => drop(tokio::time::timeout(left, moved).await),
                Err(_) => moved.await,
            }
        }
    }
}

/// A pace that JSON can express.
fn finite(pace: f64) -> f64 {
    if pace.is_nan() { 0.0 } else { pace.clamp(0.0, f64::MAX) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_advances_and_runs_at_its_pace() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        let frozen = Clock::frozen(at);
        let shared = frozen.clone();
        shared.advance(Duration::from_millis(500));
        assert_eq!(frozen.now(), at + Duration::from_millis(500));
        assert_eq!(frozen.time().iso(), "1970-01-01T00:00:02Z");
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Clock::frozen(before).now(), before);

        let real = Clock::real();
        assert!(real.now().duration_since(SystemTime::now() - Duration::from_secs(1)).is_ok());
        real.advance(Duration::from_secs(3600));
        assert!(real.now() > SystemTime::now() + Duration::from_secs(3590));
        let fast = Clock::scaled(1e6);
        let start = fast.now();
        while fast.now() < start + Duration::from_secs(1) {
            std::hint::spin_loop();
        }
        let later = Clock::frozen(before);
        let reading = |pace| ClockReading { time: Time(5_000), real: Time::from_system(SystemTime::now()), pace };
        for (pace, reached, shown) in [(0.0, 0, 5_000), (0.0, 7_000, 7_000), (60.0, 6_000, 6_000)] {
            later.restore(reading(pace), Time(reached));
            assert!((shown..shown + 1_000).contains(&later.time().0), "{pace} {reached}: {later:?}");
        }
        let hour_ahead = ClockReading { time: Time(3_600_000), real: Time(0), pace: 1.0 };
        later.restore(hour_ahead, Time(0));
        assert!(later.now() > SystemTime::now() + Duration::from_secs(3_590), "{later:?}");

        for odd in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(Clock::scaled(odd).now() > SystemTime::UNIX_EPOCH, "{odd}");
        }
    }
}
