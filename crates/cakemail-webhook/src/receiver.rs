//! Receives a delivery: verifies it, parses it, and looks for an earlier one.

use std::fmt;
use std::sync::Arc;

use cakemail_model::Timestamp;

use crate::{DeliveryId, Event, Occurrence, Rejection, ReplayGuard, Verifier};

/// A delivery whose signature was verified.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Delivery {
    /// Identifies the delivery, for example in a unique column of a database.
    pub id: DeliveryId,
    /// Whether this is the first delivery of its body or a duplicate.
    pub occurrence: Occurrence,
    /// The event that it reports.
    pub event: Event,
}

/// Receives deliveries: verifies signatures, parses events, and detects duplicates.
///
/// A clone shares the record of earlier deliveries.
#[derive(Clone)]
pub struct Receiver {
    verifier: Arc<Verifier>,
    replay_guard: Arc<ReplayGuard>,
    body_limit: usize,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Receiver {
    /// Creates a receiver with a body limit of 1 MiB, the default [`ReplayGuard`] and the system's clock.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier: verifier.into(),
            replay_guard: ReplayGuard::default().into(),
            body_limit: 1 << 20,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Sets the replay guard.
    #[must_use]
    pub fn replay_guard(self, guard: ReplayGuard) -> Self {
        Self { replay_guard: guard.into(), ..self }
    }

    /// Sets the largest body to accept, in bytes.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { body_limit: bytes, ..self }
    }

    /// Sets the clock that the age of an event is measured by.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives a delivery: its headers (`&http::HeaderMap`, or pairs of name and value) and its raw body.
    ///
    /// A duplicate is `Ok` as well: see [`Delivery::occurrence`].
    ///
    /// # Errors
    /// A [`Rejection`] if the delivery is not valid. Respond with [`Rejection::status`].
    pub fn receive<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        raw_body: &[u8],
    ) -> Result<Delivery, Rejection> {
        if raw_body.len() > self.body_limit {
            return Err(Rejection::TooLarge);
        }
        self.verifier.verify_headers(headers, raw_body)?;
        let event: Event = serde_json::from_slice(raw_body).map_err(|_| Rejection::InvalidEvent)?;
        let id = DeliveryId::of(raw_body);
        let occurrence = self.replay_guard.record(id, event.created_on, (self.clock)())?;
        Ok(Delivery { id, occurrence, event })
    }

    /// Forgets a delivery that could not be processed, so that a retry counts as new. Respond to it with a 500.
    pub fn forget(&self, id: DeliveryId) {
        self.replay_guard.forget(id);
    }

    #[cfg(feature = "axum")]
    pub(crate) fn max_body(&self) -> usize {
        self.body_limit
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("verifier", &self.verifier)
            .field("replay_guard", &self.replay_guard)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}
