//! Decides whether to retry a failed attempt, and after what delay.

use std::time::Duration;

use cakemail_model::Idempotency;
use tokio::time::Instant;

use super::budget::RetryBudget;
use crate::error::{Error, ErrorKind, Outcome};

/// How many times, and how soon, a failed request is repeated.
///
/// A request is repeated only where that is safe: see the table in the documentation of the [crate]. The delay before the
/// *n*th retry is random, between zero and `initial_backoff · 2ⁿ⁻¹` (full jitter), and at most `max_backoff`. A
/// server's `Retry-After` takes its place when it is longer, and no longer than `max_retry_after`.
///
/// Independently of this policy, all clones of a client share a budget of 100 retries, to which ten successes add one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// The number of attempts, the first included: 4 by default, 1 for no retries.
    pub max_attempts: u32,
    /// The longest delay before the first retry: 250 ms by default. It doubles with each retry.
    pub initial_backoff: Duration,
    /// The longest delay before any retry: 10 s by default.
    pub max_backoff: Duration,
    /// The longest `Retry-After` that the client waits for: 60 s by default. A longer one ends the call with an error
    /// that has it as [`retry_after`](crate::Error::retry_after).
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
    /// No retries: one attempt for each call, or two when the access token has to be renewed.
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

    /// Decides after the `attempts`th attempt failed with `error`.
    pub(super) fn decide(
        &self,
        error: &Error,
        idempotency: Idempotency,
        attempts: u32,
        deadline: Instant,
        budget: &RetryBudget,
    ) -> RetryDecision {
        if attempts >= self.max_attempts || !is_retryable(error, idempotency) {
            return RetryDecision::Stop;
        }
        let delay = match error.retry_after() {
            Some(requested) if requested > self.max_retry_after => return RetryDecision::Stop,
            // A server that asks for no delay must not be sent requests without one.
            requested => self.backoff(attempts).max(requested.unwrap_or_default()),
        };
        // After the deadline there is no time for another attempt.
        if delay >= deadline.saturating_duration_since(Instant::now()) {
            return RetryDecision::Stop;
        }
        // A 429 is no outage: the rate limiter holds those requests back, and the budget is not charged.
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

/// Whether another attempt may succeed, and cannot do the same thing twice.
fn is_retryable(error: &Error, idempotency: Idempotency) -> bool {
    match error.kind() {
        ErrorKind::Connect | ErrorKind::RateLimited => true,
        ErrorKind::Server | ErrorKind::Timeout | ErrorKind::ConnectionLost => {
            idempotency != Idempotency::NonIdempotent || error.outcome() == Outcome::NotDone
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cakemail_model::Idempotency::{self, Idempotent, NonIdempotent, Safe};
    use tokio::time::Instant;

    use super::{RetryBudget, RetryDecision, RetryPolicy};
    use crate::error::{Error, ErrorKind, Outcome};

    fn decide(error: &Error, idempotency: Idempotency, attempts: u32) -> RetryDecision {
        let deadline = Instant::now() + Duration::from_secs(30);
        RetryPolicy::default().decide(error, idempotency, attempts, deadline, &RetryBudget::new())
    }

    fn is_retried(error: &Error, idempotency: Idempotency) -> bool {
        matches!(decide(error, idempotency, 1), RetryDecision::RetryAfter(_))
    }

    #[test]
    fn retries_depend_on_the_kind_of_failure_the_outcome_and_the_idempotency() {
        let not_done = |kind| Error::new(kind, "");
        let unknown = |kind| Error::new(kind, "").with_outcome(Outcome::Unknown);
        for idempotency in [Safe, Idempotent, NonIdempotent] {
            for kind in [ErrorKind::Connect, ErrorKind::RateLimited, ErrorKind::ConnectionLost] {
                assert!(is_retried(&not_done(kind), idempotency), "{kind:?}");
            }
            for kind in [
                ErrorKind::BadRequest,
                ErrorKind::NotFound,
                ErrorKind::Forbidden,
                ErrorKind::Invalid,
                ErrorKind::Authentication,
                ErrorKind::UnexpectedResponse,
            ] {
                assert!(!is_retried(&not_done(kind), idempotency), "{kind:?}");
            }
        }
        for kind in [ErrorKind::Server, ErrorKind::Timeout, ErrorKind::ConnectionLost] {
            assert!(is_retried(&unknown(kind), Safe) && is_retried(&unknown(kind), Idempotent));
            assert!(!is_retried(&unknown(kind), NonIdempotent), "{kind:?}");
        }
    }

    #[test]
    fn waits_for_retry_after_unless_it_exceeds_the_policy_or_the_deadline() {
        let after = |seconds| {
            let mut response = cakemail_transport::Response::default();
            response.headers_mut().insert(http::header::RETRY_AFTER, u64::into(seconds));
            let error = Error::new(ErrorKind::RateLimited, "").with_response(&response);
            decide(&error, NonIdempotent, 1)
        };
        assert_eq!(after(7), RetryDecision::RetryAfter(Duration::from_secs(7)));
        assert_eq!(after(45), RetryDecision::Stop); // the deadline is in 30 s
        assert_eq!(after(u64::MAX), RetryDecision::Stop);
        fastrand::seed(7);
        let backoff = RetryPolicy::default().backoff(1);
        fastrand::seed(7);
        assert_eq!(after(0), RetryDecision::RetryAfter(backoff));
    }

    #[test]
    fn backs_off_exponentially_with_full_jitter_until_max_attempts() {
        let error = Error::new(ErrorKind::Connect, "");
        for (attempts, longest) in [(1, 250), (2, 500), (3, 1000)] {
            for _ in 0..100 {
                let RetryDecision::RetryAfter(delay) = decide(&error, Safe, attempts) else { panic!("stopped") };
                assert!(delay <= Duration::from_millis(longest));
            }
        }
        assert_eq!(decide(&error, Safe, 4), RetryDecision::Stop);
        assert!(RetryPolicy::default().backoff(u32::MAX) <= Duration::from_secs(10));
    }
}
