//! A budget for retries, so that a client in an outage does not make it worse.

use std::sync::atomic::{AtomicU32, Ordering};

/// Shared by all clones of a client: each retry takes one, each success gives a tenth back.
#[derive(Debug)]
pub(crate) struct Budget {
    tenths: AtomicU32,
}

const FULL: u32 = 1_000;
const RETRY: u32 = 10;

impl Budget {
    /// A full one: a hundred retries.
    pub(crate) fn new() -> Self {
        Self { tenths: AtomicU32::new(FULL) }
    }

    /// Takes one retry, if there is one.
    pub(crate) fn withdraw(&self) -> bool {
        self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tenths| tenths.checked_sub(RETRY)).is_ok()
    }

    /// Gives a tenth of a retry back. A full budget is only read, so that calls that succeed share nothing they write.
    pub(crate) fn deposit(&self) {
        if self.tenths.load(Ordering::Relaxed) < FULL {
            let _ =
                self.tenths.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tenths| Some((tenths + 1).min(FULL)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn ten_successes_pay_for_a_retry() {
        let budget = Budget::new();
        assert_eq!((0..1_000).filter(|_| budget.withdraw()).count(), 100);
        for _ in 0..9 {
            budget.deposit();
        }
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }
}
