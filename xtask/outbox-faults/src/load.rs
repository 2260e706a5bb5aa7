//! How busy a worker is.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cakemail_outbox::WorkerStats;

/// How often the emails in flight are counted.
const INTERVAL: Duration = Duration::from_millis(5);

/// The transactions of a worker, and its emails in flight at regular times.
#[derive(Debug, Default)]
pub struct Load {
    ticks: AtomicU64,
    tick_micros: AtomicU64,
    counted: AtomicU64,
    in_flight: AtomicU64,
    full: AtomicU64,
}

impl Load {
    /// A transaction that began then has ended.
    pub fn ticked(&self, began: Instant) {
        add(&self.ticks, 1);
        add(&self.tick_micros, u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts what is in flight, from the first email until this is dropped.
    pub async fn watch(&self, stats: WorkerStats, most: usize) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let in_flight = stats.in_flight();
            if in_flight > 0 {
                add(&self.counted, 1);
                add(&self.in_flight, in_flight);
                add(&self.full, u64::from(in_flight >= most as u64));
            }
        }
    }
}

impl fmt::Display for Load {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        let mean = |sum: &AtomicU64, count: &AtomicU64| get(sum) / get(count).max(1.0);
        write!(
            f,
            "transactions={} transaction_ms={:.2} in_flight={:.1} full={:.2}",
            self.ticks.load(Ordering::Relaxed),
            mean(&self.tick_micros, &self.ticks) / 1000.0,
            mean(&self.in_flight, &self.counted),
            mean(&self.full, &self.counted),
        )
    }
}

fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}
