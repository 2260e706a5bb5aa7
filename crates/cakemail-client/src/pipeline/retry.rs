//! Whether a failed attempt is followed by another, and when.

use std::time::Duration;

use cakemail_model::Idempotency;
use tokio::time::Instant;

use super::Budget;
use crate::error::{Error, ErrorKind, Outcome};

/// How often, and how soon, a failed call is made again.
///
/// Only where a second attempt can do no harm: see the table at the [crate]'s root. The wait before the *n*th retry is
/// random, between nothing and `initial_backoff · 2ⁿ⁻¹` (full jitter), and at most `max_backoff`; a server's `Retry-After` is honoured
/// instead when it is no longer than `max_retry_after`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many attempts are made in all: 4 by default, 1 for no retries.
    pub max_attempts: u32,
    /// The wait before the first retry, at most: 250 ms by default.
    pub initial_backoff: Duration,
    /// Any wait, at most: 10 s by default.
    pub max_backoff: Duration,
    /// The longest `Retry-After` that is waited for: 60 s by default. A longer one is left to the caller.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(250),
            max_backoff: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// No retries: every call is one attempt (two, when a token has to be renewed).
    pub fn never() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// Sets the number of attempts, the first included.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the longest delay before the first retry.
    #[must_use]
    pub fn initial_backoff(mut self, delay: Duration) -> Self {
        self.initial_backoff = delay;
        self
    }

    /// Sets the longest delay before any retry.
    #[must_use]
    pub fn max_backoff(mut self, delay: Duration) -> Self {
        self.max_backoff = delay;
        self
    }

    /// Sets the longest `Retry-After` that the client waits for.
    #[must_use]
    pub fn max_retry_after(mut self, delay: Duration) -> Self {
        self.max_retry_after = delay;
        self
    }

    pub(super) fn next(
        &self,
        error: &Error,
        effect: Idempotency,
        attempts: u32,
        deadline: Instant,
        budget: &Budget,
    ) -> RetryDecision {
        if attempts >= self.max_attempts || !may_repeat(error, effect) {
            return RetryDecision::Stop;
        }
        let delay = match error.retry_after() {
            Some(asked) if asked > self.max_retry_after => return RetryDecision::Stop,
            Some(asked) => asked,
            None => self.backoff(attempts),
        };
        // A wait that ends after the deadline would be in vain.
        if delay >= deadline.saturating_duration_since(Instant::now()) {
            return RetryDecision::Stop;
        }
        // What the server refuses for its pace is held back by the pace, and is no outage.
        if error.kind() != ErrorKind::RateLimited && !budget.withdraw() {
            return RetryDecision::Stop;
        }
        RetryDecision::RetryAfter(delay)
    }

    fn backoff(&self, attempts: u32) -> Duration {
        let doubled = self.initial_backoff.saturating_mul(1 << (attempts - 1).min(20));
        doubled.min(self.max_backoff).mul_f64(fastrand::f64())
    }
}

/// What follows a failed attempt.
#[derive(Debug, PartialEq)]
pub(super) enum RetryDecision {
    RetryAfter(Duration),
    Stop,
}

/// Whether another attempt can help, and can do no harm.
fn may_repeat(error: &Error, effect: Idempotency) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::RateLimited => true,
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::ConnectionLost => {
            effect != Idempotency::NonIdempotent || error.outcome() == Outcome::NotDone
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail_model::Idempotency;
    use tokio::time::Instant;

    use super::{RetryDecision, RetryPolicy};
    use crate::error::{Error, ErrorKind, Outcome};
    use crate::pipeline::Budget;

    fn next(error: &Error, effect: Idempotency, attempts: u32) -> RetryDecision {
        let deadline = Instant::now() + Duration::from_secs(30);
        RetryPolicy::default().next(error, effect, attempts, deadline, &Budget::new())
    }

    fn waits(error: &Error, effect: Idempotency) -> bool {
        matches!(next(error, effect, 1), RetryDecision::RetryAfter(_))
    }

    #[test]
    fn the_matrix() {
        use Idempotency::{Idempotent, NonIdempotent, Safe};
        let lost = |kind| Error::new(kind, "").with_outcome(Outcome::Unknown);
        let unsent = |kind| Error::new(kind, "");
        for effect in [Safe, Idempotent, NonIdempotent] {
            assert!(waits(&unsent(ErrorKind::Connect), effect));
            assert!(waits(&unsent(ErrorKind::RateLimited), effect));
            assert!(waits(&unsent(ErrorKind::ConnectionLost), effect));
            for kind in [
                ErrorKind::BadRequest,
                ErrorKind::NotFound,
                ErrorKind::Forbidden,
                ErrorKind::Invalid,
                ErrorKind::Authentication,
                ErrorKind::UnexpectedResponse,
            ] {
                assert!(!waits(&unsent(kind), effect), "{kind:?}");
            }
        }
        for kind in [ErrorKind::Server, ErrorKind::Timeout, ErrorKind::ConnectionLost] {
            assert!(waits(&lost(kind), Safe) && waits(&lost(kind), Idempotent));
            assert!(!waits(&lost(kind), NonIdempotent), "{kind:?}");
        }
    }

    #[test]
    fn waits_as_long_as_asked_unless_that_is_absurd_or_in_vain() {
        let asked = |seconds| {
            let error = Error::new(ErrorKind::RateLimited, "");
            let error =
                error.with_answer(http::StatusCode::TOO_MANY_REQUESTS, None, Some(Duration::from_secs(seconds)));
            next(&error, Idempotency::NonIdempotent, 1)
        };
        assert_eq!(asked(7), RetryDecision::RetryAfter(Duration::from_secs(7)));
        assert_eq!(asked(45), RetryDecision::Stop); // the deadline comes first
        assert_eq!(asked(u64::MAX), RetryDecision::Stop);
    }

    #[test]
    fn backs_off_with_full_jitter_and_stops() {
        let error = Error::new(ErrorKind::Connect, "");
        for (attempts, most) in [(1, 250), (2, 500), (3, 1000)] {
            for _ in 0..100 {
                let RetryDecision::RetryAfter(delay) = next(&error, Idempotency::Safe, attempts) else {
                    panic!("stopped")
                };
                assert!(delay <= Duration::from_millis(most));
            }
        }
        assert_eq!(next(&error, Idempotency::Safe, 4), RetryDecision::Stop);
        assert!(RetryPolicy::default().backoff(u32::MAX) <= Duration::from_secs(10));
    }
}
