//! Finds calls that do not end. It runs outside of the runtime under test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The interval of the ticks that time is measured in. A pause of the whole machine counts as few ticks.
pub const TICK: Duration = Duration::from_millis(100);

const NOT_STARTED: u32 = 0;
const ENDED: u32 = u32::MAX;

/// When each call of a batch was started.
pub struct Watch {
    now: AtomicU32,
    calls: Vec<AtomicU32>,
}

impl Watch {
    pub fn new(calls: usize) -> Self {
        let calls = std::iter::repeat_with(|| AtomicU32::new(NOT_STARTED)).take(calls).collect();
        Self { now: AtomicU32::new(1), calls }
    }

    pub fn started(&self, call: usize) {
        self.calls[call].store(self.now.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    pub fn ended(&self, call: usize) {
        self.calls[call].store(ENDED, Ordering::Relaxed);
    }

    /// Forgets the calls, which were dropped.
    pub fn clear(&self) {
        for call in &self.calls {
            call.store(NOT_STARTED, Ordering::Relaxed);
        }
    }

    /// Lets one tick pass. Returns whether a call has run for longer than `limit`.
    pub fn tick(&self, limit: Duration) -> bool {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        let limit = limit.as_millis().div_ceil(TICK.as_millis());
        self.calls.iter().map(|started| started.load(Ordering::Relaxed)).any(|started| {
            started != NOT_STARTED && started != ENDED && u128::from(now.saturating_sub(started)) > limit
        })
    }
}
