//! The rate limiter: spaces requests once the server has rejected some for their number.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tracing::debug;

use super::rate_curve::{MIN_RATE, RateCurve};
use super::throughput::Throughput;

/// How many requests a client and its clones send in a second.
///
/// The API publishes no limit, so the default learns it: requests are not delayed until the server answers with a 429.
/// From then on they are spaced evenly. The rate doubles every half second until the second 429. Each further 429
/// lowers it by a fifth; between them it rises, slowly near the rate that was last rejected and faster beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum RateLimit {
    /// As many as the server allows, learned from its 429s.
    #[default]
    Adaptive,
    /// At most this many in a second.
    Fixed(f64),
    /// Any number: no request is delayed.
    Unlimited,
}

/// Limits the rate of all clones of a client.
#[derive(Debug)]
pub(super) struct RateLimiter {
    adaptive: bool,
    /// Whether requests are spaced. While they are not, callers share nothing but the counters of `throughput`.
    throttled: AtomicBool,
    throughput: Throughput,
    /// Held by the caller who waits for the next slot, while the others queue for the lock in order.
    queue: tokio::sync::Mutex<()>,
    curve: Mutex<RateCurve>,
}

/// Permission to send one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permit {
    /// The epoch of the rate that the request is sent at.
    epoch: u64,
}

impl RateLimiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        let now = Instant::now();
        let fixed = match limit {
            RateLimit::Fixed(rate) => Some(if rate.is_finite() { rate.max(MIN_RATE) } else { f64::MAX }),
            RateLimit::Adaptive | RateLimit::Unlimited => None,
        };
        let curve = RateCurve::constant(fixed.unwrap_or(f64::MAX), now);
        Self {
            adaptive: limit == RateLimit::Adaptive,
            throttled: AtomicBool::new(fixed.is_some()),
            throughput: Throughput::new(now),
            queue: tokio::sync::Mutex::new(()),
            curve: Mutex::new(curve),
        }
    }

    /// Returns a permit at once while requests are not spaced.
    pub(super) fn try_acquire(&self) -> Option<Permit> {
        (!self.throttled.load(Ordering::Acquire)).then_some(Permit { epoch: 0 })
    }

    /// Waits for the next free slot.
    pub(super) async fn acquire(&self) -> Permit {
        if let Some(permit) = self.try_acquire() {
            return permit;
        }
        // Only the first in the queue waits for a slot: a caller that gives up leaves no slot unused, and a change of
        // the rate applies to all who wait.
        let _queue = self.queue.lock().await;
        loop {
            let reserved = self.curve().reserve(Instant::now());
            match reserved {
                Ok(epoch) => return Permit { epoch },
                Err(next_slot) => tokio::time::sleep_until(next_slot).await,
            }
        }
    }

    /// Counts a success.
    pub(super) fn on_success(&self, now: Instant) {
        if self.adaptive && !self.throttled.load(Ordering::Relaxed) {
            self.throughput.count(now);
        }
    }

    /// Lowers the rate after a 429, once for all requests that were sent at the rejected rate.
    pub(super) fn on_rate_limited(&self, permit: Permit, now: Instant) {
        if !self.adaptive {
            return;
        }
        let mut curve = self.curve();
        if permit.epoch != curve.epoch() {
            return;
        }
        let rejected_rate = match self.throttled.load(Ordering::Relaxed) {
            true => curve.rate(now),
            false => self.throughput.per_second(now),
        };
        let rate = curve.slow_down(rejected_rate, now);
        debug!(rate, "too many requests: lowering the rate");
        self.throttled.store(true, Ordering::Release);
    }

    fn curve(&self) -> MutexGuard<'_, RateCurve> {
        self.curve.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{RateLimit, RateLimiter};

    /// A server's token bucket.
    struct Bucket {
        rate: f64,
        burst: f64,
        tokens: f64,
        at: Instant,
    }

    impl Bucket {
        fn new(rate: f64, burst: f64) -> Self {
            Self { rate, burst, tokens: burst, at: Instant::now() }
        }

        fn take(&mut self) -> bool {
            let now = Instant::now();
            self.tokens = (self.tokens + self.rate * now.duration_since(self.at).as_secs_f64()).min(self.burst);
            self.at = now;
            let taken = self.tokens >= 1.0;
            if taken {
                self.tokens -= 1.0;
            }
            taken
        }
    }

    /// Sends with 32 in flight, 20 ms each. Returns how many requests were accepted and rejected.
    async fn run(limiter: &Arc<RateLimiter>, bucket: &Arc<Mutex<Bucket>>, seconds: u64) -> (f64, f64) {
        let until = Instant::now() + Duration::from_secs(seconds);
        let counts = Arc::new(Mutex::new((0.0, 0.0)));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (limiter, bucket, counts) = (Arc::clone(limiter), Arc::clone(bucket), Arc::clone(&counts));
            senders.spawn(async move {
                while Instant::now() < until {
                    let permit = limiter.acquire().await;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let accepted = bucket.lock().unwrap().take();
                    match accepted {
                        true => limiter.on_success(Instant::now()),
                        false => limiter.on_rate_limited(permit, Instant::now()),
                    }
                    let mut counts = counts.lock().unwrap();
                    if accepted { counts.0 += 1.0 } else { counts.1 += 1.0 }
                }
            });
        }
        senders.join_all().await;
        let counts = counts.lock().unwrap();
        *counts
    }

    #[tokio::test(start_paused = true)]
    async fn an_adaptive_rate_finds_a_limit_and_follows_its_changes() {
        for burst in [1.0, 50.0] {
            let limiter = Arc::new(RateLimiter::new(RateLimit::Adaptive));
            let bucket = Arc::new(Mutex::new(Bucket::new(50.0, burst)));
            for limit in [50.0, 100.0, 20.0, 50.0] {
                *bucket.lock().unwrap() = Bucket { tokens: 0.0, ..Bucket::new(limit, burst) };
                let (accepted_first, rejected_first) = run(&limiter, &bucket, 10).await;
                let (accepted, rejected) = run(&limiter, &bucket, 50).await;
                println!("{limit}/s, burst {burst}: {accepted_first} accepted, {rejected_first} rejected in 10 s");
                println!("then {accepted} accepted, {rejected} rejected in 50 s");
                let case = format!("{limit}/s, burst {burst}");
                assert!(accepted >= 0.9 * limit * 50.0, "{case}: {accepted} accepted");
                assert!(rejected < 0.02 * (accepted + rejected), "{case}: {rejected} rejected of {accepted}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_fixed_rate_is_kept_and_an_unlimited_one_delays_nothing() {
        let bucket = Arc::new(Mutex::new(Bucket::new(1e9, 1e9)));
        let (accepted, _) = run(&Arc::new(RateLimiter::new(RateLimit::Fixed(40.0))), &bucket, 10).await;
        assert!((395.0..=440.0).contains(&accepted), "{accepted}");
        let start = Instant::now();
        for limit in [RateLimit::Unlimited, RateLimit::Adaptive, RateLimit::Fixed(f64::INFINITY)] {
            let limiter = RateLimiter::new(limit);
            for _ in 0..1000 {
                limiter.acquire().await;
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
