//! How fast to go: as fast as the server lets us, which it only says by refusing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

/// How many requests a client and its clones make in a second.
///
/// The API publishes no limit, so that the default finds it: nothing is held back until the server answers 429. From
/// then on requests are spaced. The pace doubles quickly until the second 429; each further one lowers it by a fifth, and
/// every second without one raises it, slowly near the pace that was last refused and ever faster beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum RateLimit {
    /// As fast as the server allows, found out by its refusals.
    #[default]
    Adaptive,
    /// So many in a second, and no more.
    Fixed(f64),
    /// Nothing is held back.
    Unlimited,
}

/// Keeps the pace for all clones of a client.
#[derive(Debug)]
pub(crate) struct Pacer {
    learns: bool,
    /// Whether requests are spaced at all: while they are not, nothing is shared but two counters.
    spaced: AtomicBool,
    meter: Meter,
    turn: tokio::sync::Mutex<()>,
    course: Mutex<Course>,
}

/// A permit to make one request, and the course that it was given under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    lap: u64,
}

/// The pace, and how it is to develop.
#[derive(Debug)]
struct Course {
    /// A lap begins with each 429 that counts.
    lap: u64,
    began: Instant,
    /// Requests per second when the lap began, and at the refusal before it.
    start: f64,
    refused_at: f64,
    /// When the next request may be made.
    next: Instant,
}

/// What a refusal leaves of the pace.
const KEPT: f64 = 0.8;
/// How fast the pace rises: the cubic term's coefficient, in requests per second per second cubed, for a pace of 50;
/// it grows with the pace, so that any pace recovers and doubles in the same time.
const RISE: f64 = 0.3 / 50.0;
/// The slowest pace, in requests per second.
const SLOWEST: f64 = 0.2;
/// A request that is late by up to this much leaves the pace as it is: timers are coarse.
const SLACK: Duration = Duration::from_millis(10);
/// After the first refusal, which says little of the limit, the pace doubles in this time until the second.
const DOUBLED: Duration = Duration::from_millis(500);

impl Pacer {
    pub(crate) fn new(pace: RateLimit) -> Self {
        let now = Instant::now();
        let fixed = match pace {
            RateLimit::Fixed(rate) => Some(if rate.is_finite() { rate.max(SLOWEST) } else { f64::MAX }),
            RateLimit::Adaptive | RateLimit::Unlimited => None,
        };
        let rate = fixed.unwrap_or(f64::MAX);
        Self {
            learns: pace == RateLimit::Adaptive,
            spaced: AtomicBool::new(fixed.is_some()),
            meter: Meter::new(now),
            turn: tokio::sync::Mutex::new(()),
            course: Mutex::new(Course { lap: 0, began: now, start: rate, refused_at: rate, next: now }),
        }
    }

    /// A permit at once, while requests are not spaced.
    pub(crate) fn free(&self) -> Option<Permit> {
        (!self.spaced.load(Ordering::Acquire)).then_some(Permit { lap: 0 })
    }

    /// Waits for its moment, when requests are spaced.
    pub(crate) async fn permit(&self) -> Permit {
        if let Some(permit) = self.free() {
            return permit;
        }
        // One waits for its moment and the others for their turn, so that whoever gives up leaves no gap, and a pace that
        // changes holds for all who wait.
        let _turn = self.turn.lock().await;
        loop {
            let taken = self.lock().take(Instant::now(), self.learns);
            match taken {
                Ok(permit) => return permit,
                Err(next) => tokio::time::sleep_until(next).await,
            }
        }
    }

    /// Notes a success.
    pub(crate) fn passed(&self) {
        if self.learns && !self.spaced.load(Ordering::Relaxed) {
            self.meter.count(Instant::now());
        }
    }

    /// Notes a 429: the pace is lowered, once for all requests that were made before it was.
    pub(crate) fn refused(&self, permit: Permit) {
        if !self.learns {
            return;
        }
        let now = Instant::now();
        let mut course = self.lock();
        if permit.lap != course.lap {
            return;
        }
        let pace = match self.spaced.load(Ordering::Relaxed) {
            true => course.pace(now),
            false => self.meter.rate(now),
        };
        course.slow_down(pace, now);
        debug!(pace = course.start, "too many requests: going slower");
        self.spaced.store(true, Ordering::Release);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Course {
    /// Makes the next request now, or says when it may be made.
    fn take(&mut self, now: Instant, learns: bool) -> Result<Permit, Instant> {
        if now < self.next {
            return Err(self.next);
        }
        let pace = if learns { self.pace(now) } else { self.start };
        let late = self.next.max(now.checked_sub(SLACK).unwrap_or(now));
        self.next = late + Duration::from_secs_f64(1.0 / pace);
        Ok(Permit { lap: self.lap })
    }

    /// Requests per second, now: flat near the pace that was refused, steep far from it.
    fn pace(&self, now: Instant) -> f64 {
        if self.lap == 1 {
            let doublings = now.duration_since(self.began).div_duration_f64(DOUBLED);
            return (self.start * doublings.exp2()).clamp(SLOWEST, 1e9);
        }
        let rise = RISE * self.refused_at.max(1.0);
        let flat = ((self.refused_at - self.start) / rise).cbrt();
        let since = now.duration_since(self.began).as_secs_f64();
        (self.refused_at + rise * (since - flat).powi(3)).clamp(SLOWEST, 1e9)
    }

    fn slow_down(&mut self, pace: f64, now: Instant) {
        self.lap += 1;
        self.began = now;
        self.refused_at = pace.max(SLOWEST);
        self.start = (pace * KEPT).max(SLOWEST);
        self.next = now + Duration::from_secs_f64(1.0 / self.start);
    }
}

/// How many requests succeed in a second, while they are not spaced.
#[derive(Debug)]
struct Meter {
    origin: Instant,
    /// The second that is counted, its count, and the second before it.
    second: AtomicU64,
    count: AtomicU64,
    before: AtomicU64,
}

impl Meter {
    fn new(origin: Instant) -> Self {
        Self { origin, second: AtomicU64::new(0), count: AtomicU64::new(0), before: AtomicU64::new(0) }
    }

    fn count(&self, now: Instant) {
        let second = now.duration_since(self.origin).as_secs();
        let counted = self.second.load(Ordering::Relaxed);
        if counted != second
            && self.second.compare_exchange(counted, second, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let count = self.count.swap(0, Ordering::Relaxed);
            self.before.store(if counted + 1 == second { count } else { 0 }, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The better of this second and the last: a limit allows at least what it has allowed.
    fn rate(&self, now: Instant) -> f64 {
        let second = now.duration_since(self.origin).as_secs();
        let (count, before) = match second - self.second.load(Ordering::Relaxed).min(second) {
            0 => (self.count.load(Ordering::Relaxed), self.before.load(Ordering::Relaxed)),
            1 => (0, self.count.load(Ordering::Relaxed)),
            _ => (0, 0),
        };
        #[allow(clippy::cast_precision_loss)] // counts of one second
        let rate = count.max(before) as f64;
        rate.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Pacer, RateLimit};

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

    /// Sends with 32 in flight, 20 ms each, for so long. How many passed and how many were refused.
    async fn run(pacer: &Arc<Pacer>, bucket: &Arc<Mutex<Bucket>>, seconds: u64) -> (f64, f64) {
        let until = Instant::now() + Duration::from_secs(seconds);
        let counts = Arc::new(Mutex::new((0.0, 0.0)));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (pacer, bucket, counts) = (Arc::clone(pacer), Arc::clone(bucket), Arc::clone(&counts));
            senders.spawn(async move {
                while Instant::now() < until {
                    let permit = pacer.permit().await;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let passed = bucket.lock().unwrap().take();
                    match passed {
                        true => pacer.passed(),
                        false => pacer.refused(permit),
                    }
                    let mut counts = counts.lock().unwrap();
                    if passed { counts.0 += 1.0 } else { counts.1 += 1.0 }
                }
            });
        }
        senders.join_all().await;
        let counts = counts.lock().unwrap();
        *counts
    }

    #[tokio::test(start_paused = true)]
    async fn finds_a_limit_keeps_to_it_and_follows_it() {
        for burst in [1.0, 50.0] {
            let pacer = Arc::new(Pacer::new(RateLimit::Adaptive));
            let bucket = Arc::new(Mutex::new(Bucket::new(50.0, burst)));
            for limit in [50.0, 100.0, 20.0, 50.0] {
                *bucket.lock().unwrap() = Bucket { tokens: 0.0, ..Bucket::new(limit, burst) };
                let (found, lost) = run(&pacer, &bucket, 10).await;
                let (passed, refused) = run(&pacer, &bucket, 50).await;
                println!(
                    "{limit}/s, {burst} at once: {found} passed, {lost} refused in 10 s; then {passed} and {refused}"
                );
                assert!(passed >= 0.9 * limit * 50.0, "{limit}, {burst} at once: {passed} passed");
                assert!(refused < 0.02 * (passed + refused), "{limit}, {burst} at once: {refused} refused of {passed}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_fixed_pace_is_kept_and_none_holds_nothing_back() {
        let bucket = Arc::new(Mutex::new(Bucket::new(1e9, 1e9)));
        let (passed, _) = run(&Arc::new(Pacer::new(RateLimit::Fixed(40.0))), &bucket, 10).await;
        assert!((395.0..=440.0).contains(&passed), "{passed}");
        let start = Instant::now();
        for pace in [RateLimit::Unlimited, RateLimit::Adaptive, RateLimit::Fixed(f64::INFINITY)] {
            let pacer = Pacer::new(pace);
            for _ in 0..1000 {
                pacer.permit().await;
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
