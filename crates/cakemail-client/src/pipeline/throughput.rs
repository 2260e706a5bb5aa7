//! Counts successful requests per second, without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

/// The successes of the current and the previous second.
#[derive(Debug)]
pub(super) struct Throughput {
    origin: Instant,
    /// The second that `count` belongs to, counted from the origin.
    second: AtomicU64,
    count: AtomicU64,
    previous: AtomicU64,
}

impl Throughput {
    pub(super) fn new(origin: Instant) -> Self {
        Self { origin, second: AtomicU64::new(0), count: AtomicU64::new(0), previous: AtomicU64::new(0) }
    }

    pub(super) fn count(&self, now: Instant) {
        let second = now.duration_since(self.origin).as_secs();
        let counted = self.second.load(Ordering::Relaxed);
        if counted != second
            && self.second.compare_exchange(counted, second, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let count = self.count.swap(0, Ordering::Relaxed);
            self.previous.store(if counted + 1 == second { count } else { 0 }, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// The higher count of the current and the previous second, at least 1: the server allows at least that many.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        let second = now.duration_since(self.origin).as_secs();
        let (count, previous) = match second - self.second.load(Ordering::Relaxed).min(second) {
            0 => (self.count.load(Ordering::Relaxed), self.previous.load(Ordering::Relaxed)),
            1 => (0, self.count.load(Ordering::Relaxed)),
            _ => (0, 0),
        };
        #[allow(clippy::cast_precision_loss)] // counts of one second
        let rate = count.max(previous) as f64;
        rate.max(1.0)
    }
}
