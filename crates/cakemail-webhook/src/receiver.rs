//! The whole road of a delivery, from bytes to an event.

use std::fmt;
use std::sync::Arc;

use cakemail_model::Timestamp;

use crate::{DeliveryId, Event, Rejection, ReplayGuard, Seen, Verifier};

/// A delivery that was verified and read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// Names it, also for a database that is to hold it once.
    pub id: DeliveryId,
    /// Whether it has come before.
    pub seen: Seen,
    /// What it reports.
    pub event: Event,
}

/// Receives deliveries: verifies, reads, and tells repetitions.
///
/// A clone shares the memory.
#[derive(Clone)]
pub struct Receiver {
    verifier: Arc<Verifier>,
    guard: Arc<ReplayGuard>,
    limit: usize,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Receiver {
    /// Receives what these keys have signed: bodies of 1 MiB at most, guarded by the default [`ReplayGuard`], by the
    /// system's clock.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier: verifier.into(),
            guard: ReplayGuard::default().into(),
            limit: 1 << 20,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Guards against replays in this way.
    #[must_use]
    pub fn guard(self, guard: ReplayGuard) -> Self {
        Self { guard: guard.into(), ..self }
    }

    /// Takes bodies of this many bytes at most.
    #[must_use]
    pub fn limit(self, bytes: usize) -> Self {
        Self { limit: bytes, ..self }
    }

    /// Takes the time from here.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives a delivery: its headers (such as `&http::HeaderMap`, or pairs of name and value) and its body as it came.
    ///
    /// One that has come before is `Ok` as well: see [`Delivery::seen`].
    ///
    /// # Errors
    /// Why it is not taken; [`Rejection::status`] is what to answer.
    pub fn receive<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        raw_body: &[u8],
    ) -> Result<Delivery, Rejection> {
        if raw_body.len() > self.limit {
            return Err(Rejection::TooLarge);
        }
        self.verifier.verify_headers(headers, raw_body)?;
        let event: Event = serde_json::from_slice(raw_body).map_err(|_| Rejection::NotAnEvent)?;
        let id = DeliveryId::of(raw_body);
        let seen = self.guard.see(id, event.created_on, (self.clock)())?;
        Ok(Delivery { id, seen, event })
    }

    /// Forgets a delivery that could not be processed. Answer it with a 500: its retry, if there is one, counts as new.
    pub fn forget(&self, id: DeliveryId) {
        self.guard.forget(id);
    }

    #[cfg(feature = "axum")]
    pub(crate) fn largest_body(&self) -> usize {
        self.limit
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("verifier", &self.verifier)
            .field("guard", &self.guard)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
