//! Holds submissions back while the API decides about none, so that a failure of all does not pass through the whole
//! table.

use std::time::Duration;

use tokio::time::Instant;

use super::verdict::Signal;

/// The number of failures in a row that engages the brake. Single failures do not.
const FAILURES: u32 = 20;
const FIRST_HOLD: Duration = Duration::from_secs(1);
const MAX_HOLD: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Brake {
    /// Failures in a row.
    failures: u32,
    /// Set while the brake is engaged.
    hold: Option<Hold>,
}

#[derive(Debug)]
struct Hold {
    time: Duration,
    until: Instant,
}

impl Brake {
    /// Records what a submission said about the ones after it. Returns whether submissions are held back from now on.
    pub(super) fn record(&mut self, signal: Signal, now: Instant) -> bool {
        match signal {
            Signal::Answered => *self = Self::default(),
            Signal::Limited(_) => {}
            Signal::Failed | Signal::Rejected => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= FAILURES || signal == Signal::Rejected {
                    return self.engage(now);
                }
            }
        }
        false
    }

    /// Holds back, longer each time. Submissions that began before the brake was engaged change nothing.
    fn engage(&mut self, now: Instant) -> bool {
        let time = match &self.hold {
            Some(hold) if now < hold.until => return false,
            Some(hold) => (hold.time * 2).min(MAX_HOLD),
            None => FIRST_HOLD,
        };
        self.hold = Some(Hold { time, until: now + time });
        true
    }

    /// The number of emails to claim for submission, of `room`, when `held` are claimed: one at a time when submissions
    /// were held back, until the API decides about one.
    pub(super) fn room(&self, room: u32, held: u32, now: Instant) -> u32 {
        match &self.hold {
            None => room,
            Some(hold) if now < hold.until => 0,
            Some(_) => room.min(1_u32.saturating_sub(held)),
        }
    }

    /// When the next submission may be tried, while they are held back.
    pub(super) fn held_until(&self) -> Option<Instant> {
        self.hold.as_ref().map(|hold| hold.until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Brake, FAILURES, Signal};

    #[test]
    fn failures_in_a_row_hold_submissions_back_and_then_one_is_tried() {
        let now = Instant::now();
        let mut brake = Brake::default();
        for _ in 1..FAILURES {
            assert!(!brake.record(Signal::Failed, now));
        }
        assert_eq!(brake.room(64, 0, now), 64);
        assert!(brake.record(Signal::Failed, now));
        assert_eq!((brake.room(64, 0, now), brake.held_until()), (0, Some(now + Duration::from_secs(1))));
        let later = now + Duration::from_secs(1);
        assert_eq!((brake.room(64, 0, later), brake.room(64, 1, later)), (1, 0));
        assert!(brake.record(Signal::Failed, later));
        assert_eq!(brake.held_until(), Some(later + Duration::from_secs(2)));
    }

    #[test]
    fn an_answer_releases_the_brake_and_resets_the_count() {
        let now = Instant::now();
        let mut brake = Brake::default();
        assert!(brake.record(Signal::Rejected, now));
        brake.record(Signal::Answered, now);
        assert_eq!(brake.room(64, 0, now), 64);
        for _ in 0..10 * FAILURES {
            brake.record(Signal::Answered, now);
            assert!(!brake.record(Signal::Failed, now), "a failure among answers does not hold back");
        }
    }

    #[test]
    fn failures_of_what_was_in_flight_do_not_lengthen_the_hold_and_no_hold_is_endless() {
        let mut now = Instant::now();
        let mut brake = Brake::default();
        brake.record(Signal::Rejected, now);
        for _ in 0..64 {
            assert!(!brake.record(Signal::Rejected, now));
        }
        for _ in 0..20 {
            now = brake.held_until().unwrap();
            brake.record(Signal::Failed, now);
        }
        assert_eq!(brake.held_until(), Some(now + Duration::from_secs(60)));
    }
}
