//! How long it takes from reading the gate's clock to the return of the write that it allowed: a pause that begins in
//! this time is not noticed.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

thread_local! {
    /// When the clock was read last in the poll of a submission.
    static READ: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The windows of a worker. Each is measured to the end of the poll that wrote, which is later than the write's return.
#[derive(Debug, Default)]
pub struct Windows(Mutex<Vec<Duration>>);

impl Windows {
    /// The clock was read.
    pub fn clock_read(&self) {
        if let Some(before) = READ.replace(Some(Instant::now())) {
            self.record(before);
        }
    }

    /// Polls a submission, which writes in the polls in which it reads the clock.
    pub async fn watch<T>(&self, submission: impl Future<Output = T>) -> T {
        let mut submission = pin!(submission);
        poll_fn(|context| {
            READ.set(None);
            let polled = submission.as_mut().poll(context);
            if let Some(read) = READ.take() {
                self.record(read);
            }
            polled
        })
        .await
    }

    fn record(&self, read: Instant) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(read.elapsed());
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sorted.sort();
        let at = |part: usize| sorted.get(sorted.len().saturating_sub(1) * part / 1000).map_or(0, Duration::as_micros);
        write!(f, "writes={} p50={}us p99={}us p999={}us max={}us", sorted.len(), at(500), at(990), at(999), at(1000))
    }
}
