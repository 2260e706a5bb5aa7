//! Counters of a worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::state::Event;

/// What a worker has done since it was built. A clone is cheap, and shows the same worker.
#[derive(Debug, Clone, Default)]
pub struct WorkerStats(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    accepted: AtomicU64,
    refused: AtomicU64,
    not_sent: AtomicU64,
    lost: AtomicU64,
    looks: AtomicU64,
    in_flight: AtomicU64,
    ticks: AtomicU64,
    failed_ticks: AtomicU64,
    holds: AtomicU64,
}

impl WorkerStats {
    /// Emails that the API accepted, or that were found in the logs.
    pub fn accepted(&self) -> u64 {
        get(&self.0.accepted)
    }

    /// Emails that were refused for good.
    pub fn refused(&self) -> u64 {
        get(&self.0.refused)
    }

    /// Submissions that were not sent or were refused for now.
    pub fn not_sent(&self) -> u64 {
        get(&self.0.not_sent)
    }

    /// Submissions whose response was lost.
    pub fn lost(&self) -> u64 {
        get(&self.0.lost)
    }

    /// Searches of the logs.
    pub fn looks(&self) -> u64 {
        get(&self.0.looks)
    }

    /// Emails that are being submitted or looked up now.
    pub fn in_flight(&self) -> u64 {
        get(&self.0.in_flight)
    }

    /// Transactions that completed and claimed emails.
    pub fn ticks(&self) -> u64 {
        get(&self.0.ticks)
    }

    /// Transactions that failed.
    pub fn failed_ticks(&self) -> u64 {
        get(&self.0.failed_ticks)
    }

    /// How many times submissions were held back, because the API decided about none.
    pub fn holds(&self) -> u64 {
        get(&self.0.holds)
    }

    pub(super) fn began(&self) {
        add(&self.0.in_flight);
    }

    pub(super) fn ended(&self, event: &Event, is_look: bool) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        if is_look {
            add(&self.0.looks);
        }
        match event {
            Event::Accepted(_) => add(&self.0.accepted),
            Event::Refused(_) => add(&self.0.refused),
            Event::NotSent { .. } => add(&self.0.not_sent),
            Event::Lost(_) => add(&self.0.lost),
            _ => {}
        }
    }

    pub(super) fn ticked(&self, is_ok: bool) {
        add(if is_ok { &self.0.ticks } else { &self.0.failed_ticks });
    }

    pub(super) fn held(&self) {
        add(&self.0.holds);
    }
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
