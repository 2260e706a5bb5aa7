//! Whether a failed attempt is followed by another, and when.

use std::time::Duration;

use cakemail_model::Effect;
use tokio::time::Instant;

use super::Budget;
use crate::error::{Error, ErrorKind, Outcome};

/// How often, and how soon, a failed call is made again.
///
/// Only where a second attempt can do no harm: see the table at the [crate]'s root. The wait before the *n*th retry is
/// random, between nothing and `first · 2ⁿ⁻¹` (full jitter), and at most `longest`; a server's `Retry-After` is honoured
/// instead when it is no longer than `longest_asked`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How many attempts are made in all: 4 by default, 1 for no retries.
    pub attempts: u32,
    /// The wait before the first retry, at most: 250 ms by default.
    pub first: Duration,
    /// Any wait, at most: 10 s by default.
    pub longest: Duration,
    /// The longest `Retry-After` that is waited for: 60 s by default. A longer one is left to the caller.
    pub longest_asked: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 4,
            first: Duration::from_millis(250),
            longest: Duration::from_secs(10),
            longest_asked: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// No retries: every call is one attempt (two, when a token has to be renewed).
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// How many attempts are made in all.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    pub(super) fn next(
        &self,
        error: &Error,
        effect: Effect,
        attempts: u32,
        deadline: Instant,
        budget: &Budget,
    ) -> Next {
        if attempts >= self.attempts || !may_repeat(error, effect) {
            return Next::Stop;
        }
        let delay = match error.retry_after() {
            Some(asked) if asked > self.longest_asked => return Next::Stop,
            Some(asked) => asked,
            None => self.backoff(attempts),
        };
        // A wait that ends after the deadline would be in vain.
        if delay >= deadline.saturating_duration_since(Instant::now()) {
            return Next::Stop;
        }
        // What the server refuses for its pace is held back by the pace, and is no outage.
        if error.kind() != ErrorKind::RateLimited && !budget.withdraw() {
            return Next::Stop;
        }
        Next::Wait(delay)
    }

    fn backoff(&self, attempts: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << (attempts - 1).min(20));
        doubled.min(self.longest).mul_f64(fastrand::f64())
    }
}

/// What follows a failed attempt.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    Wait(Duration),
    Stop,
}

/// Whether another attempt can help, and can do no harm.
fn may_repeat(error: &Error, effect: Effect) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::RateLimited => true,
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::Interrupted => {
            effect != Effect::Repeats || error.outcome() == Outcome::NotDone
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail_model::Effect;
    use tokio::time::Instant;

    use super::{Next, Retry};
    use crate::error::{Error, ErrorKind, Outcome};
    use crate::road::Budget;

    fn next(error: &Error, effect: Effect, attempts: u32) -> Next {
        let deadline = Instant::now() + Duration::from_secs(30);
        Retry::default().next(error, effect, attempts, deadline, &Budget::new())
    }

    fn waits(error: &Error, effect: Effect) -> bool {
        matches!(next(error, effect, 1), Next::Wait(_))
    }

    #[test]
    fn the_matrix() {
        use Effect::{Idempotent, Read, Repeats};
        let lost = |kind| Error::new(kind, "").with_outcome(Outcome::Unknown);
        let unsent = |kind| Error::new(kind, "");
        for effect in [Read, Idempotent, Repeats] {
            assert!(waits(&unsent(ErrorKind::Connect), effect));
            assert!(waits(&unsent(ErrorKind::RateLimited), effect));
            assert!(waits(&unsent(ErrorKind::Interrupted), effect));
            for kind in [
                ErrorKind::Refused,
                ErrorKind::NotFound,
                ErrorKind::Forbidden,
                ErrorKind::Invalid,
                ErrorKind::Authentication,
                ErrorKind::Unexpected,
            ] {
                assert!(!waits(&unsent(kind), effect), "{kind:?}");
            }
        }
        for kind in [ErrorKind::Server, ErrorKind::Timeout, ErrorKind::Interrupted] {
            assert!(waits(&lost(kind), Read) && waits(&lost(kind), Idempotent));
            assert!(!waits(&lost(kind), Repeats), "{kind:?}");
        }
    }

    #[test]
    fn waits_as_long_as_asked_unless_that_is_absurd_or_in_vain() {
        let asked = |seconds| {
            let error = Error::new(ErrorKind::RateLimited, "");
            let error =
                error.with_answer(http::StatusCode::TOO_MANY_REQUESTS, None, Some(Duration::from_secs(seconds)));
            next(&error, Effect::Repeats, 1)
        };
        assert_eq!(asked(7), Next::Wait(Duration::from_secs(7)));
        assert_eq!(asked(45), Next::Stop); // the deadline comes first
        assert_eq!(asked(u64::MAX), Next::Stop);
    }

    #[test]
    fn backs_off_with_full_jitter_and_stops() {
        let error = Error::new(ErrorKind::Connect, "");
        for (attempts, most) in [(1, 250), (2, 500), (3, 1000)] {
            for _ in 0..100 {
                let Next::Wait(delay) = next(&error, Effect::Read, attempts) else { panic!("stopped") };
                assert!(delay <= Duration::from_millis(most));
            }
        }
        assert_eq!(next(&error, Effect::Read, 4), Next::Stop);
        assert!(Retry::default().backoff(u32::MAX) <= Duration::from_secs(10));
    }
}
