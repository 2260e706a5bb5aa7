//! How far the logs are known to have caught up.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::Time;

/// The latest time by the ledger's clock such that the logs have an email whose submission began after it.
#[derive(Debug)]
pub(super) struct Watermark(AtomicI64);

impl Default for Watermark {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl Watermark {
    /// Whether the logs have caught up with this time.
    pub(super) fn has_passed(&self, time: Time) -> bool {
        time.as_micros() <= self.0.load(Ordering::Relaxed)
    }

    /// Records that they have.
    pub(super) fn raise(&self, time: Time) {
        self.0.fetch_max(time.as_micros(), Ordering::Relaxed);
    }
}
