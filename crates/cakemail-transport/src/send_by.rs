//! The last moment at which a request may be written, and the clock that it is read from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A clock that counts the time since the machine started. It is never set, and it goes on while the machine is suspended:
/// [`std::time::Instant`] stands still then on most systems.
#[derive(Clone)]
pub struct BootClock(Arc<dyn Fn() -> Duration + Send + Sync>);

impl BootClock {
    /// The clock of the operating system: `CLOCK_BOOTTIME` on Linux, `CLOCK_MONOTONIC` on macOS. On other systems it is
    /// [`std::time::Instant`], which may stand still while the machine is suspended.
    #[cfg(feature = "boot-clock")]
    pub fn new() -> Self {
        Self::from_fn(system::now)
    }

    /// A clock that calls this function: for tests.
    pub fn from_fn(now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time since the machine started.
    pub fn now(&self) -> Duration {
        (self.0)()
    }
}

#[cfg(feature = "boot-clock")]
impl Default for BootClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for BootClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BootClock")
    }
}

/// The moment after which no byte of a request may be written. It is an extension of the [`Request`](crate::Request).
///
/// A transport that [holds](crate::Transport::holds_send_by) it reads the clock immediately before each write to the
/// socket. Past the moment it writes nothing more of the request, resets the connection, and fails with
/// [`TransportErrorKind::Timeout`](crate::TransportErrorKind::Timeout) unless the server has responded. Bytes that the
/// operating system accepted before may still arrive later: see `Settings::tcp_user_timeout`.
#[derive(Clone, Debug)]
pub struct SendBy {
    at: Duration,
    clock: BootClock,
}

impl SendBy {
    /// The moment at which the clock reads `at`.
    pub fn new(at: Duration, clock: BootClock) -> Self {
        Self { at, clock }
    }

    /// The time until the moment: zero once it has passed.
    pub fn remaining(&self) -> Duration {
        self.at.saturating_sub(self.clock.now())
    }

    /// Whether the moment has come.
    pub fn has_passed(&self) -> bool {
        self.remaining().is_zero()
    }
}

#[cfg(all(feature = "boot-clock", any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    #[cfg(target_vendor = "apple")]
    const CLOCK: ClockId = ClockId::Monotonic;
    #[cfg(not(target_vendor = "apple"))]
    const CLOCK: ClockId = ClockId::Boottime;

    pub(super) fn now() -> Duration {
        Duration::try_from(clock_gettime(CLOCK)).unwrap_or(Duration::MAX) // it is never negative
    }
}

#[cfg(all(feature = "boot-clock", not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))))]
mod system {
    use std::sync::LazyLock;
    use std::time::{Duration, Instant};

    pub(super) fn now() -> Duration {
        static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
        FIRST.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_passed_from_the_moment_on() {
        for (now, at, remaining) in [(5, 7, 2), (7, 7, 0), (8, 7, 0)] {
            let send_by = SendBy::new(Duration::from_secs(at), BootClock::from_fn(move || Duration::from_secs(now)));
            assert_eq!(send_by.remaining(), Duration::from_secs(remaining));
            assert_eq!(send_by.has_passed(), remaining == 0);
        }
    }

    #[cfg(all(feature = "boot-clock", target_os = "linux"))]
    #[test]
    fn the_clock_reads_the_time_since_the_machine_started() {
        let uptime = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            Duration::from_secs_f64(text.split(' ').next().unwrap().parse().unwrap())
        };
        let before = uptime();
        let now = BootClock::new().now();
        let hundredth = Duration::from_millis(10); // the precision of the file
        assert!(before <= now + hundredth && now <= uptime() + hundredth);
    }
}
