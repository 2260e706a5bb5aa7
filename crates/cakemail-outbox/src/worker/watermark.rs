//! How far the logs are known to have caught up.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Time;

/// The latest time by the ledger's clock such that the logs have an email whose submission began after it.
#[derive(Debug, Default)]
pub(super) struct Watermark(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    caught_up: Option<Time>,
    /// The time of the latest transaction.
    now: Option<Time>,
}

impl Watermark {
    /// Whether the logs have caught up with this time.
    pub(super) fn has_passed(&self, time: Time) -> bool {
        self.known().caught_up.is_some_and(|caught_up| time <= caught_up)
    }

    /// Records that they have.
    pub(super) fn raise(&self, time: Time) {
        let mut known = self.known();
        known.caught_up = known.caught_up.max(Some(time));
    }

    /// Forgets what is known when the clock was set back: the same time means a later moment now.
    pub(super) fn ticked(&self, now: Time) {
        let mut known = self.known();
        if known.now.is_some_and(|before| now < before) {
            known.caught_up = None;
        }
        known.now = Some(now);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Watermark;
    use crate::Time;

    #[test]
    fn a_clock_that_is_set_back_takes_the_evidence_with_it() {
        let at = Time::from_micros;
        let watermark = Watermark::default();
        assert!(!watermark.has_passed(at(0)));
        watermark.ticked(at(100));
        watermark.raise(at(50));
        watermark.raise(at(40));
        assert!(watermark.has_passed(at(50)) && !watermark.has_passed(at(51)));
        watermark.ticked(at(100));
        assert!(watermark.has_passed(at(50)));
        watermark.ticked(at(99));
        assert!(!watermark.has_passed(at(0)));
    }
}
