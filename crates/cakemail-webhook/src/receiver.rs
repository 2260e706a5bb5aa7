//! Receives a delivery: verifies it, parses it, and claims it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cakemail_model::Timestamp;

use crate::{Claim, Delivery, DeliveryId, DeliveryStore, Event, MemoryStore, Rejection, Verifier};

/// Receives deliveries: verifies signatures, parses events, and hands each of them over until it is done.
///
/// A clone shares the store.
#[derive(Clone)]
pub struct Receiver {
    verifier: Arc<Verifier>,
    store: Arc<dyn DeliveryStore>,
    window: Duration,
    lease: Duration,
    body_limit: usize,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Receiver {
    /// Creates a receiver with a [`MemoryStore`], a window of 24 hours, a lease of 5 minutes, a body limit of 1 MiB, and
    /// the system's clock.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier: verifier.into(),
            store: Arc::new(MemoryStore::default()),
            window: Duration::from_secs(24 * 60 * 60),
            lease: Duration::from_secs(5 * 60),
            body_limit: 1 << 20,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Sets where deliveries are remembered.
    #[must_use]
    pub fn store(self, store: impl DeliveryStore + 'static) -> Self {
        Self { store: Arc::new(store), ..self }
    }

    /// Sets how far an event's date may be from now, before or after, to the second. [`Duration::MAX`] is no limit.
    ///
    /// It covers the deliveries that the store no longer remembers, which an attacker with an old body could post again:
    /// no signature proves when a body was sent. An event without a date is accepted, since only the store can recognize
    /// it. A duplicate that the store remembers is acknowledged at any age.
    ///
    /// A window of minutes would lose events: the API does not document when it retries, and a webhook's `rate_limit`
    /// delays the events of a large campaign by hours. Losing a bounce is worse than processing an old one twice.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// Sets how long a delivery stays in progress if its process ends without a word. It should be longer than the slowest
    /// handler: after this, the delivery may be handed over a second time. A [`MemoryStore`] needs no lease.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Sets the largest body to accept, in bytes.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { body_limit: bytes, ..self }
    }

    /// Sets the clock that ages and leases are measured by.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Receives a delivery: its headers (`&http::HeaderMap`, or pairs of name and value) and its raw body.
    ///
    /// # Errors
    /// A [`Rejection`] if there is nothing to process: the delivery is invalid, was processed before, or is being processed.
    /// Respond with [`Rejection::status`].
    pub async fn receive<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        raw_body: &[u8],
    ) -> Result<Delivery, Rejection> {
        let event = self.verify(headers, raw_body)?;
        let now = (self.clock)();
        let claim = Claim::new(DeliveryId::of(raw_body), now, now.saturating_add(self.lease));
        let date = event.created_on;
        // Duplicates are recognized before the age is checked: the sender is to stop repeating what was processed.
        let delivery = Delivery::begin(event, claim, Arc::clone(&self.store)).await?;
        date.map_or(Ok(()), |date| self.check_age(date, now))?;
        Ok(delivery)
    }

    fn verify<N: AsRef<str>, V: AsRef<[u8]>>(
        &self,
        headers: impl IntoIterator<Item = (N, V)>,
        raw_body: &[u8],
    ) -> Result<Event, Rejection> {
        if raw_body.len() > self.body_limit {
            return Err(Rejection::TooLarge);
        }
        self.verifier.verify_headers(headers, raw_body)?;
        // Read after verification: the signature is of the bytes as they came.
        serde_json::from_slice(cakemail_model::de::without_bom(raw_body)).map_err(|_| Rejection::InvalidEvent)
    }

    /// The one rule for dates: no further from now than the window, in both directions.
    fn check_age(&self, date: Timestamp, now: Timestamp) -> Result<(), Rejection> {
        let distance = Duration::from_secs(date.as_second().abs_diff(now.as_second()));
        if distance.as_secs() <= self.window.as_secs() {
            Ok(())
        } else if date < now {
            Err(Rejection::TooOld { age: distance })
        } else {
            Err(Rejection::FromTheFuture { ahead: distance })
        }
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
            .field("window", &self.window)
            .field("lease", &self.lease)
            .field("body_limit", &self.body_limit)
            .finish_non_exhaustive()
    }
}
