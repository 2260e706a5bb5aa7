//! Deadlines: adding to an instant without overflow, and waiting no longer than until then.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Result;

/// `now + duration`, capped at 30 years.
pub(crate) fn add(now: Instant, duration: Duration) -> Instant {
    const THIRTY_YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now + duration.min(THIRTY_YEARS)
}

/// The instant `duration` from now, capped at 30 years.
pub(crate) fn from_now(duration: Duration) -> Instant {
    add(Instant::now(), duration)
}

/// Awaits `future` until the deadline. Does not poll it at all when the deadline has passed already.
pub(crate) async fn before<T>(
    deadline: Instant,
    future: impl Future<Output = Result<T>>,
    timed_out: impl FnOnce() -> crate::error::Error,
) -> Result<T> {
    if Instant::now() >= deadline {
        return Err(timed_out());
    }
    tokio::time::timeout_at(deadline, future).await.unwrap_or_else(|_| Err(timed_out()))
}
