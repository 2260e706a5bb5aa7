//! The retry budget: limits retries, so that a client does not make an outage worse.

use std::sync::atomic::{AtomicU32, Ordering};

/// Shared by all clones of a client. Each retry takes one unit; each success gives back a tenth of one.
#[derive(Debug)]
pub(super) struct RetryBudget {
    tenths: AtomicU32,
}

/// A hundred retries.
const FULL: u32 = 1_000;
const COST_OF_A_RETRY: u32 = 10;

impl RetryBudget {
    /// A full budget of 100 retries.
    pub(super) fn new() -> Self {
        Self { tenths: AtomicU32::new(FULL) }
    }

    /// Takes one retry. Returns `false` when the budget is exhausted.
    pub(super) fn withdraw(&self) -> bool {
        let take = |tenths: u32| tenths.checked_sub(COST_OF_A_RETRY);
        self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Gives back a tenth of a retry. A full budget is only read, so that successful calls do not contend for it.
    pub(super) fn deposit(&self) {
        if self.tenths.load(Ordering::Relaxed) < FULL {
            let add = |tenths: u32| Some((tenths + 1).min(FULL));
            let _ = self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RetryBudget;

    #[test]
    fn a_hundred_retries_are_allowed_and_ten_successes_pay_for_one_more() {
        let budget = RetryBudget::new();
        assert_eq!((0..1_000).filter(|_| budget.withdraw()).count(), 100);
        for _ in 0..9 {
            budget.deposit();
        }
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }
}
