//! The rate limiter: spaces requests once the server has rejected some for their number.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker, ready};
use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use super::rate_curve::RateCurve;
use super::slots::{Slot, Slots, Ticket};
use super::throughput::Throughput;
use crate::error::{Error, ErrorKind, Result};
use crate::time;

pub(super) use super::slots::Lane;

/// How many requests a client and its clones send in a second.
///
/// The API publishes no limit, so the default learns it: requests are not delayed until the server answers with a 429.
/// From then on they are spaced evenly. The rate doubles every half second until the second 429. Each further 429
/// lowers it by a fifth; between them it rises, slowly near the rate that was last rejected and faster beyond it.
///
/// When requests have to wait, reads and requests for tokens take turns with all others: held-back sends do not delay
/// them. The `Retry-After` of a 429 pauses the requests of all clones, for at most
/// [`max_retry_after`](crate::RetryPolicy::max_retry_after), except with [`Unlimited`](Self::Unlimited).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum RateLimit {
    /// As many as the server allows, learned from its 429s.
    #[default]
    Adaptive,
    /// This many in a second, evenly spaced: any finite number above zero, such as 0.05 for one in 20 seconds.
    Fixed(f64),
    /// Any number: no request is delayed.
    Unlimited,
}

impl RateLimit {
    /// Rejects a fixed rate that is no number of requests.
    pub(crate) fn validate(self) -> Result<()> {
        match self {
            Self::Fixed(rate) if !(rate.is_finite() && rate > 0.0) => {
                let message = format!("the fixed rate limit is {rate}: it must be finite and above zero");
                Err(Error::new(ErrorKind::Configuration, message))
            }
            _ => Ok(()),
        }
    }
}

/// Limits the rate of all clones of a client. No lock is held while a request waits.
#[derive(Debug)]
pub(super) struct RateLimiter {
    limit: RateLimit,
    /// Whether requests are spaced. While they are not, callers share nothing but the counters of `throughput`.
    throttled: AtomicBool,
    throughput: Throughput,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    curve: RateCurve,
    slots: Slots<Waker>,
}

/// Permission to send one request at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permit {
    /// The epoch of the rate that the request is sent at.
    epoch: u32,
    /// `None` when requests are not spaced.
    slot: Option<Slot>,
}

impl Permit {
    /// Of a request that is not spaced.
    pub(super) const UNLIMITED: Self = Self { epoch: 0, slot: None };
}

impl RateLimiter {
    pub(super) fn new(limit: RateLimit) -> Self {
        let now = Instant::now();
        let fixed = match limit {
            RateLimit::Fixed(rate) => Some(rate),
            RateLimit::Adaptive | RateLimit::Unlimited => None,
        };
        let curve = RateCurve::constant(fixed.unwrap_or(f64::MAX), now);
        Self {
            limit,
            throttled: AtomicBool::new(fixed.is_some()),
            throughput: Throughput::new(now),
            state: Mutex::new(State { curve, slots: Slots::new(now) }),
        }
    }

    /// Returns a permit if the request need not wait.
    pub(super) fn try_acquire(&self, lane: Lane, now: Instant) -> Option<Permit> {
        if !self.throttled.load(Ordering::Acquire) {
            return Some(Permit::UNLIMITED);
        }
        let State { curve, slots } = &mut *self.state();
        let slot = slots.take_now(lane, curve.interval(now), now)?;
        Some(Permit { epoch: curve.epoch(), slot: Some(slot) })
    }

    /// Joins the requests that wait for their turn.
    pub(super) fn join(&self, lane: Lane) -> Waiter<'_> {
        Waiter { limiter: self, ticket: self.state().slots.join(lane) }
    }

    /// Gives back the permit of a request that was not sent.
    pub(super) fn give_back(&self, permit: Permit) {
        let Some(slot) = permit.slot else { return };
        let next = {
            let slots = &mut self.state().slots;
            if slots.give_back(slot) { slots.first() } else { [const { None }; 2] }
        };
        wake(next);
    }

    /// Counts a success.
    pub(super) fn on_success(&self, now: Instant) {
        if self.limit == RateLimit::Adaptive && !self.throttled.load(Ordering::Relaxed) {
            self.throughput.count(now);
        }
    }

    /// Pauses all requests after a 429, for `retry_after` if the server gave one. An adaptive rate is lowered, once for
    /// all requests that were sent at the rejected rate.
    pub(super) fn on_rate_limited(&self, permit: Permit, retry_after: Option<Duration>, now: Instant) {
        if self.limit == RateLimit::Unlimited {
            return;
        }
        let State { curve, slots } = &mut *self.state();
        if self.limit == RateLimit::Adaptive && permit.epoch == curve.epoch() {
            let rejected_rate = match self.throttled.load(Ordering::Relaxed) {
                true => curve.rate(now),
                false => self.throughput.per_second(now),
            };
            let rate = curve.slow_down(rejected_rate, now);
            debug!(rate, "too many requests: lowering the rate");
            slots.pause(time::add(now, curve.interval(now)));
            self.throttled.store(true, Ordering::Release);
        }
        if let Some(retry_after) = retry_after {
            let resume_at = time::add(now, retry_after);
            curve.pause(resume_at);
            slots.pause(resume_at);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits for its turn. When it is dropped, the requests behind it move up.
pub(super) struct Waiter<'a> {
    limiter: &'a RateLimiter,
    ticket: Ticket,
}

impl Waiter<'_> {
    /// Waits for the request's turn. Returns `None` at the deadline: a request that is too late takes no permit. A
    /// request that gives its permit back can call this again, and keeps its place.
    pub(super) async fn acquire(&self, deadline: Instant) -> Option<Permit> {
        let mut timer = pin!(tokio::time::sleep_until(deadline));
        poll_fn(|context| {
            loop {
                let now = Instant::now();
                if now >= deadline {
                    return Poll::Ready(None);
                }
                match self.take(context.waker(), now) {
                    Ok(permit) => return Poll::Ready(Some(permit)),
                    Err(due) => timer.as_mut().reset(due.min(deadline)),
                }
                ready!(timer.as_mut().poll(context));
            }
        })
        .await
    }

    /// Takes a permit, or returns when to try again.
    fn take(&self, waker: &Waker, now: Instant) -> Result<Permit, Instant> {
        let (permit, next) = {
            let State { curve, slots } = &mut *self.limiter.state();
            let slot = slots.take(self.ticket, waker, curve.interval(now), now)?;
            (Permit { epoch: curve.epoch(), slot: Some(slot) }, slots.first())
        };
        wake(next);
        Ok(permit)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let next = {
            let slots = &mut self.limiter.state().slots;
            if slots.leave(self.ticket) { slots.first() } else { [const { None }; 2] }
        };
        wake(next);
    }
}

/// Wakes the requests that moved up. The limiter is not locked: a waker may run other code.
fn wake(requests: [Option<Waker>; 2]) {
    requests.into_iter().flatten().for_each(Waker::wake);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Lane, Permit, RateLimit, RateLimiter};

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

    async fn acquire(limiter: &RateLimiter, lane: Lane) -> Permit {
        match limiter.try_acquire(lane, Instant::now()) {
            Some(permit) => permit,
            None => limiter.join(lane).acquire(Instant::now() + Duration::from_secs(3600)).await.unwrap(),
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
                    let permit = acquire(&limiter, Lane::Writes).await;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let accepted = bucket.lock().unwrap().take();
                    match accepted {
                        true => limiter.on_success(Instant::now()),
                        false => limiter.on_rate_limited(permit, None, Instant::now()),
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
        for limit in [RateLimit::Unlimited, RateLimit::Adaptive] {
            let limiter = RateLimiter::new(limit);
            for _ in 0..1000 {
                acquire(&limiter, Lane::Writes).await;
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
