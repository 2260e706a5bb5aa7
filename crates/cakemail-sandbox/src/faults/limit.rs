//! A limit on the rate of requests: a token bucket that fills by the sandbox's clock.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::Time;

/// A limit on the rate of requests, with a burst. Requests beyond it get a 429.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    rate: f64,
    burst: u32,
    #[serde(default)]
    retry_after: bool,
}

impl Limit {
    /// `rate` requests a second on average, and `burst` at once.
    #[must_use]
    pub fn new(rate: f64, burst: u32) -> Self {
        Self { rate, burst, retry_after: false }
    }

    /// Adds a `Retry-After` in whole seconds.
    #[must_use]
    pub fn with_retry_after(mut self) -> Self {
        self.retry_after = true;
        self
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = if self.retry_after { ", with Retry-After" } else { "" };
        write!(f, "at most {} a second, {} at once{header}", self.rate, self.burst)
    }
}

/// The token bucket of a limit.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Bucket {
    pub(super) limit: Limit,
    tokens: f64,
    filled: Time,
}

/// A request beyond the limit, with the seconds for its `Retry-After`, if the limit sends one.
pub(super) struct Refused(pub(super) Option<u64>);

impl Bucket {
    pub(super) fn new(limit: Limit, at: Time) -> Self {
        Self { limit, tokens: f64::from(limit.burst), filled: at }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounding"
    )]
    pub(super) fn take(&mut self, now: Time) -> Result<(), Refused> {
        let Limit { rate, burst, retry_after } = self.limit;
        let passed = now.0.saturating_sub(self.filled.0).max(0) as f64 / 1000.0;
        self.tokens = (self.tokens + passed * rate).min(f64::from(burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Refused(retry_after.then(|| ((1.0 - self.tokens) / rate).ceil() as u64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_allows_a_burst_and_refills_at_its_rate() {
        let mut bucket = Bucket::new(Limit::new(50.0, 5).with_retry_after(), Time(0));
        let mut taken = |millis, attempts: usize| (0..attempts).filter(|_| bucket.take(Time(millis)).is_ok()).count();
        assert_eq!(taken(0, 10), 5);
        assert_eq!(taken(19, 10), 0);
        assert_eq!(taken(20, 10), 1);
        assert_eq!(taken(10_000, 10), 5, "no more than the burst");
        let tick_by_tick: usize = (10_001..=20_000).map(|millis| taken(millis, 3)).sum();
        assert_eq!(tick_by_tick, 500);
    }

    #[test]
    fn a_limit_can_send_retry_after() {
        let retry_after = |limit: Limit| {
            let mut bucket = Bucket::new(limit, Time(0));
            bucket.take(Time(0)).err().and_then(|Refused(seconds)| seconds)
        };
        assert_eq!(retry_after(Limit::new(0.4, 0).with_retry_after()), Some(3));
        assert_eq!(retry_after(Limit::new(0.4, 0)), None);
    }
}
