//! Points in the sandbox's time.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch.
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

    /// The duration since an earlier time; zero when `earlier` is later.
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

    /// The format of HTTP headers, such as `Thu, 01 Jan 2026 12:00:00 GMT`.
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

/// Milliseconds of a duration.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
